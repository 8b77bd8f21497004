// What is new, as it happens: by WebSocket where the server announces one, and by asking again otherwise.
import { ApiError, get, network } from "./api.js";
import { elapsed } from "./clock.js";
import { bring } from "./modules.js";
import { sayFailure } from "./notices.js";
import { fetched } from "./part.js";
import { currentToken, instance, session } from "./session.js";
import { effect, signal } from "./ui.js";

/** @typedef {import("./timeline.js").Timeline} Timeline */

const POLL_MS = 15_000;
const LONGEST_MS = 300_000;
/** How long it takes at most until it is noticed that the server can be reached again. */
const OFFLINE_MS = 30_000;
const REFRESH_MS = 45_000;
/** How long after a connection ends at the latest it is asked why: many end at the same time. */
const SPREAD_MS = 3000;
/** How long the first view has the network for itself, before a connection is opened. */
const FIRST_MS = 1000;
/** How long a hidden tab keeps its connection. */
const HIDDEN_MS = 60_000;

/** "live", "polling", "paused", "slow" or "offline", for a person to see. */
export const liveness = signal("polling");
/** How many notifications are unread. */
export const unread = signal(0);

/** @type {Map<Timeline, number>} */
const watched = new Map();
/** @type {Map<string, Set<(payload: any) => void>>} */
const listeners = new Map();
/** @type {import("./socket.js").Connection | null} */
let connection = null;
let failures = 0;
let pollTimer = 0;
let hideTimer = 0;
let refreshed = elapsed();
let polled = elapsed();
let isPolling = false;
/** Until when the server wants not to be asked. */
let refusedUntil = 0;
/** Polls since a connection was opened, which may be dead without anybody knowing. */
let openPolls = 0;
/** Whether something may have been missed since the poll that is under way began. */
let isBehind = false;
/** Whether deletions and edits may have been missed, also of what is not on screen. */
let isStale = false;
/** Whether there has been a connection. */
let wasOpen = false;

/**
 * Keeps a timeline up to date while it is on screen.
 *
 * @param {Timeline} timeline
 * @returns {() => void} ends this
 */
export function watch(timeline) {
  watched.set(timeline, (watched.get(timeline) ?? 0) + 1);
  if (watched.get(timeline) === 1) subscribe("subscribe", timeline);
  if (timeline.stream?.[0] !== "user") refreshed = -Infinity;
  if (timeline.state.peek() === "ready") pollSoon();
  return () => {
    const left = (watched.get(timeline) ?? 1) - 1;
    if (left) watched.set(timeline, left);
    else {
      watched.delete(timeline);
      subscribe("unsubscribe", timeline);
    }
  };
}

/** Asks for the stream of a timeline, or no longer; that of the person is always there. @param {string} type @param {Timeline} timeline */
function subscribe(type, { stream }) {
  if (stream && stream[0] !== "user") connection?.send(type, stream);
}

/**
 * Calls a function for each event of a kind: "notification", "filters_changed".
 *
 * @param {string} event
 * @param {(payload: any) => void} listener
 * @returns {() => void} ends this
 */
export function onEvent(event, listener) {
  const those = listeners.get(event) ?? new Set();
  listeners.set(event, those.add(listener));
  return () => those.delete(listener);
}

/** Starts to look for what is new. */
export function startLive() {
  document.addEventListener("visibilitychange", () => (document.hidden ? pause() : wake()));
  addEventListener("online", () => {
    disconnect(); // a connection of another network may be dead without anybody knowing
    wake();
  });
  addEventListener("pageshow", wake);
  addEventListener("pagehide", disconnect); // a browser does not keep a page that has one
  addEventListener("offline", () => {
    network.value = "offline";
  });
  effect(() => {
    session.value;
    instance.value;
    disconnect();
    setTimeout(wake, FIRST_MS);
  });
  effect(() => {
    network.value;
    show();
  });
  schedule();
}

function show() {
  if (network.peek() !== "ok") liveness.value = network.peek();
  else if (document.hidden) liveness.value = "paused";
  else liveness.value = isOpen() ? "live" : "polling";
}

function isOpen() {
  return connection?.isOpen ?? false;
}

