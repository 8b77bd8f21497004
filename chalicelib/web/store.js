// All messages that the client knows, by id. A message leaves here at its second, and with it everywhere else.
import { serverNow, tick } from "./clock.js";
import { batch, signal } from "./ui.js";

/** @typedef {import("./types.js").Status} Status */
/** @typedef {import("./types.js").Account} Account */
/**
 * @typedef {object} Entry
 * @property {import("@preact/signals").Signal<Status | null>} status null while it is released
 * @property {number} until when it leaves
 */

/** How long a message takes to close, in milliseconds; it has closed at its second. */
const CLOSING_MS = 300;
/** What is left of a quote when the quoted message is gone. */
const QUOTED_GONE = { state: "deleted", quoted_status: null };
const LONGEST_TIMER = 600_000;
/** How often it is looked whether the device has slept. */
const BEAT_MS = 100;
const MOST_GONE = 5000;

/** @type {Map<string, Entry>} */
const known = new Map();
/** @type {Map<string, import("@preact/signals").Signal<Account>>} */
const people = new Map();
/** Ids of messages on which something on screen depends. @type {Set<string>} */
const shown = new Set();
/** Ids that a late response must not bring back. @type {Set<string>} */
const gone = new Set();
/** @type {Set<(id: string) => void>} */
const watching = new Set();
const nothing = signal(/** @type {Status | null} */ (null));
let timer = 0;
/** The server's time of the next sweep. */
let planned = Infinity;

/** The ids of messages that are closing, because their second is near. */
export const closing = signal(/** @type {ReadonlySet<string>} */ (new Set()));

/** Returns when a message ends, in milliseconds. @param {Status} status */
export function endOf(status) {
  return Date.parse(status.pleroma.expires_at);
}

/**
 * Takes in messages from a response, with those that they boost and quote.
 *
 * @param {Status[]} statuses
 * @returns {string[]} the ids of those that exist
 */
export function putAll(statuses) {
  return batch(() => statuses.filter(put).map((status) => status.id));
}

/**
 * Takes in a message.
 *
 * @param {Status} status
 * @returns {boolean} whether it exists
 */
export function put(status) {
  const until = status.reblog ? Math.min(endOf(status), endOf(status.reblog)) : endOf(status);
  if (gone.has(status.id) || until <= serverNow()) return false;
  if (status.reblog && !put(status.reblog)) return false;
  putAccount(status.account);
  const entry = known.get(status.id) ?? made(status.id);
  entry.until = until;
  entry.status.value = withoutGone(status);
  plan(until - CLOSING_MS);
  return true;
}

/** @param {string} id @returns {Entry} */
function made(id) {
  const empty = /** @type {Status | null} */ (null);
  const status = signal(empty, { watched: () => shown.add(id), unwatched: () => shown.delete(id) });
  const entry = { status, until: 0 };
  known.set(id, entry);
  return entry;
}

/** Takes in the message that a message quotes; one that has ended is not quoted any more. @param {Status} status @returns {Status} */
function withoutGone(status) {
  const quoted = status.quote?.quoted_status;
  return !quoted?.pleroma || put(quoted) ? status : { ...status, quote: QUOTED_GONE };
}

/** Returns a message as a signal whose value is null once it is gone. @param {string} id */
export function message(id) {
  return known.get(id)?.status ?? nothing;
}

/** Returns whether a message can be shown at present. @param {string} id */
export function isKnown(id) {
  return Boolean(known.get(id)?.status.peek());
}

/** Returns whether a message was here and has left. @param {string} id */
export function isGone(id) {
  return gone.has(id);
}

/**
 * Changes a message in every place that shows it.
 *
 * @param {string} id
 * @param {(status: Status) => Partial<Status>} change returns what is different
 */
export function change(id, change) {
  const entry = known.get(id);
  if (entry?.status.value) entry.status.value = { ...entry.status.value, ...change(entry.status.value) };
}

/** Takes in an account. @param {Account} account */
export function putAccount(account) {
  const entry = people.get(account.id);
  if (!entry) people.set(account.id, signal(account));
  else if (entry.peek() !== account) entry.value = account;
}

