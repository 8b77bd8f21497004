// The person's lists, and the dialogs to make, change and delete one.
import { get, request } from "../api.js";
import { useAttempt } from "../attempting.js";
import { Choices, Field, Switch } from "../components/forms.js";
import { Confirm, Sheet } from "../components/sheet.js";
import { t } from "../i18n.js";
import { say, sayFailure } from "../notices.js";
import { go, goInstead } from "../router.js";
import { session } from "../session.js";
import { effect, html, signal, useState } from "../ui.js";

/** @typedef {{id: string, title: string, replies_policy: "list" | "followed" | "none", exclusive: boolean}} List */

/** The list that everybody has; it is a place of its own. */
const SOON = "going-soon";
const LONGEST_TITLE = 256;
/** @type {List["replies_policy"][]} */
const POLICIES = ["list", "followed", "none"];

/** The person's lists; null until they are known. */
export const lists = signal(/** @type {List[] | null} */ (null));

effect(() => {
  if (session.value !== "in") lists.value = null;
});

/** Reads the lists. @throws {import("../api.js").ApiError} */
export async function readLists() {
  lists.value = (await get("api/v1/lists")).filter((/** @type {List} */ each) => each.id !== SOON);
}

/** Makes a list, or changes one. @param {{list?: List, close: () => void}} props */
export function ListDialog({ list, close }) {
  const [title, setTitle] = useState(list?.title ?? "");
  const [policy, setPolicy] = useState(list?.replies_policy ?? "list");
  const [exclusive, setExclusive] = useState(list?.exclusive ?? false);
  const { busy, problem, submit } = useAttempt(async () => {
    const body = { title: title.trim(), replies_policy: policy, exclusive };
    const { data } = await request(list ? "PUT" : "POST", list ? `api/v1/lists/${list.id}` : "api/v1/lists", { body });
    const others = lists.peek() ?? [];
    lists.value = list ? others.map((each) => (each.id === data.id ? data : each)) : [...others, data];
    close();
    if (list) say(t("said.saved"));
    else go(`lists/${data.id}/people`);
  });
  const choices = POLICIES.map((each) => ({ value: each, words: t(`lists.replies.${each}`) }));
  return html`<${Sheet} title=${t(list ? "lists.change" : "lists.create")} close=${close} kept=${title !== (list?.title ?? "")}><form class="stack" onSubmit=${submit}>
    <${Field} label=${t("lists.name")} value=${title} change=${setTitle} most=${LONGEST_TITLE} autocomplete="off" autofocus=${!list} problem=${problem} required />
    <${Choices} legend=${t("lists.replies")} value=${policy} change=${setPolicy} choices=${choices} />
    <${Switch} label=${t("lists.exclusive")} hint=${t("lists.exclusiveHint")} on=${exclusive} change=${setExclusive} />
    <div class="choices-row"><button type="button" class="plain" onClick=${close}>${t("sheet.cancel")}</button>
      <button type="submit" class="primary" disabled=${!title.trim()} aria-busy=${String(busy)}>${t(list ? "form.save" : "lists.make")}</button></div>
  </form><//>`;
}

/** Asks before a list is deleted. @param {{list: List, close: () => void}} props */
export function DeleteList({ list, close }) {
  const [busy, setBusy] = useState(false);
  const act = async () => {
    setBusy(true);
    try {
      await request("DELETE", `api/v1/lists/${list.id}`);
      lists.value = (lists.peek() ?? []).filter(({ id }) => id !== list.id);
      close();
      say(t("said.listDeleted", { title: list.title }));
      goInstead("lists");
    } catch (error) {
      close();
      sayFailure("failed.deleteList", error);
    }
  };
  return html`<${Confirm} title=${t("lists.deleteTitle", { title: list.title })} words=${t("lists.deleteWords")} action=${t("lists.delete")} act=${act} close=${close} busy=${busy} />`;
}
