// Who is logged in: OAuth with PKCE. The token is in memory and in sessionStorage, which ends with the tab. Whoever
// chooses to stay logged in has it in localStorage as well, until they log out.
import { authorize, BASE, get, post } from "./api.js";
import { batch, signal } from "./ui.js";

/** @typedef {import("./types.js").OwnAccount} OwnAccount */
/** @typedef {import("./types.js").Instance} Instance */
/** @typedef {import("./api.js").ApiError} ApiError */

const APPLICATION = "fstream.application";
const TOKEN = "fstream.token";
const LOGIN = "fstream.login";
const SCOPES = "read write follow profile";
const NEW_FOR_MS = 1_800_000;

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

/** Returns whether the session outlives the tab. */
export function staysLoggedIn() {
  return localStorage.getItem(TOKEN) !== null;
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
    history.replaceState(null, "", `${BASE}${location.hash}`);
    await finish(returned);
  } else use(sessionStorage.getItem(TOKEN) ?? localStorage.getItem(TOKEN) ?? "");
}

/** @param {string} next */
function use(next) {
  token = next;
  authorize(token, () => {
    session.value = "ended";
  });
  session.value = token ? "in" : "out";
}

/** Reads the account of the session and what the server allows. */
export async function loadAccount() {
  const [account] = await Promise.all([get("api/v1/accounts/verify_credentials"), loadInstance()]);
  me.value = account;
}

/** Reads what the server says of itself, once. */
export async function loadInstance() {
  instance.value ??= await get("api/v2/instance");
  return /** @type {Instance} */ (instance.value);
}

/**
 * Leads to the page for logging in or signing up, and from there back here.
 *
 * @param {{signUp?: boolean, stay?: boolean}} [choice] `stay`: on this device, until logging out
 * @throws {ApiError} the client could not be registered with the server
 */
export async function logIn({ signUp = false, stay = false } = {}) {
  const verifier = random(48);
  const state = random(16);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const addressFor = (/** @type {Application} */ { client_id }) =>
    `${BASE}oauth/authorize?${new URLSearchParams({
      response_type: "code",
      client_id,
      redirect_uri: BASE,
      scope: SCOPES,
      state,
      code_challenge: base64(new Uint8Array(digest)),
      code_challenge_method: "S256",
      ...(signUp && { prompt: "create" }),
    })}`;
  const kept = keptApplication();
  const application = kept && (await isAccepted(addressFor(kept))) ? kept : await register();
  sessionStorage.setItem(LOGIN, JSON.stringify({ verifier, state, stay, signUp, application, from: location.hash }));
  location.assign(addressFor(application));
}

/** @param {URLSearchParams} returned */
async function finish(returned) {
  const begun = JSON.parse(sessionStorage.getItem(LOGIN) ?? "null");
  sessionStorage.removeItem(LOGIN);
  const code = returned.get("code");
  if (!code || begun?.state !== returned.get("state")) return use(sessionStorage.getItem(TOKEN) ?? "");
  const { client_id, client_secret } = begun.application;
  const issued = await post("oauth/token", {
    grant_type: "authorization_code",
    redirect_uri: BASE,
    code_verifier: begun.verifier,
    code,
    client_id,
    client_secret,
  }).catch((error) => {
    use("");
    throw error;
  });
  localStorage.setItem(APPLICATION, JSON.stringify(begun.application));
  sessionStorage.setItem(TOKEN, issued.access_token);
  if (begun.stay) localStorage.setItem(TOKEN, issued.access_token);
  history.replaceState(null, "", `${BASE}${begun.from && begun.from !== "#/welcome" ? begun.from : "#/home"}`);
  use(issued.access_token);
  if (begun.signUp) await greet();
}

/** Finds out whether the account was made just now: the page for signing up also lets people log in. */
async function greet() {
  await loadAccount();
  const age = Date.now() - Date.parse(me.value?.created_at ?? "");
  isNewHere.value = age < NEW_FOR_MS + 86_400_000 && me.value?.statuses_count === 0 && !me.value?.following_count;
}

/** @typedef {{client_id: string, client_secret: string, redirect_uri: string}} Application */

/**
 * Returns this browser's registration with the server, which belongs to no person.
 *
 * @returns {Application | null}
 */
function keptApplication() {
  const kept = JSON.parse(localStorage.getItem(APPLICATION) ?? "null");
  return kept?.redirect_uri === BASE ? kept : null;
}

/** @returns {Promise<Application>} */
async function register() {
  const asked = { client_name: "FSTREAM", redirect_uris: BASE, scopes: SCOPES, website: BASE };
  const { client_id, client_secret } = await post("api/v1/apps", asked, { as: "" });
  return { client_id, client_secret, redirect_uri: BASE };
}

/** Returns whether the server still knows the application; its page would lead nowhere. @param {string} address */
async function isAccepted(address) {
  const page = await fetch(address, { credentials: "omit" }).catch(() => null);
  return page?.ok ?? true;
}

/** Logs out: the server forgets the token, and the browser does. Drafts stay. */
export async function logOut() {
  const application = keptApplication();
  const ended = token;
  forget();
  if (!application) return;
  const { client_id, client_secret } = application;
  await post("oauth/revoke", { token: ended, client_id, client_secret }, { as: "", keepalive: true });
}

/** Forgets the session without asking the server, as when it has ended there. */
export function forget() {
  sessionStorage.removeItem(TOKEN);
  localStorage.removeItem(TOKEN);
  batch(() => {
    me.value = null;
    use("");
  });
}

/** @param {number} bytes */
function random(bytes) {
  return base64(crypto.getRandomValues(new Uint8Array(bytes)));
}

/** @param {Uint8Array} bytes */
function base64(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}
