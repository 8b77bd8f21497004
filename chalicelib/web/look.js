// How the client looks in this browser, where its person wants something else than the system does.

import { loadStyles } from "./style.js";

/** What can be chosen: a color scheme, and whether anything moves. @typedef {"theme" | "motion"} Choice */

/** @param {Choice} choice */
const keyOf = (choice) => `fstream.${choice}`;

/** Applies what was chosen: an attribute for the stylesheet, and the color of the browser's own bars. */
export function applyLook() {
  void loadStyles();
  const { dataset } = document.documentElement;
  for (const choice of /** @type {Choice[]} */ (["theme", "motion"])) {
    const chosen = localStorage.getItem(keyOf(choice));
    if (chosen) dataset[choice] = chosen;
    else delete dataset[choice];
  }
  for (const each of document.querySelectorAll("meta[name=theme-color]")) {
    const bars = /** @type {HTMLMetaElement} */ (each);
    bars.dataset.scheme ??= bars.media.includes("dark") ? "dark" : "light";
    bars.media = dataset.theme
      ? dataset.theme === bars.dataset.scheme
        ? "all"
        : "not all"
      : `(prefers-color-scheme: ${bars.dataset.scheme})`;
  }
}

/** Returns what was chosen, or "system". @param {Choice} choice */
export function chosenLook(choice) {
  return localStorage.getItem(keyOf(choice)) ?? "system";
}

/** Chooses, and remembers it in this browser. @param {Choice} choice @param {string} value "system": nothing in particular */
export function chooseLook(choice, value) {
  if (value === "system") localStorage.removeItem(keyOf(choice));
  else localStorage.setItem(keyOf(choice), value);
  applyLook();
}
