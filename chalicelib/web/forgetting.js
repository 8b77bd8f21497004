// What is far from what a person reads is forgotten, and read again when it is near: memory does not grow with a list.
import { get } from "./api.js";
import { elapsed } from "./clock.js";
import { isKnown, putAll, release } from "./store.js";
import { everyTimeline } from "./timeline.js";

/** @typedef {import("./timeline.js").Timeline} Timeline */

const MOST_ASKED = 40;
/** Messages that are so many rows away from the window, or more, are forgotten. */
const KEPT = 100;

/** What is being read again. @type {Set<string>} */
const asked = new Set();
/** How long a timeline that could not be read again is left alone, in milliseconds. */
const PAUSE_MS = 5000;
/** Until when. @type {WeakMap<Timeline, number>} */
const paused = new WeakMap();

/**
 * Forgets the messages of a timeline that are far from the rows that are drawn, unless another timeline has them, and
 * reads those again that are near.
 *
 * @param {Timeline} timeline
 * @param {number} from the first row that is drawn
 * @param {number} to the row after the last
 */
export function forgetFar(timeline, from, to) {
  const ids = timeline.ids.peek();
  /** @type {Set<string>} */
  const needed = new Set();
  everyTimeline((each) => {
    if (each !== timeline) for (const id of each.ids.peek()) needed.add(id);
  });
  for (const id of [...ids.slice(0, Math.max(0, from - KEPT)), ...ids.slice(to + KEPT)]) {
    if (!needed.has(id)) release(id);
  }
  const missing = ids.slice(from, to).filter((id) => !isKnown(id) && !asked.has(id));
  if (missing.length && (paused.get(timeline) ?? 0) < elapsed()) void restore(timeline, missing.slice(0, MOST_ASKED));
}

/** @param {Timeline} timeline @param {string[]} ids */
async function restore(timeline, ids) {
  for (const id of ids) asked.add(id);
  try {
    const found = new Set(putAll(await get("api/v1/statuses", { id: ids })));
    for (const id of ids) if (!found.has(id)) timeline.drop(id);
    timeline.restored.value += 1;
  } catch (error) {
    const failed = /** @type {import("./api.js").ApiError} */ (error);
    const wait = Math.max(PAUSE_MS, failed.retryAfter * 1000);
    paused.set(timeline, elapsed() + wait);
    setTimeout(() => (timeline.restored.value += 1), wait + 1); // to be drawn, and so asked for, again
  } finally {
    for (const id of ids) asked.delete(id);
  }
}
