// What happens when a person presses something on a message: the callbacks of every Message. What acts loads when a
// pointer or a key first does something in the window.
import { t } from "./i18n.js";
import { isSpeaking } from "./notices.js";
import { openMenu, peeked, write } from "./overlays.js";
import { fetched, load } from "./part.js";
import { go, pathOf } from "./router.js";

/** @typedef {import("./types.js").Status} Status */

const PEEK_MS = 450;
let timer = 0;

const actions = () => fetched(() => import("./actions.js"));

/** Loads what says and does things at the first sign of a person, so that it is there without a connection. */
async function prepare() {
  void actions();
  if (await load("toasts")) isSpeaking.value = true;
}
for (const event of ["pointerdown", "keydown"]) addEventListener(event, prepare, { once: true });

/** @param {"favourite" | "bookmark" | "vote"} name @returns {(...values: any[]) => Promise<void>} */
function acting(name) {
  return async (...values) => void (/** @type {any} */ (await actions())?.[name](...values));
}

export const deeds = {
  /** @param {Status} status */
  open: (status) => go(pathOf(status)),
  /** @param {Status} status */
  reply: async (status) => (await actions())?.isAllowed() && write({ answering: status }),
  /** @param {Status} status @param {HTMLElement} anchor */
  async boost(status, anchor) {
    const menus = await fetched(() => import("./menus.js"));
    if ((await actions())?.isAllowed()) menus?.openBoosting(status, anchor);
  },
  favourite: acting("favourite"),
  bookmark: acting("bookmark"),
  vote: acting("vote"),
  /** @param {Status} status @param {HTMLElement} anchor */
  async more(status, anchor) {
    const menus = await fetched(() => import("./menus.js"));
    if (menus) openMenu(anchor, t("act.more"), menus.menuOf(status));
  },
  /** Shows an account's card while the pointer rests on its name. @param {any} account @param {HTMLElement} anchor */
  peek(account, anchor) {
    clearTimeout(timer);
    if (account) timer = setTimeout(() => (peeked.value = { account, anchor }), PEEK_MS);
  },
};