/** Returns whether a connection brings all that is on screen. */
function isServed() {
  return isOpen() && [...watched.keys()].every((each) => each.stream);
}

function pause() {
  clearTimeout(pollTimer);
  hideTimer = setTimeout(disconnect, HIDDEN_MS);
  show();
}

function wake() {
  if (document.hidden) return;
  clearTimeout(hideTimer);
  if (connection) connection.hurry();
  else void connect();
  pollSoon();
  show();
}

/** Asks at once: a person wants it. */
export function pollNow() {
  failures = 0;
  void poll();
}

/** Asks at once, unless that has just been done. */
function pollSoon() {
  if (elapsed() - polled > 2000 && elapsed() > refusedUntil) void poll();
}

/** @param {number} wait in milliseconds */
function pollAfter(wait) {
  clearTimeout(pollTimer);
  pollTimer = setTimeout(poll, wait);
}

function schedule() {
  if (isOpen()) openPolls += 1;
  const steps = isServed() ? (connection?.hasSpoken ? Infinity : openPolls) : failures;
  const longest = network.peek() === "offline" ? OFFLINE_MS : LONGEST_MS;
  const wait = Math.min(longest, POLL_MS * 2 ** steps) * (0.9 + 0.2 * Math.random());
  pollAfter(Math.max(wait, refusedUntil - elapsed()));
}

async function poll() {
  clearTimeout(pollTimer);
  if (isPolling || document.hidden) {
    isBehind = isPolling;
    return;
  }
  isPolling = true;
  isBehind = false;
  polled = elapsed();
  try {
    const timelines = [...watched.keys()].filter((each) => each.state.peek() === "ready" || each.error.peek());
    const before = countHeard();
    await Promise.all([...timelines.map((each) => each.poll()), countUnread(), refresh()]);
    failures = 0;
    if (openPolls && countHeard() > before) connection?.renew();
  } catch (error) {
    failures += 1;
    isStale = true;
    if (!(error instanceof ApiError)) throw error;
    refusedUntil = elapsed() + error.retryAfter * 1000 * (1 + 0.2 * Math.random());
  } finally {
    isPolling = false;
    schedule();
    show();
    if (isBehind && elapsed() > refusedUntil) void poll();
  }
}

/** Counts the messages on screen that a connection should have brought. */
function countHeard() {
  const heard = [...watched.keys()].filter((each) => each.stream && isOpen());
  return heard.reduce((sum, each) => sum + (each.heard?.() ?? 0), 0);
}

async function countUnread() {
  if (session.peek() === "in") unread.value = (await get("api/v1/notifications/unread_count")).count;
}

/** Looks for what was deleted or edited, which only a WebSocket would say. */
async function refresh() {
  if (isStale || elapsed() - refreshed >= (isServed() ? Infinity : REFRESH_MS)) await refreshNow(isStale);
}

/** @param {boolean} [isAll] whether it is about everything, not only what is on screen */
async function refreshNow(isAll) {
  refreshed = elapsed();
  isStale = false;
  await (await fetched(() => import("./refreshing.js")))?.refresh(isAll);
}

/** Opens a WebSocket, if the server announces an address for it. */
async function connect() {
  const address = session.peek() === "in" ? instance.peek()?.configuration.urls.streaming : undefined;
  if (!address) return void (instance.peek() && pollSoon());
  const token = currentToken();
  const module = await bring(() => import("./socket.js")).catch(() => null); // polls do for as long as it cannot be loaded
  if (!module || connection || token !== currentToken()) return;
  const opened = () => {
    openPolls = 0;
    isStale ||= wasOpen;
    wasOpen = true;
    for (const timeline of watched.keys()) subscribe("subscribe", timeline);
    void poll(); // what came while there was no connection
    show();
  };
  const ended = () => {
    pollAfter(SPREAD_MS * Math.random());
    show();
  };
  connection = new module.Connection(address, token, { opened, tell, ended });
}

function disconnect() {
  connection?.close();
  connection = null;
  show();
}

/** @param {string} event @param {any} data */
function tell(event, data) {
  if (event === "notification") unread.value += 1;
  if (event === "filters_changed") refreshNow().catch((error) => sayFailure("failed.refresh", error));
  for (const listener of listeners.get(event) ?? []) listener(data);
}
