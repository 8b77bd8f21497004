// Changes to one's own account and to the defaults of new messages. Each is shown at once; one that the server refuses is
// taken back in words.
import { request } from "./api.js";
import { sayFailure } from "./notices.js";
import { me } from "./session.js";
import { putAccount } from "./store.js";
import { signal } from "./ui.js";

/** @typedef {import("./types.js").OwnAccount} OwnAccount */
/** @typedef {Partial<Omit<OwnAccount, "source">> & {source?: Partial<import("./types.js").Source>}} Part */

/** What became of the last change: "", "saving" or "saved". */
export const saved = signal("");

/** The account as the server last confirmed it. @type {OwnAccount | null} */
let confirmed = null;
let waiting = 0;
let queue = Promise.resolve();

/**
 * Changes the account. Changes are sent one after another.
 *
 * @param {Part} shown what changes
 * @param {Record<string, unknown>} [body] the same as the server reads it, where that differs
 */
export function prefer(shown, body = shown) {
  const account = /** @type {OwnAccount} */ (me.peek());
  if (!waiting) confirmed = account;
  waiting += 1;
  saved.value = "saving";
  me.value = { ...account, ...shown, source: { ...account.source, ...shown.source } };
  queue = queue.then(() => send(account.id, body));
}

/** @param {string} id of the account that changes @param {Record<string, unknown>} body */
async function send(id, body) {
  try {
    const { data } = await request("PATCH", "api/v1/accounts/update_credentials", { body });
    confirmed = data;
    putAccount(data);
    waiting -= 1;
    if (!waiting) show(id, "saved");
  } catch (error) {
    waiting -= 1;
    show(id, "");
    sayFailure("failed.setting", error);
  }
}

/** Shows what the server has confirmed, unless somebody else has logged in meanwhile. @param {string} id @param {string} state */
function show(id, state) {
  saved.value = state;
  if (me.peek()?.id === id) me.value = confirmed;
}
