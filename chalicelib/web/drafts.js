// What a person has typed but not posted. It is kept in localStorage, by account, and has nobody else's words.
import { t } from "./i18n.js";
import { keyOf } from "./kept-drafts.js";
import { say } from "./notices.js";

/** @typedef {import("./types.js").Draft} Draft */

/**
 * Returns a draft.
 *
 * @param {string} account the id of the account that writes
 * @param {string} place "new", or "reply", "quote" or "edit" and the id of a message
 * @returns {Draft | null}
 */
export function loadDraft(account, place) {
  return JSON.parse(localStorage.getItem(keyOf(account, place)) ?? "null");
}

let isSaid = false;

/**
 * Keeps words in localStorage. If it takes no more, that is said once, and the words are only on the screen.
 *
 * @param {string} key
 * @param {string} words
 * @returns {boolean} whether they are kept
 */
export function keep(key, words) {
  try {
    localStorage.setItem(key, words);
    return true;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    if (!isSaid) say(t("failed.keeping"), { failed: true });
    isSaid = true;
    return false;
  }
}

/**
 * Keeps a draft; one without any words is discarded.
 *
 * @param {string} account
 * @param {string} place
 * @param {Draft} draft
 * @returns {boolean} whether it is kept
 */
export function saveDraft(account, place, draft) {
  const isEmpty = !draft.text.trim() && !draft.spoiler?.trim() && !draft.poll?.options.some((each) => each.trim());
  if (!isEmpty) return keep(keyOf(account, place), JSON.stringify(draft));
  discardDraft(account, place);
  return false;
}

/** Discards a draft. @param {string} account @param {string} place */
export function discardDraft(account, place) {
  localStorage.removeItem(keyOf(account, place));
}

/** Where one composer keeps its draft. It does not write over what another composer, or window, has written there since. */
export class Place {
  /** @param {string} account @param {string} name of the place */
  constructor(account, name) {
    this.account = account;
    this.name = name;
    this.last = this.read();
    this.isKept = this.last !== null;
  }

  read() {
    return localStorage.getItem(keyOf(this.account, this.name));
  }

  /** Returns the draft as this composer knows it; null if another one has changed or discarded it. @returns {Draft | null} */
  load() {
    return this.last !== null && this.read() === this.last ? loadDraft(this.account, this.name) : null;
  }

  /** Keeps a draft: in a place of its own, if another one is here. @param {Draft} draft */
  save(draft) {
    const now = this.read();
    if (now !== null && now !== this.last) this.name += `:${Date.now().toString(36)}`;
    this.isKept = saveDraft(this.account, this.name, draft);
    this.last = this.read();
  }

  /** Returns whether another window has just written here. @param {StorageEvent} event */
  isTaken({ key, newValue }) {
    return key === keyOf(this.account, this.name) && newValue !== null;
  }

  /** Discards the draft, unless it is another one's. */
  discard() {
    if (this.load()) discardDraft(this.account, this.name);
    this.last = null;
  }
}
