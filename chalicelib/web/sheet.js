// A sheet over the screen. The screen below stays as it is, with its place.
import { Top } from "./components/layout.js";
import { html, useLayoutEffect, useRef } from "./ui.js";

/**
 * Draws a sheet; Escape, the way back and a press beside it close it.
 *
 * @param {{title: string, close: () => void, children: any, class?: string}} props
 */
export function Sheet({ title, close, children, class: more = "" }) {
  const ref = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useLayoutEffect(() => {
    const element = /** @type {HTMLDialogElement} */ (ref.current);
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    element.showModal();
    element.querySelector("h1")?.focus({ preventScroll: true });
    return () => {
      element.close();
      if (before?.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  const beside = (/** @type {Event} */ event) => event.target === ref.current && close();
  const cancel = (/** @type {Event} */ event) => {
    event.preventDefault();
    close();
  };
  return html`<dialog ref=${ref} class=${`sheet ${more}`} aria-label=${title} onClick=${beside} onCancel=${cancel}>
    <${Top} title=${title} back=${close} />
    ${children}
  </dialog>`;
}
