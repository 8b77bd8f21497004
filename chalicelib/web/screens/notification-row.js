// A row of the notifications: a group of them, or the message that one is about.
import { useNow } from "../clock.js";
import { Slot } from "../components/feed.js";
import { Icon } from "../components/icon.js";
import { NotificationGroup, Sign } from "../components/notification.js";
import { Sheet } from "../components/sheet.js";
import { deeds } from "../deeds.js";
import { isHidden } from "../filtering.js";
import { FollowButton } from "../following.js";
import { t } from "../i18n.js";
import { readBefore, TOLD } from "../inbox.js";
import { openDialog } from "../overlays.js";
import { answerRequest, answers } from "../requests.js";
import { me } from "../session.js";
import { closing, endOf, message, person } from "../store.js";
import { Row } from "../stream.js";
import { html } from "../ui.js";
import { Nobody, PeopleList } from "./people-list.js";

/** @typedef {import("../inbox.js").Group} Group */

const DAY_MS = 86_400_000;

/** @param {{group: Group, dismiss: (group: Group, row: HTMLElement) => void}} props */
export function NotificationRow({ group, dismiss }) {
  const status = message(group.status).value;
  const from = Date.parse(status?.created_at ?? group.at);
  const now = useNow(from, status ? endOf(status) : from + DAY_MS);
  const fresh = readBefore.value !== null && group.newest > readBefore.value;
  const accounts = group.accounts.map(person).filter((each) => each !== undefined);
  const remove = html`<button type="button" class="round dismiss" aria-label=${t("notifications.dismiss")} title=${t("notifications.dismiss")}
    onClick=${(/** @type {any} */ event) => dismiss(group, event.currentTarget.closest(".slot"))}><${Icon} name="close" size="18" /></button>`;
  if (TOLD.has(group.type)) {
    if (!status || isHidden(status, "notifications")) return null;
    const kind = kindOf(group.type, status);
    return html`<${Slot} going=${closing.value.has(group.status)}><div class=${`told${fresh ? " new" : ""}`} data-kind=${group.type}>
      <div class="teller"><${Sign} kind=${kind} size="16" /><p>${t(`event.${kind}`)}</p>
        <span class="aside">${fresh && html`<span class="unseen">${t("nav.new")}</span>`}${remove}</span></div>
      <${Row} id=${group.status} context="notifications" bare=${kind === "reply"} />
    </div><//>`;
  }
  const all = group.count > accounts.length && accounts.length > 1 ? () => openDialog(Everybody, { group }) : undefined;
  return html`<${Slot}><${NotificationGroup} kind=${group.type} accounts=${accounts} count=${group.count} status=${status}
    gone=${group.status !== "" && !status} at=${group.at} now=${now} fresh=${fresh} on=${deeds} words=${group.words} all=${all} aside=${remove}>
    ${buttonsOf(group, accounts)}
  <//><//>`;
}

/** Returns what a mention is besides: a private message, or a reply. @param {string} type @param {import("../types.js").Status} status */
function kindOf(type, status) {
  if (type !== "mention") return type;
  if (status.visibility === "direct") return "direct";
  return status.in_reply_to_account_id === me.value?.id ? "reply" : type;
}

/** @param {Group} group @param {import("../types.js").Account[]} accounts */
function buttonsOf({ type, count }, [first]) {
  if (!first) return null;
  if (type === "follow" && count === 1) return html`<${FollowButton} account=${first} />`;
  return type === "follow_request" ? html`<${AnswerButtons} account=${first} />` : null;
}

/** Draws the buttons to accept and to refuse a request, or how it was answered. @param {{account: import("../types.js").Account}} props */
export function AnswerButtons({ account }) {
  const answer = answers.value.get(account.id);
  if (answer) return html`<p class="quiet" role="status">${t(`requests.answered.${answer}`)}</p>`;
  const name = `@${account.acct}`;
  return html`<button type="button" class="primary" aria-label=${t("requests.authorizeWho", { name })} onClick=${() => void answerRequest(account, "authorize")}>${t("profile.accept")}</button>
    <button type="button" class="plain" aria-label=${t("requests.rejectWho", { name })} onClick=${() => void answerRequest(account, "reject")}>${t("profile.reject")}</button>`;
}

/** Draws everybody who is in a group. @param {{group: Group, close: () => void}} props */
function Everybody({ group, close }) {
  const title = t(`notifications.who.${group.type}`);
  return html`<${Sheet} title=${title} close=${close}>
    <${PeopleList} path=${`api/v2/notifications/${group.key}/accounts`} label=${title} empty=${html`<${Nobody} title="notifications.nobody" />`} />
  <//>`;
}
