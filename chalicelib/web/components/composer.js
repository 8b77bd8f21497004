// Writing a message. The composer shows a draft and reports its changes; keeping and posting it is left to the caller.
import { t } from "../i18n.js";
import { html, useEffect, useId, useRef, useState } from "../ui.js";
import { Completion, useCompletion } from "./completion.js";
import { Icon } from "./icon.js";
import { Lifetimes } from "./lifetimes.js";
import { Menu } from "./menu.js";
import { Face } from "./person.js";
import { Quoted } from "./quote.js";
import { moment } from "./times.js";

/**
 * A draft.
 * @typedef {{text: string, spoiler?: string | null, visibility: string, seconds: number, language?: string,
 *   poll?: {options: string[], seconds: number, multiple: boolean, hideTotals: boolean} | null,
 *   scheduled?: string | null, quotePolicy?: string}} Draft
 *   `spoiler`, `poll` and `scheduled` are null or missing where they are not used; `scheduled` is a local date and time
 */

const SCOPES = /** @type {const} */ ([
  ["public", "everyone"],
  ["unlisted", "unlisted"],
  ["private", "lock"],
  ["direct", "direct"],
]);
/** The names with which a reply begins. */
const NAMES = /^(@\S+\s+)+/;
/** From this number of characters left on, the meter warns. */
const FEW = 20;

/**
 * Draw the composer.
 *
 * `on` has change (a part of the draft), post, and optionally cancel, complete (of "@na" or "#ta": a promise of
 * `{value, account | tag}`) and keep.
 * @param {{draft: Draft, me: any, now: any, on: any, left: number, limits: {min: number, max: number}, poll?: any,
 *   languages?: string[], busy?: boolean, problem?: string, notice?: {words: string, action?: string, act?: () => void},
 *   quoting?: any, words?: string, label?: string, always?: boolean, autofocus?: boolean, post?: string,
 *   load?: () => Promise<any>, ends?: number}} props
 *   `left`: characters left; `limits`: lifetimes in seconds; `problem`: why posting failed, as the server says it;
 *   `notice`: what the person should know before posting; `words`: the field's hint; `always`: never folded;
 *   `ends`: when the message that is edited goes, in milliseconds: neither that nor who sees it can be changed
 */
