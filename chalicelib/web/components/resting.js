// The composer before it is used: small enough for the first view. A tap on the field or on a lifetime wakes it.
import { t } from "../i18n.js";
import { html } from "../ui.js";
import { chips } from "./chips.js";
import { Face } from "./person.js";
import { moment, span } from "./times.js";

/**
 * Draw the resting composer, which looks like the composer.
 * @param {{me: any, seconds: number, limits: {min: number, max: number}, now: number, wake: (seconds?: number) => void, words?: string}} props
 *   `seconds`: the lifetime that the person's messages have by default; `wake` gets the lifetime, if one was tapped
 */
export function Resting({ me, seconds, limits, now, wake, words }) {
  return html`<div class="composer">
    <${Face} account=${me} />
    <div class="column">
      <button type="button" class="hint-field" aria-keyshortcuts="c" onClick=${() => wake()}>${words ?? t("compose.hint")}</button>
      <div class="lifetimes" role="group" aria-label=${t("compose.goneAfter")}>
        <span class="legend" aria-hidden="true">${t("compose.goneAfter")}</span>
        <div class="chips">
          ${chips(limits).map((each) => html`<button type="button" class="chip" aria-pressed=${String(each === seconds)} onClick=${() => wake(each)}><span>${span(each * 1000)}</span></button>`)}
          <button type="button" class="chip" onClick=${() => wake()}><span>${t("compose.other")}</span></button>
        </div>
        <p class="quiet gone-at">${t("compose.goneAt", { when: moment(now + seconds * 1000, now) })}</p>
      </div>
    </div>
  </div>`;
}
