// Conversations: the direct messages with the same people, those with the newest message first.
import { post, request } from "./api.js";
import { onEvent } from "./live.js";
import { sayFailure } from "./notices.js";
import { session } from "./session.js";
import { message, onGone, put } from "./store.js";
import { batch, effect, signal } from "./ui.js";

/** @typedef {import("./types.js").Account} Account */
/** @typedef {import("./types.js").Status} Status */
/** @typedef {{id: string, unread: boolean, accounts: Account[], last_status: Status}} Correspondence */

/** The conversations on screen, with the shape that `watch` keeps up to date. */
export const correspondence = {
  stream: ["user"],
  items: signal(/** @type {Correspondence[]} */ ([])),
  state: signal("new"),
  error: signal(/** @type {import("./api.js").ApiError | null} */ (null)),
  next: signal(/** @type {string | null} */ (null)),
  isGrowing: signal(false),

  /** Reads the first page; what is below it stays. @throws {import("./api.js").ApiError} */
  async poll() {
    const { data, next } = await request("GET", PATH);
    batch(() => {
      const read = taken(data);
      const ids = new Set(read.map((each) => each.id));
      const oldest = read.at(-1)?.last_status.id ?? "";
      const below = this.items.peek().filter((each) => next && !ids.has(each.id) && each.last_status.id < oldest);
      this.items.value = [...read, ...below];
      if (!below.length) this.next.value = next;
      this.error.value = null;
      this.state.value = "ready";
    });
  },

  /** Reads the list, and keeps what went wrong to be shown. */
  async load() {
    try {
      await this.poll();
    } catch (error) {
      this.error.value = /** @type {import("./api.js").ApiError} */ (error);
      if (this.state.peek() === "new") this.state.value = "failed";
    }
  },

  /** Reads the next page. */
  async more() {
    if (this.isGrowing.peek() || !this.next.peek()) return;
    this.isGrowing.value = true;
    try {
      const { data, next } = await request("GET", PATH, { query: { max_id: this.next.peek() } });
      const ids = new Set(this.items.peek().map((each) => each.id));
      this.items.value = [...this.items.peek(), ...taken(data).filter((each) => !ids.has(each.id))];
      this.next.value = next;
      this.error.value = null;
    } catch (error) {
      this.error.value = /** @type {import("./api.js").ApiError} */ (error);
    }
    this.isGrowing.value = false;
  },
};

const PATH = "api/v1/conversations";
let timer = 0;

/** @param {Correspondence[]} list @returns {Correspondence[]} those whose last message is still there */
function taken(list) {
  return list.filter((each) => put(each.last_status));
}

/** A private message that arrives changes a conversation, for which the server has no event of its own. @param {any} notification */
function receive({ type, status }) {
  if (type === "mention" && status.visibility === "direct") loadSoon();
}

function loadSoon() {
  if (correspondence.state.peek() !== "ready") return;
  clearTimeout(timer);
  timer = setTimeout(() => void correspondence.load(), 500);
}

/** When a last message goes, the one before it is the last, which only the server knows. @param {string} id */
function lose(id) {
  if (correspondence.state.peek() !== "ready") return;
  if (!correspondence.items.peek().some((each) => each.last_status.id === id)) return;
  correspondence.items.value = correspondence.items.peek().filter((each) => message(each.last_status.id).peek());
  loadSoon();
}

onEvent("notification", receive);
onGone(lose);
effect(() => {
  if (session.value === "in") return;
  clearTimeout(timer);
  correspondence.items.value = [];
  correspondence.state.value = "new";
});

/** Changes a conversation at once, and takes that back if the server refuses. @param {string} id @param {boolean} unread */
export async function markConversation(id, unread) {
  const set = (/** @type {boolean} */ value) => {
    correspondence.items.value = correspondence.items
      .peek()
      .map((each) => (each.id === id ? { ...each, unread: value } : each));
  };
  set(unread);
  try {
    await post(`${PATH}/${id}/${unread ? "unread" : "read"}`);
  } catch (error) {
    set(!unread);
    if (unread) sayFailure("failed.unread", error);
    else sayFailure("failed.read", error);
  }
}

/** Takes a conversation off the list until its next message. @param {Correspondence} conversation */
export async function removeConversation(conversation) {
  const before = correspondence.items.peek();
  correspondence.items.value = before.filter(({ id }) => id !== conversation.id);
  try {
    await request("DELETE", `${PATH}/${conversation.id}`);
  } catch (error) {
    correspondence.items.value = before;
    sayFailure("failed.removeConversation", error);
  }
}
