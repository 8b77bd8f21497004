// What few messages need: the editor of a poll, and the message's language, time and quotes.
import { t } from "../i18n.js";
import { html } from "../ui.js";
import { Field, Select, Switch } from "./forms.js";
import { Icon } from "./icon.js";
import { Lifetimes } from "./lifetimes.js";

const MOST_OPTIONS = 4;
const SHORTEST_POLL = 300;

/**
 * Draw the parts of a draft that the composer leaves out. It gets the composer's props.
 * @param {{draft: any, on: any, now: number, limits: {min: number, max: number}, polls?: {options: number, characters: number, min: number},
 *   languages?: [string, string][], me?: any, editing?: boolean, begins?: boolean}} props `languages`: codes and names; `editing`: a
 *   message that is there already; `begins`: a message that begins a thread
 */
export function ComposerExtras({ draft, on, now, limits, polls, languages = [], me, editing, begins }) {
  const language = draft.language ?? me?.source.language ?? document.documentElement.lang;
  const policy = draft.quotePolicy ?? me?.source.quote_policy ?? "public";
  const isQuotable = ["public", "unlisted"].includes(draft.visibility);
  return html`${draft.poll && html`<${PollEditor} poll=${draft.poll} change=${(/** @type {any} */ poll) => on.change({ poll })} now=${now} limits=${limits} polls=${polls} longest=${draft.seconds} />`}
    ${
      draft.options &&
      html`<div class="options">
      ${languages.length > 0 && html`<${Select} label=${t("compose.language")} value=${language} change=${(/** @type {string} */ code) => on.change({ language: code })} choices=${languages} />`}
      ${isQuotable && html`<${Select} label=${t("compose.quotes")} value=${policy} change=${(/** @type {string} */ quotePolicy) => on.change({ quotePolicy })} choices=${["public", "followers", "nobody"].map((each) => [each, t(`quotes.${each}`)])} />`}
      ${begins && html`<${Switch} label=${t("compose.endsTogether")} hint=${t("lives.togetherHint")} on=${draft.endsTogether ?? me?.source.thread_ends_together ?? false} change=${(/** @type {boolean} */ endsTogether) => on.change({ endsTogether })} />`}
      ${!editing && html`<${Field} type="datetime-local" label=${t("compose.time")} hint=${t("compose.timeHint")} value=${draft.scheduled ?? ""} change=${(/** @type {string} */ scheduled) => on.change({ scheduled: scheduled || null })} />`}
    </div>`
    }`;
}

/** @param {{poll: any, change: (poll: any) => void, now: number, limits: any, polls?: any, longest: number}} props */
function PollEditor({ poll, change, now, limits, polls, longest }) {
  const most = polls?.options ?? MOST_OPTIONS;
  const set = (/** @type {number} */ index, /** @type {string} */ words) =>
    change({
      ...poll,
      options: poll.options.map((/** @type {string} */ each, /** @type {number} */ at) =>
        at === index ? words : each,
      ),
    });
  const remove = (/** @type {number} */ index) =>
    change({
      ...poll,
      options: poll.options.filter((/** @type {string} */ _, /** @type {number} */ at) => at !== index),
    });
  const full = poll.options.length >= most;
  return html`<fieldset class="poll-editor options"><legend class="unseen">${t("compose.poll")}</legend>
    <div class="answers">${poll.options.map(
      (/** @type {string} */ words, /** @type {number} */ index) => html`<p>
      <input value=${words} maxlength=${polls?.characters ?? 50} dir="auto" aria-label=${t("compose.answer", { n: index + 1 })} placeholder=${t("compose.answer", { n: index + 1 })} onInput=${(/** @type {any} */ event) => set(index, event.currentTarget.value)} />
      ${poll.options.length > 2 && html`<button type="button" class="round" aria-label=${t("compose.removeAnswer", { n: index + 1 })} onClick=${() => remove(index)}><${Icon} name="close" size="18" /></button>`}
    </p>`,
    )}</div>
    ${!full && html`<button type="button" class="small" onClick=${() => change({ ...poll, options: [...poll.options, ""] })}>${t("compose.addAnswer")}</button>`}
    <${Lifetimes} legend=${t("compose.pollEnds")} seconds=${Math.min(poll.seconds, longest)} change=${(/** @type {number} */ seconds) => change({ ...poll, seconds })} limits=${{ min: Math.max(limits.min, polls?.min ?? SHORTEST_POLL), max: longest }} now=${now} sentence=${false} />
    <${Switch} label=${t("compose.several")} on=${poll.multiple} change=${(/** @type {boolean} */ multiple) => change({ ...poll, multiple })} />
    <${Switch} label=${t("compose.hideTotals")} on=${poll.hideTotals} change=${(/** @type {boolean} */ hideTotals) => change({ ...poll, hideTotals })} />
  </fieldset>`;
}
