// The button to follow a person, wherever people are shown.
import { Follow } from "./components/people.js";
import { t } from "./i18n.js";
import { say } from "./notices.js";
import { openDialog } from "./overlays.js";
import { needRelation, relateTo, relationWith } from "./relations.js";
import { Entering } from "./screens/entering.js";
import { me, session } from "./session.js";
import { html, useEffect } from "./ui.js";

/** @typedef {import("./types.js").Account} Account */

/** What somebody who is not logged in is to everybody. */
const STRANGER = { following: false, requested: false, followed_by: false };

/** Follows an account, or asks to. @param {Account} account */
export function follow(account) {
  return relateTo(account, "follow", { shown: account.locked ? { requested: true } : { following: true } });
}

/** Ends a follow, or takes the request back, and offers to undo that. @param {Account} account */
export async function unfollow(account) {
  const wasFollowing = relationWith(account.id).peek()?.following;
  const shown = { following: false, requested: false, notifying: false, endorsed: false };
  if (!(await relateTo(account, "unfollow", { shown }))) return;
  const words = t(wasFollowing ? "said.unfollow" : "said.unrequest", { name: `@${account.acct}` });
  say(words, { action: t("act.undo"), act: () => void follow(account) });
}

/** Draws the button; a blocked account can be unblocked in its place. @param {{account: Account}} props */
export function FollowButton({ account }) {
  const relation = relationWith(account.id).value;
  const isIn = session.value === "in";
  useEffect(() => needRelation(account.id), [account.id, isIn]);
  if (isIn && account.id === me.value?.id) return null;
  if (!isIn) {
    return html`<${Follow} account=${account} relation=${STRANGER} follow=${() => openDialog(Entering, { signUp: true })} />`;
  }
  if (relation?.blocking) {
    const unblock = () => void relateTo(account, "unblock", { shown: { blocking: false } });
    return html`<button type="button" class="plain" onClick=${unblock}>${t("person.unblock")}</button>`;
  }
  if (relation?.blocked_by) return null;
  const press = () => void (relation?.following || relation?.requested ? unfollow(account) : follow(account));
  return html`<${Follow} account=${account} relation=${relation} follow=${press} />`;
}
