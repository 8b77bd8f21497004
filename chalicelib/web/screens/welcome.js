// Welcome: what this is, and the public stream, which goes on behind it.
import { Mark } from "../components/layout.js";
import { t } from "../i18n.js";
import { sayFailure } from "../notices.js";
import { instance, loadInstance, logIn } from "../session.js";
import { Stream } from "../stream.js";
import { timelineOf } from "../timeline.js";
import { html, useEffect, useState } from "../ui.js";

/** Draws the welcome and the public stream. */
export function Welcome() {
  const [stay, setStay] = useState(false);
  const [busy, setBusy] = useState(false);
  useEffect(() => void loadInstance().catch((error) => sayFailure("failed.instance", error)), []);
  const enter = async (/** @type {boolean} */ signUp) => {
    setBusy(true);
    await logIn({ signUp, stay }).catch((error) => sayFailure("failed.login", error));
    setBusy(false);
  };
  const name = instance.value?.title ?? "FSTREAM";
  const isOpen = instance.value?.registrations.enabled ?? true;
  return html`<section class="welcome" aria-labelledby="welcome-title">
      <h1 id="welcome-title" tabindex="-1"><${Mark} />${name}</h1>
      <p class="lead">${t("welcome.lead")}</p>
      <p>${t("welcome.how")}</p>
      <div class="buttons">
        ${isOpen && html`<button type="button" class="primary" disabled=${busy} onClick=${() => enter(true)}>${t("welcome.signUp")}</button>`}
        <button type="button" class=${isOpen ? "plain" : "primary"} disabled=${busy} onClick=${() => enter(false)}>${t("welcome.logIn")}</button>
      </div>
      <label class="stay"><input type="checkbox" checked=${stay} onChange=${() => setStay(!stay)} /><span>${t("welcome.stay")}<small>${t("welcome.stayHint")}</small></span></label>
      ${!isOpen && html`<p class="quiet">${instance.value?.registrations.message}</p>`}
    </section>
    <h2 class="section">${t("welcome.public")}</h2>
    <${Stream} timeline=${timelineOf("api/v1/timelines/public", { stream: ["public"] })} label=${t("welcome.public")} context="public"
      empty=${html`<div class="state empty"><p>${t("welcome.empty")}</p></div>`} />`;
}
