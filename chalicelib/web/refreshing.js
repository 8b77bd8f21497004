// The messages on screen, read again: they may have been edited or deleted.
import { get } from "./api.js";
import { isProvisional } from "./own.js";
import { dismiss, message, putAll } from "./store.js";
import { everyTimeline } from "./timeline.js";

const MOST_ASKED = 40;

/**
 * Reads the messages on screen again. Those that are not there any more leave.
 *
 * @param {boolean} [isAll] whether those of all timelines are read again, too
 * @throws {import("./api.js").ApiError}
 */
export async function refresh(isAll = false) {
  const shown = [...document.querySelectorAll("article[data-id]")].filter(isOnScreen);
  const asked = shown.map((each) => each.getAttribute("data-id") ?? "");
  if (isAll) everyTimeline(({ ids, pending }) => void asked.push(...ids.peek(), ...pending.peek()));
  const ids = [...new Set(asked)].filter((id) => message(id).peek() && !isProvisional(id));
  for (let at = 0; at < ids.length; at += MOST_ASKED) await readAgain(ids.slice(at, at + MOST_ASKED));
}

/** @param {string[]} ids */
async function readAgain(ids) {
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
