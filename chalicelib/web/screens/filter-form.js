// A filter, new or existing: its words, where it applies, what it does, and how long.
import { get, request } from "../api.js";
import { serverNow } from "../clock.js";
import { Choices, Field, Form, Section, Select } from "../components/forms.js";
import { Icon } from "../components/icon.js";
import { Confirm } from "../components/sheet.js";
import { moment, span } from "../components/times.js";
import { useKept } from "../filling.js";
import { t } from "../i18n.js";
import { reason, say, sayFailure } from "../notices.js";
import { openDialog } from "../overlays.js";
import { goInstead } from "../router.js";
import { everyTimeline } from "../timeline.js";
import { html, useMemo, useRef, useState } from "../ui.js";
import { FilteredMessages } from "./filtered-messages.js";
import { Setting, useRead } from "./setting.js";

/** @typedef {import("./filters.js").Filter} Filter */
/** @typedef {{id?: string, keyword: string, whole_word: boolean, _destroy?: boolean, key: number}} Word */
/** @typedef {{title: string, words: Word[], context: string[], action: string, expiry: string}} Wanted */

const PLACES_OF_FILTERS = ["home", "notifications", "public", "thread", "account"];
const HOUR = 3600;
const DAY = 24 * HOUR;
const EXPIRIES = [HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY];
const KEPT = "kept";

let count = 0;

/** @param {Partial<Word>} [word] @returns {Word} */
const newWord = (word) => ({ keyword: "", whole_word: true, ...word, key: ++count });

/** @param {Filter} [filter] @returns {Wanted} */
function begin(filter) {
  if (!filter) return { title: "", words: [newWord()], context: PLACES_OF_FILTERS, action: "warn", expiry: "0" };
  const { title, context, filter_action, expires_at } = filter;
  const words = filter.keywords.map(newWord);
  return { title, words, context, action: filter_action, expiry: expires_at ? KEPT : "0" };
}

/**
 * Returns what was kept of a filter. Words that it no longer has are new ones.
 *
 * @param {Partial<Wanted>} typed
 * @param {Filter} [filter]
 * @returns {Partial<Wanted>}
 */
function revive({ words, ...typed }, filter) {
  const known = filter?.keywords.map((each) => each.id) ?? [];
  const made = words
    ?.filter((each) => !each._destroy || known.includes(each.id ?? ""))
    .map((each) => newWord(known.includes(each.id ?? "") ? each : { ...each, id: undefined }));
  return made ? { ...typed, words: made } : typed;
}

/** Draws the form of a filter. @param {{id: string}} props "new" for a new one */
export function FilterForm({ id }) {
  const isNew = id === "new";
  const { found, meanwhile } = useRead(() => (isNew ? Promise.resolve({}) : get(`api/v2/filters/${id}`)));
  const title = t(isNew ? "filters.new" : "filters.edit");
  return html`<${Setting} title=${title} up="settings/filters">
    ${found ? html`<${FormOf} filter=${isNew ? undefined : found} />` : meanwhile}
  <//>`;
}

