// Who is logged in: OAuth with PKCE. The token is in memory and in sessionStorage, which ends with the
// tab. For people who choose to stay logged in, it is in localStorage as well, until they log out.
import { authorize, BASE, get } from "./api.js";
import { bring } from "./modules.js";
import { batch, signal } from "./ui.js";

/** @typedef {import("./types.js").OwnAccount} OwnAccount */
/** @typedef {import("./types.js").Instance} Instance */
/** @typedef {import("./api.js").ApiError} ApiError */

/** The name of what is kept of the application that this browser is to the server. */
export const APPLICATION = "fstream.application";
/** The name of the token in sessionStorage, and in localStorage if the person stays logged in. */
export const TOKEN = "fstream.token";

/** "starting", "out", "in", or "ended" if the server no longer accepts the token. */
export const session = signal("starting");
/** The logged-in account. */
export const me = signal(/** @type {OwnAccount | null} */ (null));
/** What the server says of itself. */
export const instance = signal(/** @type {Instance | null} */ (null));
/** Whether the account was made just now, for the steps that follow. */
export const isNewHere = signal(false);

let token = "";

/** Returns the token, for the WebSocket. */
export function currentToken() {
  return token;
}

/**
 * Continues the session of this tab or device, or the login from which the browser has come back.
 *
 * @returns {Promise<void>} resolves before the account is known: its first requests need not wait for that
 * @throws {ApiError} the login failed
 */
export async function resume() {
  const returned = new URL(location.href).searchParams;
  if (returned.has("state")) {
    history.replaceState(history.state, "", `${BASE}${location.hash}`);
    await (await bring(() => import("./login.js"))).comeBack(returned);
  } else useToken(keptToken());
}

/** Returns the token that this tab or device keeps; empty without one. */
export const keptToken = () => sessionStorage.getItem(TOKEN) ?? localStorage.getItem(TOKEN) ?? "";

/** Begins or ends a session. @param {string} next the token; empty without a session */
export function useToken(next) {
  token = next;
  authorize(token, () => {
    authorize("", () => {}); // what is public can still be read
    session.value = "ended";
  });
  session.value = token ? "in" : "out";
}

/**
 * Reads the account of the session, and then what the server allows.
 *
 * @param {Promise<void>} [first] what is more urgent than the latter
 */
export async function loadAccount(first) {
  const asked = token;
  const account = await get("api/v1/accounts/verify_credentials");
  if (token !== asked) return;
  me.value = account;
  await first;
  await loadInstance();
}

/** Reads what the server says of itself, once. */
export async function loadInstance() {
  if (!instance.peek()) instance.value = await get("api/v2/instance");
}

/**
 * Leads to the page for logging in or signing up, and from there back here.
 *
 * @param {{signUp?: boolean, stay?: boolean}} [choice] `stay`: on this device, until logging out
 * @throws {ApiError} the client could not be registered with the server
 */
export async function logIn(choice) {
  await (await bring(() => import("./login.js"))).leaveToLogIn(choice);
}

/** Logs out: the server forgets the token, and the browser does. Drafts stay. */
export async function logOut() {
  const ended = token;
  forget();
  await (await bring(() => import("./login.js"))).revoke(ended);
}

/** Forgets the session without asking the server, as when it has ended there. */
export function forget() {
  sessionStorage.removeItem(TOKEN);
  if (localStorage.getItem(TOKEN) === token) localStorage.removeItem(TOKEN);
  batch(() => {
    me.value = null;
    useToken("");
  });
}
