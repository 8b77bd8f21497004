// A thread: a message, what it answers, and the replies below it, as a tree.
import { get } from "./api.js";
import { isProvisional } from "./own.js";
import { dismiss, isGone, message, onGone, put, putAll } from "./store.js";
import { batch, signal } from "./ui.js";

/** @typedef {import("./types.js").Status} Status */
/** @typedef {import("./components/thread.js").Row} Branch */

const DEEPEST = 5;
const MOST_ASKED = 40;
/** How many messages below, and above, the server shows at most. */
const MOST_BELOW = 60;
const MOST_ABOVE = 40;

/** A thread that is on screen. */
export class Thread {
  /** @param {string} id of the message in the middle */
  constructor(id) {
    this.id = id;
    /** "loading", "ready" or "failed". */
    this.state = signal("loading");
    this.error = signal(/** @type {import("./api.js").ApiError | null} */ (null));
    /** What is above the message, oldest first. */
    this.above = signal(/** @type {string[]} */ ([]));
    /** What is below it, each reply under what it answers. */
    this.below = signal(/** @type {Branch[]} */ ([]));
    /** Whether the server leaves some out below, and above. */
    this.isCutBelow = signal(false);
    this.isCutAbove = signal(false);
    this.stream = undefined;
    /** @type {string[]} */
    this.ancestors = [];
    /** What each message below answers. @type {Map<string, string>} */
    this.parents = new Map();
    this.end = onGone((gone) => this.lose(gone));
  }

  /** Reads the thread. */
  async load() {
    try {
      const known = message(this.id).peek();
      const [status, context] = await Promise.all([
        known ?? get(`api/v1/statuses/${this.id}`),
        get(`api/v1/statuses/${this.id}/context`),
      ]);
      this.take(status, context);
      await this.findDeleted(context.descendants);
    } catch (error) {
      batch(() => {
        this.error.value = /** @type {any} */ (error);
        if (this.state.peek() === "loading") this.state.value = "failed";
      });
    }
  }

  /** Reads the thread again, for what is new in it. */
  async poll() {
    await this.load();
  }

  /** @param {Status} status @param {{ancestors: Status[], descendants: Status[]}} context */
  take(status, { ancestors, descendants }) {
    batch(() => {
      put(status);
      const above = putAll(ancestors);
      this.ancestors = [...this.ancestors.filter((id) => isGone(id)), ...above].sort();
      const there = new Set([this.id, ...descendants.map((each) => each.id)]);
      for (const each of descendants) {
        const known = this.parents.get(each.id);
        const isKept = known !== undefined && !there.has(known); // the server names the nearest one that is there
        if (put(each) && !isKept) this.parents.set(each.id, each.in_reply_to_id ?? this.id);
      }
      this.isCutBelow.value = descendants.length >= MOST_BELOW;
      this.isCutAbove.value = ancestors.length >= MOST_ABOVE;
      this.error.value = null;
      this.state.value = "ready";
      this.arrange();
    });
  }

  /**
   * Asks for the replies that were here and are not in the thread any more: they may be deleted, or so new that they are
   * not in it yet.
   *
   * @param {Status[]} found
   */
  async findDeleted(found) {
    const there = new Set(found.map((each) => each.id));
    const missing = [...this.parents.keys()].filter((id) => !there.has(id) && !isGone(id) && !isProvisional(id));
    if (!missing.length) return;
    const asked = missing.slice(0, MOST_ASKED);
    const left = new Set((await get("api/v1/statuses", { id: asked })).map((/** @type {Status} */ each) => each.id));
    for (const id of asked) if (!left.has(id)) dismiss(id);
  }

  /**
   * Shows an own reply at once, exchanges it for the real one, or takes it back.
   *
   * @param {{before: string | null, status: Status | null}} change
   */
  own({ before, status }) {
    if (before) this.parents.delete(before);
    const answered = status?.in_reply_to_id;
    if (status && answered && (answered === this.id || this.parents.has(answered)))
      this.parents.set(status.id, answered);
    this.arrange();
  }

  /** Leaves a gap in the place of a message that others answer, and closes up otherwise. @param {string} id */
  lose(id) {
    if (id !== this.id && !this.parents.has(id) && !this.ancestors.includes(id)) return;
    if (![...this.parents.values()].includes(id)) this.parents.delete(id);
    this.arrange();
  }

  arrange() {
    /** @type {Map<string, string[]>} */
    const children = new Map();
    for (const [id, parent] of [...this.parents].sort(([one], [other]) => (one < other ? -1 : 1))) {
      children.set(parent, [...(children.get(parent) ?? []), id]);
    }
    /** @type {Branch[]} */
    const rows = [];
    const visit = (/** @type {string} */ parent, /** @type {number} */ depth, /** @type {number[]} */ rails) => {
      const replies = (children.get(parent) ?? []).filter((id) => !isGone(id) || children.has(id));
      replies.forEach((id, index) => {
        const level = Math.min(depth, DEEPEST);
        const passing = index < replies.length - 1 && depth > 0 ? [...rails, level - 1] : rails;
        rows.push({
          id,
          status: null,
          depth: level,
          rails: passing,
          down: children.has(id) && depth < DEEPEST,
          gone: isGone(id),
        });
        visit(id, depth + 1, passing);
      });
    };
    visit(this.id, 0, []);
    this.below.value = rows;
    this.above.value = [...this.ancestors];
  }
}
