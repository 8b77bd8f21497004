// The server's time. A device's clock may be wrong, and lifetimes end by the server's.
import { computed, signal, useComputed } from "./ui.js";

const SECOND = 1000;

// The server's time minus the elapsed time is between these two.
let least = -Infinity;
let most = Infinity;
let offset = 0;

/** By how much the device's clock is ahead of the one that counts from the beginning of the document. */
const lead = () => Date.now() - performance.now();
let lastLead = lead();
let start = lastLead;

/** How often it turned out that less time had passed than the device's clock said: it was set forward. */
export const setBack = signal(0);

/**
 * Returns the device's time in milliseconds, which goes on when its clock is set back. Where the clock leaps forward, the
 * device has slept, or so it is taken until the server says otherwise.
 */
export function elapsed() {
  const leap = lead() - lastLead;
  if (Math.abs(leap) > SECOND / 2) {
    lastLead += leap;
    start += Math.max(0, leap);
  }
  return start + performance.now();
}

/**
 * Learns from the `Date` of a response. It has whole seconds, so each response only bounds the difference of the
 * clocks; several responses narrow it down. As long as the device's clock may be right, it is taken to be; otherwise the
 * latest time is taken that is possible, so that nothing is shown for too long.
 *
 * @param {string | null} date the header
 * @param {number} sent when the request was sent, in elapsed time
 * @param {number} received when the response arrived
 */
export function learnTime(date, sent, received) {
  const at = Date.parse(date ?? "");
  if (Number.isNaN(at)) return;
  const low = at - received;
  const high = at + SECOND - sent;
  const wasSet = low > most || high < least;
  const isEarlier = high < least;
  least = wasSet ? low : Math.max(least, low);
  most = wasSet ? high : Math.min(most, high);
  offset = least <= 0 && most >= 0 ? 0 : most;
  if (isEarlier) setBack.value += 1;
}

/** Returns the server's time in milliseconds. */
export function serverNow() {
  return elapsed() + offset;
}

/** The server's time, once a second. */
export const second = signal(serverNow());

/** Reads the clock now, for everything that shows the time. */
export function tick() {
  second.value = serverNow();
}

/** The server's time in steps of five seconds, for lists of what goes soon. */
export const fewSeconds = computed(() => Math.floor(second.value / (5 * SECOND)) * 5 * SECOND);

/** Keeps `second` going, at the server's full seconds. */
export function startClock() {
  tick();
  setTimeout(startClock, SECOND - (serverNow() % SECOND));
}

/**
 * Returns the server's time for a component that shows how much is left of a lifetime, in steps: the component is
 * drawn again only when it would look different. The steps of different messages fall on different seconds, so that
 * they are not all drawn at once.
 *
 * @param {number} from when the lifetime began
 * @param {number} until when it ends
 */
export function useNow(from, until) {
  return useComputed(() => {
    const step = stepAt(second.value, from, until);
    const shift = from % step;
    return Math.floor((second.value - shift) / step) * step + shift;
  }).value;
}

/** @param {number} now @param {number} from @param {number} until */
function stepAt(now, from, until) {
  const left = until - now;
  if (left < 70 * SECOND) return SECOND;
  if (left < 3600 * SECOND) return Math.min(5 * SECOND, Math.max(SECOND, (until - from) / 200));
  return 60 * SECOND;
}
