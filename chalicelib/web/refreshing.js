// The messages on screen, read again: they may have been edited or deleted.
import { get } from "./api.js";
import { dismiss, message, putAll } from "./store.js";

const MOST_ASKED = 40;

/**
 * Reads the messages on screen again. Those that are not there any more leave.
 *
 * @throws {import("./api.js").ApiError}
 */
export async function refresh() {
  const shown = [...document.querySelectorAll("article[data-id]")].filter(isOnScreen);
  const asked = [...new Set(shown.map((each) => each.getAttribute("data-id") ?? ""))].slice(0, MOST_ASKED);
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
