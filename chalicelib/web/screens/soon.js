// Going soon: what is on home and goes within the hour, the soonest first.
import { Top } from "../components/layout.js";
import { Empty } from "../components/states.js";
import { t } from "../i18n.js";
import { liveness } from "../live.js";
import { Stream } from "../stream.js";
import { timelineOf } from "../timeline.js";
import { html } from "../ui.js";

/** The list of what goes next. */
export function soonTimeline() {
  return timelineOf("api/v1/timelines/list/going-soon", { soonest: true });
}

/** Draws Going soon. */
export function GoingSoon() {
  const empty = html`<${Empty} icon="hourglass" title=${t("soon.empty")} words=${t("soon.nothing")} />`;
  return html`<${Top} title=${t("nav.soon")} state=${liveness.value} />
    <p class="lead">${t("soon.lead")}</p>
    <${Stream} timeline=${soonTimeline()} label=${t("nav.soon")} context="home" empty=${empty} />`;
}
