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

/** @param {string} here */
function tabsOf(here) {
  return ["bookmarks", "favourites", "scheduled"].map((each) => ({
    words: t(`kept.${each}`),
    href: `#/${each}`,
    here: each === here,
  }));
}

/** @param {{name: "bookmarks" | "favourites"}} props */
function Kept({ name }) {
  const empty = html`<${Empty} icon=${name === "bookmarks" ? "bookmark" : "favourite"} title=${t(`kept.${name}.none`)} words=${t(`kept.${name}.noneWords`)}>
    <a class="plain" href="#/home">${t("gone.home")}</a><//>`;
  return html`<${Frame} name=${name}>
    <${Stream} key=${name} timeline=${timelineOf(`api/v1/${name}`, { kind: KeptTimeline })} label=${t(`kept.${name}`)} context="kept" empty=${empty} /><//>`;
}

/** @param {{name: string, children: any}} props */
const Frame = ({ name, children }) => html`<${Top} title=${t(`kept.${name}`)} />
  <${Tabs} label=${t("kept.which")} tabs=${tabsOf(name)} />
  <p class="lead">${t(`kept.${name}.lead`)}</p>
  ${children}`;

/** Draws the bookmarks. */
export const Bookmarks = () => html`<${Kept} key="bookmarks" name="bookmarks" />`;

/** Draws the favourites. */
export const Favourites = () => html`<${Kept} key="favourites" name="favourites" />`;

/** Draws the messages that are posted later. */
export const Later = () => html`<${Frame} name="scheduled"><${Scheduled} /><//>`;
