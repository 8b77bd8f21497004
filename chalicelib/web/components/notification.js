// Notifications, grouped: who did what to which message, and when.
import { t } from "../i18n.js";
import { html } from "../ui.js";
import { Icon } from "./icon.js";
import { Lifetime } from "./lifetime.js";
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
  reply: "reply",
  direct: "direct",
  status: "notifications",
  moderation_warning: "warning",
};
/** What the words of these kinds leave out: who did it. */
const NAMELESS = ["poll", "moderation_warning"];
const MOST_FACES = 8;

/**
 * Draw who did what: the sentence of a kind.
 * @param {{kind: string, first?: any, count: number, on?: any}} props `first`: the newest of those who did it
 */
function Sentence({ kind, first, count, on }) {
  const name = first && !NAMELESS.includes(kind) && html`<${Name} account=${first} on=${on} />${" "}`;
  return html`${name}${count > 1 ? t(`event.${kind}.several`, { n: count - 1 }) : t(`event.${kind}`)}`;
}

/** Draw the sign of a kind. @param {{kind: string, size?: number}} props */
export const Sign = ({ kind, size }) =>
  html`<${Icon} name=${ICONS[/** @type {"poll"} */ (kind)] ?? "notifications"} size=${size} />`;

/** Draw when something happened. @param {{at: string, now: number}} props */
export const When = ({ at, now }) =>
  html`<time class="quiet" datetime=${at} title=${exact(Date.parse(at))}>${ago(Date.parse(at), now)}</time>`;

/**
 * Draw a group of notifications of one kind about one message.
 * @param {{kind: string, accounts: any[], count: number, status?: any, gone?: boolean, at: string, now: number, fresh?: boolean, on?: any,
 *   words?: string, all?: () => void, aside?: any, children?: any}} props
 *   `accounts`: the newest first; `count`: of all; `gone`: whether the message has left; `at`: when the newest came;
 *   `words`: a moderator's reason; `all`: shows all accounts; `aside`: a button beside the time; `children`: buttons, as
 *   for a request to follow
 */
export function NotificationGroup({
  kind,
  accounts,
  count,
  status,
  gone,
  at,
  now,
  fresh,
  on,
  words,
  all,
  aside,
  children,
}) {
  const faces = NAMELESS.includes(kind) ? [] : accounts.slice(0, MOST_FACES);
  return html`<article class=${`event${fresh ? " new" : ""}${faces.length ? "" : " faceless"}`} data-kind=${kind} tabindex="0">
    <span class="sign"><${Sign} kind=${kind} /></span>
    <span class="faces">${faces.map((each) => html`<a key=${each.id} href=${homeOf(each)} title=${called(each)}><${Face} account=${each} size="32" /><span class="unseen">${called(each)}</span></a>`)}
      ${all && html`<button type="button" class="small" onClick=${all}>${t("event.all")}</button>`}</span>
    <span class="aside">${fresh && html`<span class="unseen">${t("nav.new")}</span>`}<${When} at=${at} now=${now} />${aside}</span>
    <p><${Sentence} kind=${kind} first=${accounts[0]} count=${count} on=${on} /></p>
    ${status && html`<div class="about"><a class="line" href=${`${homeOf(status.account)}/${status.id}`}>${status.spoiler_text || html`<${Line} markup=${status.content} lang=${status.language} />`}</a><${Lifetime} status=${status} now=${now} brief /></div>`}
    ${gone && html`<p class="quiet gone-line"><${Icon} name="gone" size="18" />${t("thread.gone")}</p>`}
    ${words && html`<p class="private-note">${words}</p>`}
    ${children && html`<div class="actions">${children}</div>`}
  </article>`;
}
