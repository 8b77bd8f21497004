// The filters: what a person does not want to see, or only after a warning.
import { get } from "../api.js";
import { serverNow } from "../clock.js";
import { LinkRow } from "../components/rows.js";
import { Empty } from "../components/states.js";
import { moment } from "../components/times.js";
import { t } from "../i18n.js";
import { html } from "../ui.js";
import { Setting, useRead } from "./setting.js";

/** @typedef {{id: string, keyword: string, whole_word: boolean}} Keyword */
/**
 * @typedef {object} Filter
 * @property {string} id
 * @property {string} title
 * @property {string[]} context
 * @property {string | null} expires_at
 * @property {"warn" | "hide"} filter_action
 * @property {Keyword[]} keywords
 * @property {{id: string, status_id: string}[]} statuses
 */

/** Draws the filters. */
export function Filters() {
  const { found, meanwhile } = useRead(() => /** @type {Promise<Filter[]>} */ (get("api/v2/filters")));
  const make = html`<a class="primary" href="#/settings/filters/new">${t("filters.new")}</a>`;
  return html`<${Setting} title=${t("filters.title")} words=${t("filters.words")}>
    ${
      found?.length
        ? html`<section class="group" aria-label=${t("filters.title")}>${found.map((each) => html`<${LinkRow} key=${each.id} icon=${each.filter_action === "hide" ? "hide" : "warning"} words=${each.title} hint=${described(each)} href=${`#/settings/filters/${each.id}`} />`)}</section>
          <p class="after">${make}</p>`
        : meanwhile ||
          html`<${Empty} icon="filter" title=${t("filters.empty")} words=${t("filters.emptyWords")}>${make}<//>`
    }
  <//>`;
}

/** Returns what a filter does, in a line. @param {Filter} filter */
function described({ filter_action, context, keywords, statuses, expires_at }) {
  const now = serverNow();
  const end = expires_at ? Date.parse(expires_at) : 0;
  const ends = end && t(end <= now ? "filters.ended" : "filters.until", { when: moment(end, now) });
  return [
    t(`filters.does.${filter_action}`),
    t("filters.keywords", { n: keywords.length }),
    statuses.length > 0 && t("filters.messages", { n: statuses.length }),
    context.map((each) => t(`filters.in.${each}`)).join(", "),
    ends,
  ]
    .filter(Boolean)
    .join(" · ");
}
