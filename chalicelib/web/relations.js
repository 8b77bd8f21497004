// What the logged-in person is to others: whom they follow, mute, block and so on, each known once for all screens.
import { relate } from "./actions.js";
import { get } from "./api.js";
import { fillSoon, HOME, leaveHome, takeOff } from "./rereading.js";
import { me, session } from "./session.js";
import { forgive, person, putAccount } from "./store.js";
import { everyTimeline } from "./timeline.js";
import { batch, effect, signal } from "./ui.js";

/** @typedef {import("./types.js").Account} Account */
/** @typedef {import("./types.js").Relationship} Relationship */

const MOST_AT_ONCE = 100;

/** By the other account's id. @type {Map<string, import("@preact/signals").Signal<Relationship | null>>} */
const relationships = new Map();
/** Accounts whose relationship will be asked for, all in one request. @type {Set<string>} */
const wanted = new Set();
/** What the server said last, by the other account's id. @type {Map<string, Relationship>} */
const confirmed = new Map();
/** What is being done to an account, one after the other. @type {Map<string, Promise<unknown>>} */
const turns = new Map();
/** Accounts to which something is being done. */
export const underWay = signal(/** @type {ReadonlySet<string>} */ (new Set()));

/** Returns the relationship with an account as a signal; its value is null until it is known. @param {string} id */
export function relationWith(id) {
  const found = relationships.get(id);
  if (found) return found;
  const made = signal(/** @type {Relationship | null} */ (null));
  relationships.set(id, made);
  return made;
}

/** Asks for a relationship unless it is known, together with others that are asked for now. @param {string} id */
export function needRelation(id) {
  if (session.peek() !== "in" || id === me.peek()?.id || relationWith(id).peek()) return;
  if (!wanted.size) setTimeout(readWanted);
  wanted.add(id);
}

async function readWanted() {
  const ids = [...wanted].slice(0, MOST_AT_ONCE);
  for (const id of ids) wanted.delete(id);
  if (wanted.size) setTimeout(readWanted);
  await readRelations(ids).catch(ignoreFailure);
}

/** What needs a relationship does without it: buttons stay away until it is known. */
function ignoreFailure() {}

/** Reads relationships, again if they are known. @param {string[]} ids @throws {import("./api.js").ApiError} */
export async function readRelations(ids) {
  const found = await get("api/v1/accounts/relationships", { id: ids });
  batch(() => found.forEach(learnRelation));
}

/** Takes in a relationship from a response. @param {Relationship} relation */
export function learnRelation(relation) {
  confirmed.set(relation.id, relation);
  relationWith(relation.id).value = relation;
}

effect(() => {
  if (session.value === "in") return;
  relationships.clear();
  confirmed.clear();
});

/**
 * Does something to an account, after what is already being done to it. What is shown changes at once; if the server
 * refuses, it is taken back in words.
 *
 * @param {Account} account
 * @param {string} verb as in the address: "follow", "mute" …
 * @param {{body?: Record<string, unknown>, shown?: Partial<Relationship>}} [more] `shown`: what changes at once
 * @returns {Promise<boolean>} whether it succeeded
 */
export async function relateTo({ id }, verb, { body, shown = {} } = {}) {
  const relation = relationWith(id);
  const now = relation.peek();
  if (now) relation.value = { ...now, ...shown };
  const turn = (turns.get(id) ?? Promise.resolve()).then(() => relate(id, verb, body));
  turns.set(id, turn);
  underWay.value = new Set([...underWay.peek(), id]);
  const after = /** @type {Relationship | null} */ (await turn);
  const before = confirmed.get(id);
  if (after) confirmed.set(id, after);
  if (after && before) noteFollow(id, before.following, after.following);
  if (after) letBack(verb);
  if (turns.get(id) === turn) {
    turns.delete(id);
    batch(() => {
      relation.value = confirmed.get(id) ?? null;
      underWay.value = new Set([...underWay.peek()].filter((each) => each !== id));
    });
  }
  return after !== null;
}

/** Lets messages come back that were away because of a mute or a block. @param {string} verb that has succeeded */
export function letBack(verb) {
  if (verb !== "unmute" && verb !== "unblock") return;
  forgive();
  fillSoon("api/v1/timelines/");
}

/** Shows what begins or ends with a follow. @param {string} id @param {boolean} before whether it was followed @param {boolean} after */
function noteFollow(id, before, after) {
  countFollower(id, Number(after) - Number(before));
  if (before && !after) leaveHome(id);
  if (after && !before) fillSoon(HOME);
}

/** @param {string} id @param {number} change */
function countFollower(id, change) {
  const account = person(id);
  if (account && change) putAccount({ ...account, followers_count: Math.max(0, account.followers_count + change) });
}

/** Takes a person's messages off the timelines, and boosts of them, after muting or blocking. @param {string} id */
export function clearPerson(id) {
  everyTimeline((timeline) => {
    if (!timeline.path.includes(id)) takeOff(timeline, id, true);
  });
}
