// Choosing a lifetime: one row of chips, and a sentence that says when the message will be gone.
import { t } from "../i18n.js";
import { html, useId, useState } from "../ui.js";
import { chips } from "./chips.js";
import { moment, span } from "./times.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS = /** @type {const} */ ([
  ["minutes", MINUTE],
  ["hours", HOUR],
  ["days", DAY],
]);

/**
 * Draw the choice of a lifetime. The keyboard reaches it with one Tab, and arrows choose.
 * @param {{seconds: number, change: (seconds: number) => void, limits: {min: number, max: number}, now: any,
 *   legend?: string, sentence?: boolean, from?: any}} props lifetimes in seconds; `from`: when it begins, if not now
 */
export function Lifetimes({ seconds, change, limits, now, legend, sentence = true, from = now }) {
  const name = useId();
  const offered = chips(limits);
  const [other, setOther] = useState(!offered.includes(seconds));
  const chip = (/** @type {string} */ words, /** @type {boolean} */ checked, /** @type {() => void} */ choose) =>
    html`<label class="chip"><input type="radio" name=${name} checked=${checked} onChange=${choose} /><span>${words}</span></label>`;
  return html`<fieldset class="lifetimes">
    <legend class="legend">${legend ?? t("compose.goneAfter")}</legend>
    <div class="chips">
      ${offered.map((each) => chip(span(each * 1000), !other && each === seconds, () => (setOther(false), change(each))))}
      ${chip(t("compose.other"), other, () => setOther(true))}
    </div>
    ${other && html`<${Other} seconds=${seconds} change=${change} limits=${limits} />`}
    ${sentence && html`<${GoneAt} seconds=${seconds} from=${from} now=${now} />`}
  </fieldset>`;
}

/**
 * Draw when a message posted then would be gone.
 * @param {{seconds: number, from: any, now: any}} props
 */
function GoneAt({ seconds, from, now }) {
  const when = moment(from + seconds * 1000, now);
  return html`<output class="quiet gone-at">${t("compose.goneAt", { when })}</output>`;
}

/**
 * Draw the fields for any lifetime: a number and its unit.
 * @param {{seconds: number, change: (seconds: number) => void, limits: {min: number, max: number}}} props
 */
function Other({ seconds, change, limits }) {
  const start = UNITS.findLast(([, size]) => seconds % size === 0) ?? UNITS[0];
  const [number, setNumber] = useState(Math.max(1, Math.round(seconds / start[1])));
  const [unit, setUnit] = useState(/** @type {number} */ (start[1]));
  const [wrong, setWrong] = useState("");
  const set = (/** @type {number} */ much, /** @type {number} */ size) => {
    setNumber(much);
    setUnit(size);
    const wanted = much * size;
    const fits = wanted >= limits.min && wanted <= limits.max;
    setWrong(fits ? "" : t("compose.between", { least: span(limits.min * 1000), most: span(limits.max * 1000) }));
    if (fits) change(wanted);
  };
  return html`<div class="other">
    <input type="number" min="1" max="999" inputmode="numeric" aria-label=${t("compose.number")} value=${number} aria-invalid=${String(Boolean(wrong))} onInput=${(/** @type {any} */ event) => set(event.currentTarget.valueAsNumber || 0, unit)} />
    <select aria-label=${t("compose.unit")} value=${unit} onChange=${(/** @type {any} */ event) => set(number, Number(event.currentTarget.value))}>
      ${UNITS.map(([word, size]) => html`<option value=${size} selected=${size === unit}>${t(`unit.${word}`)}</option>`)}
    </select>
    ${wrong && html`<p class="problem" role="alert">${wrong}</p>`}
  </div>`;
}
