// The keyboard: one letter acts, as in other clients. Nothing happens while a field has the focus or a modifier is held.

/**
 * @typedef {object} Shortcut
 * @property {string} keys as on the help sheet: "j", "g h"
 * @property {string} words a key of the language file
 * @property {(article: any) => void} run gets the message that has the focus
 */

const SEQUENCE_MS = 1500;

/** All shortcuts, in the order of the help sheet. @type {Shortcut[]} */
export const shortcuts = [];

let begun = "";
let timer = 0;

/** Adds shortcuts. @param {Shortcut[]} more */
export function addShortcuts(more) {
  shortcuts.push(...more);
}

/** Listens to the keyboard. @param {KeyboardEvent[]} early what was pressed before this module was there */
export function startKeys(early) {
  addEventListener("keydown", press);
  for (const event of early) press(event);
}

/** @param {KeyboardEvent} event */
function press(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(target)) return event.key === "Escape" ? leaveField(target) : undefined;
  if ([...document.querySelectorAll("dialog[open]")].at(-1)?.className === "") return; // the browser closes dialogs
  const pressed = begun ? `${begun} ${event.key}` : event.key;
  begun = "";
  const found = shortcuts.find(({ keys }) => keys.split(", ").includes(pressed));
  if (found) {
    if (isControl(target) && event.key === "Enter") return;
    event.preventDefault();
    found.run(document.activeElement?.closest("article[data-id]") ?? null);
  } else if (shortcuts.some(({ keys }) => keys.startsWith(`${pressed} `))) {
    begun = pressed;
    clearTimeout(timer);
    timer = setTimeout(() => (begun = ""), SEQUENCE_MS);
  }
}

/** @param {HTMLElement} element */
function isTyping(element) {
  return (
    element.isContentEditable ||
    element.matches?.("input:not([type=radio], [type=checkbox]), textarea, select, [role=menu] *")
  );
}

/** Takes the focus out of a field, so that letters act again. Sheets close by themselves. @param {HTMLElement} field */
function leaveField(field) {
  if (!field.closest("[role=menu]")) document.querySelector("main")?.focus({ preventScroll: true });
}

/** @param {HTMLElement} element */
function isControl(element) {
  return element.matches?.("a, button, summary, input");
}

/** Moves the focus to the next message, or the one before. @param {1 | -1} step @param {HTMLElement | null} from */
export function moveFocus(step, from) {
  const layer = document.querySelector("dialog[open], .sheet") ?? document;
  const all = /** @type {HTMLElement[]} */ ([...layer.querySelectorAll("article[data-id]")]);
  const at = from ? all.indexOf(from) : -1;
  const next = at < 0 ? all.find((each) => each.getBoundingClientRect().top >= 0) : all[at + step];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest", behavior: "instant" });
}
