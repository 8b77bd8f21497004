// What a person does to messages. It shows at once; if the server refuses, it is taken back, and the reason is said.
import { post, request } from "./api.js";
import { t } from "./i18n.js";
import { say, sayFailure } from "./notices.js";
import { openDialog } from "./overlays.js";
import { Entering } from "./screens/entering.js";
import { session } from "./session.js";
import { change, dismiss, message, put } from "./store.js";

/** @typedef {import("./types.js").Status} Status */
/** @typedef {import("./types.js").Poll} Poll */

/** Messages whose change is on its way, so that a second press does not race with the first. @type {Set<string>} */
const busy = new Set();

/**
 * Changes a message at once, asks the server for the same, and takes the change back if it refuses.
 *
 * @param {Status} status
 * @param {{path: string, body?: unknown, what: string, shown: Partial<Status>, before: Partial<Status>}} deed
 *   `what`: the key of the sentence that says that it failed; `shown` and `before`: the parts that change
 * @returns {Promise<boolean>} whether it succeeded
 */
async function optimistically(status, { path, body, what, shown, before }) {
  const key = `${what} ${status.id}`;
  if (busy.has(key)) return false;
  busy.add(key);
  change(status.id, () => shown);
  try {
    const answer = await post(path, body);
    const current = answer.reblog ?? answer;
    if (current.id === status.id) put(current);
    return true;
  } catch (error) {
    change(status.id, () => before);
    if (error instanceof Error && /** @type {any} */ (error).status === 404) dismiss(status.id);
    sayFailure(what, error);
    return false;
  } finally {
    busy.delete(key);
  }
}

/**
 * @param {Status} status
 * @param {"favourited" | "reblogged" | "bookmarked" | "muted" | "pinned"} mark
 * @param {string} verb as in the address
 * @param {"favourites_count" | "reblogs_count"} [count]
 * @param {unknown} [body]
 */
function toggle(status, mark, verb, count, body) {
  const current = message(status.id).peek() ?? status;
  const isOn = current[mark];
  const counted = count ? { [count]: Math.max(0, current[count] + (isOn ? -1 : 1)) } : {};
  return optimistically(current, {
    path: `api/v1/statuses/${status.id}/${isOn ? "un" : ""}${verb}`,
    body,
    what: `failed.${isOn ? "un" : ""}${verb}`,
    shown: { [mark]: !isOn, ...counted },
    before: { [mark]: isOn, ...(count && { [count]: current[count] }) },
  });
}

/** Returns whether somebody is logged in, and says what is needed otherwise. */
export function isAllowed() {
  if (session.peek() === "in") return true;
  say(t("session.needed"), { action: t("front.login"), act: () => openDialog(Entering) });
  return false;
}

/** @param {Status} status */
export const favourite = (status) => isAllowed() && toggle(status, "favourited", "favourite", "favourites_count");
/** @param {Status} status @param {string} [visibility] for whom, unless for those for whom one's messages are by default */
export const boost = (status, visibility) =>
  isAllowed() && toggle(status, "reblogged", "reblog", "reblogs_count", visibility && { visibility });
/** @param {Status} status */
export const bookmark = (status) => isAllowed() && toggle(status, "bookmarked", "bookmark");
/** @param {Status} status */
export const muteThread = (status) => isAllowed() && toggle(status, "muted", "mute");
/** @param {Status} status */
export const pin = (status) => isAllowed() && toggle(status, "pinned", "pin");

/** Votes in a message's poll. @param {Status} status @param {number[]} choices */
export async function vote(status, choices) {
  const poll = /** @type {Poll} */ (status.poll);
  if (!isAllowed()) return;
  const options = poll.options.map((option, index) => ({
    ...option,
    votes_count: option.votes_count === null ? null : option.votes_count + (choices.includes(index) ? 1 : 0),
  }));
  const voted = { ...poll, options, voted: true, own_votes: choices, voters_count: poll.voters_count + 1 };
  change(status.id, () => ({ poll: voted }));
  try {
    const counted = await post(`api/v1/polls/${poll.id}/votes`, { choices });
    change(status.id, () => ({ poll: counted }));
  } catch (error) {
    change(status.id, () => ({ poll }));
    sayFailure("failed.vote", error);
  }
}

/**
 * Deletes one's own message.
 *
 * @param {Status} status
 * @returns {Promise<Status | null>} the deleted message with its text as typed; null if that failed
 */
export async function deleteMessage(status) {
  try {
    const { data } = await request("DELETE", `api/v1/statuses/${status.id}`);
    dismiss(status.id);
    return data;
  } catch (error) {
    sayFailure("failed.delete", error);
    return null;
  }
}

/**
 * Follows an account, mutes it and so on, and says so if that fails.
 *
 * @param {string} id of the account
 * @param {string} verb as in the address: "follow", "unfollow", "mute", "block" …
 * @param {Record<string, unknown>} [body]
 * @returns {Promise<any>} the relationship afterwards; null if it failed
 */
export async function relate(id, verb, body) {
  if (!isAllowed()) return null;
  try {
    return await post(`api/v1/accounts/${id}/${verb}`, body);
  } catch (error) {
    sayFailure(`failed.${verb}`, error);
    return null;
  }
}
