// The WebSocket of the streaming API: it is opened again whenever it ends, later each time, or does not answer.
import { elapsed } from "./clock.js";
import { dismiss, put } from "./store.js";
import { everyTimeline } from "./timeline.js";

/**
 * @typedef {object} Handlers
 * @property {() => void} opened something may have been missed until now
 * @property {(event: string, data: any) => void} tell what came, after messages have found their place
 * @property {() => void} ended it was open until now
 */

/** API Gateway closes a connection on which nothing was sent for ten minutes, CloudFront one on which nothing came. */
const KEEP_OPEN_MS = 8 * 60_000;
/** After so long a silence it is asked whether the connection is alive, while a person uses the window. */
const SILENT_MS = 50_000;
/** How long an answer may take. */
const ANSWER_MS = 10_000;
const LOOK_MS = 5000;
/** So long after it was last touched, a window is in use. */
const USED_MS = 120_000;
/** A stream that does not exist. The protocol has no other question that the server always answers. */
const QUESTION = ["ping"];
const LONGEST_MS = 60_000;
/** A connection that was open for so long has not failed: the next one need not wait. */
const STEADY_MS = 30_000;

/** When the window was last used. */
let used = elapsed();
for (const kind of ["pointermove", "pointerdown", "keydown", "scroll", "focus"])
  addEventListener(kind, () => (used = elapsed()), { passive: true, capture: true });

/** A connection that is kept until it is closed. */
export class Connection {
  /** @param {string} address of the streaming API, without a path @param {string} token @param {Handlers} on */
  constructor(address, token, on) {
    this.address = `${address}/api/v1/streaming?stream=user`;
    this.token = token;
    this.on = on;
    this.attempts = 0;
    this.timer = 0;
    this.opened = 0;
    this.heard = 0;
    this.asked = 0;
    this.looking = setInterval(() => this.look(), LOOK_MS);
    /** @type {WebSocket | null} */
    this.socket = null;
    this.connect();
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  connect() {
    clearTimeout(this.timer);
    const socket = new WebSocket(this.address, this.token);
    this.socket = socket;
    this.opened = 0;
    this.asked = 0;
    this.hasSpoken = false;
    socket.onopen = () => {
      this.opened = this.heard = elapsed();
      this.on.opened();
    };
    socket.onmessage = ({ data }) => {
      if (this.socket !== socket) return; // what comes while it closes is for nobody
      this.heard = elapsed();
      this.asked = 0;
      const frame = JSON.parse(data);
      this.hasSpoken ||= "event" in frame;
      receive(frame, this.on.tell);
    };
    socket.onclose = () => this.socket === socket && this.lose(elapsed());
  }

  /** Does without the connection, and connects again later. @param {number} until when it was known to be open */
  lose(until) {
    const { socket, opened } = this;
    this.socket = null;
    socket?.close();
    this.attempts = opened && until - opened > STEADY_MS ? 1 : this.attempts + 1;
    const wait = Math.min(LONGEST_MS, 1000 * 2 ** this.attempts) * (0.5 + Math.random());
    this.timer = setTimeout(() => this.connect(), wait);
    if (opened) this.on.ended();
  }

  /** Asks after a silence whether the connection is alive. One that does not answer is lost: networks do not always say so. */
  look() {
    if (!this.isOpen) return;
    const now = elapsed();
    if (this.asked) return void (now - this.asked > ANSWER_MS && this.lose(this.heard));
    if (now - this.heard < (now - used < USED_MS ? SILENT_MS : KEEP_OPEN_MS)) return;
    this.asked = now;
    this.send("subscribe", QUESTION);
  }

  /** Connects again: it is open, but what should have come did not. */
  renew() {
    const { socket } = this;
    this.connect();
    socket?.close();
  }

  /** Connects at once, if it was waiting to: a person looks at the window. */
  hurry() {
    this.attempts = 0;
    used = elapsed();
    if (!this.socket) this.connect();
    else this.look();
  }

  /** Asks for a stream, or no longer. @param {string} type @param {string[]} stream such as ["hashtag", "rain"] */
  send(type, [name, value]) {
    if (!this.isOpen) return;
    const more = name.startsWith("hashtag") ? { tag: value } : name === "list" ? { list: value } : {};
    this.socket?.send(JSON.stringify({ type, stream: name, ...more }));
  }

  /** Ends the connection. */
  close() {
    clearTimeout(this.timer);
    clearInterval(this.looking);
    const { socket } = this;
    this.socket = null;
    // Browsers report one that is closed before it is open as an error.
    if (socket?.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
    else socket?.close();
  }
}

/** @param {{stream?: string[], event?: string, payload?: string}} frame @param {Handlers["tell"]} tell */
function receive({ stream = [], event = "", payload = "" }, tell) {
  if (event === "delete") return dismiss(payload);
  const data = payload ? JSON.parse(payload) : null;
  if (event === "update") arrive(stream, data);
  if (event === "status.update") put(data);
  tell(event, data);
}

/** @param {string[]} stream @param {import("./types.js").Status} status */
function arrive(stream, status) {
  if (!put(status)) return;
  everyTimeline((timeline) => {
    if (timeline.state.peek() === "ready" && timeline.stream?.join() === stream.join()) timeline.offer([status.id]);
  });
}
