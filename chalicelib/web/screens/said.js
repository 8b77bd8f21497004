// What a person has said, with what they have pinned above it.
import { Feed } from "../components/feed.js";
import { Empty } from "../components/states.js";
import { t } from "../i18n.js";
import { isOwn, messagesOf, pinnedAbove } from "../profiles.js";
import { Row, Stream } from "../stream.js";
import { html } from "../ui.js";

/** @typedef {import("../types.js").Account} Account */
/** @typedef {import("../types.js").Relationship} Relationship */

/** @param {{account: Account, relation: Relationship | null, replies: boolean, tagged?: string}} props */
export function Said({ account, relation, replies, tagged }) {
  const timeline = messagesOf(account.id, { replies, tagged });
  const pinned = pinnedAbove(timeline);
  const empty = pinned.length ? null : html`<${Silence} account=${account} relation=${relation} tagged=${tagged} />`;
  return html`${tagged && html`<p class="lead">${t("profile.tagged", { name: `@${account.acct}`, tag: tagged })} <a href=${`#/tags/${encodeURIComponent(tagged)}`}>${t("profile.taggedAll")}</a></p>`}
    ${pinned.length > 0 && html`<${Feed} label=${t("profile.pinned")}>${pinned.map((id) => html`<${Row} key=${id} id=${id} context="account" pinned />`)}<//>`}
    <${Stream} timeline=${timeline} label=${t("profile.messages")} context="account" takesOwn=${isOwn(account) && !tagged} empty=${empty} />`;
}

/** Draws why there is nothing, and what to do. @param {{account: Account, relation: Relationship | null, tagged?: string}} props */
function Silence({ account, relation, tagged }) {
  const name = `@${account.acct}`;
  if (isOwn(account)) {
    const words = tagged ? undefined : t("profile.silentOwnWords");
    return html`<${Empty} icon="write" title=${t("profile.silentOwn")} words=${words} />`;
  }
  if (relation?.blocking) return html`<${Empty} icon="block" title=${t("profile.blockedWords")} />`;
  const isPrivate = account.locked && !relation?.following;
  return html`<${Empty} icon=${isPrivate ? "lock" : "gone"} title=${t("profile.silent")} words=${isPrivate ? t("profile.silentLocked", { name }) : t("profile.silentWords", { name })} />`;
}