export function Composer(props) {
  const {
    draft,
    me,
    now,
    on,
    left,
    limits,
    busy,
    problem,
    notice,
    quoting,
    words,
    label,
    always,
    autofocus,
    post,
    ends,
  } = props;
  const [awake, setAwake] = useState(Boolean(always));
  const field = useRef(/** @type {any} */ (null));
  const id = useId();
  const open =
    always || awake || Boolean(draft.text.replace(NAMES, "")) || draft.spoiler != null || Boolean(draft.poll);
  const ready = !busy && left >= 0 && Boolean(draft.text.trim() || draft.spoiler || draft.poll);
  const completion = useCompletion(field, on.complete, (/** @type {string} */ text) => on.change({ text }));
  useEffect(() => {
    if (autofocus) field.current?.focus();
  }, [autofocus]);
  const submit = (/** @type {Event} */ event) => (event.preventDefault(), ready && on.post());
  const key = (/** @type {KeyboardEvent} */ event) => {
    if (completion.key(event)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
  };
  return html`<form class=${`composer${open ? " open" : ""}${always ? " kept" : ""}`} aria-label=${label ?? words ?? t("compose.label")} onSubmit=${submit} onFocusIn=${() => setAwake(true)}>
    <${Face} account=${me} />
    <div class="column">
      ${draft.spoiler != null && html`<input class="spoiler" value=${draft.spoiler} aria-label=${t("compose.warning")} placeholder=${t("compose.warningHint")} onInput=${(/** @type {any} */ event) => on.change({ spoiler: event.currentTarget.value })} />`}
      <textarea ref=${field} rows="1" autofocus=${autofocus} dir="auto" value=${draft.text} aria-label=${label ?? words ?? t("compose.label")} placeholder=${words ?? t("compose.hint")} aria-describedby=${problem ? `${id}-problem` : undefined} aria-invalid=${String(left < 0)} ...${completion.field}
        onInput=${(/** @type {any} */ event) => (on.change({ text: event.currentTarget.value }), completion.look())} onKeyDown=${key} onBlur=${completion.close}></textarea>
      <${Completion} ...${completion} />
      ${quoting && html`<${Quoted} status=${quoting} now=${now} />`}
      <${Extras} ...${props} />
      ${ends ? html`<p class="quiet">${t("compose.goneAt", { when: moment(ends, now) })}</p>` : html`<${Lifetimes} seconds=${draft.seconds} change=${(/** @type {number} */ seconds) => on.change({ seconds })} limits=${limits} now=${now} from=${draft.scheduled ? Date.parse(draft.scheduled) : undefined} />`}
      ${notice && open && html`<p class="notice" role="status"><span>${notice.words}</span> ${notice.act && html`<button type="button" class="small" onClick=${() => (notice.act?.(), field.current?.focus())}>${notice.action}</button>`}</p>`}
      ${problem && html`<p class="problem" id=${`${id}-problem`} role="alert">${problem}</p>`}
      ${
        open &&
        html`<div class="bar">
        ${!ends && html`<${Scope} value=${draft.visibility} change=${(/** @type {string} */ visibility) => on.change({ visibility })} />`}
        <${Tool} icon="warning" words=${t("compose.warning")} on=${draft.spoiler != null} press=${() => on.change({ spoiler: draft.spoiler == null ? "" : null })} />
        <${Tool} icon="poll" words=${t("compose.poll")} on=${Boolean(draft.poll)} press=${() => on.change({ poll: draft.poll ? null : { options: ["", ""], seconds: draft.seconds, multiple: false, hideTotals: false } })} />
        <${Tool} icon="more" words=${t("compose.options")} on=${Boolean(/** @type {any} */ (draft).options)} press=${() => on.change({ options: !(/** @type {any} */ (draft).options) })} />
        <span class=${`meter${left < 0 ? " over" : left <= FEW ? " few" : ""}`} title=${t("compose.left", { n: left })} aria-hidden="true">${draft.text ? left : ""}</span>
        <span class="unseen" role="status">${left <= FEW ? t("compose.left", { n: left }) : ""}</span>
        ${on.cancel && html`<button type="button" class="plain" onClick=${on.cancel}>${t("compose.cancel")}</button>`}
        <button type="submit" class="primary" disabled=${!ready} aria-busy=${String(Boolean(busy))}>${post ?? (draft.scheduled ? t("compose.schedule") : t("compose.post"))}</button>
      </div>`
      }
    </div>
  </form>`;
}

/** @param {{icon: string, words: string, on: boolean, press: () => void}} props */
const Tool = ({ icon, words, on, press }) =>
  html`<button type="button" class="round" aria-pressed=${String(on)} aria-label=${words} title=${words} onClick=${press}><${Icon} name=${icon} size="20" /></button>`;

/**
 * Draw the button that says who will see the message, and its menu.
 * @param {{value: string, change: (visibility: string) => void}} props
 */
function Scope({ value, change }) {
  const [anchor, setAnchor] = useState(/** @type {any} */ (null));
  const icon = SCOPES.find(([each]) => each === value)?.[1] ?? "everyone";
  const items = SCOPES.map(([each, sign]) => ({
    icon: sign,
    words: t(`visibility.${each}`),
    hint: t(`scope.${each}`),
    checked: each === value,
    act: () => change(each),
  }));
  return html`<button type="button" class="ghost" aria-haspopup="menu" aria-expanded=${String(Boolean(anchor))} onClick=${(/** @type {any} */ event) => setAnchor(event.currentTarget)}><${Icon} name=${icon} size="18" /><span>${t(`visibility.${value}`)}</span></button>
    ${anchor && html`<${Menu} anchor=${anchor} label=${t("compose.who")} items=${items} close=${() => setAnchor(null)} />`}`;
}

/**
 * Draw what few messages need: the editor of a poll, language, time and quotes. `load` loads the component with the first of them.
 * @param {any} props the composer's
 */
function Extras(props) {
  const [Shown, setShown] = useState(/** @type {any} */ (null));
  const { poll, options } = props.draft;
  const wanted = Boolean(poll || options);
  useEffect(() => {
    if (wanted && !Shown) props.load?.().then((/** @type {any} */ part) => setShown(() => part));
  }, [wanted]);
  return wanted && Shown ? html`<${Shown} ...${props} />` : null;
}
