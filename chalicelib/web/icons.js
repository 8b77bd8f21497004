// The icons: those of the first view, and the others as soon as one of them is drawn.
import { bring } from "./modules.js";
import { icons, signal } from "./ui.js";

/** The others, once they are loaded. */
const others = signal(/** @type {Record<string, string>} */ ({}));
let isAsked = false;

/** Returns an icon as the data of an SVG path; nothing until it is loaded. @param {string} name */
export function iconOf(name) {
  return icons[name] ?? others.value[name] ?? loadOthers();
}

function loadOthers() {
  if (!isAsked) {
    isAsked = true;
    bring(() => import("./vendor/more-icons.js")).then(
      (module) => (others.value = module.moreIcons),
      () => (isAsked = false),
    );
  }
  return "";
}
