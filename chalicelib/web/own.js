// A person's own new messages, which are on screen before the server has them.

/** @typedef {import("./types.js").Status} Status */
/** @typedef {{before: string | null, status: Status | null}} Change an id to take off, and what to show in its place */

const PROVISIONAL = "~";
/** @type {Set<(change: Change) => void>} */
const watching = new Set();

/** Returns an id for a message that the server does not have yet. */
export function provisionalId() {
  return `${PROVISIONAL}${crypto.randomUUID()}`;
}

/** Returns whether an id is of a message that the server does not have yet. @param {string} id */
export function isProvisional(id) {
  return id.startsWith(PROVISIONAL);
}

/** Calls a function when an own message appears, becomes real, or is taken back. @param {(change: Change) => void} listener */
export function onOwn(listener) {
  watching.add(listener);
  return () => watching.delete(listener);
}

/** @param {Change} change */
export function tellOwn(change) {
  for (const listener of watching) listener(change);
}
