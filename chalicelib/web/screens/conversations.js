// Conversations: the direct messages with the same people. One opens as a thread.
import { useNow } from "../clock.js";
import { End, Skeletons, Slot } from "../components/feed.js";
import { Icon } from "../components/icon.js";
import { Top } from "../components/layout.js";
import { called } from "../components/person.js";
import { Conversation } from "../components/rows.js";
import { Empty } from "../components/states.js";
import { correspondence, markConversation, removeConversation } from "../correspondence.js";
import { t } from "../i18n.js";
import { liveness, watch } from "../live.js";
import { openDialog, openMenu, write } from "../overlays.js";
import { onOwn } from "../own.js";
import { pathOf } from "../router.js";
import { closing, endOf, message } from "../store.js";
import { Failed } from "../trouble.js";
import { html, useEffect } from "../ui.js";
import { ChoosePerson } from "./choose-person.js";

/** @typedef {import("../correspondence.js").Correspondence} Correspondence */

/** How long it takes until a message is in the lists of conversations. */
const DELIVERY_MS = 1500;

/** Asks to whom to write, and opens the composer for them alone. */
function begin() {
  const choose = (/** @type {import("../types.js").Account} */ account) =>
    write({ start: { text: `@${account.acct} `, visibility: "direct" } });
  openDialog(ChoosePerson, { title: t("conversations.whom"), words: t("conversations.whomWords"), choose });
}

/** Reads the list again once an own private message is posted. @param {import("../own.js").Change} change */
function noteOwn({ before, status }) {
  if (before && status?.visibility === "direct") setTimeout(() => void correspondence.load(), DELIVERY_MS);
}

/** Draws the list of conversations. */
export function Conversations() {
  const { items, state, error, next, isGrowing } = correspondence;
  useEffect(() => {
    void correspondence.load();
    const stops = [watch(/** @type {any} */ (correspondence)), onOwn(noteOwn)];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  const retry = () => void correspondence.load();
  const list = items.value;
  return html`<${Top} title=${t("nav.conversations")} state=${liveness.value}>
      <button type="button" class="round" aria-label=${t("conversations.begin")} title=${t("conversations.begin")} onClick=${begin}><${Icon} name="write" size="22" /></button>
    <//>
    <section aria-label=${t("nav.conversations")} tabindex="-1" class="rows">
      ${!list.length && state.value === "new" && html`<${Skeletons} count="4" />`}
      ${!list.length && state.value === "ready" && html`<${Empty} icon="conversations" title=${t("conversations.none")} words=${t("conversations.noneWords")}><button type="button" class="primary" onClick=${begin}>${t("conversations.begin")}</button><//>`}
      ${list.map((each) => html`<${Line} key=${each.id} conversation=${each} />`)}
      ${error.value && html`<${Failed} error=${error.value} retry=${retry} />`}
      ${list.length > 0 && html`<${End} more=${next.value ? () => void correspondence.more() : undefined} busy=${isGrowing.value} words=${t("conversations.end")} />`}
    </section>`;
}

/** @param {{conversation: Correspondence}} props */
function Line({ conversation }) {
  const last = message(conversation.last_status.id).value;
  const now = useNow(Date.parse(conversation.last_status.created_at), endOf(conversation.last_status));
  if (!last) return null;
  const names = conversation.accounts.map(called).join(", ");
  const open = () => conversation.unread && void markConversation(conversation.id, false);
  const more = (/** @type {any} */ event) => {
    const row = /** @type {HTMLElement} */ (event.currentTarget);
    const neighbour = /** @type {HTMLElement | null} */ (
      (row.closest(".slot")?.nextElementSibling ?? row.closest(".slot")?.previousElementSibling)?.querySelector("a")
    );
    const words = t(conversation.unread ? "conversations.read" : "conversations.unread");
    const mark = () => void markConversation(conversation.id, !conversation.unread);
    const remove = () => {
      (neighbour ?? /** @type {HTMLElement | null} */ (document.querySelector("main h1")))?.focus();
      void removeConversation(conversation);
    };
    openMenu(row, t("conversations.more", { name: names }), [
      { icon: conversation.unread ? "accept" : "notifications", words, act: mark },
      { icon: "delete", words: t("conversations.remove"), hint: t("conversations.removeHint"), act: remove },
    ]);
  };
  return html`<${Slot} going=${closing.value.has(last.id)}><div class="with-more" onClick=${open}>
    <${Conversation} conversation=${{ ...conversation, last_status: last }} now=${now} href=${`#/${pathOf(last)}`} />
    <button type="button" class="round" aria-haspopup="menu" aria-label=${t("conversations.more", { name: names })} onClick=${(/** @type {Event} */ event) => (event.stopPropagation(), more(event))}><${Icon} name="more" size="22" /></button>
  </div><//>`;
}
