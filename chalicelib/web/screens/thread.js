// A message in its thread, as a sheet over the screen from which it was opened, which keeps its place.
import { Facts } from "../components/facts.js";
import { Skeletons } from "../components/feed.js";
import { Sheet } from "../components/sheet.js";
import { Empty } from "../components/states.js";
import { Ancestor, Tombstone, Twig } from "../components/thread.js";
import { Writing } from "../composing.js";
import { isHidden } from "../filtering.js";
import { t } from "../i18n.js";
import { hasDraft } from "../kept-drafts.js";
import { watch } from "../live.js";
import { onOwn } from "../own.js";
import { goBack, pathOf } from "../router.js";
import { me, session } from "../session.js";
import { closing, isGone, message } from "../store.js";
import { Living, Row } from "../stream.js";
import { Thread } from "../threads.js";
import { Failed } from "../trouble.js";
import { html, useEffect, useLayoutEffect, useMemo, useRef } from "../ui.js";
import { isListOfMessage, ReactionsSheet } from "./reactions.js";

/** Draws a thread, or one of the lists of its message. @param {{params: {acct: string, id: string, part: string}}} props */
export function ThreadScreen({ params: { id, acct, part } }) {
  return isListOfMessage(part)
    ? html`<${ReactionsSheet} acct=${acct} id=${id} part=${part} />`
    : html`<${ThreadSheet} acct=${acct} id=${id} />`;
}

/** @param {{acct: string, id: string}} props */
function ThreadSheet({ acct, id }) {
  const thread = useMemo(() => new Thread(id), [id]);
  useEffect(() => {
    void thread.load();
    const stops = [watch(/** @type {any} */ (thread)), onOwn((change) => thread.own(change)), thread.end];
    return () => {
      for (const stop of stops) stop();
    };
  }, [thread]);
  return html`<${Sheet} sheet back title=${t("thread.title")} close=${goBack}><${Body} thread=${thread} acct=${acct} /><//>`;
}

/** @param {{thread: Thread, acct: string}} props */
function Body({ thread, acct }) {
  const status = message(thread.id).value;
  const middle = useRef(/** @type {HTMLElement | null} */ (null));
  const isReady = thread.state.value === "ready";
  useLayoutEffect(() => {
    if (isReady && thread.above.peek().length) middle.current?.scrollIntoView({ block: "start", behavior: "instant" });
  }, [isReady]);
  const error = thread.error.value;
  // A reply that is begun survives what it answers.
  const answering = useRef(status);
  answering.current = status ?? answering.current;
  const writing =
    session.value === "in" &&
    answering.current &&
    html`<${Writing} key=${thread.id} task=${{ answering: answering.current }} />`;
  if (isGone(thread.id) || error?.status === 404)
    return html`<${Parted} key="parted" acct=${acct} />${hasDraft(me.value?.id ?? "", `reply:${thread.id}`) && writing}<${Replies} key="replies" thread=${thread} />`;
  if (!status && error) return html`<${Failed} error=${error} retry=${() => thread.load()} />`;
  if (!status) return html`<${Skeletons} count="3" />`;
  return html`
    ${thread.above.value.map((above, index) => html`<${Above} key=${above} id=${above} isCut=${index === 1 && thread.isCutAbove.value} />`)}
    <div key="middle" ref=${middle} class="middle"><${Row} id=${thread.id} here bare=${thread.above.value.length > 0} context="thread"><${Facts} status=${status} /><//></div>
    ${writing}
    ${isReady ? html`<${Replies} key="replies" thread=${thread} />` : html`<${Skeletons} count="2" />`}
  `;
}

/** @param {{id: string, isCut: boolean}} props `isCut`: the server leaves out what is between it and the first message */
function Above({ id, isCut }) {
  const status = message(id).value;
  if (!status) return html`<${Tombstone} />`;
  return html`${isCut && html`<p class="lead"><a href=${`#/${pathOf(status)}`}>${t("thread.cutAbove")}</a></p>`}<${Ancestor} going=${closing.value.has(id)}><${Living} status=${status} bare context="thread" /><//>`;
}

/** @param {{thread: Thread}} props */
function Replies({ thread }) {
  return html`<div class="replies">${thread.below.value.map((row) => html`<${Branch} key=${row.id} row=${row} />`)}</div>
    ${thread.isCutBelow.value && html`<p class="lead">${t("thread.cut")}</p>`}`;
}

/** @param {{row: import("../components/thread.js").Row}} props */
function Branch({ row }) {
  const status = message(row.id).value;
  if (!status && !row.gone) return null;
  if (!row.down && isHidden(status, "thread")) return null;
  return html`<${Twig} row=${row} going=${closing.value.has(row.id) && !row.down}>
    ${status && html`<${Living} status=${status} bare depth=${row.depth} context="thread" />`}
  <//>`;
}

/** Draws the page of a link to a message that is not there any more. @param {{acct: string}} props */
function Parted({ acct }) {
  return html`<${Empty} icon="gone" title=${t("gone.title")} words=${t("gone.words")}>
    <a class="plain" href=${`#/@${acct}`}>${t("gone.more", { name: `@${acct}` })}</a>
  <//>`;
}
