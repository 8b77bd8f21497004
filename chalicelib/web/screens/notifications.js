// Notifications: what others did, by kind, with requests above them. Below their address are filtered ones and the policy.
import { get } from "../api.js";
import { Tabs } from "../components/forms.js";
import { Icon } from "../components/icon.js";
import { Top } from "../components/layout.js";
import { LinkRow } from "../components/rows.js";
import { Confirm } from "../components/sheet.js";
import { t } from "../i18n.js";
import { dismissAll, inboxOf, TABS, unlessDefect } from "../inbox.js";
import { liveness } from "../live.js";
import { sayFailure } from "../notices.js";
import { openDialog, openMenu } from "../overlays.js";
import { go } from "../router.js";
import { me } from "../session.js";
import { html, useEffect, useState } from "../ui.js";
import { FollowRequests } from "./follow-requests.js";
import { Groups } from "./notification-list.js";
import { NotificationPolicy } from "./notification-policy.js";
import { FilteredFrom, FilteredRequests } from "./notification-requests.js";

/** @param {{params: {part: string}}} props */
export function NotificationsScreen({ params: { part } }) {
  const [place, account] = part.split("/");
  if (place === "follow-requests") return html`<${FollowRequests} />`;
  if (place === "policy") return html`<${NotificationPolicy} />`;
  if (place === "filtered")
    return account ? html`<${FilteredFrom} key=${account} id=${account} />` : html`<${FilteredRequests} />`;
  return html`<${All} tab=${place in TABS ? place : ""} />`;
}

/** @param {{tab: string}} props */
function All({ tab }) {
  const tabs = Object.keys(TABS).map((each) => ({
    words: t(`notifications.tab.${each || "all"}`),
    href: each ? `#/notifications/${each}` : "#/notifications",
    here: each === tab,
  }));
  const inbox = inboxOf(tab);
  const more = (/** @type {any} */ event) =>
    openMenu(event.currentTarget, t("notifications.more"), [
      { icon: "settings", words: t("policy.title"), act: () => go("notifications/policy") },
      { icon: "filter", words: t("filtered.title"), act: () => go("notifications/filtered") },
      { icon: "follow", words: t("requests.title"), act: () => go("notifications/follow-requests") },
      null,
      { icon: "delete", words: t("notifications.clear"), danger: true, act: () => openDialog(Clear) },
    ]);
  return html`<${Top} title=${t("nav.notifications")} state=${liveness.value}>
      <button type="button" class="round" aria-haspopup="menu" aria-label=${t("notifications.more")} title=${t("notifications.more")} onClick=${more}><${Icon} name="more" /></button>
    <//>
    <${Tabs} label=${t("notifications.kinds")} tabs=${tabs} />
    ${(tab === "" || tab === "followers") && html`<${Waiting} />`}
    <${Groups} key=${tab} inbox=${inbox} tab=${tab} />`;
}

/** Draws what waits for an answer: requests to follow, and filtered notifications. */
function Waiting() {
  const [filtered, setFiltered] = useState(0);
  useEffect(() => {
    // Without an answer the row is left out: the list below says what is wrong.
    get("api/v2/notifications/policy").then(({ summary }) => setFiltered(summary.pending_requests_count), unlessDefect);
    get("api/v1/accounts/verify_credentials").then((account) => (me.value = account), unlessDefect);
  }, []);
  const asking = me.value?.source.follow_requests_count ?? 0;
  return html`${asking > 0 && html`<${LinkRow} icon="follow" href="#/notifications/follow-requests" words=${t("requests.title")} hint=${t("requests.waiting", { n: asking })} />`}
    ${filtered > 0 && html`<${LinkRow} icon="filter" href="#/notifications/filtered" words=${t("filtered.title")} hint=${t("filtered.waiting", { n: filtered })} />`}`;
}

/** Asks before all notifications are dismissed. @param {{close: () => void}} props */
function Clear({ close }) {
  const [busy, setBusy] = useState(false);
  const act = async () => {
    setBusy(true);
    await dismissAll().catch((error) => sayFailure("failed.clear", error));
    close();
  };
  return html`<${Confirm} title=${t("notifications.clearTitle")} words=${t("notifications.clearWords")} action=${t("notifications.clearThem")} act=${act} close=${close} busy=${busy} />`;
}
