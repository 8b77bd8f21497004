// What a person has typed but not posted. It is kept in localStorage, by account, and has nobody else's words.

/** @typedef {import("./types.js").Draft} Draft */

/** With what the names of drafts begin, before the account and the place. */
export const DRAFTS = "fstream.draft";

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

/** Returns whether there is a draft. @param {string} account @param {string} place */
export function hasDraft(account, place) {
  return localStorage.getItem(keyOf(account, place)) !== null;
}

/** Keeps a draft; one without any words is discarded. @param {string} account @param {string} place @param {Draft} draft */
export function saveDraft(account, place, draft) {
  const isEmpty = !draft.text.trim() && !draft.spoiler?.trim() && !draft.poll?.options.some((each) => each.trim());
  if (isEmpty) discardDraft(account, place);
  else localStorage.setItem(keyOf(account, place), JSON.stringify(draft));
}

/** Discards a draft. @param {string} account @param {string} place */
export function discardDraft(account, place) {
  localStorage.removeItem(keyOf(account, place));
}

/** @param {string} account @param {string} place */
function keyOf(account, place) {
  return `${DRAFTS}:${account}:${place}`;
}
