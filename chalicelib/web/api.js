// Requests to the public client API, and what their failures mean.
import { elapsed, learnTime } from "./clock.js";
import { signal } from "./ui.js";

const SLOW_MS = 4000;
/** API Gateway answers after 30 seconds at the latest. */
const LONGEST_MS = 32_000;

/** The address at which this server's paths begin, whatever its prefix. */
export const BASE = new URL("./", document.baseURI).href.replace(/[?#].*$/, "");

/** Whether requests get through: "ok", "slow" or "offline". @type {import("@preact/signals").Signal<string>} */
export const network = signal("ok");

/** What was last changed on the server: the method and path of the request. @type {import("@preact/signals").Signal<{method: string, path: string} | null>} */
export const changed = signal(/** @type {{method: string, path: string} | null} */ (null));

let token = "";
let refused = () => {};
let waiting = 0;

/**
 * Sets the token of all further requests.
 *
 * @param {string} next empty without a session
 * @param {() => void} whenRefused called when the server no longer accepts it
 */
export function authorize(next, whenRefused) {
  token = next;
  refused = whenRefused;
}

/** A request that failed: `status` is 0 if no response came, and the message is the server's sentence. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} sentence
   * @param {{retryAfter?: number, details?: Record<string, {description: string}[]>}} [more] seconds to wait, and
   *   what is wrong by parameter
   */
  constructor(status, sentence, { retryAfter = 0, details = {} } = {}) {
    super(sentence);
    this.status = status;
    this.retryAfter = retryAfter;
    this.details = details;
  }
}

/**
 * @typedef {object} Options
 * @property {Record<string, unknown>} [query] arrays are repeated; null and undefined are left out
 * @property {unknown} [body] sent as JSON
 * @property {Record<string, string>} [headers]
 * @property {string} [as] another token
 * @property {AbortSignal} [signal]
 * @property {boolean} [keepalive]
 */

/**
 * Sends a request.
 *
 * @param {string} method
 * @param {string} path below the server's address, such as `api/v1/statuses`
 * @param {Options} [options]
 * @returns {Promise<{data: any, next: string | null, previous: string | null}>} the response, and the cursors of its
 *   `Link` header: the values of max_id or offset of the next page, and of min_id of the one before
 * @throws {ApiError}
 */
export async function request(method, path, { query = {}, body, headers = {}, as, signal: abort, keepalive } = {}) {
  const bearer = as ?? token;
  const sent = elapsed();
  const ending = new AbortController();
  const end = () => ending.abort();
  const last = setTimeout(end, LONGEST_MS);
  abort?.addEventListener("abort", end);
  const late = setTimeout(() => (network.value = network.value === "ok" ? "slow" : network.value), SLOW_MS);
  waiting += 1;
  try {
    const response = await fetch(`${BASE}${path}${queryOf(query)}`, {
      method,
      cache: "no-store",
      credentials: "omit",
      keepalive,
      signal: ending.signal,
      headers: {
        // The language that the person has chosen here, for the sentences of errors.
        "Accept-Language": document.documentElement.lang,
        ...(bearer && { Authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const received = elapsed();
    // What is not of this server, such as the page of a proxy, is no JSON.
    const data = await response.json().catch(() => null);
    if (data && !response.headers.has("age")) learnTime(response.headers.get("date"), sent, received);
    network.value = "ok";
    if (response.ok && data && method !== "GET") changed.value = { method, path };
    if (response.ok && data) return { data, ...cursorsOf(response.headers.get("link")) };
    if (response.status === 401 && data && bearer === token && bearer) refused();
    throw failure(response, data);
  } catch (error) {
    if (error instanceof ApiError || abort?.aborted) throw error;
    network.value = "offline";
    throw new ApiError(0, "");
  } finally {
    clearTimeout(late);
    clearTimeout(last);
    waiting -= 1;
    if (!waiting && network.value === "slow") network.value = "ok";
  }
}

/** @param {string} path @param {Record<string, unknown>} [query] @param {Options} [options] */
export async function get(path, query, options) {
  return (await request("GET", path, { ...options, query })).data;
}

/** @param {string} path @param {unknown} [body] @param {Options} [options] */
export async function post(path, body, options) {
  return (await request("POST", path, { ...options, body })).data;
}

/** @param {Record<string, unknown>} query */
function queryOf(query) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const each of value) parameters.append(`${name}[]`, String(each));
    else if (value !== null && value !== undefined) parameters.append(name, String(value));
  }
  const written = parameters.toString();
  return written && `?${written}`;
}

/** @param {Response} response @param {any} data */
function failure(response, data) {
  const sentence = data?.error_description || data?.error || "";
  const retryAfter = Number(response.headers.get("retry-after")) || 0;
  return new ApiError(response.status, sentence, { retryAfter, details: data?.details });
}

/** @param {string | null} link */
function cursorsOf(link) {
  const cursor = (/** @type {string} */ rel, /** @type {string[]} */ names) => {
    const address = link?.match(new RegExp(`<([^>]*)>;\\s*rel="${rel}"`))?.[1];
    const parameters = address ? new URL(address, BASE).searchParams : null;
    return names.map((name) => parameters?.get(name)).find(Boolean) ?? null;
  };
  return { next: cursor("next", ["max_id", "offset"]), previous: cursor("prev", ["min_id", "since_id"]) };
}
