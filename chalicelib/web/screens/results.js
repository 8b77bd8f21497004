// What a search has found.
import { Skeletons } from "../components/feed.js";
import { Person } from "../components/people.js";
import { Hashtag } from "../components/rows.js";
import { Empty } from "../components/states.js";
import { FollowButton } from "../following.js";
import { t } from "../i18n.js";
import { useSearch } from "../searching.js";
import { session } from "../session.js";
import { message } from "../store.js";
import { Row } from "../stream.js";
import { FollowTag, hashtag } from "../tags.js";
import { Failed } from "../trouble.js";
import { html, useState } from "../ui.js";

/** @typedef {import("../searching.js").Kind} Kind */

/** Draws a hashtag that is known. @param {{name: string, children?: any}} props */
export function TagRow({ name, children }) {
  const tag = hashtag(name).value;
  return tag && html`<${Hashtag} tag=${tag}>${children}<//>`;
}

/** @param {{query: string}} props */
export function Results({ query }) {
  const [following, setFollowing] = useState(false);
  const { found, error, isBusy, more, retry } = useSearch(query, following);
  const statuses = (found?.statuses ?? []).filter((id) => message(id).value);
  const count = found ? found.accounts.length + found.hashtags.length + statuses.length : 0;
  return html`<p class="unseen" role="status">${found && !isBusy && t("search.found", { n: count })}</p>
    ${session.value === "in" && html`<div class="chips search-choice"><button type="button" class="chip" aria-pressed=${String(following)} onClick=${() => setFollowing(!following)}><span>${t("search.following")}</span></button></div>`}
    ${error && html`<${Failed} error=${error} retry=${retry} />`}
    ${!found && !error && html`<${Skeletons} count="3" />`}
    ${found && !isBusy && !error && !count && html`<${Empty} icon="explore" title=${t("search.none", { query: found.query })} words=${t(following ? "search.noneFollowed" : "search.noneWords")} />`}
    ${found && count > 0 && html`<${Lists} found=${found} statuses=${statuses} isBusy=${isBusy} more=${more} />`}`;
}

/** @param {{found: import("../searching.js").Found, statuses: string[], isBusy: boolean, more: (kind: Kind) => void}} props */
function Lists({ found, statuses, isBusy, more }) {
  const furtherOf = (/** @type {Kind} */ kind) =>
    found.hasMore[kind] &&
    html`<div class="end"><button type="button" class="plain" disabled=${isBusy} onClick=${() => more(kind)}>${t("people.more")}</button></div>`;
  return html`<div class=${isBusy ? "stale" : ""} aria-busy=${String(isBusy)}>
    ${statuses.length > 0 && html`<section aria-labelledby="found-messages"><h2 class="heading" id="found-messages">${t("search.messages")}</h2>${statuses.map((id) => html`<${Row} key=${id} id=${id} context="public" />`)}</section>`}
    ${found.accounts.length > 0 && html`<section aria-labelledby="found-people"><h2 class="heading" id="found-people">${t("search.people")}</h2>${found.accounts.map((each) => html`<${Person} key=${each.id} account=${each}><${FollowButton} account=${each} /><//>`)}${furtherOf("accounts")}</section>`}
    ${found.hashtags.length > 0 && html`<section aria-labelledby="found-tags"><h2 class="heading" id="found-tags">${t("search.tags")}</h2>${found.hashtags.map((name) => html`<${TagRow} key=${name} name=${name}><${FollowTag} name=${name} /><//>`)}${furtherOf("hashtags")}</section>`}
  </div>`;
}
