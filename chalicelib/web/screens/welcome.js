// Welcome: what this is, and the public stream, which goes on beside it.
import { Front } from "../components/front.js";
import { Empty } from "../components/states.js";
import { LANGUAGES, language, t } from "../i18n.js";
import { chooseLanguage } from "../languages.js";
import { sayFailure } from "../notices.js";
import { openDialog } from "../overlays.js";
import { instance, loadInstance } from "../session.js";
import { Stream } from "../stream.js";
import { timelineOf } from "../timeline.js";
import { html, useEffect } from "../ui.js";
import { Entering } from "./entering.js";

/** Draws the other languages, each by its own name. */
const Languages = () =>
  html`${Object.entries(LANGUAGES)
    .filter(([code]) => code !== language.value)
    .map(
      ([code, name]) =>
        html` · <button type="button" class="linked" lang=${code} key=${code} onClick=${() => chooseLanguage(code).catch((error) => sayFailure("failed.language", error))}>${name}</button>`,
    )}`;

/** Draws the welcome and the public stream. */
export function Welcome() {
  useEffect(() => void loadInstance().catch((error) => sayFailure("failed.instance", error)), []);
  const { title = "FSTREAM", registrations } = instance.value ?? {};
  const empty = html`<${Empty} icon="gone" title=${t("welcome.empty")} />`;
  return html`<${Front} name=${title} open=${registrations?.enabled ?? true} why=${registrations?.message ?? undefined}
    languages=${html`<${Languages} />`} join=${() => openDialog(Entering, { signUp: true })} login=${() => openDialog(Entering)}>
    <${Stream} timeline=${timelineOf("api/v1/timelines/public", { stream: ["public"] })} label=${t("front.stream")}
      context="public" empty=${empty} />
  <//>`;
}
