// The screens, and other parts that are drawn rarely: each loads when it is first needed.
import { ApiError } from "./api.js";
import { Home } from "./screens/home.js";
import { signal } from "./ui.js";

/** @typedef {{Shown: any, error: ApiError | null, retry: () => void}} Part */

/** Whether the server was upgraded under this document, whose files it no longer has. */
export const upgraded = signal(false);

/** By name, as in an address: what loads the module, and the component in it. @type {Record<string, () => Promise<any>>} */
const LOADERS = {
  welcome: () => import("./screens/welcome.js").then((module) => module.Welcome),
  soon: () => import("./screens/soon.js").then((module) => module.GoingSoon),
  rail: () => import("./beside.js").then((module) => module.Beside),
  keys: () => import("./screens/keys.js").then((module) => module.KeysSheet),
  lost: () => import("./screens/lost.js").then((module) => module.Lost),
  thread: () => import("./screens/thread.js").then((module) => module.ThreadScreen),
};

/** @type {Map<string, import("@preact/signals").Signal<Part>>} */
const parts = new Map([["home", signal(/** @type {Part} */ ({ Shown: Home, error: null, retry: () => {} }))]]);

/**
 * Returns a part, as a signal that has the component once it is loaded.
 *
 * @param {string} name
 */
export function partOf(name) {
  const found = parts.get(name);
  if (found) return found;
  const made = signal(/** @type {Part} */ ({ Shown: null, error: null, retry: () => void load() }));
  const load = async () => {
    try {
      made.value = { ...made.value, Shown: await (LOADERS[name] ?? LOADERS.lost)(), error: null };
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      made.value = { ...made.value, error: new ApiError(0, "") };
      await findOutWhy();
    }
  };
  parts.set(name, made);
  void load();
  return made;
}

/** Asks whether the server still has the files of this version. */
async function findOutWhy() {
  const answer = await fetch(import.meta.url, { cache: "no-store" }).catch(() => null);
  upgraded.value = answer?.status === 404;
}