/** Returns what is known of an account. @param {string} id @returns {Account | undefined} */
export function person(id) {
  return people.get(id)?.value;
}

/** Returns the accounts that are known, for completing names. */
export function knownPeople() {
  return [...people.values()].map((each) => each.peek());
}

/** Lets a message close and then leave, as if its time were up: it was deleted. @param {string} id */
export function dismiss(id) {
  const entry = known.get(id);
  if (!entry) return remove(id);
  entry.until = Math.min(entry.until, serverNow() + CLOSING_MS);
  sweep();
}

/** Lets a message leave at once, and what boosts it. @param {string} id */
export function remove(id) {
  gone.add(id);
  if (gone.size > MOST_GONE) gone.delete(/** @type {string} */ (gone.values().next().value));
  const entry = known.get(id);
  if (!entry) return;
  known.delete(id);
  batch(() => {
    for (const [other, { status }] of [...known]) {
      if (status.peek()?.reblog?.id === id) remove(other);
      if (status.peek()?.quote?.quoted_status?.id === id) {
        change(other, () => ({ quote: QUOTED_GONE }));
      }
    }
    entry.status.value = null;
    for (const listener of watching) listener(id);
  });
}

/**
 * Calls a function with the id of each message that leaves.
 *
 * @param {(id: string) => void} listener
 * @returns {() => void} ends this
 */
export function onGone(listener) {
  watching.add(listener);
  return () => watching.delete(listener);
}

/**
 * Forgets a message unless it is on screen, such as in a thread. Its end is kept, so that it leaves at its second all the
 * same: from lists, and from messages that quote it.
 *
 * @param {string} id
 */
export function release(id) {
  const entry = known.get(id);
  if (entry && !shown.has(id)) entry.status.value = null;
}

/** Forgets a message that the server has never had. @param {string} id */
export function withdraw(id) {
  known.delete(id);
}

/** Lets messages come back that left for a reason that has ended, such as a block. */
export function forgive() {
  gone.clear();
}

/** Forgets everything, as on logging out. */
export function forgetAll() {
  for (const entry of known.values()) entry.status.value = null;
  known.clear();
  people.clear();
}

/** Lets all messages leave whose time is up. Call it before anything is painted after a pause. */
function sweep() {
  const now = serverNow();
  /** @type {Set<string>} */
  const leaving = new Set();
  let next = Infinity;
  batch(() => {
    for (const [id, { until }] of [...known]) {
      if (until <= now) remove(id);
      else if (until - CLOSING_MS <= now) leaving.add(id);
      else next = Math.min(next, until - CLOSING_MS);
      if (leaving.has(id)) next = Math.min(next, until);
    }
    if (leaving.size || closing.peek().size) closing.value = leaving;
  });
  clearTimeout(timer);
  planned = Infinity;
  plan(next);
}

/** @param {number} at the server's time of the next sweep, unless one is due before it */
function plan(at) {
  if (at >= planned) return;
  planned = at;
  clearTimeout(timer);
  timer = setTimeout(sweep, Math.min(LONGEST_TIMER, Math.max(0, at - serverNow())));
}

/**
 * Keeps what has expired from being seen after sleep, in a tab that was hidden, and in a page from the back/forward
 * cache: while nobody looks, the page is covered, and it is swept before it is uncovered.
 */
export function guardAgainstSleep() {
  const cover = () => document.documentElement.toggleAttribute("data-asleep", true);
  const wake = () => {
    sweep();
    tick();
    document.documentElement.toggleAttribute("data-asleep", document.hidden); // a frozen page resumes unseen, too
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? cover() : wake()));
  addEventListener("pagehide", cover);
  document.addEventListener("freeze", cover);
  document.addEventListener("resume", wake);
  for (const event of ["pageshow", "focus", "pointerdown", "keydown"]) addEventListener(event, wake, true);
  // A device that wakes with the window in sight says nothing, and its timers have not gone on meanwhile.
  setInterval(() => serverNow() >= planned && sweep(), BEAT_MS);
}
