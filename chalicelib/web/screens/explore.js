// Explore: a search, what is read and said right now, everybody's messages, people to follow, and followed hashtags.

import { request } from "../api.js";
import { Skeletons } from "../components/feed.js";
import { Tabs } from "../components/forms.js";
import { Top } from "../components/layout.js";
import { Search } from "../components/rail.js";
import { Empty } from "../components/states.js";
import { t } from "../i18n.js";
import { liveness } from "../live.js";
import { usePages } from "../pages.js";
import { go, goBack } from "../router.js";
import { session } from "../session.js";
import { Stream } from "../stream.js";
import { FollowTag, putTags } from "../tags.js";
import { Timeline, timelineOf } from "../timeline.js";
import { Failed } from "../trouble.js";
import { batch, html, useEffect, useMemo, useState } from "../ui.js";
import { Results, TagRow } from "./results.js";
import { Suggestions } from "./suggestions.js";

const FEW_TAGS = 5;
const FEW_PEOPLE = 3;
const MOST_LIKED = 40;

/** @param {{params: {part: string}}} props */
export function Explore({ params: { part } }) {
  const [query, setQuery] = useState("");
  const tab = (/** @type {string} */ name, /** @type {string} */ words) => ({
    words: t(words),
    href: name ? `#/explore/${name}` : "#/explore",
    here: part === name,
  });
  const own = session.value === "in" ? [tab("people", "explore.people"), tab("hashtags", "explore.tags")] : [];
  const tabs = [tab("", "explore.now"), tab("everyone", "explore.everyone"), ...own];
  return html`<${Top} title=${t("nav.explore")} state=${part === "everyone" ? liveness.value : undefined} />
    <${Field} query=${query} change=${setQuery} />
    ${query.trim() ? html`<${Results} query=${query.trim()} />` : html`<${Tabs} label=${t("nav.explore")} tabs=${tabs} /><${Content} part=${part} />`}`;
}

/** @param {{query: string, change: (query: string) => void}} props */
function Field({ query, change }) {
  const search = (/** @type {string} */ text) => text.trim() && go(`search/${encodeURIComponent(text.trim())}`);
  return html`<div class="search-bar"><${Search} id="explore-search" value=${query} change=${change} search=${search} /></div>`;
}

/** @param {{params: {part: string}}} props */
export function SearchScreen({ params: { part } }) {
  const [query, setQuery] = useState(part);
  useEffect(() => setQuery(part), [part]);
  return html`<${Top} title=${t("nav.search")} back=${goBack} />
    <${Field} query=${query} change=${setQuery} />
    ${query.trim() ? html`<${Results} query=${query.trim()} />` : html`<${Empty} icon="explore" title=${t("search.begin")} words=${t("search.beginWords")} />`}`;
}

/** @param {{part: string}} props */
function Content({ part }) {
  const isIn = session.value === "in";
  if (part === "everyone") {
    const empty = html`<${Empty} icon="gone" title=${t("welcome.empty")} />`;
    const timeline = timelineOf("api/v1/timelines/public", { stream: ["public"] });
    return html`<${Stream} key="everyone" timeline=${timeline} label=${t("explore.everyone")} context="public" takesOwn empty=${empty} />`;
  }
  if (part === "people" && isIn) return html`<${Suggestions} />`;
  if (part === "hashtags" && isIn) return html`<${FollowedTags} />`;
  return html`<${Now} />`;
}

/** What people like today, in the order of the favourites. The API counts these pages: it does not say what follows. */
class Liked extends Timeline {
  /** @param {{limit?: number, max_id?: string | null}} query */
  async read({ limit = MOST_LIKED, max_id: cursor }) {
    const offset = Number(cursor ?? 0);
    const { data, previous } = await request("GET", this.path, { query: { limit, offset } });
    return { data, previous, next: data.length === limit ? String(offset + limit) : null };
  }

  /** Reads the beginning again, and keeps what is below it. */
  async poll() {
    if (this.state.peek() !== "ready") return void (await this.load());
    const { data, next } = await this.read({});
    batch(() => {
      const ids = this.take(data);
      const below = this.ids.peek().slice(MOST_LIKED);
      this.ids.value = [...ids, ...below.filter((id) => !ids.includes(id))];
      if (!below.length) this.continueAt(next);
    });
  }
}

/** Draws what most people read and say. */
function Now() {
  const timeline = timelineOf("api/v1/trends/statuses", { kind: Liked });
  const empty = html`<${Empty} icon="trends" title=${t("explore.quiet")} words=${t("explore.quietWords")}>
    <a class="plain" href="#/explore/everyone">${t("explore.seeEveryone")}</a>
  <//>`;
  return html`<${TagsOfTheDay} key=${session.value} />
    ${session.value === "in" && html`<${Suggestions} few=${FEW_PEOPLE} />`}
    <section aria-labelledby="now-messages"><h2 class="heading" id="now-messages">${t("explore.liked")}</h2>
      <${Stream} key="trends" timeline=${timeline} label=${t("explore.liked")} context="public" empty=${empty} /></section>`;
}

/** Draws the hashtags that most people use. */
function TagsOfTheDay() {
  const { items, error, isBusy, more, retry } = usePages("api/v1/trends/tags", undefined, FEW_TAGS);
  const tags = useMemo(() => putTags(items ?? []), [items]);
  if (!items) return error ? html`<${Failed} error=${error} retry=${retry} />` : html`<${Skeletons} count="2" />`;
  if (!items.length) return null;
  return html`<section aria-labelledby="now-tags"><h2 class="heading" id="now-tags">${t("explore.tagsNow")}</h2>
    ${tags.map((name) => html`<${TagRow} key=${name} name=${name} />`)}
    ${error && html`<${Failed} error=${error} retry=${retry} />`}
    ${more && html`<div class="end"><button type="button" class="plain" aria-busy=${String(isBusy)} onClick=${() => isBusy || more()}>${t("people.more")}</button></div>`}
  </section>`;
}

/** Draws the hashtags that the person follows. */
function FollowedTags() {
  const { items, error, isBusy, more, retry } = usePages("api/v1/followed_tags");
  useEffect(() => void putTags(items ?? []), [items]);
  if (!items) return error ? html`<${Failed} error=${error} retry=${retry} />` : html`<${Skeletons} count="3" />`;
  if (!items.length) {
    return html`<${Empty} icon="hashtag" title=${t("explore.noTags")} words=${t("explore.noTagsWords")}><a class="plain" href="#/explore">${t("explore.tagsNow")}</a><//>`;
  }
  return html`<p class="lead">${t("explore.tagsLead")}</p>
    ${items.map(({ name }) => html`<${TagRow} key=${name} name=${name}><${FollowTag} name=${name} /><//>`)}
    ${error && html`<${Failed} error=${error} retry=${retry} />`}
    ${more && html`<div class="end"><button type="button" class="plain" disabled=${isBusy} onClick=${more}>${t("people.more")}</button></div>`}`;
}
