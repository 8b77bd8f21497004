// The focus, which is never lost: not when what has it leaves.
import { menu } from "./overlays.js";

/**
 * Keeps the focus when the message that has it leaves: the next one gets it, or else the one before. A menu of the message
 * closes.
 *
 * @param {string} id
 */
export function passFocus(id) {
  const focused = /** @type {HTMLElement | null | undefined} */ (
    (menu.peek()?.anchor ?? document.activeElement)?.closest("article[data-id]")
  );
  if (focused?.getAttribute("data-id") !== id) return;
  menu.value = null;
  const layer = focused.closest("dialog") ?? document;
  const all = /** @type {HTMLElement[]} */ ([...layer.querySelectorAll("article[data-id]")]);
  const at = all.indexOf(focused);
  const heir = all[at + 1] ?? all[at - 1] ?? layer.querySelector("h1");
  heir?.focus({ preventScroll: true });
}
