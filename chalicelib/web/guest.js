// What somebody who is not logged in sees above a public screen: where they are, and the way in.
import { Mark } from "./components/layout.js";
import { t } from "./i18n.js";
import { sayFailure } from "./notices.js";
import { openDialog } from "./overlays.js";
import { Entering } from "./screens/entering.js";
import { instance, loadInstance } from "./session.js";
import { html, useEffect } from "./ui.js";

/** Draws the bar. */
export function Guest() {
  useEffect(() => void loadInstance().catch((error) => sayFailure("failed.instance", error)), []);
  const { title = "FSTREAM", registrations } = instance.value ?? {};
  return html`<div class="guest"><a class="brand" href="#/home"><${Mark} /><b>${title}</b></a>
    ${registrations?.enabled && html`<button type="button" class="primary" onClick=${() => openDialog(Entering, { signUp: true })}>${t("front.join")}</button>`}
    <button type="button" class="plain" onClick=${() => openDialog(Entering)}>${t("front.login")}</button>
  </div>`;
}
