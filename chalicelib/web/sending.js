// Posting: a message is shown at once in a provisional form, and exchanged for the real one when the server has it.
import { request } from "./api.js";
import { serverNow } from "./clock.js";
import { provisionalId, tellOwn } from "./own.js";
import { instance, me } from "./session.js";
import { put, withdraw } from "./store.js";

/** @typedef {import("./types.js").Status} Status */
/** @typedef {import("./types.js").Draft} Draft */
/** @typedef {import("./overlays.js").Task} Task */

const LINK = /https?:\/\/\S+/g;
/** A lifetime at the end of a text, which the server takes, unless one was chosen. */
const LIFETIME = /#\d+[smhdw]\s*$/i;
const segments = new Intl.Segmenter();

/** Returns the number of characters that the server counts. @param {Draft} draft */
export function lengthOf(draft) {
  const link = "x".repeat(instance.peek()?.configuration.statuses.characters_reserved_per_url ?? 23);
  return [...segments.segment(draft.text.replace(LINK, link) + (draft.spoiler ?? ""))].length;
}

/** Returns the names that a reply should mention: the author, and whom the message mentions. @param {Status} status @param {string} [except] an account's id */
export function namesIn(status, except) {
  const all = [status.account, ...status.mentions].filter((each) => each.id !== except);
  return [...new Set(all.map((each) => each.acct))];
}

/**
 * Sends a draft.
 *
 * @param {Draft} draft
 * @param {Task} task
 * @param {() => void} shown called as soon as the message can be seen
 * @returns {Promise<Status>}
 * @throws {import("./api.js").ApiError} it was not posted, and is no longer shown
 */
export async function send(draft, task, shown) {
  if (task.editing) return sendEdit(draft, task.editing, shown);
  if (draft.scheduled) return sendBody(draft, task).finally(shown);
  const provisional = preview(draft, task);
  put(provisional);
  tellOwn({ before: null, status: provisional });
  shown();
  try {
    const status = await sendBody(draft, task);
    put(status);
    tellOwn({ before: provisional.id, status });
    return status;
  } catch (error) {
    tellOwn({ before: provisional.id, status: null });
    throw error;
  } finally {
    withdraw(provisional.id);
  }
}

/** @param {Draft} draft @param {Status} editing @param {() => void} shown */
async function sendEdit(draft, editing, shown) {
  const { text: status, spoiler, language, quotePolicy: quote_approval_policy } = draft;
  const sensitive = editing.sensitive || Boolean(spoiler);
  const body = { status, spoiler_text: spoiler ?? "", sensitive, language, quote_approval_policy, poll: pollOf(draft) };
  const { data } = await request("PUT", `api/v1/statuses/${editing.id}`, { body });
  put(data);
  shown();
  return data;
}

/** @param {Draft} draft @param {Task} task */
async function sendBody(draft, { answering, quoting }) {
  const body = {
    status: draft.text,
    expires_in: draft.isLifetimeChosen || !LIFETIME.test(draft.text) ? draft.seconds : undefined,
    visibility: draft.visibility,
    spoiler_text: draft.spoiler || undefined,
    sensitive: draft.spoiler ? true : undefined,
    in_reply_to_id: answering?.id,
    thread_ends_together: answering ? undefined : draft.endsTogether,
    quoted_status_id: quoting?.id,
    language: draft.language,
    quote_approval_policy: draft.quotePolicy,
    scheduled_at: draft.scheduled ? new Date(draft.scheduled).toISOString() : undefined,
    poll: pollOf(draft),
  };
  const headers = { "Idempotency-Key": draft.key ?? crypto.randomUUID() };
  return (await request("POST", "api/v1/statuses", { body, headers })).data;
}

/** @param {Draft} draft */
function pollOf({ poll }) {
  if (!poll) return undefined;
  const { seconds: expires_in, multiple, hideTotals: hide_totals } = poll;
  return { options: poll.options.filter((each) => each.trim()), expires_in, multiple, hide_totals };
}

/** Returns who may quote a message. @param {Status} status */
export function quotersOf({ quote_approval: { automatic } }) {
  return automatic.find((each) => each === "public" || each === "followers") ?? "nobody";
}

/**
 * Returns a message's poll as its author typed it.
 *
 * @param {Status} status a message with a poll
 * @returns {NonNullable<Draft["poll"]>}
 */
export function draftOfPoll({ poll, created_at, edited_at }) {
  const { options, multiple, expires_at } = /** @type {import("./types.js").Poll} */ (poll);
  // The server keeps the end of a poll that is sent with the time for which it was to be open, which is in seconds.
  const spans = [created_at, edited_at ?? created_at].map((each) => Date.parse(expires_at) - Date.parse(each));
  const span = spans.find((each) => each % 1000 === 0) ?? spans[0];
  const hideTotals = options.some((each) => each.votes_count === null);
  return { options: options.map((each) => each.title), seconds: Math.round(span / 1000), multiple, hideTotals };
}

/** @param {Draft} draft @param {Task} task @returns {Status} */
function preview(draft, { answering, quoting }) {
  const now = serverNow();
  const escaped = draft.text.trim().replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const content = escaped
    .split(/\n{2,}/)
    .map((each) => `<p>${each.replace(/\n/g, "<br>")}</p>`)
    .join("");
  return {
    id: provisionalId(),
    created_at: new Date(now).toISOString(),
    in_reply_to_id: answering?.id ?? null,
    in_reply_to_account_id: answering?.account.id ?? null,
    sensitive: Boolean(draft.spoiler),
    spoiler_text: draft.spoiler ?? "",
    visibility: draft.visibility,
    language: draft.language ?? me.peek()?.source.language ?? document.documentElement.lang,
    url: "",
    replies_count: 0,
    reblogs_count: 0,
    favourites_count: 0,
    quotes_count: 0,
    edited_at: null,
    favourited: false,
    reblogged: false,
    muted: false,
    bookmarked: false,
    pinned: false,
    content,
    filtered: [],
    reblog: null,
    account: /** @type {any} */ (me.peek()),
    mentions: answering ? [{ ...answering.account }] : [],
    tags: [],
    quote: quoting ? { state: "accepted", quoted_status: quoting } : null,
    quote_approval: { automatic: [], current_user: "denied" },
    poll: null,
    pleroma: {
      expires_at: new Date(now + draft.seconds * 1000).toISOString(),
      thread_ends_together: draft.endsTogether ?? false,
    },
  };
}
