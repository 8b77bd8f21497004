// What is shown where something could not be read: what happened, in the server's words, and what to do.
import { Icon } from "./components/icon.js";
import { t } from "./i18n.js";
import { reason } from "./notices.js";
import { html } from "./ui.js";

/** @param {{error: import("./api.js").ApiError | null, retry: () => void}} props */
export function Trouble({ error, retry }) {
  if (!error) return null;
  return html`<div class="state failed" role="alert">
    <${Icon} name=${error.status === 0 ? "offline" : "warning"} size="32" />
    <p>${reason(error)}</p>
    <button type="button" class="plain" onClick=${retry}>${t("failure.again")}</button>
  </div>`;
}
