// Where drafts are kept, for screens that only need to know whether there is one.

/** With what the names of drafts begin, before the account and the place. */
export const DRAFTS = "fstream.draft";

/** Returns whether there is a draft. @param {string} account @param {string} place */
export function hasDraft(account, place) {
  return localStorage.getItem(keyOf(account, place)) !== null;
}

/** Returns the name of a draft in localStorage. @param {string} account @param {string} place */
export function keyOf(account, place) {
  return `${DRAFTS}:${account}:${place}`;
}
