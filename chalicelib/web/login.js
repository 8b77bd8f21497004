// Logging in and signing up: OAuth with PKCE, on the server's own page.
import { BASE, post } from "./api.js";
import { language, t } from "./i18n.js";
import { notices, say } from "./notices.js";
import { goInstead } from "./router.js";
import { APPLICATION, isNewHere, loadAccount, me, resume, TOKEN, useToken } from "./session.js";

/** @typedef {import("./api.js").ApiError} ApiError */

const LOGIN = "fstream.login";
const SCOPES = "read write follow profile";
/** An account is new until the end of the day after it was made: the API gives the day only. */
const NEW_FOR_MS = 2 * 86_400_000;

/**
 * Leads to the page for logging in or signing up, and from there back here.
 *
 * @param {{signUp?: boolean, stay?: boolean}} [choice] `stay`: on this device, until logging out
 * @throws {ApiError} the client could not be registered with the server
 */
export async function leaveToLogIn({ signUp = false, stay = false } = {}) {
  if (!(sessionStorage instanceof Storage)) return say(t("failed.storing")); // nothing would be known of it afterwards
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
      lang: language.peek(),
      ...(signUp && { prompt: "create" }),
    })}`;
  const kept = keptApplication();
  const application = kept && (await isAccepted(addressFor(kept))) ? kept : await register();
  sessionStorage.setItem(LOGIN, JSON.stringify({ verifier, state, stay, signUp, application, from: location.hash }));
  location.assign(addressFor(application));
}

/** Takes up a login from which the browser has come back. @param {URLSearchParams} returned */
export async function comeBack(returned) {
  const begun = JSON.parse(sessionStorage.getItem(LOGIN) ?? "null");
  sessionStorage.removeItem(LOGIN);
  const code = returned.get("code");
  if (!code || begun?.state !== returned.get("state")) return resume();
  const { client_id, client_secret } = begun.application;
  const issued = await post("oauth/token", {
    grant_type: "authorization_code",
    redirect_uri: BASE,
    code_verifier: begun.verifier,
    code,
    client_id,
    client_secret,
  }).catch((error) => {
    useToken("");
    throw error;
  });
  localStorage.setItem(APPLICATION, JSON.stringify(begun.application));
  sessionStorage.setItem(TOKEN, issued.access_token);
  if (begun.stay) localStorage.setItem(TOKEN, issued.access_token);
  goInstead(begun.from.replace(/^#\/(welcome$)?/, "") || "home");
  useToken(issued.access_token);
  if (begun.signUp) await greet();
}

/** Lets the server forget a token. @param {string} token */
export async function revoke(token) {
  notices.value = []; // what could be done about them is over
  const application = JSON.parse(localStorage.getItem(APPLICATION) ?? "null");
  if (!application) return;
  const { client_id, client_secret } = application;
  await post("oauth/revoke", { token, client_id, client_secret }, { as: "", keepalive: true });
}

/** Finds out whether the account was made just now: the page for signing up also lets people log in. */
async function greet() {
  await loadAccount();
  const age = Date.now() - Date.parse(me.value?.created_at ?? "");
  isNewHere.value = age < NEW_FOR_MS && me.value?.statuses_count === 0 && !me.value?.following_count;
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
