// A timeline on screen: its rows, the pill above them, and what is shown when it is empty or still loading.
import { useNow } from "./clock.js";
import { End, Feed, Pill, Skeletons, Slot } from "./components/feed.js";
import { Message } from "./components/message.js";
import { deeds } from "./deeds.js";
import { isHidden } from "./filtering.js";
import { t } from "./i18n.js";
import { watch } from "./live.js";
import { isProvisional, onOwn } from "./own.js";
import { fetched } from "./part.js";
import { me } from "./session.js";
import { closing, endOf, isKnown, message } from "./store.js";
import { Failed } from "./trouble.js";
import { html, signal, useEffect, useMemo } from "./ui.js";
import { useWindow } from "./window.js";

/** @typedef {import("./timeline.js").Timeline} Timeline */
/** @typedef {import("./types.js").Status} Status */

/** From so many messages on, those that are far from the window are forgotten until they are near again. */
const MANY = 120;
/** So long a message that has just appeared is marked. */
const FRESH_MS = 2000;

/** The messages that have just appeared. @type {Set<string>} */
const fresh = new Set();
onOwn(({ status }) => status && freshen([status.id]));

/** The message above which everything on home is new since the last time, if there is one. */
export const readTo = signal("");

/** @param {string[]} ids */
function freshen(ids) {
  for (const id of ids) fresh.add(id);
  setTimeout(() => ids.forEach((id) => void fresh.delete(id)), FRESH_MS);
}

/**
 * Draws a message, or a boost, that leaves at its second.
 *
 * @param {{id: string, here?: boolean, bare?: boolean, depth?: number, at?: number, context?: string, marks?: boolean, pinned?: boolean}} props as
 *   those of Message; `marks`: whether it says that what is above is new
 */
export function Row({ id, ...more }) {
  const status = message(id).value;
  const original = message(status?.reblog?.id ?? "").value;
  const shown = useMemo(() => status && { ...status, reblog: original ?? status.reblog }, [status, original]);
  if (!shown) return null;
  // What a filter hides keeps its place in the list, without any height.
  if (!more.here && isHidden(shown, more.context)) return html`<div class="slot"><i data-id=${id} hidden></i></div>`;
  const isRead = more.marks && readTo.value === id;
  return html`<${Slot} going=${closing.value.has(id) || closing.value.has(shown.reblog?.id ?? "")}>
    ${isRead && html`<p class="read-to"><span>${t("home.readTo")}</span></p>`}
    <${Living} status=${shown} ...${more} />
  <//>`;
}

/** Draws a message in time. @param {{status: Status}} props and those of Message */
export function Living({ status, ...more }) {
  const original = status.reblog ?? status;
  const now = useNow(Date.parse(original.created_at), endOf(original));
  const on = isProvisional(status.id) ? undefined : deeds;
  return html`<${Message} status=${status} now=${now} on=${on} me=${me.value?.id} fresh=${fresh.has(status.id)} ...${more} />`;
}

/**
 * Draws a row that is not drawn again with the list: what it shows changes by itself.
 *
 * @this {any}
 * @param {{id: string, context?: string, marks?: boolean}} props
 */
function Still(props) {
  this.shouldComponentUpdate = () => false;
  return html`<${Row} ...${props} />`;
}

/**
 * Draws a timeline and keeps it up to date.
 *
 * @param {{timeline: Timeline, label: string, context?: string, empty: any, takesOwn?: boolean, marks?: boolean}} props `empty`: what is
 *   shown without messages; `takesOwn`: whether the person's own new messages appear in it at once;
 *   `marks`: whether it says how far the person had read
 */
export function Stream({ timeline, label, context, empty, takesOwn, marks }) {
  const ids = timeline.ids.value;
  timeline.restored.value;
  const { ref, from, to, above, below, heightOf } = useWindow(ids, timeline.place, () => {
    if (!timeline.error.peek()) void timeline.more(); // what has failed is tried again by hand
  });
  useEffect(() => {
    if (timeline.state.peek() === "new") void timeline.load();
    return watch(timeline);
  }, [timeline]);
  useEffect(() => (takesOwn ? onOwn((change) => timeline.own(change)) : undefined), [timeline, takesOwn]);
  useEffect(() => {
    if (ids.length > MANY)
      void fetched(() => import("./forgetting.js")).then((module) => module?.forgetFar(timeline, from, to));
  });
  const state = timeline.state.value;
  const error = timeline.error.value;
  if (!ids.length && state === "failed") return html`<${Failed} error=${error} retry=${() => timeline.load()} />`;
  if (!ids.length && state !== "ready") return html`<${Skeletons} />`;
  const show = () => {
    freshen(timeline.pending.peek());
    timeline.show();
    scrollTo({ top: 0 });
  };
  const pending = timeline.pending.value.filter((id) => !isHidden(message(id).peek(), context));
  return html`<${Pill} count=${pending.length} show=${show} />
    <div ref=${ref} tabindex="-1" class="rows">
      <${Feed} label=${ids.length ? label : undefined} busy=${timeline.isGrowing.value}>
        <div class="space" style=${{ height: `${above}px` }}></div>
        ${ids
          .slice(from, to)
          .map((id) =>
            isKnown(id)
              ? html`<${Still} key=${id} id=${id} context=${context} marks=${marks} />`
              : html`<div key=${`${id} place`} class="space" style=${{ height: `${heightOf(id)}px` }}></div>`,
          )}
        <div class="space" style=${{ height: `${below}px` }}></div>
      <//>
    </div>
    ${error && html`<${Failed} error=${error} retry=${() => timeline.more()} />`}
    ${ids.length ? html`<${End} more=${timeline.hasMore.value ? () => timeline.more() : undefined} busy=${timeline.isGrowing.value} />` : empty}`;
}
