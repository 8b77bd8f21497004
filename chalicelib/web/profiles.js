// People's profiles by name, and their timelines with what they have pinned above.
import { get } from "./api.js";
import { me } from "./session.js";
import { knownPeople, message, onGone, person, putAccount, putAll } from "./store.js";
import { Timeline, timelineOf } from "./timeline.js";
import { signal, useEffect, useRef, useState } from "./ui.js";

/** @typedef {import("./types.js").Account} Account */

/** A person's messages without those that are pinned, which are above them. */
class Unpinned extends Timeline {
  /** @param {string} path @param {import("./timeline.js").TimelineOptions} options */
  constructor(path, options) {
    super(path, options);
    this.pinned = signal(/** @type {string[]} */ ([]));
    const ended = onGone((id) => {
      if (this.pinned.peek().includes(id)) this.pinned.value = this.pinned.peek().filter((each) => each !== id);
    });
    const end = this.end;
    this.end = () => {
      end();
      ended();
    };
  }

  /** Reads a page; with the first, what is pinned. @param {Record<string, unknown>} query */
  async read(query) {
    if (query.max_id || query.since_id) return super.read(query);
    const [page, pinned] = await Promise.all([super.read(query), get(this.path, { pinned: true })]);
    this.pinned.value = putAll(pinned);
    return page;
  }

  /** Shows own messages at once, without replies. @param {{before: string | null, status: import("./types.js").Status | null}} change */
  own(change) {
    if (!change.status?.in_reply_to_id) super.own(change);
  }

  /** @param {import("./types.js").Status[]} statuses */
  take(statuses) {
    return super.take(statuses).filter((id) => !this.pinned.peek().includes(id));
  }
}

/** Returns the timeline of a person's messages. @param {string} id @param {{replies?: boolean, tagged?: string}} [choice] */
export function messagesOf(id, { replies = false, tagged } = {}) {
  const path = `api/v1/accounts/${id}/statuses`;
  if (tagged) return timelineOf(path, { query: { tagged } });
  if (replies) return timelineOf(path);
  return timelineOf(path, { query: { exclude_replies: true }, kind: Unpinned });
}

/** Returns the ids of what is pinned above a timeline. Only its author's own reads say which messages those are. @param {Timeline} timeline */
export function pinnedAbove(timeline) {
  if (!(timeline instanceof Unpinned)) return [];
  return timeline.pinned.value.filter((id) => {
    const status = message(id).value;
    return status && (status.pinned || status.account.id !== me.value?.id);
  });
}

/** Reads a person's timelines again, after what one may see of them has changed. @param {string} id */
export function rereadMessages(id) {
  for (const choice of [{}, { replies: true }]) {
    const timeline = messagesOf(id, choice);
    if (timeline.state.peek() !== "new") void timeline.load();
  }
}

/**
 * Reads the profile of a name; what is already known is returned at once.
 *
 * @param {string} acct
 * @returns {{account: Account | null, error: import("./api.js").ApiError | null, retry: () => void}}
 */
export function useProfile(acct) {
  const name = acct.toLowerCase();
  const [id, setId] = useState(() => knownPeople().find((each) => each.acct === name)?.id ?? "");
  const [error, setError] = useState(/** @type {any} */ (null));
  /** The name that was asked for last: answers may arrive in another order. */
  const asked = useRef("");
  const read = () => {
    asked.current = name;
    setError(null);
    get("api/v1/accounts/lookup", { acct: name }).then(
      (found) => {
        putAccount(found);
        if (asked.current === name) setId(found.id);
      },
      (problem) => asked.current === name && setError(problem),
    );
  };
  useEffect(read, [name]);
  const found = person(id) ?? null;
  const isThere = error?.status !== 404; // somebody who was known may have left
  const account = found && found.acct === name && isThere ? found : null;
  return { account, error, retry: read };
}

/** Returns whether an account is one's own. @param {Account} account */
export const isOwn = (account) => account.id === me.value?.id;
