// People whom one might follow.
import { get, request } from "../api.js";
import { Skeletons } from "../components/feed.js";
import { Icon } from "../components/icon.js";
import { Person } from "../components/people.js";
import { Empty } from "../components/states.js";
import { FollowButton } from "../following.js";
import { t } from "../i18n.js";
import { sayFailure } from "../notices.js";
import { Failed } from "../trouble.js";
import { html, useEffect, useState } from "../ui.js";

/** @typedef {{sources: string[], account: import("../types.js").Account}} Suggested */

/** @param {{few?: number}} props `few`: how many to show, with a link to all of them */
export function Suggestions({ few }) {
  const [list, setList] = useState(/** @type {Suggested[] | null} */ (null));
  const [error, setError] = useState(/** @type {any} */ (null));
  const load = () => {
    setError(null);
    get("api/v2/suggestions", { limit: few && few + 1 }).then(setList, setError);
  };
  useEffect(load, []);
  const dismissed = async (/** @type {Suggested} */ suggested) => {
    setList(list?.filter((each) => each !== suggested) ?? null);
    try {
      await request("DELETE", `api/v1/suggestions/${suggested.account.id}`);
    } catch (failure) {
      setList(list);
      sayFailure("failed.dismiss", failure);
    }
  };
  if (error) return few ? null : html`<${Failed} error=${error} retry=${load} />`;
  if (!list) return html`<${Skeletons} count=${few ?? 4} />`;
  const rows = list
    .slice(0, few)
    .map(
      (each) => html`<${Suggestion} key=${each.account.id} suggested=${each} dismiss=${() => void dismissed(each)} />`,
    );
  if (few) {
    return (
      rows.length > 0 &&
      html`<section aria-labelledby="now-people"><h2 class="heading" id="now-people">${t("explore.meet")}${list.length > few && html`<a href="#/explore/people">${t("explore.all")}</a>`}</h2>${rows}</section>`
    );
  }
  if (!rows.length)
    return html`<${Empty} icon="person" title=${t("explore.nobody")} words=${t("explore.nobodyWords")} />`;
  return html`<p class="lead">${t("explore.peopleLead")}</p>${rows}`;
}

/** @param {{suggested: Suggested, dismiss: () => void}} props */
function Suggestion({ suggested: { account, sources }, dismiss }) {
  const words = t("explore.dismiss", { name: `@${account.acct}` });
  return html`<div class="suggestion">
    <p class="above">${t(`explore.why.${sources[0]}`)}</p>
    <${Person} account=${account}>
      <button type="button" class="round" aria-label=${words} title=${words} onClick=${dismiss}><${Icon} name="close" size="20" /></button>
      <${FollowButton} account=${account} />
    <//>
  </div>`;
}
