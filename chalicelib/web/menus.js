// The menu of a message: what is done less often.
import { deleteMessage, muteThread, pin } from "./actions.js";
import { BASE } from "./api.js";
import { t } from "./i18n.js";
import { say } from "./notices.js";
import { openDialog, write } from "./overlays.js";
import { go, pathOf } from "./router.js";
import { BlockDialog, MuteDialog } from "./screens/person-dialogs.js";
import { logOut, me, session } from "./session.js";

/** @typedef {import("./types.js").Status} Status */
/** @typedef {import("./components/menu.js").Item} Item */

/**
 * Returns the entries of a message's menu.
 *
 * @param {Status} status
 * @returns {Item[]}
 */
export function menuOf(status) {
  const always = [
    { icon: "right", words: t("act.open"), act: () => go(pathOf(status)) },
    { icon: "link", words: t("act.link"), hint: t("act.linkHint"), act: () => void copy(`${BASE}${pathOf(status)}`) },
  ];
  if (session.peek() !== "in") return always;
  const mute = { icon: "mute", words: t(status.muted ? "act.unmute" : "act.mute"), act: () => void muteThread(status) };
  const those = status.account.id === me.peek()?.id ? ownMenu(status) : othersMenu(status);
  return [...always, mute, null, ...those];
}

/** @param {Status} status @returns {Item[]} */
function ownMenu(status) {
  return [
    { icon: "pin", words: t(status.pinned ? "act.unpin" : "act.pin"), act: () => void pin(status) },
    { icon: "edit", words: t("act.edit"), act: () => write({ editing: status }) },
    { icon: "write", words: t("act.redraft"), act: () => void redraft(status) },
    { icon: "delete", words: t("act.delete"), danger: true, act: () => void deleteMessage(status) },
  ];
}

/** @param {Status} status @returns {Item[]} */
function othersMenu(status) {
  const name = `@${status.account.acct}`;
  return [
    { icon: "person", words: t("act.profile", { name }), act: () => go(name) },
    { icon: "mute", words: t("act.muteWho", { name }), act: () => openDialog(MuteDialog, { account: status.account }) },
    {
      icon: "block",
      words: t("act.blockWho", { name }),
      danger: true,
      act: () => openDialog(BlockDialog, { account: status.account }),
    },
    { icon: "report", words: t("act.report"), danger: true, act: () => go(`report/${status.account.id}/${status.id}`) },
  ];
}

/** Deletes a message and writes it again. @param {Status} status */
async function redraft(status) {
  const deleted = await deleteMessage(status);
  if (!deleted) return;
  write({
    isTakenBack: true,
    start: { text: deleted.text ?? "", spoiler: status.spoiler_text || null, visibility: status.visibility },
  });
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say(t("said.copied"));
  } catch {
    say(text); // the browser does not let the page copy: the address is shown instead
  }
}

/** Returns the places that have no room in a phone's bar. @returns {Item[]} */
export function placesMenu() {
  const to = (/** @type {string} */ icon, /** @type {string} */ words, /** @type {string} */ path) => ({
    icon,
    words: t(words),
    act: () => go(path),
  });
  return [
    to("person", "nav.me", `@${me.peek()?.acct}`),
    to("conversations", "nav.conversations", "conversations"),
    to("lists", "nav.lists", "lists"),
    to("bookmark", "nav.kept", "bookmarks"),
    to("settings", "nav.settings", "settings"),
    to("about", "nav.about", "about"),
    null,
    { icon: "logout", words: t("nav.logOut"), act: () => void logOut() },
  ];
}
