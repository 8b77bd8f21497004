// What lies over the screens: the composer, a menu, a dialog and a hover card, at most one of each. What draws them loads
// when it is needed.
import { batch, signal } from "./ui.js";

/** @typedef {import("./types.js").Status} Status */

/**
 * @typedef {object} OpenMenu
 * @property {HTMLElement} anchor
 * @property {string} label
 * @property {import("./components/menu.js").Item[]} items
 */

/** @type {import("@preact/signals").Signal<OpenMenu | null>} */
export const menu = signal(/** @type {OpenMenu | null} */ (null));
/** A component and its properties, drawn over everything. @type {import("@preact/signals").Signal<{part: any, props: any} | null>} */
export const dialog = signal(/** @type {{part: any, props: any} | null} */ (null));
/** The account whose card is shown at an element. @type {import("@preact/signals").Signal<{account: any, anchor: HTMLElement} | null>} */
export const peeked = signal(/** @type {{account: any, anchor: HTMLElement} | null} */ (null));

/** Opens a menu at an element. @param {HTMLElement} anchor @param {string} label @param {OpenMenu["items"]} items */
export function openMenu(anchor, label, items) {
  menu.value = { anchor, label, items };
}

/** Draws a component over everything; it gets `close` besides its properties. @param {any} part @param {any} [props] */
export function openDialog(part, props = {}) {
  dialog.value = { part, props };
}

/** Closes the dialog. */
export function closeDialog() {
  dialog.value = null;
}

/**
 * @typedef {object} Task What is being written.
 * @property {Status} [answering]
 * @property {Status} [quoting]
 * @property {Status} [editing]
 * @property {string} [problem] why it could not be posted before
 * @property {Partial<import("./types.js").Draft>} [start] what a new draft begins with
 * @property {boolean} [isTakenBack] whether those words are nowhere else, so that they are kept at once
 * @property {string} [place] of the draft, if it is begun already
 */

/** What is being written over the screen. @type {import("@preact/signals").Signal<Task | null>} */
export const writing = signal(/** @type {Task | null} */ (null));

/** Opens the composer. @param {Task} [task] */
export function write(task = {}) {
  writing.value = task;
}

/** Closes everything, as when a session ends: what is being written is a draft. */
export function closeAll() {
  batch(() => {
    for (const each of [menu, dialog, peeked, writing]) each.value = null;
  });
}
