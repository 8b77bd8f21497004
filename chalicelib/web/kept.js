// What this browser keeps: all drafts of an account, and the key to it if the person stays logged in.
import { discardDraft, loadDraft } from "./drafts.js";
import { discardForms } from "./filling.js";
import { DRAFTS } from "./kept-drafts.js";
import { TOKEN } from "./session.js";

/** @typedef {import("./types.js").Draft} Draft */
/** @typedef {{place: string, draft: Draft}} Kept `place`: "new", or "reply", "quote" or "edit" and the id of a message */

/** Returns the drafts of an account. @param {string} account @returns {Kept[]} */
export function draftsOf(account) {
  const start = `${DRAFTS}:${account}:`;
  const places = Object.keys(localStorage)
    .filter((each) => each.startsWith(start))
    .map((each) => each.slice(start.length))
    .sort();
  return places.map((place) => ({ place, draft: /** @type {Draft} */ (loadDraft(account, place)) }));
}

/** Discards all drafts of an account, and what was typed into forms. @param {string} account */
export function discardDrafts(account) {
  for (const { place } of draftsOf(account)) discardDraft(account, place);
  discardForms(account);
}

/** Returns whether the session outlives the tab. */
export function staysLoggedIn() {
  return localStorage.getItem(TOKEN) !== null;
}
