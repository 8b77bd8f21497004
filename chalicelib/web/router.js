// Addresses of the client: #/home, #/soon, #/@name, #/@name/<id>, #/tags/<name> … They are in the fragment, so that one
// document serves all of them under any prefix. The history's state has only a number: how many entries before one are the
// client's.
import { closeAll } from "./overlays.js";
import { batch, signal } from "./ui.js";

/**
 * @typedef {object} Route
 * @property {string} name of the screen
 * @property {Record<string, string>} params
 * @property {string} path as in the address: "@ada/01…"
 */

/** What each part of an address leads to: a screen, and the names of its variable parts. @type {[RegExp, string, string[]][]} */
const ROUTES = [
  [/^@([^/]+)\/([0-9a-zA-Z]{26})(?:\/(\w+))?$/, "thread", ["acct", "id", "part"]],
  [/^@([^/]+)(?:\/(.+))?$/, "profile", ["acct", "part"]],
  [/^tags\/([^/]+)(?:\/(.+))?$/, "hashtag", ["tag", "part"]],
  [/^([a-z-]+)(?:\/(.+))?$/, "", ["", "part"]],
];
/** Screens that open over the one from which they were reached. */
const SHEETS = new Set(["thread", "keys", "report"]);

/** How long what was at an address may take to be there again. */
const RESTORING_MS = 3000;

/** The address that is open. */
export const route = signal(parse(location.hash));
/** The screen below: the same, or the one over which a sheet is open. */
export const below = signal(SHEETS.has(route.peek().name) ? parse("") : route.peek());

/** How far the window was scrolled at each address, in this tab. @type {Map<string, number>} */
const scrolls = new Map();

/** @param {string} hash @returns {Route} */
export function parse(hash) {
  const path = decode(hash.replace(/^#?\/?/, "").replace(/\?.*$/, "")) || "home";
  for (const [pattern, name, names] of ROUTES) {
    const match = path.match(pattern);
    if (!match) continue;
    const values = match.slice(1).map((each) => each ?? "");
    const params = Object.fromEntries(names.map((each, index) => [each, values[index]]));
    return { name: name || values[0], params, path };
  }
  return { name: "lost", params: {}, path };
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Follows the address, from now on. */
export function startRouter() {
  history.scrollRestoration = "manual";
  addEventListener("hashchange", follow);
  if (!Number.isInteger(history.state)) history.replaceState(0, "");
  depth = history.state;
  addEventListener("scroll", () => scrolls.set(below.peek().path, scrollY));
}

/** How many entries of the history before this one are the client's. */
let depth = 0;

function follow() {
  const next = parse(location.hash);
  // An entry of the history that was here before: what lay over the screen does not belong to this one.
  if (Number.isInteger(history.state)) closeAll();
  else history.replaceState(depth + 1, "");
  depth = history.state;
  batch(() => {
    route.value = next;
    if (!SHEETS.has(next.name) && next.path !== below.peek().path) below.value = next;
  });
}

/** Opens an address. @param {string} path such as "home" or "@ada" */
export function go(path) {
  if (path === route.peek().path) return scrollTo({ top: 0 });
  location.hash = `#/${path}`;
}

/** Opens an address in place of this one. @param {string} path */
export function goInstead(path) {
  history.replaceState(depth, "", `#/${path}`);
  follow();
}

/** Goes back: to where the person came from, or out of a sheet that was opened by its address. */
export function goBack() {
  if (depth > 0) history.back();
  else goInstead(below.peek().path === route.peek().path ? "home" : below.peek().path);
}

/** Scrolls to where the person was at this address, also while what is there is still being read. @param {string} path */
export function restoreScroll(path) {
  const top = scrolls.get(path) ?? 0;
  let last = -1;
  const scroll = () => {
    if (last === -1 || (scrollY === last && below.peek().path === path)) scrollTo({ top, behavior: "instant" });
    last = scrollY;
  };
  scroll();
  if (last >= top) return;
  const observer = new ResizeObserver(scroll);
  observer.observe(document.body);
  setTimeout(() => observer.disconnect(), RESTORING_MS);
}

/** The address of a message. @param {{id: string, account: {acct: string}}} status */
export function pathOf(status) {
  return `@${status.account.acct}/${status.id}`;
}
