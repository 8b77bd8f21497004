// Screens and other parts that are not in the first view: each loads when it is first needed.
import { ApiError } from "./api.js";
import { loadAllWords } from "./i18n.js";
import { bring, upgraded } from "./modules.js";
import { reason, say } from "./notices.js";
import { loadStyles } from "./style.js";
import { Failed } from "./trouble.js";
import { html, signal } from "./ui.js";

/** The screens, by their names in addresses: what loads a module, and the name of the component in it. @type {Record<string, [() => Promise<any>, string]>} */
const SCREENS = {
  welcome: [() => import("./screens/welcome.js"), "Welcome"],
  soon: [() => import("./screens/soon.js"), "GoingSoon"],
  thread: [() => import("./screens/thread.js"), "ThreadScreen"],
  keys: [() => import("./screens/keys.js"), "KeysSheet"],
  explore: [() => import("./screens/explore.js"), "Explore"],
  search: [() => import("./screens/explore.js"), "SearchScreen"],
  hashtag: [() => import("./screens/hashtag.js"), "HashtagScreen"],
  profile: [() => import("./screens/profile.js"), "ProfileScreen"],
  report: [() => import("./screens/report.js"), "ReportSheet"],
  settings: [() => import("./screens/settings.js"), "Settings"],
  drafts: [() => import("./screens/drafts.js"), "Drafts"],
  about: [() => import("./screens/about.js"), "About"],
  begin: [() => import("./screens/begin.js"), "Begin"],
  notifications: [() => import("./screens/notifications.js"), "NotificationsScreen"],
  conversations: [() => import("./screens/conversations.js"), "Conversations"],
  lists: [() => import("./screens/lists.js"), "Lists"],
  bookmarks: [() => import("./screens/kept.js"), "KeptScreen"],
  lost: [() => import("./screens/lost.js"), "Lost"],
};
/** Parts of the first view that are not seen at once. @type {Record<string, [() => Promise<any>, string]>} */
const PARTS = {
  rail: [() => import("./beside.js"), "Beside"],
  writing: [() => import("./composing.js"), "Writing"],
  writingSheet: [() => import("./composing.js"), "WritingSheet"],
  extras: [() => import("./components/extras.js"), "ComposerExtras"],
  guest: [() => import("./guest.js"), "Guest"],
  hover: [() => import("./hover.js"), "Hover"],
  menu: [() => import("./components/menu.js"), "Menu"],
  poll: [() => import("./components/poll.js"), "Poll"],
  quote: [() => import("./components/quote.js"), "Quote"],
  toasts: [() => import("./components/toast.js"), "Toasts"],
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
  if (!error) return meanwhile;
  return upgraded.value ? null : html`<${Failed} error=${error} retry=${() => load(name)} />`;
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
    const [module, component] = PARTS[name] ?? SCREENS[name] ?? SCREENS.lost;
    const [loaded] = await Promise.all([bring(module), ...needed]);
    part.value = { Shown: loaded[component], error: null };
    return loaded[component];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    part.value = { Shown: null, error };
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
 * Loads a module that says or does something, and all words.
 *
 * @template T
 * @param {() => Promise<T>} load nothing but the import of a path
 * @returns {Promise<T | null>} null if it could not be loaded, which is said above the screen
 */
export async function fetched(load) {
  try {
    const [loaded] = await Promise.all([bring(load), loadAllWords()]);
    return loaded;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status && !upgraded.peek()) say(reason(error), { failed: true });
    return null;
  }
}
