// Requests to follow the logged-in person, whose account is locked.
import { post } from "./api.js";
import { t } from "./i18n.js";
import { say, sayFailure } from "./notices.js";
import { learnRelation } from "./relations.js";
import { me, session } from "./session.js";
import { effect, signal } from "./ui.js";

/** @typedef {import("./types.js").Account} Account */
/** @typedef {"authorize" | "reject"} Answer */

/** How requests were answered, by the account's id. @type {import("@preact/signals").Signal<ReadonlyMap<string, Answer>>} */
export const answers = signal(/** @type {ReadonlyMap<string, Answer>} */ (new Map()));

effect(() => {
  if (session.value !== "in") answers.value = new Map();
});

/** @param {string} id @param {Answer | null} answer */
function note(id, answer) {
  const next = new Map(answers.peek());
  if (answer) next.set(id, answer);
  else next.delete(id);
  answers.value = next;
}

/** @param {number} change */
function countWaiting(change) {
  const account = me.peek();
  if (!account) return;
  const count = Math.max(0, account.source.follow_requests_count + change);
  me.value = { ...account, source: { ...account.source, follow_requests_count: count } };
}

/** Accepts or refuses a request, at once; it waits again if the server refuses. @param {Account} account @param {Answer} answer */
export async function answerRequest(account, answer) {
  note(account.id, answer);
  countWaiting(-1);
  try {
    learnRelation(await post(`api/v1/follow_requests/${account.id}/${answer}`));
    say(t(`said.${answer}`, { name: `@${account.acct}` }));
  } catch (error) {
    note(account.id, null);
    countWaiting(1);
    sayFailure("failed.request", error);
  }
}
