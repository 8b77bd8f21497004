// A list of messages that grows at both ends: older ones while a person scrolls, newer ones behind a pill.
import { request } from "./api.js";
import { serverNow } from "./clock.js";
import { isProvisional } from "./own.js";
import { me } from "./session.js";
import { isGone, message, onGone, putAll } from "./store.js";
import { batch, signal } from "./ui.js";

/** @typedef {import("./types.js").Status} Status */
/** @typedef {import("./api.js").ApiError} ApiError */

const PAGE = 20;
/** Messages of others can be read a little later than one's own, although they are older. */
const SETTLING_MS = 5000;
const FULL = 40;
/** Pages of newer messages that are read at once; if there are more, the list begins again once they are shown. */
const MOST_PAGES = 5;

/** @type {Map<string, Timeline>} */
const timelines = new Map();

/**
 * Returns the timeline of an address, the same one each time, so that its place is kept while another screen is shown.
 *
 * @param {string} path such as `api/v1/timelines/home`
 * @param {TimelineOptions} [options]
 */
export function timelineOf(path, options = {}) {
  const key = `${path}?${JSON.stringify(options.query ?? {})}`;
  const found = timelines.get(key) ?? new (options.kind ?? Timeline)(path, options);
  timelines.set(key, found);
  return found;
}

/** Forgets all timelines, as on logging out. */
export function forgetTimelines() {
  for (const each of timelines.values()) each.end();
  timelines.clear();
}

/** Calls a function with every timeline. @param {(timeline: Timeline) => void} use */
export function everyTimeline(use) {
  timelines.forEach(use);
}

/**
 * @typedef {object} TimelineOptions
 * @property {Record<string, unknown>} [query] parameters of each request
 * @property {string[]} [stream] the stream that brings its new messages, such as ["hashtag", "rain"]
 * @property {typeof Timeline} [kind] of timeline
 */

/** A timeline. Its messages are in the store; it has their ids. */
export class Timeline {
  /** @param {string} path @param {TimelineOptions} options */
  constructor(path, { query = {}, stream }) {
    this.path = path;
    this.query = query;
    this.stream = stream;
    /** Ids from top to bottom. */
    this.ids = signal(/** @type {string[]} */ ([]));
    /** Ids of newer messages that are not shown yet, from top to bottom. */
    this.pending = signal(/** @type {string[]} */ ([]));
    /** "new", "loading", "ready" or "failed". */
    this.state = signal("new");
    this.error = signal(/** @type {ApiError | null} */ (null));
    /** Whether there is more below. */
    this.hasMore = signal(true);
    /** Whether more is being read. */
    this.isGrowing = signal(false);
    /** Which rows are drawn. @type {import("./window.js").Place} */
    this.place = { heights: new Map(), range: { from: 0, to: PAGE } };
    /** How often forgotten messages were read again. */
    this.restored = signal(0);
    /** The newest message of all that were read and settled; what a WebSocket brings may be newer, and leave a gap. */
    this.newest = "";
    /** Whether messages between the pending and the shown ones were not read. */
    this.hasGap = false;
    this.next = /** @type {string | null} */ (null);
    this.end = onGone((id) => this.drop(id));
  }

  /** Reads the first page, again if it has been read. */
  async load() {
    if (this.state.peek() === "loading") return;
    this.state.value = "loading";
    try {
      const { data, next } = await this.read({ limit: PAGE });
      batch(() => {
        this.ids.value = this.take(data);
        this.pending.value = [];
        this.hasGap = false;
        this.continueAt(next);
        this.error.value = null;
        this.state.value = "ready";
      });
    } catch (error) {
      this.fail(error);
    }
  }

  /** Reads the next page. */
  async more() {
    if (this.isGrowing.peek() || !this.hasMore.peek() || this.state.peek() !== "ready") return;
    this.isGrowing.value = true;
    try {
      const { data, next } = await this.read({ limit: PAGE, max_id: this.next });
      batch(() => {
        const ids = this.take(data);
        this.ids.value = [...this.ids.peek(), ...without(ids, this.ids.peek())];
        this.continueAt(next);
        this.error.value = null;
      });
    } catch (error) {
      this.error.value = /** @type {ApiError} */ (error);
    } finally {
      this.isGrowing.value = false;
    }
  }

  /** Sets where the next page begins; null at the end. @param {string | null} next */
  continueAt(next) {
    this.next = next;
    this.hasMore.value = next !== null;
  }

