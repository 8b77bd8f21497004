// The dialog before the page for logging in or signing up: whether to stay logged in, and what that keeps.
import { Sheet } from "../components/sheet.js";
import { t } from "../i18n.js";
import { sayFailure } from "../notices.js";
import { logIn } from "../session.js";
import { html, useState } from "../ui.js";

/** @param {{signUp?: boolean, close: () => void}} props */
export function Entering({ signUp = false, close }) {
  const [stay, setStay] = useState(false);
  const [busy, setBusy] = useState(false);
  const enter = async (/** @type {Event} */ event) => {
    event.preventDefault();
    setBusy(true);
    await logIn({ signUp, stay }).catch((error) => sayFailure("failed.login", error));
    setBusy(false);
  };
  return html`<${Sheet} title=${t(signUp ? "front.join" : "front.login")} close=${close}>
    <form onSubmit=${enter}>
      <p>${t(signUp ? "enter.signUp" : "enter.logIn")}</p>
      <label class="option"><input type="checkbox" checked=${stay} onChange=${() => setStay(!stay)} /><span>${t("enter.stay")}<small>${t(stay ? "enter.kept" : "enter.notKept")}</small></span></label>
      <div class="choices-row"><button type="submit" class="primary" aria-busy=${String(busy)} disabled=${busy}>${t("enter.go")}</button></div>
    </form>
  <//>`;
}
