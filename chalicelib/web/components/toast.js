// Short messages about what has happened, and what can be done about it.
import { t } from "../i18n.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../ui.js";
import { Icon } from "./icon.js";
import { LAYERED } from "./sheet.js";

/** How long after the place for what is read out it is filled: what comes with its place is not read out. */
const READ_MS = 100;

/**
 * Draw the messages. Screen readers announce failures at once, and everything else when there is a pause. They need
 * live regions that exist before their words, so these stay in the page while they are empty.
 * @param {{toasts: {id: any, words: string, failed?: boolean, action?: string, act?: () => void}[], close: (id: any) => void}} props
 */
export function Toasts({ toasts, close }) {
  const place = useRef(/** @type {any} */ (null));
  const before = useRef(/** @type {any} */ (null));
  const enter = (/** @type {FocusEvent} */ event) => {
    if (!place.current.contains(event.relatedTarget)) before.current = event.relatedTarget;
  };
  const leave = (/** @type {any} */ id) => {
    close(id);
    (before.current?.isConnected ? before.current : document.querySelector("main"))?.focus({ preventScroll: true });
  };
  const [spoken, setSpoken] = useState(/** @type {typeof toasts} */ ([]));
  useEffect(() => {
    const timer = setTimeout(setSpoken, READ_MS, toasts);
    return () => clearTimeout(timer);
  }, [toasts]);
  // Shown again with each message and dialog, in the dialog on top, outside which nothing can be used or heard.
  useLayoutEffect(() => {
    const show = () => {
      const element = place.current;
      const [popover] = element.children;
      popover.hidePopover?.();
      const layer = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
      if (element.parentNode !== layer) layer.append(element);
      if (toasts.length) popover.showPopover?.();
    };
    show();
    addEventListener(LAYERED, show);
    return () => removeEventListener(LAYERED, show);
  }, [toasts.length]);
  return html`<div ref=${place} onFocusIn=${enter}>
    <div class="toasts" popover="manual" role="region" aria-label=${t("toast.label")}>
      ${toasts.map(
        (toast) => html`<div key=${toast.id} class=${`toast${toast.failed ? " failed" : ""}`}>
        <p>${toast.words}</p>
        ${toast.act && html`<button type="button" onClick=${() => (leave(toast.id), toast.act?.())}>${toast.action}</button>`}
        <button type="button" aria-label=${t("sheet.close")} onClick=${() => leave(toast.id)}><${Icon} name="close" size="18" /></button>
      </div>`,
      )}
    </div>
    <div class="unseen" role="alert" aria-atomic="false">${spoken.filter((each) => each.failed).map(said)}</div>
    <div class="unseen" role="status" aria-atomic="false">${spoken.filter((each) => !each.failed).map(said)}</div>
  </div>`;
}

/** @param {{id: any, words: string}} toast */
const said = ({ id, words }) => html`<p key=${id}>${words}</p>`;
