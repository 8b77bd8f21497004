// Short sentences that appear at the edge of the window and go by themselves, read out politely.
import { ApiError } from "./api.js";
import { t } from "./i18n.js";
import { signal } from "./ui.js";

const SHOWN_MS = 6000;

/**
 * @typedef {object} Notice
 * @property {number} id
 * @property {string} words
 * @property {boolean} [failed]
 * @property {string} [action] what can be done about it
 * @property {() => void} [act]
 */

/** What is being said, oldest first. @type {import("@preact/signals").Signal<Notice[]>} */
export const notices = signal(/** @type {Notice[]} */ ([]));

/** Whether the place for them is needed, which is there before them: only then they are read out. */
export const isSpeaking = signal(false);

let count = 0;

/** Says something, once if it is said again. @param {string} words @param {Partial<Notice>} [more] */
export function say(words, more = {}) {
  const id = ++count;
  isSpeaking.value = true;
  notices.value = [
    ...notices
      .peek()
      .filter((each) => each.words !== words)
      .slice(-2),
    { ...more, id, words },
  ];
  setTimeout(expire, SHOWN_MS + words.length * 30, id);
}

/** Takes a notice away, but not while somebody is at its buttons with the keyboard. @param {number} id */
function expire(id) {
  document.activeElement?.closest(".toast") ? setTimeout(expire, SHOWN_MS, id) : dismissNotice(id);
}

/** Takes a notice away. @param {number} id */
export function dismissNotice(id) {
  notices.value = notices.peek().filter((each) => each.id !== id);
}

/**
 * Says in words that something failed and was taken back.
 *
 * @param {string} what a key: "failed.favourite"
 * @param {unknown} error anything but an ApiError is a defect, and thrown
 * @param {Partial<Notice>} [more]
 */
export function sayFailure(what, error, more = {}) {
  if (!(error instanceof ApiError)) throw error;
  say(`${t(what)} ${reason(error)}`, { failed: true, ...more });
}

/** Returns why a request failed, in words: the server's sentence where it has one. @param {ApiError} error */
export function reason(error) {
  if (error.status === 0) return t("failure.offline");
  if (error.status === 429) return t("failure.wait", { n: Math.max(1, Math.ceil(error.retryAfter)) });
  if (error.status === 401) return t("failure.session");
  if (error.status === 400) return t("failure.late"); // from OAuth, whose sentences are English: the code has expired
  if (error.status < 300) return t("failure.strange");
  return sentence(error.message || t("failure.server"));
}

/** @param {string} text */
function sentence(text) {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
