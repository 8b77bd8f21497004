// What the keys do: the conventions that people know from other clients.
import { bookmark, boost, favourite } from "./actions.js";
import { addShortcuts, moveFocus, startKeys } from "./keys.js";
import { write } from "./overlays.js";
import { below, go, goBack, pathOf, route } from "./router.js";
import { me } from "./session.js";
import { message } from "./store.js";

/** @typedef {import("./types.js").Status} Status */

/** How long the field for searching is waited for. */
const MOST_FRAMES = 180;

/** @param {(status: Status) => unknown} act @returns {(article: HTMLElement | null) => void} */
function onMessage(act) {
  return (article) => {
    const status = message(article?.dataset.id ?? "").peek();
    if (status) act(status.reblog ?? status);
  };
}

/** @param {string} selector @returns {(article: HTMLElement | null) => void} */
function press(selector) {
  return (article) => /** @type {HTMLElement | null} */ (article?.querySelector(selector))?.click();
}

/** Shows what is new in the timeline on screen. */
function showNew() {
  const button = /** @type {HTMLElement | null} */ (document.querySelector(".pill button"));
  if (button) button.click();
  else scrollTo({ top: 0 });
}

/** Goes back from a sheet. */
function leave() {
  if (route.peek().path !== below.peek().path) goBack();
}

/** Starts the keys that work on all screens. @param {KeyboardEvent[]} early what was pressed before this module was there */
export function startShortcuts(early) {
  startKeys(early);
}

/** Takes the focus to the field for searching, on the screen that has one if this has not. @param {unknown} [_] @param {number} [frames] */
function search(_, frames = 0) {
  const field = /** @type {HTMLElement | null} */ (document.querySelector("input[type=search]"));
  if (field?.offsetParent) return field.focus();
  if (!frames) go("explore");
  if (frames < MOST_FRAMES) requestAnimationFrame(() => search(_, frames + 1));
}

addShortcuts([
  { keys: "j", words: "keys.next", run: (from) => moveFocus(1, from) },
  { keys: "k", words: "keys.previous", run: (from) => moveFocus(-1, from) },
  { keys: "o, Enter", words: "keys.open", run: onMessage((status) => go(pathOf(status))) },
  { keys: "r", words: "keys.reply", run: onMessage((status) => write({ answering: status })) },
  { keys: "f, l", words: "keys.favourite", run: onMessage(favourite) },
  { keys: "b", words: "keys.boost", run: onMessage(boost) },
  { keys: "d", words: "keys.bookmark", run: onMessage(bookmark) },
  { keys: "x", words: "keys.unfold", run: press(".fold button") },
  { keys: "p", words: "keys.author", run: onMessage((status) => go(`@${status.account.acct}`)) },
  { keys: "c, n", words: "keys.write", run: () => write() },
  { keys: ".", words: "keys.new", run: showNew },
  { keys: "/", words: "keys.search", run: search },
  { keys: "g h", words: "nav.home", run: () => go("home") },
  { keys: "g t", words: "nav.soon", run: () => go("soon") },
  { keys: "g e", words: "nav.explore", run: () => go("explore") },
  { keys: "g n", words: "nav.notifications", run: () => go("notifications") },
  { keys: "g c", words: "nav.conversations", run: () => go("conversations") },
  { keys: "g l", words: "nav.lists", run: () => go("lists") },
  { keys: "g b", words: "nav.kept", run: () => go("bookmarks") },
  { keys: "g p", words: "nav.me", run: () => go(`@${me.peek()?.acct}`) },
  { keys: "g s", words: "nav.settings", run: () => go("settings") },
  { keys: "Escape, Backspace", words: "keys.back", run: leave },
  { keys: "?", words: "keys.help", run: () => go("keys") },
]);
