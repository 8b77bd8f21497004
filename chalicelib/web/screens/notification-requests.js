// Notifications that the policy filters, by the accounts that caused them: to accept, to dismiss, or to look at first.
import { get, post } from "../api.js";
import { fewSeconds } from "../clock.js";
import { End, Skeletons } from "../components/feed.js";
import { Top } from "../components/layout.js";
import { Lifetime } from "../components/lifetime.js";
import { Person } from "../components/people.js";
import { Empty } from "../components/states.js";
import { Line } from "../components/words.js";
import { t } from "../i18n.js";
import { inboxOf, unlessDefect } from "../inbox.js";
import { say, sayFailure } from "../notices.js";
import { usePages } from "../pages.js";
import { goBack, goInstead } from "../router.js";
import { message, person, put, putAccount } from "../store.js";
import { Failed } from "../trouble.js";
import { html, useEffect, useMemo, useRef, useState } from "../ui.js";
import { Groups } from "./notification-list.js";

/** @typedef {import("../types.js").Account} Account */
/** @typedef {"accept" | "dismiss"} Deed */

const PATH = "api/v1/notifications/requests";

/** Draws the accounts whose notifications are filtered. */
export function FilteredRequests() {
  const { items, setItems, error, isBusy, more, retry } = usePages(PATH);
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const answer = async (/** @type {any[]} */ those, /** @type {Deed} */ deed) => {
    const before = items;
    const ids = those.map((each) => each.id);
    setItems(before?.filter((each) => !ids.includes(each.id)) ?? null);
    list.current?.focus();
    try {
      await post(`${PATH}/${deed}`, { id: ids });
      say(t(`said.filtered.${deed}`, { n: ids.length }));
    } catch (failure) {
      setItems(before);
      sayFailure("failed.filtered", failure);
    }
  };
  return html`<${Top} title=${t("filtered.title")} back=${goBack} />
    <p class="lead">${t("filtered.lead")} <a href="#/notifications/policy">${t("filtered.change")}</a></p>
    <section ref=${list} tabindex="-1" aria-label=${t("filtered.title")}>
      ${!items && !error && html`<${Skeletons} count="3" />`}
      ${items && !items.length && html`<${Empty} icon="filter" title=${t("filtered.none")} words=${t("filtered.noneWords")} />`}
      ${items && items.length > 1 && html`<p class="all-of-them"><button type="button" class="plain" onClick=${() => void answer(items, "accept")}>${t("filtered.acceptAll")}</button><button type="button" class="plain" onClick=${() => void answer(items, "dismiss")}>${t("filtered.dismissAll")}</button></p>`}
      ${items?.map((each) => html`<${Request} key=${each.id} request=${each} answer=${(/** @type {Deed} */ deed) => void answer([each], deed)} />`)}
      ${error && html`<${Failed} error=${error} retry=${retry} />`}
      ${(more || isBusy) && items && html`<${End} more=${more} busy=${isBusy} />`}
    </section>`;
}

/** @param {{request: any, answer: (deed: Deed) => void}} props */
function Request({ request, answer }) {
  useMemo(() => {
    putAccount(request.account);
    if (request.last_status) put(request.last_status);
  }, [request]);
  const { account } = request;
  return html`<div class="request"><${Person} account=${account} note=${false} />
    <div class="request-more">
      <a class="line" href=${`#/notifications/filtered/${account.id}`}><${Last} status=${request.last_status} count=${Number(request.notifications_count)} /></a>
      <div class="actions"><${Buttons} account=${account} answer=${answer} /></div>
    </div></div>`;
}

/** @param {{status: any, count: number}} props */
function Last({ status, count }) {
  const shown = message(status?.id ?? "").value;
  return html`<b>${t("filtered.count", { n: count })}</b>${shown && html`<span class="about"><span class="line">${shown.spoiler_text || html`<${Line} markup=${shown.content} lang=${shown.language} />`}</span><${Lifetime} status=${shown} now=${fewSeconds.value} brief /></span>`}`;
}

/** @param {{account: Account, answer: (deed: Deed) => void}} props */
const Buttons = ({ account, answer }) => {
  const name = `@${account.acct}`;
  return html`<button type="button" class="primary" aria-label=${t("filtered.acceptWho", { name })} onClick=${() => answer("accept")}>${t("filtered.accept")}</button>
    <button type="button" class="plain" aria-label=${t("filtered.dismissWho", { name })} onClick=${() => answer("dismiss")}>${t("filtered.dismiss")}</button>`;
};

/** Draws the filtered notifications of one account. @param {{id: string}} props */
export function FilteredFrom({ id }) {
  const [account, setAccount] = useState(/** @type {Account | null} */ (person(id) ?? null));
  useEffect(() => {
    if (!account) get(`api/v1/accounts/${id}`).then(setAccount, unlessDefect);
  }, []);
  const answer = async (/** @type {Deed} */ deed) => {
    try {
      await post(`${PATH}/${id}/${deed}`);
      say(t(`said.filtered.${deed}`, { n: 1 }));
      goInstead("notifications/filtered");
    } catch (failure) {
      sayFailure("failed.filtered", failure);
    }
  };
  return html`<${Top} title=${account ? `@${account.acct}` : t("filtered.title")} back=${goBack} />
    ${account && html`<p class="all-of-them"><${Buttons} account=${account} answer=${answer} /></p>`}
    <${Groups} inbox=${inboxOf("", id)} />`;
}
