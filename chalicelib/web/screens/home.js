// Home: the composer, and what the people and hashtags that one follows have posted.
import { Top } from "../components/layout.js";
import { Empty } from "../components/states.js";
import { Writing } from "../composing.js";
import { t } from "../i18n.js";
import { liveness } from "../live.js";
import { instance, me } from "../session.js";
import { Stream } from "../stream.js";
import { timelineOf } from "../timeline.js";
import { html } from "../ui.js";

/** The timeline of home, also for keys and the rail. */
export function homeTimeline() {
  return timelineOf("api/v1/timelines/home", { stream: ["user"] });
}

/** Draws home. */
export function Home() {
  return html`<${Top} title=${t("nav.home")} state=${liveness.value} />
    <div class="writing">${me.value && instance.value && html`<${Writing} key=${me.value.id} />`}</div>
    <${Stream} timeline=${homeTimeline()} label=${t("nav.home")} context="home" takesOwn empty=${html`<${Nothing} />`} />`;
}

function Nothing() {
  return html`<${Empty} icon="home" title=${t("home.empty")} words=${t("home.emptyWords")}>
    <a class="plain" href="#/explore">${t("home.find")}</a>
  <//>`;
}
