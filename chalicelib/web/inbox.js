// Notifications in groups, the newest first. What is new waits behind a pill, as messages do.
import { ApiError, get, post, request } from "./api.js";
import { onEvent, unread } from "./live.js";
import { sayFailure } from "./notices.js";
import { session } from "./session.js";
import { onGone, putAccount, putAll } from "./store.js";
import { batch, effect, signal } from "./ui.js";

/**
 * @typedef {object} Group
 * @property {string} key remains the same whatever is added to the group
 * @property {string} type "favourite", "follow" …
 * @property {number} count how many notifications are in it
 * @property {string} newest the id of the newest
 * @property {string} at when that came
 * @property {string[]} accounts ids of those who caused them, the newest first
 * @property {string} status the id of the message that they are about, or ""
 * @property {string} words a moderator's reason, or ""
 */
/** @typedef {{groups: Group[], next: string | null, oldest: string}} Page `oldest`: the id of its oldest notification */

const PAGE = 30;
const FULL = 80;

/** Kinds that show the message itself, and leave with it. */
export const TOLD = new Set(["mention", "quote", "status"]);
/** The kinds of each tab; "" has all. @type {Record<string, string[]>} */
export const TABS = {
  "": [],
  mentions: ["mention", "quote"],
  reactions: ["favourite", "reblog"],
  followers: ["follow", "follow_request"],
  others: ["status", "poll", "update", "moderation_warning"],
};

/** How far the person had read when the screen was opened: what is newer is marked. Null until that is known. */
export const readBefore = signal(/** @type {string | null} */ (null));
/** @type {Map<string, Inbox>} */
const inboxes = new Map();
/** The id up to which the server knows the notifications as read. */
let marked = "";

effect(() => {
  if (session.value === "in") return;
  for (const each of inboxes.values()) each.end();
  inboxes.clear();
  marked = "";
  readBefore.value = null;
});

/** Returns the notifications of a tab, or of one account, the same each time. @param {string} tab @param {string} [account] its id */
export function inboxOf(tab, account = "") {
  const key = `${tab}/${account}`;
  const found = inboxes.get(key) ?? new Inbox(TABS[tab] ?? [], account);
  inboxes.set(key, found);
  return found;
}

/** Notifications of some kinds. */
export class Inbox {
  /** @param {string[]} types empty: all @param {string} account the id of the one who caused them; empty: anybody */
  constructor(types, account) {
    this.types = types;
    this.account = account;
    this.stream = ["user"];
    this.groups = signal(/** @type {Group[]} */ ([]));
    /** Newer ones that are not shown yet. */
    this.pending = signal(/** @type {Group[]} */ ([]));
    /** "new", "loading", "ready" or "failed". */
    this.state = signal("new");
    this.error = signal(/** @type {ApiError | null} */ (null));
    this.hasMore = signal(false);
    this.isGrowing = signal(false);
    this.isReading = false;
    /** How often something was dismissed. */
    this.dismissals = 0;
    this.newest = "";
    this.next = /** @type {string | null} */ (null);
    const stops = [onGone((id) => this.lose(id)), onEvent("notification", (made) => this.receive(made))];
    this.end = () => {
      for (const stop of stops) stop();
    };
  }

  /** Reads the first page, again if it has been read; what is below it stays. */
  async load() {
    if (this.isReading) return;
    this.isReading = true;
    if (this.state.peek() !== "ready") this.state.value = "loading";
    try {
      this.begin(await this.readFirst());
    } catch (error) {
      this.error.value = /** @type {ApiError} */ (error);
      if (this.state.peek() !== "ready") this.state.value = "failed";
    } finally {
      this.isReading = false;
    }
  }

  /** Reads the first page, again if something was dismissed meanwhile, which it may still have. @returns {Promise<Page>} */
  async readFirst() {
    const { dismissals } = this;
    const page = await this.read({ limit: PAGE });
    return dismissals === this.dismissals ? page : this.readFirst();
  }

  /** @param {Page} page the first */
  begin({ groups, next, oldest }) {
    const keys = new Set(groups.map((each) => each.key));
    const below = this.groups.peek().filter((each) => next && each.newest < oldest && !keys.has(each.key));
    batch(() => {
      this.groups.value = [...groups, ...below];
      this.pending.value = [];
      this.newest = groups[0]?.newest ?? "";
      if (!below.length) this.continueAt(next);
      this.error.value = null;
      this.state.value = "ready";
    });
  }

  /** Reads the next page. */
  async more() {
    if (this.isGrowing.peek() || !this.next) return;
    this.isGrowing.value = true;
    try {
      const { groups, next } = await this.read({ limit: PAGE, max_id: this.next });
      batch(() => {
        this.groups.value = joined(this.groups.peek(), groups);
        this.continueAt(next);
        this.error.value = null;
      });
    } catch (error) {
      this.error.value = /** @type {ApiError} */ (error);
    } finally {
      this.isGrowing.value = false;
    }
  }

