// Requests to follow the person, who accepts or refuses them.
import { End, Skeletons } from "../components/feed.js";
import { Top } from "../components/layout.js";
import { Person } from "../components/people.js";
import { Empty } from "../components/states.js";
import { t } from "../i18n.js";
import { usePages } from "../pages.js";
import { goBack } from "../router.js";
import { me } from "../session.js";
import { Failed } from "../trouble.js";
import { html } from "../ui.js";
import { AnswerButtons } from "./notification-row.js";

/** Draws the requests. Those that are answered stay until the screen is left, so that nothing moves under a finger. */
export function FollowRequests() {
  const { items, error, isBusy, more, retry } = usePages("api/v1/follow_requests");
  return html`<${Top} title=${t("requests.title")} back=${goBack} />
    <p class="lead">${t("requests.lead")}</p>
    <section class="asking" aria-label=${t("requests.title")}>
      ${!items && !error && html`<${Skeletons} count="3" />`}
      ${items && !items.length && html`<${Nobody} />`}
      ${items?.map((each) => html`<${Person} key=${each.id} account=${each}><${AnswerButtons} account=${each} /><//>`)}
      ${error && html`<${Failed} error=${error} retry=${retry} />`}
      ${(more || isBusy) && items && html`<${End} more=${more} busy=${isBusy} />`}
    </section>`;
}

function Nobody() {
  const isLocked = me.value?.locked;
  return html`<${Empty} icon="follow" title=${t("requests.none")} words=${t(isLocked ? "requests.noneLocked" : "requests.noneOpen")}>
    ${!isLocked && html`<a class="plain" href=${`#/@${me.value?.acct}/edit`}>${t("profile.edit")}</a>`}
  <//>`;
}
