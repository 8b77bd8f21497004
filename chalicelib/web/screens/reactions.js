// Who favourited or boosted a message, and what quotes it: a sheet over the thread from which it was opened.
import { End, Skeletons } from "../components/feed.js";
import { Tabs } from "../components/forms.js";
import { Sheet } from "../components/sheet.js";
import { Empty } from "../components/states.js";
import { t } from "../i18n.js";
import { usePages } from "../pages.js";
import { goBack } from "../router.js";
import { session } from "../session.js";
import { isGone, putAll } from "../store.js";
import { Row } from "../stream.js";
import { Failed } from "../trouble.js";
import { html, useMemo } from "../ui.js";
import { Nobody, PeopleList } from "./people-list.js";

/** The lists of a message, by their names in addresses: the end of each path of the API. @type {Record<string, string>} */
const LISTS = { favourites: "favourited_by", boosts: "reblogged_by", quotes: "quotes" };
const ICONS = { favourites: "favourite", boosts: "boost", quotes: "quote" };

/** Returns whether a part of a message's address is one of its lists. @param {string} part */
export const isListOfMessage = (part) => part in LISTS;

/** @param {{acct: string, id: string, part: string}} props */
export function ReactionsSheet({ acct, id, part }) {
  const tabs = Object.keys(LISTS).map((each) => ({
    words: t(`reactions.${each}`),
    href: `#/@${acct}/${id}/${each}`,
    here: each === part,
  }));
  return html`<${Sheet} sheet back title=${t("reactions.title")} close=${goBack}>
    ${isGone(id) ? html`<${Empty} icon="gone" title=${t("gone.title")} words=${t("gone.words")} />` : html`<${Tabs} label=${t("reactions.title")} tabs=${tabs} /><${List} key=${part} id=${id} part=${part} />`}
  <//>`;
}

/** @param {{id: string, part: string}} props */
function List({ id, part }) {
  const path = `api/v1/statuses/${id}/${LISTS[part]}`;
  if (part === "quotes" && session.value !== "in") return html`<${Empty} icon="lock" title=${t("session.needed")} />`;
  if (part === "quotes") return html`<${Quotes} path=${path} />`;
  const empty = html`<${Nobody} icon=${ICONS[/** @type {"boosts"} */ (part)]} title=${`reactions.no.${part}`} words="reactions.noWords" />`;
  return html`<${PeopleList} path=${path} label=${t(`reactions.${part}`)} empty=${empty} />`;
}

/** @param {{path: string}} props */
function Quotes({ path }) {
  const { items, error, isBusy, more, retry } = usePages(path);
  const ids = useMemo(() => putAll(items ?? []), [items]);
  if (!items) return error ? html`<${Failed} error=${error} retry=${retry} />` : html`<${Skeletons} count="3" />`;
  if (!ids.some((each) => !isGone(each)))
    return html`<${Empty} icon="quote" title=${t("reactions.no.quotes")} words=${t("reactions.noWords")} />`;
  return html`<section aria-label=${t("reactions.quotes")}>${ids.map((each) => html`<${Row} key=${each} id=${each} context="thread" />`)}</section>
    ${error && html`<${Failed} error=${error} retry=${retry} />`}
    ${(more || isBusy) && html`<${End} more=${more} busy=${isBusy} />`}`;
}
