// A list: what those on it say, and who is on it.
import { ApiError, request } from "../api.js";
import { End, Skeletons } from "../components/feed.js";
import { Field, Tabs } from "../components/forms.js";
import { Icon } from "../components/icon.js";
import { Top } from "../components/layout.js";
import { Person } from "../components/people.js";
import { Empty } from "../components/states.js";
import { t } from "../i18n.js";
import { liveness } from "../live.js";
import { sayFailure } from "../notices.js";
import { openDialog, openMenu } from "../overlays.js";
import { usePages } from "../pages.js";
import { go } from "../router.js";
import { Stream } from "../stream.js";
import { timelineOf } from "../timeline.js";
import { Failed } from "../trouble.js";
import { html, useEffect, useState } from "../ui.js";
import { usePeople } from "./choose-person.js";
import { DeleteList, ListDialog, lists, readLists } from "./list-dialogs.js";

/** @typedef {import("../types.js").Account} Account */
/** @typedef {import("./list-dialogs.js").List} List */

/** @param {{path: string}} props `path`: the id of the list, and "people" after it */
export function ListScreen({ path }) {
  const [id, part = ""] = path.split("/");
  const [error, setError] = useState(/** @type {any} */ (null));
  const load = () => {
    setError(null);
    readLists().catch(setError);
  };
  useEffect(() => {
    if (!lists.peek()) load();
  }, []);
  const list = lists.value?.find((each) => each.id === id);
  const up = () => go("lists");
  if (!list) {
    const missing =
      lists.value !== null &&
      html`<${Empty} icon="lists" title=${t("lists.missing")} words=${t("lists.missingWords")}><a class="plain" href="#/lists">${t("nav.lists")}</a><//>`;
    return html`<${Top} title=${t("nav.lists")} back=${up} />${error ? html`<${Failed} error=${error} retry=${load} />` : missing || html`<${Skeletons} />`}`;
  }
  const tabs = [
    { words: t("lists.messages"), href: `#/lists/${id}`, here: part !== "people" },
    { words: t("lists.people"), href: `#/lists/${id}/people`, here: part === "people" },
  ];
  const more = (/** @type {any} */ event) =>
    openMenu(event.currentTarget, t("lists.more"), [
      { icon: "edit", words: t("lists.change"), act: () => openDialog(ListDialog, { list }) },
      { icon: "delete", words: t("lists.delete"), danger: true, act: () => openDialog(DeleteList, { list }) },
    ]);
  return html`<${Top} title=${list.title} back=${up} state=${part === "people" ? undefined : liveness.value}>
      <button type="button" class="round" aria-haspopup="menu" aria-label=${t("lists.more")} title=${t("lists.more")} onClick=${more}><${Icon} name="more" /></button>
    <//>
    <${Tabs} label=${list.title} tabs=${tabs} />
    ${part === "people" ? html`<${Members} key=${id} list=${list} />` : html`<${Messages} key=${id} list=${list} />`}`;
}

/** @param {{list: List}} props */
function Messages({ list }) {
  const timeline = timelineOf(`api/v1/timelines/list/${list.id}`, { stream: ["list", list.id] });
  const empty = html`<${Empty} icon="lists" title=${t("lists.silent")} words=${t("lists.silentWords")}><a class="plain" href=${`#/lists/${list.id}/people`}>${t("lists.who")}</a><//>`;
  return html`<${Stream} timeline=${timeline} label=${list.title} context="home" empty=${empty} />`;
}

/** Draws who is on a list, below a field to find others. @param {{list: List}} props */
function Members({ list }) {
  const path = `api/v1/lists/${list.id}/accounts`;
  const { items, setItems, error, isBusy, more, retry } = usePages(path);
  const [name, setName] = useState("");
  const { found, problem } = usePeople(name, true);
  const isMember = (/** @type {Account} */ account) => (items ?? []).some((each) => each.id === account.id);
  const flip = async (/** @type {Account} */ account) => {
    const wasMember = isMember(account);
    const without = (/** @type {Account[] | null} */ all) => (all ?? []).filter((each) => each.id !== account.id);
    const put = (/** @type {boolean} */ on) => setItems((all) => (on ? [account, ...without(all)] : without(all)));
    put(!wasMember);
    try {
      await request(wasMember ? "DELETE" : "POST", path, { body: { account_ids: [account.id] } });
      void timelineOf(`api/v1/timelines/list/${list.id}`, { stream: ["list", list.id] }).load();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      put(wasMember);
      sayFailure(wasMember ? "failed.listRemove" : "failed.listAdd", failure);
    }
  };
  const button = (/** @type {Account} */ account) => {
    const isOn = isMember(account);
    const label = t(isOn ? "lists.removeWho" : "lists.addWho", { name: `@${account.acct}` });
    return html`<button type="button" class=${isOn ? "plain" : "primary"} aria-label=${label} onClick=${() => void flip(account)}>${t(isOn ? "lists.remove" : "lists.add")}</button>`;
  };
  const others = (found ?? []).filter((each) => name.trim() || !isMember(each));
  return html`<div class="finder"><${Field} label=${t("lists.find")} hint=${t("lists.findHint")} type="search" value=${name} change=${setName} autocomplete="off" problem=${problem} /></div>
    ${name.trim() && found && !others.length && html`<p class="lead" role="status">${t("lists.nobodyFound")}</p>`}
    ${items && others.length > 0 && html`<section aria-labelledby="list-others"><h2 class="heading" id="list-others">${t(name.trim() ? "lists.found" : "lists.suggested")}</h2>${others.map((each) => html`<${Person} key=${each.id} account=${each} note=${false}>${button(each)}<//>`)}</section>`}
    <section aria-labelledby="list-members"><h2 class="heading" id="list-members">${t("lists.members")}</h2>
      ${!items && !error && html`<${Skeletons} count="3" />`}
      ${items && !items.length && html`<p class="lead">${t("lists.empty")}</p>`}
      ${items?.map((each) => html`<${Person} key=${each.id} account=${each} note=${false}>${button(each)}<//>`)}
      ${error && html`<${Failed} error=${error} retry=${retry} />`}
      ${(more || isBusy) && items && html`<${End} more=${more} busy=${isBusy} />`}
    </section>`;
}
