// What is new, as it happens: by WebSocket where the server announces one, and by asking again otherwise.
import { ApiError, get, network } from "./api.js";
import { currentToken, instance, session } from "./session.js";
import { dismiss, message, put, putAll } from "./store.js";
import { everyTimeline } from "./timeline.js";
import { effect, signal } from "./ui.js";

/** @typedef {import("./timeline.js").Timeline} Timeline */

const POLL_MS = 15_000;
const LONGEST_MS = 300_000;
const REFRESH_MS = 45_000;
/** API Gateway closes a connection on which nothing was sent for ten minutes. */
const KEEP_OPEN_MS = 8 * 60_000;
/** How long a hidden tab keeps its connection. */
const HIDDEN_MS = 60_000;
const MOST_REFRESHED = 40;

/** "live", "polling", "paused" or "offline", for a person to see. */
export const liveness = signal("polling");
/** How many notifications are unread. */
export const unread = signal(0);

/** @type {Map<Timeline, number>} */
const watched = new Map();
/** @type {Map<string, Set<(payload: any) => void>>} */
const listeners = new Map();
/** @type {WebSocket | null} */
let socket = null;
let attempts = 0;
let failures = 0;
let pollTimer = 0;
let connectTimer = 0;
let hideTimer = 0;
let keepTimer = 0;
let refreshed = 0;
let polled = 0;
let isPolling = false;

/**
 * Keeps a timeline up to date while it is on screen.
 *
 * @param {Timeline} timeline
 * @returns {() => void} ends this
 */
export function watch(timeline) {
  watched.set(timeline, (watched.get(timeline) ?? 0) + 1);
  if (watched.get(timeline) === 1) send("subscribe", timeline.stream);
  if (timeline.state.peek() === "ready") void pollSoon();
  return () => {
    const left = (watched.get(timeline) ?? 1) - 1;
    if (left) watched.set(timeline, left);
    else {
      watched.delete(timeline);
      if (timeline.stream?.[0] !== "user") send("unsubscribe", timeline.stream);
    }
  };
}

/**
 * Calls a function for each event of a kind: "notification", "conversation", "filters_changed".
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
  addEventListener("online", wake);
  addEventListener("pageshow", wake);
  addEventListener("offline", () => {
    network.value = "offline";
    show();
  });
  effect(() => {
    const address = session.value === "in" ? instance.value?.configuration.urls.streaming : undefined;
    close();
    if (address && !document.hidden) connect(address);
  });
  effect(() => {
    network.value;
    show();
  });
  schedule();
}

function show() {
  if (network.peek() === "offline") liveness.value = "offline";
  else if (document.hidden) liveness.value = "paused";
  else liveness.value = isOpen() ? "live" : "polling";
}

function isOpen() {
  return socket?.readyState === WebSocket.OPEN;
}

function pause() {
  clearTimeout(pollTimer);
  hideTimer = setTimeout(close, HIDDEN_MS);
  show();
}

function wake() {
  clearTimeout(hideTimer);
  if (document.hidden) return;
  const address = session.peek() === "in" ? instance.peek()?.configuration.urls.streaming : undefined;
  attempts = 0;
  if (address && !socket) connect(address);
  void pollSoon();
  show();
}

/** Asks at once, unless that has just been done. */
async function pollSoon() {
  if (Date.now() - polled > 2000) await poll();
}

function schedule() {
  clearTimeout(pollTimer);
  const isServed = isOpen() && [...watched.keys()].every((each) => each.stream);
  const wait = isServed ? LONGEST_MS : Math.min(LONGEST_MS, POLL_MS * 2 ** failures);
  pollTimer = setTimeout(poll, wait * (0.9 + 0.2 * Math.random()));
}

async function poll() {
  clearTimeout(pollTimer);
  if (isPolling || document.hidden) return;
  isPolling = true;
  polled = Date.now();
  try {
    const timelines = [...watched.keys()].filter((each) => each.state.peek() === "ready" || each.error.peek());
    await Promise.all([...timelines.map((each) => each.poll()), countUnread(), refresh()]);
    failures = 0;
    schedule();
  } catch (error) {
    failures += 1;
    schedule();
    if (error instanceof ApiError && error.retryAfter) {
      clearTimeout(pollTimer);
      pollTimer = setTimeout(poll, error.retryAfter * 1000 * (1 + 0.2 * Math.random()));
    }
    if (!(error instanceof ApiError)) throw error;
  } finally {
    isPolling = false;
    show();
  }
}

async function countUnread() {
  if (session.peek() === "in" && !isOpen()) unread.value = (await get("api/v1/notifications/unread_count")).count;
}

/** Asks for the messages on screen again, because without a WebSocket nobody says what was deleted or edited. */
async function refresh() {
  if (isOpen() || Date.now() - refreshed < REFRESH_MS) return;
  refreshed = Date.now();
  const shown = [...document.querySelectorAll("article[data-id]")].filter(isOnScreen);
  const asked = [...new Set(shown.map((each) => each.getAttribute("data-id") ?? ""))].slice(0, MOST_REFRESHED);
  const ids = asked.filter((id) => message(id).peek());
  if (!ids.length) return;
  const found = await get("api/v1/statuses", { id: ids });
  putAll(found);
  const existing = new Set(found.map((/** @type {{id: string}} */ each) => each.id));
  for (const id of ids) if (!existing.has(id)) dismiss(id);
}

/** @param {Element} element */
function isOnScreen(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

/** @param {string} address of the streaming API, without a path */
function connect(address) {
  const opened = new WebSocket(`${address}/api/v1/streaming?stream=user`, currentToken());
  socket = opened;
  opened.onopen = () => {
    attempts = 0;
    for (const timeline of watched.keys()) send("subscribe", timeline.stream);
    clearInterval(keepTimer);
    keepTimer = setInterval(() => send("subscribe", ["user"], true), KEEP_OPEN_MS);
    void poll(); // what came while there was no connection
    show();
  };
  opened.onmessage = ({ data }) => receive(JSON.parse(data));
  opened.onclose = () => {
    if (socket !== opened) return;
    close();
    attempts += 1;
    const wait = Math.min(60_000, 1000 * 2 ** attempts) * (0.5 + Math.random());
    if (!document.hidden) connectTimer = setTimeout(connect, wait, address);
    schedule();
  };
}

function close() {
  clearTimeout(connectTimer);
  clearInterval(keepTimer);
  const closed = socket;
  socket = null;
  closed?.close();
  show();
}

/** @param {string} type @param {string[]} [stream] @param {boolean} [again] */
function send(type, stream, again = false) {
  if (!stream || !isOpen() || (stream[0] === "user" && !again)) return;
  const [name, value] = stream;
  const more = name.startsWith("hashtag") ? { tag: value } : name === "list" ? { list: value } : {};
  socket?.send(JSON.stringify({ type, stream: name, ...more }));
}

/** @param {{stream?: string[], event?: string, payload?: string}} frame */
function receive({ stream = [], event = "", payload = "" }) {
  if (event === "delete") return dismiss(payload);
  const data = payload ? JSON.parse(payload) : null;
  if (event === "update") arrive(stream, data);
  if (event === "status.update") put(data);
  if (event === "notification") unread.value += 1;
  for (const listener of listeners.get(event) ?? []) listener(data);
}

/** @param {string[]} stream @param {import("./types.js").Status} status */
function arrive(stream, status) {
  if (!put(status)) return;
  everyTimeline((timeline) => {
    if (timeline.state.peek() === "ready" && timeline.stream?.join() === stream.join()) timeline.offer([status.id]);
  });
}
