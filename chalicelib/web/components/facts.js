// What the detail view of a message adds: its exact times, who can see it, and its figures.
import { t } from "../i18n.js";
import { html } from "../ui.js";
import { Icon } from "./icon.js";
import { address } from "./message.js";
import { exact } from "./times.js";

/**
 * Draw the exact times of a message, who can see it, and its figures: the detail view.
 * @param {{status: any}} props
 */
export function Facts({ status }) {
  const base = address(status);
  const lists = [
    ["reblogs_count", "boosts", "boosts"],
    ["quotes_count", "quotes", "quotes"],
    ["favourites_count", "favourites", "favourites"],
  ].filter(([count]) => status[count]);
  return html`<div class="facts">
    <p><time datetime=${status.created_at}>${exact(Date.parse(status.created_at), "medium")}</time> · ${t(`visibility.${status.visibility}`)}${status.application && html` · ${status.application.name}`}</p>
    ${status.edited_at && html`<p>${t("message.editedAt", { when: exact(Date.parse(status.edited_at), "medium") })}</p>`}
    <p class="until"><${Icon} name="hourglass" size="16" />${t("life.exactly", { when: exact(Date.parse(status.pleroma.expires_at), "medium") })}</p>
    ${lists.length > 0 && html`<p class="counts">${lists.map(([count, path, word]) => html`<a href=${`${base}/${path}`}>${t(`count.${word}`, { n: status[count] })}</a>`)}</p>`}
  </div>`;
}
