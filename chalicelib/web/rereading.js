// Timelines that are on hand when it changes whose messages one sees: what goes leaves them, what comes gets its place.
import { message } from "./store.js";
import { everyTimeline } from "./timeline.js";

/** @typedef {import("./timeline.js").Timeline} Timeline */

export const HOME = "api/v1/timelines/home";
/** How long it takes until home has the messages of somebody who is newly followed. */
const DELIVERY_MS = 2000;
const MOST = 40;

/** Takes a person's messages off a timeline, and boosts of them if they are no longer seen at all. @param {Timeline} timeline @param {string} id @param {boolean} [boosted] */
export function takeOff(timeline, id, boosted) {
  for (const each of [...timeline.pending.peek(), ...timeline.ids.peek()]) {
    const status = message(each).peek();
    if (status?.account.id === id || (boosted && status?.reblog?.account.id === id)) timeline.drop(each);
  }
}

/** Takes a person's messages off home. @param {string} id */
export function leaveHome(id) {
  everyTimeline((timeline) => timeline.path === HOME && takeOff(timeline, id));
}

/** Puts messages that may be seen now into the timelines below an address, each in its place. @param {string} path @param {number} [wait] in milliseconds */
export function fillSoon(path, wait = DELIVERY_MS) {
  setTimeout(() => everyTimeline((timeline) => timeline.path.startsWith(path) && void fill(timeline)), wait);
}

/** @param {Timeline} timeline */
async function fill(timeline) {
  if (timeline.state.peek() !== "ready") return;
  const { data } = await timeline.read({ limit: MOST }).catch(() => ({ data: [] })); // it is read again in any case later
  const known = new Set([...timeline.pending.peek(), ...timeline.ids.peek()]);
  const last = timeline.hasMore.peek() ? (timeline.ids.peek().at(-1) ?? "") : "";
  const added = timeline.take(data).filter((id) => !known.has(id) && id > last);
  if (added.length)
    timeline.ids.value = [...timeline.ids.peek(), ...added].sort((one, other) => (one < other ? 1 : -1));
}
