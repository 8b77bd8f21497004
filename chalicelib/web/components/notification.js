// Notifications, grouped: who did what to which message, and when.
import { t } from "../i18n.js";
import { html } from "../ui.js";
import { Icon } from "./icon.js";
import { called, Face, homeOf, Name } from "./person.js";
import { ago, exact } from "./times.js";
import { Line } from "./words.js";

const ICONS = {
  favourite: "favourite",
  reblog: "boost",
  follow: "follow",
  follow_request: "follow",
  poll: "poll",
  update: "edit",
  quote: "quote",
  mention: "reply",
  status: "notifications",
  moderation_warning: "warning",
};
/** What the words of these kinds leave out: who did it. */
const NAMELESS = ["poll", "moderation_warning"];
const MOST_FACES = 8;

/**
 * Draw a group of notifications of one kind about one message.
 * @param {{kind: string, accounts: any[], count: number, status?: any, at: string, now: number, fresh?: boolean, on?: any,
 *   words?: string, children?: any}} props
 *   `accounts`: the newest first; `count`: of all; `at`: when the newest came; `words`: a moderator's reason; `children`:
 *   buttons, as for a request to follow
 */
export function NotificationGroup({ kind, accounts, count, status, at, now, fresh, on, words, children }) {
  const icon = ICONS[/** @type {"poll"} */ (kind)] ?? "notifications";
  const [first] = accounts;
  const others = count - 1;
  return html`<article class=${`event${fresh ? " new" : ""}`} data-kind=${kind} tabindex="0">
    <span class="sign"><${Icon} name=${icon} /></span>
    <span class="faces">${accounts.slice(0, MOST_FACES).map((each) => html`<a key=${each.id} href=${homeOf(each)} title=${called(each)}><${Face} account=${each} size="32" /><span class="unseen">${called(each)}</span></a>`)}</span>
    <time class="quiet" datetime=${at} title=${exact(Date.parse(at))}>${ago(Date.parse(at), now)}</time>
    <p>${first && !NAMELESS.includes(kind) && html`<${Name} account=${first} on=${on} /> `}${others > 0 ? t(`event.${kind}.several`, { n: others }) : t(`event.${kind}`)}</p>
    ${status && html`<a class="line" href=${`${homeOf(status.account)}/${status.id}`}>${status.spoiler_text || html`<${Line} markup=${status.content} lang=${status.language} />`}</a>`}
    ${words && html`<p class="private-note">${words}</p>`}
    ${children && html`<span class="actions">${children}</span>`}
  </article>`;
}
