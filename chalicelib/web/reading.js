// How far the person has read home, on any device: the API's marker. What is below was there the last time.
import { ApiError, get, post } from "./api.js";
import { isProvisional } from "./own.js";
import { homeTimeline } from "./screens/home.js";
import { me, session } from "./session.js";
import { message } from "./store.js";
import { readTo } from "./stream.js";
import { loadStyles } from "./style.js";
import { effect, signal } from "./ui.js";

/** What is at the top for so long has been seen. */
const SEEN_MS = 5000;

/** The newest message that the person had seen when home was opened; null until that is known. */
const before = signal(/** @type {string | null} */ (null));
/** The newest one that the server knows as seen. */
let marked = "";
let timer = 0;
let isFollowing = false;

/** Learns how far the person has read, and tells the server from now on. */
export async function followReading() {
  if (isFollowing) return;
  isFollowing = true;
  try {
    const { home } = await get("api/v1/markers", { timeline: ["home"] });
    marked = home?.last_read_id ?? "";
    if (marked) await loadStyles();
    before.value = marked;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    isFollowing = false; // home does without the mark
    return;
  }
  const end = effect(() => {
    if (session.value !== "in") return stop();
    const ids = homeTimeline().ids.value;
    readTo.value = placeOf(ids);
    const newest = ids.find((id) => !isProvisional(id));
    clearTimeout(timer);
    if (newest && newest > marked) timer = setTimeout(() => void mark(newest), SEEN_MS);
  });
  const stop = () => {
    clearTimeout(timer);
    readTo.value = "";
    isFollowing = false;
    queueMicrotask(() => end());
  };
}

/** Returns the first message that had been seen, if anything by others is above it. @param {string[]} ids */
function placeOf(ids) {
  const at = before.value ? ids.findIndex((id) => id <= /** @type {string} */ (before.value)) : -1;
  const own = me.peek()?.id;
  const isNews = ids.slice(0, Math.max(0, at)).some((id) => message(id).peek()?.account.id !== own);
  return isNews ? ids[at] : "";
}

/** @param {string} id */
async function mark(id) {
  if (document.visibilityState !== "visible" || session.peek() !== "in") return;
  try {
    await post("api/v1/markers", { home: { last_read_id: id } });
    marked = id;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error; // it is sent again with the next one
  }
}
