// A message in its thread, as a sheet over the screen from which it was opened, which keeps its place.
import { Sheet } from "../sheet.js";
import { Skeletons } from "../components/feed.js";
import { Icon } from "../components/icon.js";
import { Writing } from "../composing.js";
import { t } from "../i18n.js";
import { watch } from "../live.js";
import { goBack } from "../router.js";
import { onOwn } from "../sending.js";
import { session } from "../session.js";
import { isGone, message } from "../store.js";
import { Row } from "../stream.js";
import { Thread } from "../threads.js";
import { Trouble } from "../trouble.js";
import { html, useEffect, useLayoutEffect, useMemo, useRef } from "../ui.js";

/** @param {{params: {acct: string, id: string}}} props */
export function ThreadScreen({ params: { id, acct } }) {
  const thread = useMemo(() => new Thread(id), [id]);
  useEffect(() => {
    void thread.load();
    const stops = [watch(/** @type {any} */ (thread)), onOwn((change) => thread.own(change)), thread.end];
    return () => stops.forEach((stop) => stop());
  }, [thread]);
  return html`<${Sheet} title=${t("thread.title")} close=${goBack}><${Body} thread=${thread} acct=${acct} /><//>`;
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
  if (isGone(thread.id) || error?.status === 404) return html`<${Gone} acct=${acct} /><${Replies} thread=${thread} />`;
  if (!status && error) return html`<${Trouble} error=${error} retry=${() => thread.load()} />`;
  if (!status) return html`<${Skeletons} count="3" />`;
  return html`
    ${thread.above.value.map((node) => html`<${ThreadNode} key=${node.id} node=${node} />`)}
    <div ref=${middle} class="middle"><${Row} id=${thread.id} here bare=${thread.above.value.length > 0} context="thread" /></div>
    ${session.value === "in" && html`<${Writing} key=${thread.id} task=${{ answering: status }} />`}
    ${isReady ? html`<${Replies} thread=${thread} />` : html`<${Skeletons} count="2" />`}
  `;
}

/** @param {{thread: Thread}} props */
function Replies({ thread }) {
  return html`<div class="replies">
    ${thread.below.value.map((node) => html`<${ThreadNode} key=${node.id} node=${node} />`)}
  </div>`;
}

/** @param {{node: import("../threads.js").Node}} props */
function ThreadNode({ node: { id, depth, isGone: hasLeft } }) {
  if (hasLeft) return html`<p class="tombstone" style=${{ "--depth": depth }}><${Icon} name="gone" size="18" />${t("thread.gap")}</p>`;
  return html`<${Row} id=${id} bare depth=${depth} context="thread" />`;
}

/** The page of a link to a message that is not there any more. @param {{acct: string}} props */
function Gone({ acct }) {
  return html`<div class="state gone" role="status">
    <${Icon} name="gone" size="32" />
    <h2>${t("thread.gone")}</h2>
    <p>${t("thread.goneWhy")}</p>
    <p><a href=${`#/@${acct}`}>${t("thread.more", { name: `@${acct}` })}</a></p>
  </div>`;
}
