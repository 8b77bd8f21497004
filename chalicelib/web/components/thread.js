// A thread: what a message answers above it, replies nested below it, with lines, and a stone where one is gone.
import { t } from "../i18n.js";
import { html } from "../ui.js";
import { Icon } from "./icon.js";

/**
 * A row of a thread.
 * @typedef {{id: string, status: any, depth: number, rails: number[], down: boolean, gone?: boolean}} Row
 *   `rails`: the depths at which a line passes, because a reply to the message at that depth follows further down;
 *   `down`: whether the row's own replies follow; `gone`: the message is gone, and `status` is null
 */

/**
 * Draw the lines of a row: those that pass, the turn from the message that it answers, and the start of its own.
 * @param {{row: Row}} props
 */
function Rails({ row }) {
  return html`<span class="rails" aria-hidden="true">
    ${row.rails.map((at) => html`<i style=${{ "--at": at }}></i>`)}
    ${row.depth > 0 && html`<i class="turn" style=${{ "--at": row.depth - 1 }}></i>`}
    ${row.down && html`<i class="down" style=${{ "--at": row.depth }}></i>`}
  </span>`;
}

/**
 * Draw a row of a thread around its message, or around the stone of one that is gone.
 * @param {{row: Row, going?: boolean, children?: any}} props
 */
export function Twig({ row, going, children }) {
  const branch = row.depth === 0 ? " branch" : "";
  return html`<div class=${`twig slot${branch}${going ? " going" : ""}`}><${Rails} row=${row} />${row.gone ? html`<${Tombstone} depth=${row.depth} />` : children}</div>`;
}

/**
 * Draw a message above the one that the page is about, with the line that leads down to it.
 * @param {{going?: boolean, children: any}} props
 */
export const Ancestor = ({ going, children }) =>
  html`<div class=${`ancestor slot${going ? " going" : ""}`}><span class="rails" aria-hidden="true"><i></i></span>${children}</div>`;

/**
 * Draw the place of a message that is gone.
 * @param {{depth?: number, words?: string}} props
 */
export const Tombstone = ({ depth = 0, words }) =>
  html`<p class="tombstone" style=${{ "--depth": depth }}><${Icon} name="gone" size="20" />${words ?? t("thread.gone")}</p>`;
