// Screens and other parts that are not in the first view: each loads when it is first needed.
import { ApiError, network } from "./api.js";
import { loadAllWords } from "./i18n.js";
import { loadStyles } from "./style.js";
import { Failed } from "./trouble.js";
import { html, signal } from "./ui.js";

/** Whether the server was upgraded under this document, whose files it no longer has. */
export const upgraded = signal(false);

/** The screens, by their names in addresses: what loads a module, and the component in it. @type {Record<string, () => Promise<any>>} */
const SCREENS = {
  welcome: () => import("./screens/welcome.js").then((module) => module.Welcome),
  soon: () => import("./screens/soon.js").then((module) => module.GoingSoon),
  thread: () => import("./screens/thread.js").then((module) => module.ThreadScreen),
  keys: () => import("./screens/keys.js").then((module) => module.KeysSheet),
  explore: () => import("./screens/explore.js").then((module) => module.Explore),
  search: () => import("./screens/explore.js").then((module) => module.SearchScreen),
  hashtag: () => import("./screens/hashtag.js").then((module) => module.HashtagScreen),
  profile: () => import("./screens/profile.js").then((module) => module.ProfileScreen),
  report: () => import("./screens/report.js").then((module) => module.ReportSheet),
  settings: () => import("./screens/settings.js").then((module) => module.Settings),
  drafts: () => import("./screens/drafts.js").then((module) => module.Drafts),
  about: () => import("./screens/about.js").then((module) => module.About),
  begin: () => import("./screens/begin.js").then((module) => module.Begin),
  notifications: () => import("./screens/notifications.js").then((module) => module.NotificationsScreen),
  conversations: () => import("./screens/conversations.js").then((module) => module.Conversations),
  lists: () => import("./screens/lists.js").then((module) => module.Lists),
  bookmarks: () => import("./screens/kept.js").then((module) => module.KeptScreen),
  lost: () => import("./screens/lost.js").then((module) => module.Lost),
};
/** Parts of the first view that are not seen at once. @type {Record<string, () => Promise<any>>} */
const PARTS = {
  rail: () => import("./beside.js").then((module) => module.Beside),
  writing: () => import("./composing.js").then((module) => module.Writing),
  writingSheet: () => import("./composing.js").then((module) => module.WritingSheet),
  extras: () => import("./components/extras.js").then((module) => module.ComposerExtras),
  guest: () => import("./guest.js").then((module) => module.Guest),
  hover: () => import("./hover.js").then((module) => module.Hover),
  menu: () => import("./components/menu.js").then((module) => module.Menu),
  poll: () => import("./components/poll.js").then((module) => module.Poll),
  toasts: () => import("./components/toast.js").then((module) => module.Toasts),
};

/** The part whose words and styles are those of the first view. */
const BESIDE = "rail";

/** @typedef {{Shown: any, error: ApiError | null}} Loaded */
/** @type {Map<string, import("@preact/signals").Signal<Loaded>>} */
const parts = new Map();

/**
 * Draws a part, with its own properties.
 *
 * @param {{name: string, meanwhile?: any}} props `meanwhile`: what is drawn until it is loaded
 */
export function Part({ name, meanwhile = null, ...props }) {
  const { Shown, error } = partOf(name).value;
  if (Shown) return html`<${Shown} ...${props} />`;
  return error && !upgraded.value ? html`<${Failed} error=${error} retry=${() => load(name)} />` : meanwhile;
}

/** How many parts are loading, which the document shows. */
let loading = 0;

/** @param {number} change */
function count(change) {
  loading += change;
  document.documentElement.toggleAttribute("data-loading", loading > 0);
}

/** @param {string} name */
function partOf(name) {
  const found = parts.get(name);
  if (found) return found;
  const made = signal(/** @type {Loaded} */ ({ Shown: null, error: null }));
  parts.set(name, made);
  void load(name);
  return made;
}

/**
 * Loads a part.
 *
 * @param {string} name
 * @returns {Promise<any>} the component; null if it could not be loaded, which the part then says in its place
 */
export async function load(name) {
  const part = partOf(name);
  count(1);
  try {
    const needed = name === BESIDE ? [] : [loadAllWords(), loadStyles()];
    const [Shown] = await Promise.all([(PARTS[name] ?? SCREENS[name] ?? SCREENS.lost)(), ...needed]);
    part.value = { Shown, error: null };
    return Shown;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    part.value = { Shown: null, error: new ApiError(0, "") };
    await findOutWhy();
    return null;
  } finally {
    count(-1);
  }
}

/** Returns whether there is a screen of this name. @param {string} name */
export function isScreen(name) {
  return name === "home" || name in SCREENS;
}

/**
 * Waits for a module that says or does something, and for all words.
 *
 * @template T
 * @param {Promise<T>} module
 * @returns {Promise<T | null>} null if it could not be loaded, which is said above the screen
 */
export async function fetched(module) {
  try {
    const [loaded] = await Promise.all([module, loadAllWords()]);
    return loaded;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    await findOutWhy();
    return null;
  }
}

/** Asks whether the server cannot be reached, or no longer has the files of this version. */
async function findOutWhy() {
  const answer = await fetch(import.meta.url, { cache: "no-store" }).catch(() => null);
  if (!answer) network.value = "offline";
  upgraded.value = answer?.status === 404;
}
