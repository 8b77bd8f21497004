// A list of messages as one surface: new ones as a pill above it, skeletons while it loads, and its end.
import { t } from "../i18n.js";
import { html } from "../ui.js";

/**
 * Draw a feed: slots with messages, and what follows the last of them.
 * @param {{label: string, busy?: boolean, children: any}} props
 */
export const Feed = ({ label, busy, children }) =>
  html`<div class="feed" role=${label && "feed"} aria-label=${label} aria-busy=${String(Boolean(busy))}>${children}</div>`;

/**
 * Draw the slot of a message. It closes up when the message goes: its height shrinks to zero in 300 ms (at once under
 * reduced motion), and the browser's scroll anchoring holds what a person reads.
 * @param {{going?: boolean, children: any}} props
 */
export const Slot = ({ going, children }) => html`<div class=${going ? "slot going" : "slot"}>${children}</div>`;

/**
 * Draw the pill that says how many new messages there are. It floats over the feed, which it never moves.
 * @param {{count: number, show: () => void}} props
 */
export function Pill({ count, show }) {
  return html`<div class="pill" role="status">
    ${count > 0 && html`<button type="button" onClick=${show} aria-keyshortcuts=".">${t("feed.new", { n: count })}</button>`}
  </div>`;
}

/**
 * Draw the shapes of messages that are still loading, in their real geometry.
 * @param {{count?: number}} props
 */
export function Skeletons({ count = 5 }) {
  return html`<div class="skeletons" role="status" aria-label=${t("feed.loading")}>
    ${Array.from({ length: count }, (_, index) => html`<div class="skeleton"><i class="face"></i><i class="bar" style=${{ inlineSize: `${34 + ((index * 17) % 20)}%` }}></i><i class="bar"></i><i class="bar" style=${{ inlineSize: `${50 + ((index * 29) % 40)}%` }}></i></div>`)}
  </div>`;
}

/**
 * Draw the end of a list: a button for older messages, or the words that there are no more.
 * @param {{more?: () => void, busy?: boolean, words?: string}} props
 */
export function End({ more, busy, words }) {
  if (busy) return html`<${Skeletons} count="2" />`;
  return html`<div class="end">
    ${more ? html`<button type="button" class="plain" onClick=${more}>${t("feed.older")}</button>` : html`<p class="quiet">${words ?? t("feed.end")}</p>`}
  </div>`;
}
