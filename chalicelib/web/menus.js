// The menu of a message: what is done less often.
import { boost, deleteMessage, muteThread, pin } from "./actions.js";
import { BASE, get } from "./api.js";
import { saveDraft } from "./drafts.js";
import { t } from "./i18n.js";
import { say } from "./notices.js";
import { openDialog, openMenu, write } from "./overlays.js";
import { rereadMessages } from "./profiles.js";
import { fillSoon, HOME } from "./rereading.js";
import { go, pathOf } from "./router.js";
import { FilterPicker } from "./screens/filter-picker.js";
import { BlockDialog, MuteDialog } from "./screens/person-dialogs.js";
import { QuotersDialog, RevokeDialog } from "./screens/quote-dialogs.js";
import { LogOut } from "./screens/sessions.js";
import { draftOfPoll, quotersOf } from "./sending.js";
import { me, session } from "./session.js";
import { endOf } from "./store.js";

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
  const mute = { icon: "mute", words: t(status.muted ? "act.unmute" : "act.mute"), act: () => void muted(status) };
  const those = status.account.id === me.peek()?.id ? ownMenu(status) : othersMenu(status);
  return [...always, mute, null, ...those];
}

/** @param {Status} status @returns {Item[]} */
function ownMenu(status) {
  const isQuotable = ["public", "unlisted"].includes(status.visibility);
  return [
    { icon: "pin", words: t(status.pinned ? "act.unpin" : "act.pin"), act: () => void pinned(status) },
    { icon: "edit", words: t("act.edit"), act: () => write({ editing: status }) },
    ...(isQuotable
      ? [{ icon: "quote", words: t("quoters.change"), act: () => openDialog(QuotersDialog, { status }) }]
      : []),
    { icon: "write", words: t("act.redraft"), act: () => void redraft(status) },
    { icon: "delete", words: t("act.delete"), danger: true, act: () => void remove(status) },
  ];
}

/** Mutes a thread, or no longer. @param {Status} status */
async function muted(status) {
  if (await muteThread(status)) say(t(status.muted ? "said.unmuteThread" : "said.muteThread"));
}

/** Pins a message, or takes it down, and shows the own profile so. @param {Status} status */
async function pinned(status) {
  if (!(await pin(status))) return;
  rereadMessages(status.account.id);
  say(t(status.pinned ? "said.unpin" : "said.pin"));
}

/** Takes a boost back. The message that home showed in it may be there by itself. @param {Status} status */
async function unboost(status) {
  if (await boost(status)) fillSoon(HOME, 0);
}

/** @param {Status} status @returns {Item[]} */
function othersMenu(status) {
  const name = `@${status.account.acct}`;
  const quoted = status.quote?.quoted_status;
  const isOfOwn = quoted?.account.id === me.peek()?.id;
  return [
    ...(quoted && isOfOwn
      ? [{ icon: "quote", words: t("act.revoke"), act: () => openDialog(RevokeDialog, { status, quoted }) }]
      : []),
    { icon: "person", words: t("act.profile", { name }), act: () => go(name) },
    { icon: "mute", words: t("act.muteWho", { name }), act: () => openDialog(MuteDialog, { account: status.account }) },
    { icon: "filter", words: t("act.filter"), act: () => openDialog(FilterPicker, { status }) },
    {
      icon: "block",
      words: t("act.blockWho", { name }),
      danger: true,
      act: () => openDialog(BlockDialog, { account: status.account }),
    },
    { icon: "report", words: t("act.report"), danger: true, act: () => go(`report/${status.account.id}/${status.id}`) },
  ];
}

/** Opens the menu to boost a message, for whom, and to quote it. @param {Status} status @param {HTMLElement} anchor */
export function openBoosting(status, anchor) {
  const mayQuote = status.quote_approval.current_user !== "denied";
  const quoting = {
    icon: "quote",
    words: t("act.quote"),
    disabled: !mayQuote,
    hint: mayQuote ? undefined : t("act.notQuotable"),
    act: () => write({ quoting: status }),
  };
  const again = { icon: "boost", words: t("act.unboost"), act: () => void unboost(status) };
  openMenu(anchor, t("act.boost"), [...(status.reblogged ? [again] : boostsOf(status)), quoting]);
}

/** Returns the ways to boost a message, one of them for fewer people than usual. @param {Status} status @returns {Item[]} */
function boostsOf(status) {
  const usual = { icon: "boost", words: t("act.boost"), act: () => void boost(status) };
  const isUsual = ["private", "direct"].includes(me.peek()?.source.privacy ?? "");
  if (status.visibility === "private" || isUsual) return [usual];
  const words = { words: t("act.boost.private"), hint: t("act.boost.privateHint") };
  return [usual, { icon: "lock", ...words, act: () => void boost(status, "private") }];
}

/** Deletes a message, and offers to write it again. @param {Status} status */
async function remove(status) {
  const deleted = await deleteMessage(status);
  if (deleted) say(t("said.deleted"), { action: t("act.again"), act: () => void writeAgain(status, deleted) });
}

/** Deletes a message to write it again. @param {Status} status */
async function redraft(status) {
  const deleted = await deleteMessage(status);
  if (deleted) await writeAgain(status, deleted);
}

/** Writes a deleted message again, with all that it had. @param {Status} status @param {Status} deleted with its text as typed */
async function writeAgain(status, deleted) {
  const { in_reply_to_id: parent, quote, spoiler_text, visibility, language, poll } = status;
  const answering = parent ? await get(`api/v1/statuses/${parent}`).catch(() => undefined) : undefined;
  const seconds = Math.round((endOf(status) - Date.parse(status.created_at)) / 1000);
  const text = { text: deleted.text ?? "", spoiler: spoiler_text || null, poll: poll && draftOfPoll(status) };
  const place = `again:${status.id}`;
  // It is a draft from the beginning: only here is the text still to be had.
  const draft = {
    ...text,
    visibility,
    language,
    seconds,
    isLifetimeChosen: true,
    quotePolicy: quotersOf(status),
    endsTogether: parent ? undefined : status.pleroma.thread_ends_together,
    answers: parent ?? undefined,
    quotes: quote?.quoted_status?.id,
  };
  const isKept = saveDraft(status.account.id, place, draft);
  write({ answering, quoting: quote?.quoted_status ?? undefined, place, start: isKept ? undefined : draft });
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
    { icon: "logout", words: t("nav.logOut"), act: () => openDialog(LogOut) },
  ];
}
