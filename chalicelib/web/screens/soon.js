// Going soon: what is on home and goes within the hour, the soonest first.
import { serverNow } from "../clock.js";
import { Top } from "../components/layout.js";
import { Empty } from "../components/states.js";
import { t } from "../i18n.js";
import { liveness } from "../live.js";
import { endOf, message } from "../store.js";
import { Stream } from "../stream.js";
import { Timeline, timelineOf } from "../timeline.js";
import { batch, html } from "../ui.js";

const FULL = 40;
const HOUR_MS = 3_600_000;

/**
 * A timeline in the order of what goes first. What is new has its place in it at once, and is not behind a pill. What
 * comes into its last hour is at its end, and can wait for the next poll.
 */
class SoonTimeline extends Timeline {
  /** @param {string[]} ids */
  offer(ids) {
    for (const id of ids) {
      const status = message(id).peek();
      const all = this.ids.peek();
      if (!status || endOf(status) > serverNow() + HOUR_MS || all.includes(id)) continue;
      const at = all.findIndex((each) => isAfter(each, endOf(status)));
      if (at >= 0) this.ids.value = [...all.slice(0, at), id, ...all.slice(at)];
      else if (!this.hasMore.peek()) this.ids.value = [...all, id];
    }
  }

  heard() {
    return 0;
  }

  /** Reads the beginning again, and keeps what is below it. */
  async poll() {
    if (this.state.peek() !== "ready") return void (await this.load());
    const { data, next } = await this.read({ limit: FULL });
    const ids = this.take(data);
    const last = message(ids.at(-1) ?? "").peek();
    const below = next && last ? this.ids.peek().filter((id) => !ids.includes(id) && isAfter(id, endOf(last))) : [];
    batch(() => {
      this.ids.value = [...ids, ...below];
      if (!below.length) this.continueAt(next);
    });
  }
}

/** @param {string} id @param {number} end */
function isAfter(id, end) {
  const status = message(id).peek();
  return status !== null && endOf(status) >= end;
}

/** The list of what goes next. */
export function soonTimeline() {
  return timelineOf("api/v1/timelines/list/going-soon", { kind: SoonTimeline, stream: ["user"] });
}

/** Draws Going soon. */
export function GoingSoon() {
  const empty = html`<${Empty} icon="hourglass" title=${t("soon.empty")} words=${t("soon.nothing")} />`;
  return html`<${Top} title=${t("nav.soon")} state=${liveness.value} />
    <p class="lead">${t("soon.lead")}</p>
    <${Stream} timeline=${soonTimeline()} label=${t("nav.soon")} context="home" empty=${empty} />`;
}
