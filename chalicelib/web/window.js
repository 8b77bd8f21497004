// Which rows of a long list are in the document. The others are two empty spaces of their height, so that neither the
// number of nodes nor the time of a frame grows with the list.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "./ui.js";

/** Rows are drawn this far beyond the window, in pixels. */
const BEYOND = 1000;
/** Rows are drawn anew when fewer than this are left beyond the window. */
const RESERVE = 500;
/** Rows in the window, and up to this far beyond it, are drawn at once. */
const NEAR = 100;
const GUESS = 150;
/** So many rows more are drawn between two frames, unless they are in the window itself. */
const STEP = 1;

/** @typedef {{heights: Map<string, number>, range: Range}} Place the heights of rows, and which are drawn */

/**
 * Chooses the rows to draw.
 *
 * @param {string[]} ids of all rows; their elements have the ids in `data-id`
 * @param {Place} place where the list was when it was last on screen, and is from now on
 * @param {() => void} atEnd called when the end is near
 * @returns {{ref: {current: HTMLElement | null}, from: number, to: number, above: number, below: number,
 *   heightOf: (id: string) => number}}
 *   `ref` goes to the element around the rows; `above` and `below` are the heights of the spaces, in pixels
 */
export function useWindow(ids, place, atEnd) {
  const ref = useRef(/** @type {HTMLElement | null} */ (null));
  const { heights } = place;
  const [{ from, to }, setRange] = useState(place.range);
  place.range = { from, to };
  const state = useRef({ ids, from, to, atEnd });
  state.current = { ids, from, to, atEnd };
  const heightOf = (/** @type {string} */ id) => heights.get(id) ?? GUESS;

  // Heights are what the browser has laid out anyway: asking for them would make it lay out more than once a frame.
  const observer = useMemo(() => {
    return new ResizeObserver((changes) => {
      for (const { target, borderBoxSize } of changes) {
        const id = target.isConnected && idOf(target);
        if (id && !target.classList.contains("going")) heights.set(id, borderBoxSize[0].blockSize);
      }
    });
  }, []);
  useLayoutEffect(() => {
    let place = state.current.ids.indexOf(idOf(ref.current) ?? "");
    for (const row of ref.current?.querySelectorAll(".slot") ?? []) {
      const article = row.querySelector("article");
      const at = String(++place);
      if (article?.getAttribute("aria-posinset") === at) continue;
      observer.observe(row);
      article?.setAttribute("aria-posinset", at);
    }
  });

  useEffect(() => {
    let isPlanned = false;
    let isGrowing = false;
    const plan = async () => {
      if (isPlanned) return;
      isPlanned = true;
      await new Promise(requestAnimationFrame);
      isPlanned = false;
      const drawn = state.current;
      const { ids: all, from: first, to: last, atEnd: tell } = drawn;
      const top = ref.current?.getBoundingClientRect().top ?? 0;
      const within = (/** @type {number} */ more) => rangeOf(all, heightOf, -top - more, -top + innerHeight + more);
      const [seen, needed, wanted] = [within(NEAR), within(RESERVE), within(BEYOND)];
      // A frame has enough to do without the rows that are not in sight.
      if (first <= seen.from && last >= seen.to) await new Promise((done) => setTimeout(done));
      if (!ref.current) return;
      if (drawn !== state.current) return plan();
      if (first > needed.from || last < needed.to || isGrowing) {
        const next = approach({ from: first, to: last }, wanted, seen);
        isGrowing = next.from !== wanted.from || next.to !== wanted.to;
        if (next.from !== first || next.to !== last) {
          keepFocus(ref.current, all.slice(next.from, next.to));
          setRange(next);
        }
        if (isGrowing) plan();
      }
      if (needed.to >= all.length) tell();
    };
    plan();
    addEventListener("scroll", plan);
    addEventListener("resize", plan);
    return () => {
      observer.disconnect();
      removeEventListener("scroll", plan);
      removeEventListener("resize", plan);
    };
  }, []);
  useEffect(() => {
    const present = new Set(ids);
    for (const id of heights.keys()) if (!present.has(id)) heights.delete(id);
    dispatchEvent(new Event("resize"));
  }, [ids]);

  const end = Math.min(to, ids.length);
  const start = Math.min(from, end);
  const sum = (/** @type {string[]} */ part) => part.reduce((total, id) => total + heightOf(id), 0);
  return { ref, from: start, to: end, above: sum(ids.slice(0, start)), below: sum(ids.slice(end)), heightOf };
}

/** Returns the id of the first message in an element. @param {Element | null} element */
function idOf(element) {
  return element?.querySelector("[data-id]")?.getAttribute("data-id");
}

/** @typedef {{from: number, to: number}} Range */

/**
 * Returns the next range on the way to another: what is seen at once, and the rest in steps.
 *
 * @param {Range} current
 * @param {Range} wanted
 * @param {Range} seen
 * @returns {Range}
 */
function approach(current, wanted, seen) {
  const isApart = current.to <= seen.from || current.from >= seen.to;
  const { from, to } = isApart ? seen : current;
  return {
    from: Math.max(wanted.from, Math.min(seen.from, from - STEP)),
    to: Math.min(wanted.to, Math.max(seen.to, to + STEP)),
  };
}

/** @param {string[]} ids @param {(id: string) => number} heightOf @param {number} top @param {number} bottom */
function rangeOf(ids, heightOf, top, bottom) {
  let at = 0;
  let from = -1;
  let to = 0;
  for (let index = 0; index < ids.length && at < bottom; index++) {
    at += heightOf(ids[index]);
    if (from < 0 && at > top) from = index;
    to = index + 1;
  }
  return { from: Math.max(0, from), to };
}

/** Leaves the focus in the list when the row that has it is taken out of the document. @param {HTMLElement | null} list @param {string[]} kept */
function keepFocus(list, kept) {
  const id = document.activeElement?.closest("[data-id]")?.getAttribute("data-id");
  if (id && list?.contains(document.activeElement) && !kept.includes(id)) list.focus({ preventScroll: true });
}