  /**
   * Asks for newer messages and puts them behind the pill.
   *
   * @throws {ApiError}
   */
  async poll() {
    if (this.state.peek() !== "ready") return void (await this.load());
    /** @type {string[]} */
    const found = [];
    /** @type {Status[]} */
    const read = [];
    let below = null;
    const since = this.newest;
    let isWhole = false;
    for (let page = 0; page < MOST_PAGES && !isWhole; page++) {
      const { data, next } = await this.read({ limit: FULL, since_id: since || null, max_id: below });
      read.push(...data);
      found.push(...putAll(data));
      isWhole = data.length < FULL || !since;
      below = next;
    }
    this.settle(read);
    // Where nothing had settled, what is below the list was read, too.
    const end = since || !this.hasMore.peek() ? "" : (this.ids.peek().at(-1) ?? "");
    if (isWhole) return this.offer(found.filter((id) => id > end));
    const last = found.at(-1) ?? "";
    const all = [...found, ...this.pending.peek().filter((id) => id > last)]; // some came meanwhile
    this.hasGap = true;
    this.pending.value = without(all, this.ids.peek()).sort(newestFirst);
  }

  /** Puts newer messages behind the pill, except those that the reader has written elsewhere. @param {string[]} ids from top to bottom */
  offer(ids) {
    const known = [...this.pending.peek(), ...this.ids.peek()];
    const added = once(without(ids, known), known).filter((id) => !isGone(id));
    if (!added.length) return;
    // What is being posted here has its place already.
    const isPosting = this.ids.peek().some(isProvisional);
    const isOwn = (/** @type {string} */ id) => !isPosting && message(id).peek()?.account.id === me.peek()?.id;
    const own = added.filter(isOwn);
    batch(() => {
      this.pending.value = [...without(added, own), ...this.pending.peek()].sort(newestFirst);
      if (own.length) this.ids.value = [...own, ...this.ids.peek()].sort(newestFirst);
      if (!this.ids.peek().length) this.show();
    });
  }

  /** Returns how many messages its stream should have brought. */
  heard() {
    return this.ids.peek().length + this.pending.peek().length;
  }

  /** Shows what is behind the pill. Where that leaves a gap, the list ends before it and can be continued from there. */
  show() {
    batch(() => {
      const ids = this.pending.peek();
      const last = (this.hasGap && ids.at(-1)) || "";
      if (last) this.continueAt(last);
      const others = this.ids.peek().filter((id) => id > last);
      this.ids.value = [...ids, ...others].sort(newestFirst);
      this.pending.value = [];
      this.hasGap = false;
    });
  }

  /** Shows a message at the top at once: one that its reader has just posted. @param {string} id */
  prepend(id) {
    if (this.ids.peek().includes(id)) return;
    this.ids.value = [id, ...this.ids.peek()];
    this.pending.value = without(this.pending.peek(), [id]);
  }

  /**
   * Shows an own message at once, exchanges it for the real one, or takes it back.
   *
   * @param {{before: string | null, status: Status | null}} change
   */
  own({ before, status }) {
    if (!status) return this.drop(before ?? "");
    const { id } = status;
    if (!this.ids.peek().includes(before ?? "")) return this.prepend(id);
    this.ids.value = without(this.ids.peek(), [id]).map((each) => (each === before ? id : each));
    this.pending.value = without(this.pending.peek(), [id]);
  }

  /** Takes a message off the list. @param {string} id */
  drop(id) {
    for (const list of [this.ids, this.pending]) {
      if (list.peek().includes(id)) list.value = list.peek().filter((each) => each !== id);
    }
    if (!this.ids.peek().length && this.pending.peek().length) this.show();
  }

  /** @param {Status[]} statuses @returns {string[]} */
  take(statuses) {
    this.settle(statuses);
    return once(putAll(statuses));
  }

  /** Remembers how far the list was read. What is so new that an older message may still come in is read again. @param {Status[]} statuses */
  settle(statuses) {
    const until = serverNow() - SETTLING_MS;
    const settled = statuses.filter((each) => Date.parse(each.created_at) < until);
    this.newest = [this.newest, ...settled.map((each) => each.id)].reduce(later);
  }

  /** @param {Record<string, unknown>} query */
  read(query) {
    return request("GET", this.path, { query: { ...this.query, ...query } });
  }

  /** @param {unknown} error */
  fail(error) {
    this.error.value = /** @type {ApiError} */ (error);
    this.state.value = this.ids.peek().length ? "ready" : "failed";
  }
}

/** @param {string[]} ids @param {string[]} others */
function without(ids, others) {
  const known = new Set(others);
  return ids.filter((id) => !known.has(id) && known.add(id));
}

/** Leaves out boosts of what is there already, as itself or as a boost. @param {string[]} ids @param {string[]} [known] */
function once(ids, known = []) {
  const held = new Set(known.map(originalOf));
  const isNew = (/** @type {string} */ id, original = originalOf(id)) =>
    (original === id || !held.has(original)) && held.add(original);
  return ids
    .reverse()
    .filter((id) => isNew(id))
    .reverse();
}

/** @param {string} id */
const originalOf = (id) => message(id).peek()?.reblog?.id ?? id;

/** @param {string} one @param {string} other */
function later(one, other) {
  return newestFirst(one, other) < 0 ? one : other;
}

/** @param {string} one @param {string} other */
function newestFirst(one, other) {
  return one < other ? 1 : -1;
}
