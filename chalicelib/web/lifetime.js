// The lifetime that a message gets unless its author chooses another.
import { instance, me } from "./session.js";
import { endOf } from "./store.js";

const DAY_S = 86_400;

/**
 * Returns a lifetime in seconds: the person's default, or else the server's. A direct reply lives as long as what it answers.
 *
 * @param {string} visibility
 * @param {import("./types.js").Status} [answering]
 */
export function defaultLifetime(visibility, answering) {
  if (answering && visibility === "direct") {
    return Math.round((endOf(answering) - Date.parse(answering.created_at)) / 1000);
  }
  const source = me.value?.source;
  const server = instance.value?.configuration.statuses.default_expires_in ?? DAY_S;
  return source?.expires_in_by_visibility[visibility] ?? source?.expires_in ?? server;
}

/** Returns the lifetimes that the server allows, in seconds. */
export function allowedLifetimes() {
  const { min_expires_in: min = 60, max_expires_in: max = 7 * DAY_S } = instance.value?.configuration.statuses ?? {};
  return { min, max };
}
