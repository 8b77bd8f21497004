// The WebSocket of the streaming API: it is opened again whenever it ends, later each time.
import { dismiss, put } from "./store.js";
import { everyTimeline } from "./timeline.js";

/**
 * @typedef {object} Handlers
 * @property {() => void} opened something may have been missed until now
 * @property {(event: string, data: any) => void} tell what came, after messages have found their place
 * @property {() => void} ended it was open until now
 */

/** API Gateway closes a connection on which nothing was sent for ten minutes. */
const KEEP_OPEN_MS = 8 * 60_000;
const LONGEST_MS = 60_000;
/** A connection that was open for so long has not failed: the next one need not wait. */
const STEADY_MS = 30_000;

/** A connection that is kept until it is closed. */
export class Connection {
  /** @param {string} address of the streaming API, without a path @param {string} token @param {Handlers} on */
  constructor(address, token, on) {
    this.address = `${address}/api/v1/streaming?stream=user`;
    this.token = token;
    this.on = on;
    this.attempts = 0;
    this.timer = 0;
    this.keeping = setInterval(() => this.send("subscribe", ["user"]), KEEP_OPEN_MS);
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
    let opened = 0;
    this.hasSpoken = false;
    socket.onopen = () => {
      opened = Date.now();
      this.on.opened();
    };
    socket.onmessage = ({ data }) => {
      this.hasSpoken = true;
      if (this.socket === socket) receive(JSON.parse(data), this.on.tell); // what comes while it closes is for nobody
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.attempts = opened && Date.now() - opened > STEADY_MS ? 1 : this.attempts + 1;
      const wait = Math.min(LONGEST_MS, 1000 * 2 ** this.attempts) * (0.5 + Math.random());
      this.timer = setTimeout(() => this.connect(), wait);
      if (opened) this.on.ended();
    };
  }

  /** Connects again: it is open, but what should have come did not. */
  renew() {
    const { socket } = this;
    this.connect();
    socket?.close();
  }

  /** Connects at once, if it was waiting to. */
  hurry() {
    this.attempts = 0;
    if (!this.socket) this.connect();
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
    clearInterval(this.keeping);
    const { socket } = this;
    this.socket = null;
    socket?.close();
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
