// A search: while a person types, once they pause, and only its newest result counts.
import { get } from "./api.js";
import { session } from "./session.js";
import { putAccount, putAll } from "./store.js";
import { putTags } from "./tags.js";
import { useEffect, useRef, useState } from "./ui.js";

/** @typedef {import("./types.js").Account} Account */
/** @typedef {"accounts" | "hashtags"} Kind */
/**
 * @typedef {object} Found
 * @property {string} query
 * @property {Account[]} accounts
 * @property {string[]} hashtags their names
 * @property {string[]} statuses their ids
 * @property {Record<Kind, boolean>} hasMore
 */

const PAUSE_MS = 250;
const PAGE = 10;

/** @param {string} query @param {Record<string, unknown>} [more] @param {AbortSignal} [abort] @returns {Promise<Found>} */
async function find(query, more, abort) {
  const data = await get("api/v2/search", { q: query, limit: PAGE, ...more }, { signal: abort });
  data.accounts.forEach(putAccount);
  return {
    query,
    accounts: data.accounts,
    hashtags: putTags(data.hashtags),
    statuses: putAll(data.statuses),
    hasMore: { accounts: data.accounts.length === PAGE, hashtags: data.hashtags.length === PAGE },
  };
}

/**
 * Searches for people, hashtags and the address of a message.
 *
 * @param {string} query
 * @param {boolean} following whether to find only people whom the reader follows
 */
export function useSearch(query, following) {
  const [found, setFound] = useState(/** @type {Found | null} */ (null));
  const [error, setError] = useState(/** @type {any} */ (null));
  const [isBusy, setBusy] = useState(true);
  const [tries, setTries] = useState(0);
  const isFirst = useRef(true);
  const only = following && session.value === "in" ? { following: true } : {};
  useEffect(() => {
    const abort = new AbortController();
    setBusy(true);
    setError(null);
    const search = async () => {
      try {
        setFound(await find(query, only, abort.signal));
        setBusy(false);
      } catch (problem) {
        if (abort.signal.aborted) return;
        setError(problem);
        setBusy(false);
      }
    };
    const timer = setTimeout(search, isFirst.current ? 0 : PAUSE_MS);
    isFirst.current = false;
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [query, following, tries, session.value]);
  const more = async (/** @type {Kind} */ kind) => {
    if (!found) return;
    setBusy(true);
    try {
      const next = await find(found.query, { ...only, type: kind, offset: found[kind].length });
      const list = [...found[kind], ...next[kind]];
      setFound({ ...found, [kind]: list, hasMore: { ...found.hasMore, [kind]: next.hasMore[kind] } });
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  return { found, error, isBusy, more, retry: () => setTries(tries + 1) };
}
