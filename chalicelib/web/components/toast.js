// Short messages about what has happened, and what can be done about it.
import { t } from "../i18n.js";
import { html, useLayoutEffect, useRef } from "../ui.js";
import { Icon } from "./icon.js";
import { LAYERED } from "./sheet.js";

/**
 * Draw the messages. Failures are announced at once, everything else when there is a pause.
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
  // Shown again with each message and dialog, in the dialog on top, outside which nothing can be used or heard.
  useLayoutEffect(() => {
    const show = () => {
      const element = place.current;
      element.hidePopover?.();
      ([...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body).append(element);
      element.showPopover?.();
    };
    show();
    addEventListener(LAYERED, show);
    return () => removeEventListener(LAYERED, show);
  }, [toasts.length]);
  return html`<div class="toasts" popover="manual" ref=${place} role="region" aria-label=${t("toast.label")} onFocusIn=${enter}>
    ${toasts.map(
      (
        toast,
      ) => html`<div key=${toast.id} class=${`toast${toast.failed ? " failed" : ""}`} role=${toast.failed ? "alert" : "status"}>
      <p>${toast.words}</p>
      ${toast.act && html`<button type="button" onClick=${() => (leave(toast.id), toast.act?.())}>${toast.action}</button>`}
      <button type="button" aria-label=${t("sheet.close")} onClick=${() => leave(toast.id)}><${Icon} name="close" size="18" /></button>
    </div>`,
    )}
  </div>`;
}
