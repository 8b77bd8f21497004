// Rows of lists that are not messages or people: conversations, hashtags, lists, settings.
import { t } from "../i18n.js";
import { html } from "../ui.js";
import { Icon } from "./icon.js";
import { Lifetime } from "./lifetime.js";
import { called, Face } from "./person.js";
import { Line } from "./words.js";

/**
 * Draw a row that leads somewhere.
 * @param {{icon?: string, words: any, hint?: any, href?: string, act?: () => void, children?: any}} props
 */
export function LinkRow({ icon, words, hint, href, act, children }) {
  const inner = html`<span class="sign">${icon && html`<${Icon} name=${icon} size="22" />`}</span><span><b dir="auto">${words}</b>${hint && html`<small>${hint}</small>`}</span><span class="quiet">${children ?? html`<${Icon} name="right" size="20" />`}</span>`;
  if (href) return html`<a class="row" href=${href}>${inner}</a>`;
  return act
    ? html`<button type="button" class="row" onClick=${act}>${inner}</button>`
    : html`<div class="row">${inner}</div>`;
}

/** The names at the beginning of a text, which the row says already. */
const NAMES = /^<p>(?:<span class="h-card"><a [^>]*>@<span>[^<]*<\/span><\/a><\/span>\s*)+(?=[^<\s])/;

/**
 * Draw a conversation: with whom, and its newest message with what is left of it.
 * @param {{conversation: any, now: number, href: string}} props
 */
export function Conversation({ conversation, now, href }) {
  const { accounts, last_status: last, unread } = conversation;
  return html`<a class=${`row${unread ? " unread" : ""}`} href=${href}>
    <span class="faces">${accounts.slice(0, 2).map((/** @type {any} */ each) => html`<${Face} account=${each} size=${accounts.length > 1 ? 34 : 44} />`)}</span>
    <span><b><bdi>${accounts.map(called).join(", ") || t("conversation.alone")}</bdi>${unread && html`<span class="unseen"> ${t("nav.new")}</span>`}</b>
      <span class="line">${last ? last.spoiler_text || html`<${Line} markup=${last.content.replace(NAMES, "<p>")} lang=${last.language} />` : t("thread.gone")}</span></span>
    ${last ? html`<${Lifetime} status=${last} now=${now} brief />` : html`<span></span>`}
  </a>`;
}

/**
 * Draw a hashtag with its use over the last days.
 * @param {{tag: any, children?: any}} props
 */
export function Hashtag({ tag, children }) {
  const uses = (tag.history ?? []).map((/** @type {any} */ day) => Number(day.uses)).reverse();
  const people = (tag.history ?? [])
    .slice(0, 2)
    .reduce((/** @type {number} */ sum, /** @type {any} */ day) => sum + Number(day.accounts), 0);
  return html`<div class="row"><span class="sign"><${Icon} name="hashtag" size="22" /></span>
    <a class="name" href=${`#/tags/${encodeURIComponent(tag.name)}`}><b dir="auto">#${tag.name}</b>${people > 0 && html`<small>${t("tag.people", { n: people })}</small>`}</a>
    <span class="uses">${uses.length > 1 && uses.some(Boolean) && html`<${Spark} values=${uses} />`}${children}</span></div>`;
}

/** @param {{values: number[]}} props */
function Spark({ values }) {
  const most = Math.max(1, ...values);
  const points = values.map(
    (each, index) => `${((70 * index) / (values.length - 1) + 1).toFixed(1)} ${(25 - (22 * each) / most).toFixed(1)}`,
  );
  return html`<svg class="spark" viewBox="0 0 72 28" aria-hidden="true"><path stroke="none" d=${`M1 28L${points.join("L")}L71 28z`} /><path fill="none" d=${`M${points.join("L")}`} /></svg>`;
}
