// An icon of the vendored set, drawn in the color of the text around it.
import { iconOf } from "../icons.js";
import { html } from "../ui.js";

/**
 * Draw an icon. It is hidden from screen readers: the button or link around it has the words.
 * @param {{name: string, size?: number, class?: string}} props
 */
export function Icon({ name, size = 24, class: more = "" }) {
  return html`<svg class=${`icon ${more}`} width=${size} height=${size} viewBox="0 0 24 24" aria-hidden="true">
    <path d=${iconOf(name)} />
  </svg>`;
}
