// What the person has reported, and what came of it: whether the moderators have decided, and until when they have a copy.
import { get } from "../api.js";
import { serverNow } from "../clock.js";
import { Icon } from "../components/icon.js";
import { Empty } from "../components/states.js";
import { exact } from "../components/times.js";
import { t } from "../i18n.js";
import { html } from "../ui.js";
import { Setting, useRead } from "./setting.js";

/** @typedef {{id: string, created_at: string, action_taken: boolean}} OwnReport */

/** How long a copy of what was reported is kept at most. */
const COPY_MS = 14 * 86_400_000;

/** Draws the list, the newest first. */
export function OwnReports() {
  const { found, meanwhile } = useRead(() => /** @type {Promise<OwnReport[]>} */ (get("api/v1/reports")));
  return html`<${Setting} title=${t("reports.title")} words=${t("reports.words")}>
    ${meanwhile}
    ${found?.length === 0 && html`<${Empty} icon="report" title=${t("reports.none")} words=${t("reports.noneWords")} />`}
    ${found && found.length > 0 && html`<ul class="group" aria-label=${t("reports.title")}>${found.map((each) => html`<${Entry} key=${each.id} report=${each} />`)}</ul>`}
  <//>`;
}

/** @param {{report: OwnReport}} props */
function Entry({ report: { created_at: at, action_taken: isDecided } }) {
  const made = Date.parse(at);
  const end = made + COPY_MS;
  const state = isDecided ? "decided" : end > serverNow() ? "open" : "late";
  return html`<li class="row">
    <span class="sign"><${Icon} name=${isDecided ? "accept" : "hourglass"} size="22" /></span>
    <span><b>${t(`reports.${state}`)}</b><small>${t(`reports.${state}Copy`, { when: exact(end, "medium") })}</small>
      <small><time datetime=${at}>${t("reports.made", { when: exact(made, "medium") })}</time></small></span>
  </li>`;
}
