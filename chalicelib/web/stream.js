// A timeline on screen: its rows, the pill above them, and what is shown while there are none.
import { useNow } from "./clock.js";
import { End, Feed, Pill, Skeletons, Slot } from "./components/feed.js";
import { Message } from "./components/message.js";
import { deeds } from "./deeds.js";
import { watch } from "./live.js";
import { isProvisional, onOwn } from "./own.js";
import { me } from "./session.js";
import { closing, endOf, isKnown, message } from "./store.js";
import { Failed } from "./trouble.js";
import { html, useEffect, useMemo, useRef } from "./ui.js";
import { useWindow } from "./window.js";

/** @typedef {import("./timeline.js").Timeline} Timeline */
/** @typedef {import("./types.js").Status} Status */

/** Messages that are so many rows away from the window, or more, are forgotten until they are near again. */
const KEPT = 100;

/**
 * Draws a message, or a boost, that leaves at its second.
 *
 * @param {{id: string, here?: boolean, bare?: boolean, depth?: number, at?: number, context?: string}} props as those
 *   of Message
 */
export function Row({ id, ...more }) {
  const status = message(id).value;
  const original = message(status?.reblog?.id ?? "").value;
  const shown = useMemo(() => status && { ...status, reblog: original ?? status.reblog }, [status, original]);
  if (!shown) return null;
  return html`<${Slot} going=${closing.value.has(id) || closing.value.has(shown.reblog?.id ?? "")}>
    <${Living} status=${shown} ...${more} />
  <//>`;
}

/** Draws a message in time. @param {{status: Status}} props and those of Message */
export function Living({ status, ...more }) {
  const original = status.reblog ?? status;
  const now = useNow(Date.parse(original.created_at), endOf(original));
  const on = isProvisional(status.id) ? undefined : deeds;
  return html`<${Message} status=${status} now=${now} on=${on} me=${me.value?.id} ...${more} />`;
}

/**
 * Returns the rows of messages. A row that was there before is the same object, which Preact does not draw again. What
 * has been forgotten is an empty place until it is read again.
 *
 * @param {{current: Map<string, any>}} drawn the rows that were there before
 * @param {string[]} ids
 * @param {string | undefined} context
 * @param {(id: string) => number} heightOf
 */
function rowsOf(drawn, ids, context, heightOf) {
  const before = drawn.current;
  drawn.current = new Map();
  return ids.map((id) => {
    if (!isKnown(id)) return html`<div key=${id} class="space" style=${{ height: `${heightOf(id)}px` }}></div>`;
    const row = before.get(id) ?? html`<${Row} key=${id} id=${id} context=${context} />`;
    drawn.current.set(id, row);
    return row;
  });
}

/**
 * Draws a timeline and keeps it up to date.
 *
 * @param {{timeline: Timeline, label: string, context?: string, empty: any, takesOwn?: boolean}} props `empty`: what is
 *   shown without messages; `takesOwn`: whether the person's own new messages appear in it at once
 */
export function Stream({ timeline, label, context, empty, takesOwn }) {
  const ids = timeline.ids.value;
  timeline.restored.value;
  const { ref, from, to, above, below, heightOf } = useWindow(ids, () => void timeline.more());
  const drawn = useRef(/** @type {Map<string, any>} */ (new Map()));
  useEffect(() => {
    if (timeline.state.peek() === "new") void timeline.load();
    return watch(timeline);
  }, [timeline]);
  useEffect(() => (takesOwn ? onOwn((change) => timeline.own(change)) : undefined), [timeline, takesOwn]);
  useEffect(() => {
    timeline.release([...ids.slice(0, Math.max(0, from - KEPT)), ...ids.slice(to + KEPT)]);
    const missing = ids.slice(from, to).filter((id) => !isKnown(id));
    if (missing.length) void timeline.restore(missing);
  });
  const state = timeline.state.value;
  const error = timeline.error.value;
  if (!ids.length && state === "failed") return html`<${Failed} error=${error} retry=${() => timeline.load()} />`;
  if (!ids.length && state !== "ready") return html`<${Skeletons} />`;
  const show = () => {
    timeline.show();
    scrollTo({ top: 0 });
  };
  return html`<${Pill} count=${timeline.pending.value.length} show=${show} />
    <div ref=${ref} tabindex="-1" class="rows">
      <${Feed} label=${label} busy=${timeline.isGrowing.value}>
        <div class="space" style=${{ height: `${above}px` }}></div>
        ${rowsOf(drawn, ids.slice(from, to), context, heightOf)}
        <div class="space" style=${{ height: `${below}px` }}></div>
      <//>
    </div>
    ${error && html`<${Failed} error=${error} retry=${() => timeline.more()} />`}
    ${ids.length ? html`<${End} more=${timeline.hasMore.value ? () => timeline.more() : undefined} busy=${timeline.isGrowing.value} />` : empty}`;
}
