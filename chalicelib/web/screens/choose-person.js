// A dialog to find one person by the beginning of the name.
import { get } from "../api.js";
import { Field } from "../components/forms.js";
import { called, Face } from "../components/person.js";
import { Sheet } from "../components/sheet.js";
import { t } from "../i18n.js";
import { reason } from "../notices.js";
import { me } from "../session.js";
import { putAccount } from "../store.js";
import { html, useEffect, useState } from "../ui.js";

/** @typedef {import("../types.js").Account} Account */

const PAUSE_MS = 250;
const MOST = 8;

/**
 * Finds people by the beginning of their names, once typing pauses. Without a name, finds those whom the person follows.
 *
 * @param {string} name
 * @param {boolean} following whether only those
 * @returns {{found: Account[] | null, problem: string}}
 */
export function usePeople(name, following) {
  const [found, setFound] = useState(/** @type {Account[] | null} */ (null));
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const abort = new AbortController();
    const typed = name.trim().replace(/^@/, "");
    const find = async () => {
      try {
        const query = typed ? { q: typed, limit: MOST, following: following || null } : { limit: MOST };
        const path = typed ? "api/v1/accounts/search" : `api/v1/accounts/${me.peek()?.id}/following`;
        const people = await get(path, query, { signal: abort.signal });
        people.forEach(putAccount);
        setFound(people);
        setProblem("");
      } catch (error) {
        if (!abort.signal.aborted) setProblem(reason(/** @type {any} */ (error)));
      }
    };
    const timer = setTimeout(find, typed ? PAUSE_MS : 0);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [name, following]);
  return { found, problem };
}

/** @param {{title: string, words?: string, choose: (account: Account) => void, close: () => void}} props */
export function ChoosePerson({ title, words, choose, close }) {
  const [name, setName] = useState("");
  const { found, problem } = usePeople(name, false);
  const others = found?.filter((each) => each.id !== me.value?.id);
  const take = (/** @type {Account} */ account) => {
    close();
    choose(account);
  };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (others?.[0]) take(others[0]);
  };
  return html`<${Sheet} title=${title} close=${close}><form class="stack" onSubmit=${submit}>
    ${words && html`<p>${words}</p>`}
    <${Field} label=${t("choose.name")} type="search" value=${name} change=${setName} autocomplete="off" autofocus problem=${problem} />
    <div class="choice-list" role="group" aria-label=${t("search.people")}>
      ${others?.map((each) => html`<button type="button" class="row" key=${each.id} onClick=${() => take(each)}><${Face} account=${each} /><span><b><bdi>${called(each)}</bdi></b><small>@${each.acct}</small></span></button>`)}
    </div>
    <p class="quiet" role="status">${others && !others.length && t(name.trim() ? "choose.nobody" : "choose.begin")}</p>
  </form><//>`;
}
