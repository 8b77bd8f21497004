// Short messages about what has happened, and what can be done about it.
import { t } from "../i18n.js";
import { html } from "../ui.js";
import { Icon } from "./icon.js";

/**
 * Draw the messages. Failures are announced at once, everything else when there is a pause.
 * @param {{toasts: {id: any, words: string, failed?: boolean, action?: string, act?: () => void}[], close: (id: any) => void}} props
 */
export function Toasts({ toasts, close }) {
  return html`<div class="toasts" role="region" aria-label=${t("toast.label")}>
    ${toasts.map(
      (
        toast,
      ) => html`<div key=${toast.id} class=${`toast${toast.failed ? " failed" : ""}`} role=${toast.failed ? "alert" : "status"}>
      <p>${toast.words}</p>
      ${toast.act && html`<button type="button" onClick=${() => (close(toast.id), toast.act?.())}>${toast.action}</button>`}
      <button type="button" aria-label=${t("sheet.close")} onClick=${() => close(toast.id)}><${Icon} name="close" size="18" /></button>
    </div>`,
    )}
  </div>`;
}
