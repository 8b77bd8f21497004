// Lists that grow page by page and are not timelines: people, hashtags.
import { request } from "./api.js";
import { useCallback, useEffect, useRef, useState } from "./ui.js";

/** @typedef {import("./api.js").ApiError} ApiError */

/**
 * Reads a list, and its next page when asked.
 *
 * @param {string} path
 * @param {Record<string, unknown>} [query] the same for as long as the component is drawn, as is the path
 * @param {number} [size] of the pages of a list that the API counts: it says where they begin, not what follows
 */
export function usePages(path, query, size) {
  const [items, setItems] = useState(/** @type {any[] | null} */ (null));
  const [next, setNext] = useState(/** @type {string | null} */ (null));
  const [error, setError] = useState(/** @type {ApiError | null} */ (null));
  const [isBusy, setBusy] = useState(false);
  const isShown = useRef(true);
  const read = useCallback(async (/** @type {string | null} */ cursor) => {
    setBusy(true);
    setError(null);
    try {
      const place = size ? { limit: size, offset: cursor } : { max_id: cursor };
      const { data, next: following } = await request("GET", path, { query: { ...query, ...place } });
      if (!isShown.current) return;
      setItems((before) => [...(before ?? []), ...data]);
      if (size) setNext(data.length === size ? String(Number(cursor) + size) : null);
      else setNext(following);
    } catch (problem) {
      if (isShown.current) setError(/** @type {ApiError} */ (problem));
    }
    setBusy(false);
  }, []);
  useEffect(() => {
    void read(null);
    return () => (isShown.current = false);
  }, []);
  return {
    items,
    setItems,
    error,
    isBusy,
    more: next ? () => void read(next) : undefined,
    retry: () => void read(next),
  };
}