/** @param {{filter?: Filter}} props */
function FormOf({ filter }) {
  const begun = useMemo(() => begin(filter), [filter]);
  const kept = useKept(`filter:${filter?.id ?? "new"}`, begun, (typed) => revive(typed, filter));
  const wanted = kept.values;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {any} */ (null));
  const change = (/** @type {Partial<Wanted>} */ part) => {
    kept.change(part);
    setError(null);
  };
  const problem = (/** @type {string} */ name) =>
    error?.details[name]?.map((/** @type {any} */ each) => each.description).join(" ");
  const save = async () => {
    setBusy(true);
    try {
      await request(filter ? "PUT" : "POST", `api/v2/filters${filter ? `/${filter.id}` : ""}`, {
        body: bodyOf(wanted),
      });
      kept.drop();
      leave(t("filters.saved"));
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  const remove = () => openDialog(Removal, { filter, drop: kept.drop });
  const undo = () => {
    kept.drop();
    setError(null);
  };
  const isPlaced = ["title", "context"].some(problem);
  return html`<${Form} save=${save} undo=${kept.isChanged ? undo : undefined} busy=${busy} words=${t(filter ? "form.save" : "filters.make")} problem=${error && !isPlaced ? reason(error) : undefined}>
    <${Section}><${Field} label=${t("filters.name")} hint=${t("filters.nameHint")} value=${wanted.title} change=${(/** @type {string} */ title) => change({ title })} problem=${problem("title")} /><//>
    <${Section}><${Phrases} words=${wanted.words} change=${(/** @type {Word[]} */ words) => change({ words })} /><//>
    <${Section}>
      <${Choices} legend=${t("filters.action")} value=${wanted.action} change=${(/** @type {string} */ action) => change({ action })} choices=${["warn", "hide"].map((value) => ({ value, words: t(`filters.action.${value}`), hint: t(`filters.action.${value}Hint`) }))} />
      <${Places} chosen=${wanted.context} change=${(/** @type {string[]} */ context) => change({ context })} problem=${problem("context")} />
      <${Expiry} filter=${filter} value=${wanted.expiry} change=${(/** @type {string} */ expiry) => change({ expiry })} />
    <//>
    ${filter && filter.statuses.length > 0 && html`<${FilteredMessages} filtered=${filter.statuses} />`}
    ${filter && html`<${Section}><p><button type="button" class="plain danger-button" onClick=${remove}>${t("filters.delete")}</button></p><//>`}
  <//>`;
}

/** @param {Wanted} wanted */
function bodyOf({ title, words, context, action, expiry }) {
  const typed = words.filter((each) => each.id || each.keyword.trim());
  const keywords_attributes = typed.map(({ key, ...each }) =>
    each.keyword.trim() ? each : { ...each, keyword: undefined, _destroy: true },
  );
  const name = title.trim() || typed[0]?.keyword.trim() || "";
  const kept = expiry === KEPT ? {} : { expires_in: Number(expiry) };
  return { title: name, context, filter_action: action, keywords_attributes, ...kept };
}

/** Goes back to the list; messages on screen may now match, or no longer. @param {string} words */
function leave(words) {
  goInstead("settings/filters");
  say(words);
  everyTimeline((timeline) => timeline.state.peek() !== "new" && void timeline.load());
}

/** @param {{words: Word[], change: (words: Word[]) => void}} props */
function Phrases({ words, change }) {
  const list = useRef(/** @type {any} */ (null));
  const set = (/** @type {Word} */ word, /** @type {Partial<Word>} */ part) =>
    change(words.map((each) => (each === word ? { ...each, ...part } : each)));
  const remove = (/** @type {Word} */ word) =>
    word.id ? set(word, { _destroy: true }) : change(words.filter((each) => each !== word));
  const add = () => {
    change([...words, newWord()]);
    requestAnimationFrame(() => list.current?.querySelector("li:last-child input")?.focus());
  };
  const shown = words.filter((each) => !each._destroy);
  return html`<fieldset class="field"><legend>${t("filters.phrases")}</legend><p class="hint">${t("filters.phrasesHint")}</p>
    <ul class="phrases" ref=${list}>${shown.map(
      (word, index) => html`<li key=${word.key}>
        <input value=${word.keyword} dir="auto" aria-label=${t("filters.phrase", { n: index + 1 })} onInput=${(/** @type {any} */ event) => set(word, { keyword: event.currentTarget.value })} />
        <label class="option"><input type="checkbox" checked=${word.whole_word} onChange=${() => set(word, { whole_word: !word.whole_word })} /><span>${t("filters.whole")}</span></label>
        <button type="button" class="round" aria-label=${t("filters.removePhrase", { n: index + 1 })} title=${t("filters.removePhrase", { n: index + 1 })} onClick=${() => remove(word)}><${Icon} name="close" size="18" /></button>
      </li>`,
    )}</ul>
    <p><button type="button" class="small" onClick=${add}>${t("filters.add")}</button></p>
  </fieldset>`;
}

/** @param {{chosen: string[], change: (chosen: string[]) => void, problem?: string}} props */
function Places({ chosen, change, problem }) {
  const toggle = (/** @type {string} */ place) =>
    change(PLACES_OF_FILTERS.filter((each) => (each === place) !== chosen.includes(each)));
  return html`<fieldset class="field"><legend>${t("filters.where")}</legend>
    ${PLACES_OF_FILTERS.map((place) => html`<label class="choice" key=${place}><input type="checkbox" checked=${chosen.includes(place)} onChange=${() => toggle(place)} /><span>${t(`filters.in.${place}`)}</span></label>`)}
    ${problem && html`<p class="problem" role="alert">${problem}</p>`}
  </fieldset>`;
}

/** @param {{filter?: Filter, value: string, change: (value: string) => void}} props */
function Expiry({ filter, value, change }) {
  const now = serverNow();
  const end = filter?.expires_at ? Date.parse(filter.expires_at) : 0;
  const kept = end ? [[KEPT, t(end <= now ? "filters.ended" : "filters.until", { when: moment(end, now) })]] : [];
  const choices = [
    ...kept,
    ["0", t("filters.always")],
    ...EXPIRIES.map((each) => [String(each), t("filters.for", { span: span(each * 1000) })]),
  ];
  return html`<${Select} label=${t("filters.time")} value=${value} change=${change} choices=${choices} />`;
}

/** @param {{filter: Filter, drop: () => void, close: () => void}} props `drop`: discards what has been typed */
function Removal({ filter, drop, close }) {
  const [busy, setBusy] = useState(false);
  const act = async () => {
    setBusy(true);
    try {
      await request("DELETE", `api/v2/filters/${filter.id}`);
      close();
      drop();
      leave(t("filters.deleted"));
    } catch (error) {
      close();
      sayFailure("failed.filter", error);
    }
  };
  return html`<${Confirm} title=${t("filters.deleteTitle", { title: filter.title })} words=${t("filters.deleteWords")} action=${t("filters.delete")} busy=${busy} act=${act} close=${close} />`;
}
