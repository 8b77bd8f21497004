// What a person can do with a message. On devices with a mouse, the actions appear on hover or focus, and at rest only
// the figures are seen; on touch screens they are a row.
import { t } from "../i18n.js";
import { html } from "../ui.js";
import { Icon } from "./icon.js";
import { figure } from "./times.js";

/**
 * Draw one action with its figure.
 * @param {{name: string, icon: string, words: string, count?: number, pressed?: boolean, disabled?: boolean, act: (event: Event) => void}} props
 */
function Action({ name, icon, words, count, pressed, disabled, act }) {
  const label = count ? `${words}, ${figure(count)}` : words;
  return html`<button
    type="button"
    class=${`act ${name}`}
    aria-label=${label}
    title=${words}
    aria-pressed=${pressed === undefined ? undefined : String(pressed)}
    aria-haspopup=${name === "more" ? "menu" : undefined}
    disabled=${disabled}
    onClick=${act}
  ><${Icon} name=${icon} size="20" />${count ? html`<span>${figure(count)}</span>` : null}</button>`;
}

/**
 * Whether a person can boost a message: public ones, and own ones for followers.
 * @param {any} status
 * @param {string} [me] the reader's id
 */
const isBoostable = (status, me) =>
  status.visibility === "public" ||
  status.visibility === "unlisted" ||
  (status.visibility === "private" && status.account.id === me);

/**
 * Draw the actions of a message.
 * @param {{status: any, on: any, me?: string}} props
 */
export function Actions({ status, on, me }) {
  const boostable = isBoostable(status, me);
  const words = boostable ? (status.reblogged ? t("act.unboost") : t("act.boost")) : t("act.notBoostable");
  return html`<footer class="acts" role="group" aria-label=${t("act.group")}>
    <${Action} name="reply" icon="reply" words=${t("act.reply")} count=${status.replies_count} act=${() => on.reply?.(status)} />
    <${Action} name="boost" icon=${boostable ? "boost" : "lock"} words=${words} count=${status.reblogs_count} pressed=${status.reblogged} disabled=${!boostable} act=${(/** @type {Event} */ event) => on.boost?.(status, event.currentTarget)} />
    <${Action} name="favourite" icon="favourite" words=${status.favourited ? t("act.unfavourite") : t("act.favourite")} count=${status.favourites_count} pressed=${status.favourited} act=${() => on.favourite?.(status)} />
    <${Action} name="bookmark" icon="bookmark" words=${status.bookmarked ? t("act.unbookmark") : t("act.bookmark")} pressed=${status.bookmarked} act=${() => on.bookmark?.(status)} />
    <${Action} name="more" icon="more" words=${t("act.more")} act=${(/** @type {Event} */ event) => on.more?.(status, event.currentTarget)} />
  </footer>`;
}

/**
 * Draw a message's figures at rest, quietly and only those that are not zero.
 * @param {{status: any}} props
 */
export function Tally({ status }) {
  const figures = [
    ["reply", status.replies_count, false],
    ["boost", status.reblogs_count, status.reblogged],
    ["favourite", status.favourites_count, status.favourited],
  ].filter(([, count, mine]) => count || mine);
  const kept = status.bookmarked && html`<span class="mine"><${Icon} name="bookmark" size="15" /></span>`;
  if (!figures.length && !kept) return null;
  return html`<p class="tally" aria-hidden="true">
    ${figures.map(([name, count, mine]) => html`<span class=${mine ? `mine ${name}` : name}><${Icon} name=${name} size="15" />${count ? figure(count) : ""}</span>`)}${kept}
  </p>`;
}
