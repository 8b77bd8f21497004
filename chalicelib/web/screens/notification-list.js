// A list of notifications, which is kept up to date.
import { End, Skeletons } from "../components/feed.js";
import { Empty } from "../components/states.js";
import { t } from "../i18n.js";
import { learnMarker, markRead, unlessDefect } from "../inbox.js";
import { liveness, watch } from "../live.js";
import { Failed } from "../trouble.js";
import { html, useEffect, useRef } from "../ui.js";
import { NotificationRow } from "./notification-row.js";

/** @typedef {import("../inbox.js").Inbox} Inbox */
/** @typedef {import("../inbox.js").Group} Group */

/**
 * Draws a list of notifications, and keeps it up to date.
 *
 * @param {{inbox: Inbox, tab?: string}} props `tab`: that of "all" marks as read what it shows
 */
export function Groups({ inbox, tab }) {
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (tab === "")
      void learnMarker()
        .catch(unlessDefect)
        .then(() => inbox.load());
    else void inbox.load();
    return watch(/** @type {any} */ (inbox));
  }, [inbox]);
  const groups = inbox.groups.value;
  const isReady = inbox.state.value === "ready";
  const newest = groups[0]?.newest ?? "";
  const isSeen = tab === "" && isReady && liveness.value !== "paused";
  useEffect(() => {
    if (isSeen && newest) void markRead(newest);
  }, [isSeen, newest]);
  const error = inbox.error.value;
  const retry = () => void inbox.load();
  if (!groups.length && inbox.state.value === "failed") return html`<${Failed} error=${error} retry=${retry} />`;
  if (!groups.length && !isReady) return html`<${Skeletons} />`;
  if (!groups.length) return html`<${Nothing} tab=${tab ?? "filtered"} />`;
  const dismiss = (/** @type {Group} */ group, /** @type {HTMLElement} */ row) => {
    const next = /** @type {HTMLElement | null} */ (
      (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("article")
    );
    (next ?? list.current)?.focus();
    void inbox.dismiss(group);
  };
  const show = () => {
    inbox.show();
    scrollTo({ top: 0 });
  };
  const count = inbox.pending.value.reduce((sum, each) => sum + each.count, 0);
  return html`<div class="pill" role="status">${count > 0 && html`<button type="button" onClick=${show} aria-keyshortcuts=".">${t("notifications.new", { n: count })}</button>`}</div>
    <section ref=${list} tabindex="-1" class="rows" aria-label=${t("nav.notifications")}>
      ${groups.map((group) => html`<${NotificationRow} key=${group.key} group=${group} dismiss=${dismiss} />`)}
    </section>
    ${error && html`<${Failed} error=${error} retry=${retry} />`}
    <${End} more=${inbox.hasMore.value ? () => void inbox.more() : undefined} busy=${inbox.isGrowing.value} />`;
}

/** @param {{tab: string}} props */
function Nothing({ tab }) {
  const name = tab || "all";
  return html`<${Empty} icon="notifications" title=${t(`notifications.none.${name}`)} words=${t(`notifications.noneWords.${name}`)} />`;
}