  /** Asks for newer ones. @throws {ApiError} */
  async poll() {
    if (this.state.peek() !== "ready") return void (await this.load());
    const since = this.newest;
    const { groups } = await this.read({ limit: FULL, since_id: since || null });
    // What has come by the WebSocket meanwhile is among these: they are asked for again, so that nothing counts twice.
    if (this.newest !== since) return void (await this.poll());
    this.newest = groups[0]?.newest ?? since;
    this.offer(groups);
  }

  /** Puts newer ones behind the pill. @param {Group[]} groups */
  offer(groups) {
    if (!groups.length) return;
    if (this.groups.peek().length) this.pending.value = joined(groups, this.pending.peek());
    else this.groups.value = joined(groups, this.groups.peek());
  }

  /** Shows what is behind the pill: what belongs to a group joins it at the top. */
  show() {
    batch(() => {
      this.groups.value = joined(this.pending.peek(), this.groups.peek());
      this.pending.value = [];
    });
  }

  /** Takes in a notification as the WebSocket brings it. @param {any} made */
  receive(made) {
    const { id, type, account, status, group_key: key, created_at: at, moderation_warning: warning } = made;
    const isWanted =
      (!this.types.length || this.types.includes(type)) && (!this.account || account.id === this.account);
    if (this.state.peek() !== "ready" || !isWanted || id <= this.newest) return;
    putAccount(account);
    if (status && !putAll([status]).length) return;
    this.newest = id;
    const words = warning?.text ?? "";
    this.offer([{ key, type, count: 1, newest: id, at, accounts: [account.id], status: status?.id ?? "", words }]);
  }

  /** Removes the notifications that show a message that has left. Others about it stay until the list is read again. @param {string} id */
  lose(id) {
    const isLost = (/** @type {Group} */ each) => each.status === id && TOLD.has(each.type);
    for (const list of [this.groups, this.pending]) {
      if (list.peek().some(isLost)) list.value = list.peek().filter((each) => !isLost(each));
    }
  }

  /** Dismisses a group, at once; it comes back if the server refuses. @param {Group} group */
  async dismiss(group) {
    const before = this.groups.peek();
    const isOther = (/** @type {Group} */ { key }) => key !== group.key;
    this.groups.value = before.filter(isOther);
    this.pending.value = this.pending.peek().filter(isOther);
    this.dismissals += 1;
    try {
      await post(`api/v2/notifications/${group.key}/dismiss`);
    } catch (error) {
      this.groups.value = before;
      sayFailure("failed.dismissEvent", error);
    }
  }

  /** @param {string | null} next */
  continueAt(next) {
    this.next = next;
    this.hasMore.value = next !== null;
  }

  /** @param {Record<string, unknown>} query @returns {Promise<Page>} */
  async read(query) {
    const more = { types: this.types, account_id: this.account || null };
    const { data, next } = await request("GET", "api/v2/notifications", { query: { ...more, ...query } });
    data.accounts.forEach(putAccount);
    putAll(data.statuses);
    /** @type {Group[]} */
    const groups = data.notification_groups.map(groupOf);
    const oldest = data.notification_groups.at(-1)?.page_min_id ?? "";
    return { groups, next, oldest };
  }
}

/** @param {any} group as the API has it @returns {Group} */
function groupOf(group) {
  return {
    key: group.group_key,
    type: group.type,
    count: group.notifications_count,
    newest: group.most_recent_notification_id,
    at: group.latest_page_notification_at,
    accounts: group.sample_account_ids,
    status: group.status_id ?? "",
    words: group.moderation_warning?.text ?? "",
  };
}

/** Joins lists of groups: parts of the same group become one, where its newest part is. @param {Group[]} newer @param {Group[]} older */
function joined(newer, older) {
  /** @type {Map<string, Group>} */
  const found = new Map();
  for (const each of [...newer, ...older]) {
    const first = found.get(each.key);
    if (!first) found.set(each.key, each);
    else {
      const accounts = [...new Set([...first.accounts, ...each.accounts])];
      found.set(each.key, { ...first, accounts, count: first.count + each.count });
    }
  }
  return [...found.values()];
}

/** Goes on without what could not be read: something else on the screen says what is wrong. @param {unknown} error */
export function unlessDefect(error) {
  if (!(error instanceof ApiError)) throw error;
}

/** Dismisses all notifications. @throws {ApiError} */
export async function dismissAll() {
  await post("api/v1/notifications/clear");
  for (const each of inboxes.values()) {
    batch(() => {
      each.dismissals += 1;
      each.groups.value = [];
      each.pending.value = [];
      each.continueAt(null);
    });
  }
  unread.value = 0;
}

/** Learns how far the person had read. @throws {ApiError} */
export async function learnMarker() {
  const { notifications } = await get("api/v1/markers", { timeline: ["notifications"] });
  marked = notifications?.last_read_id ?? "";
  readBefore.value = marked;
}

/** Remembers on the server, for all of the person's clients, that notifications were read up to one. @param {string} id */
export async function markRead(id) {
  if (id <= marked) return;
  const before = marked;
  marked = id;
  try {
    await post("api/v1/markers", { notifications: { last_read_id: id } });
    unread.value = 0;
  } catch (error) {
    marked = before; // it is sent again when something else is new
    unlessDefect(error);
  }
}
