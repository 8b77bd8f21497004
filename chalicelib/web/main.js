// Where the client begins.
import { App } from "./app.js";
import { setBack, startClock } from "./clock.js";
import { loadWords } from "./i18n.js";
import { pollNow, startLive } from "./live.js";
import { sayFailure } from "./notices.js";
import { closeAll } from "./overlays.js";
import { fetched, isScreen, load } from "./part.js";
import { below, startRouter } from "./router.js";
import { homeTimeline } from "./screens/home.js";
import { isNewHere, loadAccount, resume, session } from "./session.js";
import { forgetAll, forgive, guardAgainstSleep, onGone } from "./store.js";
import { everyTimeline, forgetTimelines } from "./timeline.js";
import { effect, html, render } from "./ui.js";

/** How long the first view has the network for itself, once the account is known. */
const PREPARED_MS = 3000;
/** How long after the account could not be read it is read again. */
const AGAIN_MS = 5000;
let isPrepared = false;
/** The first messages. @type {Promise<void> | undefined} */
let first;

async function start() {
  if (!navigator.cookieEnabled) await import("./storeless.js");
  const ready = loadWords().then(wearLook);
  const resumed = resume().then(
    () => null,
    (error) => error,
  );
  // What is read first is asked for before anything is drawn.
  if (session.peek() === "in" && below.peek().name === "home") first = homeTimeline().load();
  followSession();
  followTime();
  startClock();
  guardAgainstSleep();
  startRouter();
  addEventListener("focusin", keepFocusThere, { once: true });
  const [failed] = await Promise.all([resumed, ready]);
  addEventListener("keydown", keepKey);
  render(html`<${App} />`, /** @type {HTMLElement} */ (document.getElementById("app")));
  if (failed) sayFailure("failed.login", failed);
  if (isNewHere.peek() && isScreen("begin")) location.hash = "#/begin";
  startLive();
}

/** Loads what keeps the focus from being lost, as soon as something has it. */
async function keepFocusThere() {
  const module = await fetched(() => import("./focus.js"));
  if (module) onGone(module.passFocus);
}

/** Looks as was chosen in this browser, if something was. */
async function wearLook() {
  const chosen = localStorage.getItem("fstream.theme") ?? localStorage.getItem("fstream.motion");
  if (chosen) (await fetched(() => import("./look.js")))?.applyLook();
}

/** What was pressed before it was known what keys do. @type {KeyboardEvent[]} */
const early = [];

/** Loads what the keys do, when the first is pressed. @param {KeyboardEvent} event */
async function keepKey(event) {
  if (early.push(event) > 1) return;
  const module = await fetched(() => import("./shortcuts.js"));
  if (module) {
    removeEventListener("keydown", keepKey);
    module.startShortcuts(early);
  }
  early.length = 0;
}

/** Loads the composer, so that it is there without a connection, what other windows need to know, and how far was read. */
function prepare() {
  if (isPrepared) return;
  isPrepared = true;
  setTimeout(async () => {
    void load("writing");
    (await fetched(() => import("./windows.js")))?.startWindows();
    (await fetched(() => import("./reading.js")))?.followReading();
  }, PREPARED_MS);
}

/** Reads everything again that left because the device's clock had been set forward. */
function followTime() {
  effect(() => {
    if (!setBack.value) return;
    forgive();
    everyTimeline((each) => void each.load());
    pollNow();
  });
}

/** Reads the account, and tries that again as long as the server cannot be reached. */
async function readAccount(tries = 0) {
  try {
    await loadAccount(first);
    prepare();
  } catch (error) {
    if (/** @type {any} */ (error).status === 401) return;
    if (!tries) sayFailure("failed.account", error);
    const wait = Math.max(AGAIN_MS, /** @type {any} */ (error).retryAfter * 1000);
    setTimeout(() => session.peek() === "in" && void readAccount(tries + 1), wait);
  }
}

/** Reads the account of each session, and forgets what belonged to one that is over. */
function followSession() {
  let wasIn = false;
  effect(() => {
    const isIn = session.value === "in";
    if (isIn) void readAccount();
    else if (wasIn) {
      closeAll();
      forgetTimelines();
      forgetAll();
    }
    wasIn = isIn;
  });
}

void start();
