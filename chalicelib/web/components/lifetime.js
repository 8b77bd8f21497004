// The three signs of a lifetime: a ring beside words, a water line that sinks, and warmth at the end.
import { t } from "../i18n.js";
import { html } from "../ui.js";
import { exact, span } from "./times.js";

const MINUTE = 60_000;
/** Below this share, or this time, a message is about to go. */
const EMBER_SHARE = 0.1;
const EMBER_TIME = 10 * MINUTE;

/**
 * What is left of a message's lifetime. `phase` is "calm", then "ember", then "last" in the last minute, then "gone".
 * @typedef {{left: number, share: number, phase: "calm" | "ember" | "last" | "gone"}} Life
 */

/**
 * Return what is left of a lifetime.
 * @param {number} from milliseconds
 * @param {number} until milliseconds
 * @param {number} now milliseconds
 * @returns {Life}
 */
function lifeOf(from, until, now) {
  const left = until - now;
  const share = Math.min(1, Math.max(0, left / Math.max(1, until - from)));
  if (left <= 0) return { left, share: 0, phase: "gone" };
  if (left < MINUTE) return { left, share, phase: "last" };
  return { left, share, phase: left < EMBER_TIME || share < EMBER_SHARE ? "ember" : "calm" };
}

/**
 * Return a message's beginning and end in milliseconds.
 * @param {{created_at: string, pleroma: {expires_at: string}}} status
 * @returns {[number, number]}
 */
export const limits = (status) => [Date.parse(status.created_at), Date.parse(status.pleroma.expires_at)];

/**
 * Return a message's phase.
 * @param {{created_at: string, pleroma: {expires_at: string}}} status
 * @param {number} now milliseconds
 */
export const phaseOf = (status, now) => lifeOf(...limits(status), now).phase;

/**
 * Draw how much of a lifetime is left: the ring alone.
 * @param {{share: number}} props
 */
const Ring = ({ share }) => html`<i class="ring" style=${{ "--left": Math.max(0.03, share).toFixed(3) }}></i>`;

/**
 * Draw the ring and the words; the tooltip and screen readers have the exact moment.
 * @param {{status: any, now: number, brief?: boolean}} props `brief` leaves out "left", where the place says it.
 */
export function Lifetime({ status, now, brief = false }) {
  const [from, until] = limits(status);
  const { share, phase } = lifeOf(from, until, now);
  const left = span(until - now);
  return html`<time
    class=${`life ${phase}`}
    datetime=${status.pleroma.expires_at}
    title=${t("life.exactly", { when: exact(until) })}
    ><${Ring} share=${share} /><bdi>${brief ? left : t("life.left", { left })}</bdi></time
  >`;
}

/**
 * Draw the water line at a message's edge.
 * @param {{status: any, now: number}} props
 */
export function Water({ status, now }) {
  return html`<i class="water" style=${{ "--left": lifeOf(...limits(status), now).share.toFixed(3) }}></i>`;
}
