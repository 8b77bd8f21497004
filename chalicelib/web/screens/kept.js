// What a person keeps for themselves: bookmarks, favourites, and what is posted later.
import { Tabs } from "../components/forms.js";
import { Top } from "../components/layout.js";
import { Empty } from "../components/states.js";
import { t } from "../i18n.js";
import { Stream } from "../stream.js";
import { Timeline, timelineOf } from "../timeline.js";
import { batch, html } from "../ui.js";
import { Scheduled } from "./scheduled.js";

/** A list in the order in which messages were put on it, which their ids do not tell. */
class KeptTimeline extends Timeline {
  /** Reads the beginning again, and keeps what is below it. */
  async poll() {
    if (this.state.peek() !== "ready") return void (await this.load());
    const { data, next } = await this.read({ limit: 20 });
    const ids = this.take(data);
    const end = this.ids.peek().indexOf(ids.at(-1) ?? "");
    const below = next && end >= 0 ? this.ids.peek().slice(end + 1) : [];
    batch(() => {
      this.ids.value = [...ids, ...below.filter((id) => !ids.includes(id))];
      if (!below.length) this.continueAt(next);
    });
  }
}

/** The tabs; the first is at the address of the screen. */
const TABS_OF_KEPT = ["bookmarks", "favourites", "scheduled"];

/** @param {{params: {part: string}}} props */
export function KeptScreen({ params: { part } }) {
  const name = TABS_OF_KEPT.includes(part) ? part : "bookmarks";
  const tabs = TABS_OF_KEPT.map((each, index) => ({
    words: t(`kept.${each}`),
    href: index ? `#/bookmarks/${each}` : "#/bookmarks",
    here: each === name,
  }));
  return html`<${Top} title=${t(`kept.${name}`)} />
    <${Tabs} label=${t("kept.which")} tabs=${tabs} />
    <p class="lead">${t(`kept.${name}.lead`)}</p>
    ${name === "scheduled" ? html`<${Scheduled} />` : html`<${Kept} key=${name} name=${name} />`}`;
}

/** @param {{name: string}} props */
function Kept({ name }) {
  const empty = html`<${Empty} icon=${name === "bookmarks" ? "bookmark" : "favourite"} title=${t(`kept.${name}.none`)} words=${t(`kept.${name}.noneWords`)}>
    <a class="plain" href="#/home">${t("gone.home")}</a><//>`;
  const timeline = timelineOf(`api/v1/${name}`, { kind: KeptTimeline });
  return html`<${Stream} timeline=${timeline} label=${t(`kept.${name}`)} context="kept" empty=${empty} />`;
}
