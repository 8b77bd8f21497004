// Lists: a person's own timelines of some of those whom they follow. Below their address is each of them.
import { Skeletons } from "../components/feed.js";
import { Icon } from "../components/icon.js";
import { Top } from "../components/layout.js";
import { LinkRow } from "../components/rows.js";
import { Empty } from "../components/states.js";
import { t } from "../i18n.js";
import { openDialog } from "../overlays.js";
import { Failed } from "../trouble.js";
import { html, useEffect, useState } from "../ui.js";
import { ListScreen } from "./list.js";
import { ListDialog, lists, readLists } from "./list-dialogs.js";

/** @typedef {import("./list-dialogs.js").List} List */

/** @param {{params: {part: string}}} props */
export function Lists({ params: { part } }) {
  return part ? html`<${ListScreen} key=${part.split("/")[0]} path=${part} />` : html`<${AllLists} />`;
}

/** Draws the lists. */
function AllLists() {
  const [error, setError] = useState(/** @type {any} */ (null));
  const load = () => {
    setError(null);
    readLists().catch(setError);
  };
  useEffect(load, []);
  const create = () => openDialog(ListDialog, {});
  const found = lists.value;
  return html`<${Top} title=${t("nav.lists")}>
      <button type="button" class="round" aria-label=${t("lists.create")} title=${t("lists.create")} onClick=${create}><${Icon} name="plus" /></button>
    <//>
    ${error && !found && html`<${Failed} error=${error} retry=${load} />`}
    ${!found && !error && html`<${Skeletons} count="3" />`}
    ${
      found &&
      html`<section aria-label=${t("nav.lists")}>
      ${found.map((each) => html`<${LinkRow} key=${each.id} icon="lists" href=${`#/lists/${each.id}`} words=${each.title} hint=${hintOf(each)} />`)}
      <${LinkRow} icon="hourglass" href="#/soon" words=${t("nav.soon")} hint=${t("lists.soon")} />
    </section>`
    }
    ${found && !found.length && html`<${Empty} icon="lists" title=${t("lists.none")} words=${t("lists.noneWords")}><button type="button" class="primary" onClick=${create}>${t("lists.create")}</button><//>`}`;
}

/** @param {List} list */
function hintOf({ exclusive, replies_policy: policy }) {
  return [t(`lists.replies.${policy}.short`), exclusive && t("lists.exclusive.short")].filter(Boolean).join(" · ");
}
