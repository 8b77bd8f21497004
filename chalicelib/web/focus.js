// The focus, which is never lost: not when what has it leaves.

/**
 * Keeps the focus when the message that has it leaves: the next one gets it, or else the one before.
 *
 * @param {string} id
 */
export function passFocus(id) {
  const focused = document.activeElement?.closest("article[data-id]");
  if (focused?.getAttribute("data-id") !== id) return;
  const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("article[data-id]")]);
  const at = all.indexOf(/** @type {HTMLElement} */ (focused));
  const heir = all[at + 1] ?? all[at - 1] ?? document.querySelector("main h1");
  heir?.focus({ preventScroll: true });
}
