// What a person does in one window, for their others: logging out, how the client looks, and what was changed. Windows tell
// each other only where something changed; nothing of it is stored.
import { BASE, changed } from "./api.js";
import { LANGUAGE } from "./i18n.js";
import { bring } from "./modules.js";
import { sayFailure } from "./notices.js";
import { currentToken, forget, loadAccount, me, session } from "./session.js";
import { dismiss } from "./store.js";
import { everyTimeline } from "./timeline.js";
import { effect } from "./ui.js";

/** @typedef {{who: string, method: string, path: string}} Change `who`: the account's id */
/** @typedef {{ended: string}} Ended the token of a session that a person has ended */

const channel = new BroadcastChannel(`fstream ${BASE}`);

/** What to do about a change elsewhere, by the path of its request. @type {[RegExp, (id: string, verb: string) => unknown][]} */
const REACTIONS = [
  [/^DELETE api\/v1\/statuses\/(\w+)$/, dismiss],
  [/^POST api\/v1\/accounts\/(\w+)\/(\w+)$/, relationChanged],
  [/^PATCH api\/v1\/accounts\//, () => loadAccount()],
  [/^\w+ api\/v2\/filters/, () => everyTimeline((each) => void (each.state.peek() === "ready" && each.load()))],
  [/^(?:PUT|POST) api\/v1\/(?:statuses|polls)\/\w+/, readAgain],
];

/** @param {string} id @param {string} verb */
async function relationChanged(id, verb) {
  const { clearPerson, letBack, readRelations } = await bring(() => import("./relations.js"));
  if (verb === "block" || verb === "mute") clearPerson(id);
  letBack(verb);
  await readRelations([id]);
}

async function readAgain() {
  await (await bring(() => import("./refreshing.js"))).refresh();
}

/** @param {Change | Ended} told */
async function hear(told) {
  if ("ended" in told) {
    if (told.ended === currentToken()) forget();
  } else if (told.who === me.peek()?.id) {
    for (const [pattern, react] of REACTIONS) {
      const found = pattern.exec(`${told.method} ${told.path}`);
      if (found) await react(found[1], found[2]);
    }
  }
}

/** Looks as was chosen in another window. @param {StorageEvent} event */
async function wear({ key, newValue }) {
  if (key === LANGUAGE && newValue) await (await bring(() => import("./languages.js"))).chooseLanguage(newValue);
  if (key === "fstream.theme" || key === "fstream.motion") (await bring(() => import("./look.js"))).applyLook();
}

/** Tells the other windows, and hears from them, from now on. */
export function startWindows() {
  const failed = (/** @type {any} */ error) => sayFailure("failed.refresh", error);
  channel.onmessage = ({ data }) => void hear(data).catch(failed);
  addEventListener("storage", (event) => void wear(event).catch(failed));
  effect(() => {
    const who = me.peek()?.id;
    if (changed.value && who) channel.postMessage({ who, ...changed.value });
  });
  let token = "";
  effect(() => {
    if (session.value === "out" && token) channel.postMessage({ ended: token });
    token = session.value === "in" ? currentToken() : "";
  });
}
