// Sheets and dialogs above a screen, which stays as it was below them.
import { t } from "../i18n.js";
import { html, useEffect, useId, useRef } from "../ui.js";
import { Icon } from "./icon.js";

/** The event of the window when a dialog opens or closes: another layer is on top. */
export const LAYERED = "fstream-layered";
/** The height of what covers the top of a screen, in pixels. */
const TOP = 72;

/**
 * Draw a dialog. Escape, its button and a click beside it close it, and the focus goes back to where it was.
 * @param {{title: string, close: () => void, sheet?: boolean, back?: boolean, label?: string, children: any, kept?: boolean}} props
 *   `sheet`: as high as the window, for threads; `kept`: a click beside it does not close it, because something is written
 */
export function Sheet({ title, close, sheet, back, children, kept }) {
  const dialog = useRef(/** @type {any} */ (null));
  const id = useId();
  useEffect(() => {
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    const element = dialog.current;
    element.showModal();
    dispatchEvent(new Event(LAYERED));
    (element.querySelector("[autofocus]") ?? element.querySelector("h1")).focus();
    return () => {
      element.close();
      dispatchEvent(new Event(LAYERED));
      giveBack(before);
    };
  }, []);
  const cancel = (/** @type {Event} */ event) => (event.preventDefault(), close());
  const beside = (/** @type {Event} */ event) => event.target === dialog.current && !kept && close();
  return html`<dialog ref=${dialog} class=${sheet ? "sheet" : ""} aria-labelledby=${id} onCancel=${cancel} onPointerDown=${beside}>
    <header class="top">
      ${back && html`<${Close} close=${close} icon="back" words=${t("top.back")} />`}
      <h1 id=${id} tabindex="-1">${title}</h1>
      ${!back && html`<${Close} close=${close} icon="close" words=${t("sheet.close")} />`}
    </header>
    ${sheet ? children : html`<div class="content">${children}</div>`}
  </dialog>`;
}

/** Gives the focus back to what had it, or else to the first message in the window. @param {HTMLElement | null} before */
function giveBack(before) {
  const isThere = before?.isConnected && before !== document.body;
  const layer = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
  const all = /** @type {HTMLElement[]} */ ([
    ...layer.querySelectorAll("article[data-id]"),
    ...layer.querySelectorAll("h1, main"),
  ]);
  const seen = all.find((each) => each.getBoundingClientRect().bottom > TOP) ?? all.at(-1);
  (isThere ? before : seen)?.focus({ preventScroll: true });
}

/** @param {{close: () => void, icon: string, words: string}} props */
const Close = ({ close, icon, words }) =>
  html`<button type="button" class="round" aria-label=${words} title=${words} onClick=${close}><${Icon} name=${icon} /></button>`;

/**
 * Ask before something that cannot be undone.
 * @param {{title: string, words: any, action: string, act: () => void, close: () => void, danger?: boolean, busy?: boolean,
 *   children?: any}} props `children`: fields that the action needs
 */
export function Confirm({ title, words, action, act, close, danger = true, busy, children }) {
  const submit = (/** @type {Event} */ event) => (event.preventDefault(), busy || act());
  return html`<${Sheet} title=${title} close=${close}><form onSubmit=${submit}>
    <p>${words}</p>${children}
    <div class="choices-row"><button type="button" class="plain" autofocus onClick=${close}>${t("sheet.cancel")}</button>
      <button type="submit" class=${danger ? "plain danger-button" : "primary"} aria-busy=${String(Boolean(busy))}>${action}</button></div>
  </form><//>`;
}
