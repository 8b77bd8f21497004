// Home: the composer, and what the people and hashtags that one follows have posted.
import { fewSeconds } from "../clock.js";
import { Top } from "../components/layout.js";
import { Resting } from "../components/resting.js";
import { Empty } from "../components/states.js";
import { hasDraft } from "../drafts.js";
import { t } from "../i18n.js";
import { allowedLifetimes, defaultLifetime } from "../lifetime.js";
import { liveness } from "../live.js";
import { Part } from "../part.js";
import { me } from "../session.js";
import { Stream } from "../stream.js";
import { timelineOf } from "../timeline.js";
import { html, useState } from "../ui.js";

/** The timeline of home, also for keys and the rail. */
export function homeTimeline() {
  return timelineOf("api/v1/timelines/home", { stream: ["user"] });
}

/** Draws home. */
export function Home() {
  return html`<${Top} title=${t("nav.home")} state=${liveness.value} />
    <${Composing} key=${me.value?.id} />
    <${Stream} timeline=${homeTimeline()} label=${t("nav.home")} context="home" takesOwn empty=${html`<${Nothing} />`} />`;
}

/** Draws the composer, which loads when it is touched, or if there is a draft. */
function Composing() {
  const account = me.value;
  const [woken, setWoken] = useState(/** @type {{seconds?: number} | null} */ (null));
  const isAwake = woken || (account && hasDraft(account.id, "new"));
  const seconds = defaultLifetime(account?.source.privacy ?? "public");
  const resting = html`<${Resting} me=${account} seconds=${woken?.seconds ?? seconds} limits=${allowedLifetimes()} now=${fewSeconds.value}
    wake=${(/** @type {number} */ chosen) => setWoken({ seconds: chosen })} />`;
  return isAwake && account
    ? html`<${Part} name="writing" autofocus=${Boolean(woken)} seconds=${woken?.seconds} meanwhile=${resting} />`
    : resting;
}

function Nothing() {
  return html`<${Empty} icon="home" title=${t("home.empty")} words=${t("home.emptyWords")}>
    <a class="plain" href="#/explore">${t("home.find")}</a>
  <//>`;
}
