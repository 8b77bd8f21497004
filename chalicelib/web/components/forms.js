// Forms: fields with a label, a hint and the server's words about what is wrong, choices, switches and the bar to save.
import { t } from "../i18n.js";
import { html, useId, useLayoutEffect, useRef } from "../ui.js";
import { Icon } from "./icon.js";

/**
 * Draw a field with its label. `rows` makes it a field of several lines.
 * @param {{label: string, value: string, change: (value: string) => void, hint?: string, problem?: string, type?: string,
 *   rows?: number, name?: string, required?: boolean, most?: number, autocomplete?: string, autofocus?: boolean, disabled?: boolean}} props
 *   `problem`: what is wrong with the value, as the server says it; `most`: characters
 */
export function Field({
  label,
  value,
  change,
  hint,
  problem,
  type = "text",
  rows,
  name,
  required,
  most,
  autocomplete,
  autofocus,
  disabled,
}) {
  const id = useId();
  const about = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(" ");
  const shared = {
    id,
    name,
    value,
    required,
    disabled,
    autocomplete,
    autofocus,
    maxlength: most,
    dir: "auto",
    "aria-describedby": about || undefined,
    "aria-invalid": problem ? "true" : undefined,
    onInput: (/** @type {any} */ event) => change(event.currentTarget.value),
  };
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${rows ? html`<textarea ...${shared} rows=${rows}></textarea>` : html`<input ...${shared} type=${type} />`}
    ${problem && html`<p class="problem" id=${`${id}-problem`} role="alert">${problem}</p>`}
  </div>`;
}

/**
 * Draw a choice of one from a list.
 * @param {{label: string, value: any, change: (value: string) => void, choices: [any, string][], hint?: string}} props
 */
export function Select({ label, value, change, choices, hint }) {
  const id = useId();
  return html`<div class="field"><label for=${id}>${label}</label>${hint && html`<p class="hint">${hint}</p>`}
    <select id=${id} value=${value} onChange=${(/** @type {any} */ event) => change(event.currentTarget.value)}>
      ${choices.map(([key, words]) => html`<option value=${key} selected=${key === value}>${words}</option>`)}
    </select>
  </div>`;
}

/**
 * Draw a choice of one, all of which are seen with what they mean.
 * @param {{legend: string, value: any, change: (value: any) => void, choices: {value: any, words: string, hint?: string}[]}} props
 */
export function Choices({ legend, value, change, choices }) {
  const name = useId();
  return html`<fieldset class="field"><legend>${legend}</legend>
    ${choices.map(
      (
        each,
      ) => html`<label class="choice"><input type="radio" name=${name} checked=${each.value === value} onChange=${() => change(each.value)} />
      <span>${each.words}${each.hint && html`<small>${each.hint}</small>`}</span></label>`,
    )}
  </fieldset>`;
}

/**
 * Draw a switch.
 * @param {{label: string, on: boolean, change: (on: boolean) => void, hint?: string, disabled?: boolean}} props
 */
export function Switch({ label, on, change, hint, disabled }) {
  return html`<label class="switch"><span>${label}${hint && html`<small>${hint}</small>`}</span>
    <input type="checkbox" role="switch" checked=${on} disabled=${disabled} onChange=${(/** @type {any} */ event) => change(event.currentTarget.checked)} /></label>`;
}

/**
 * Draw a part of a form.
 * @param {{title?: string, hint?: string, children: any}} props
 */
export const Section = ({ title, hint, children }) =>
  html`<section>${title && html`<h2>${title}</h2>`}${hint && html`<p class="hint">${hint}</p>`}${children}</section>`;

/**
 * Draw a form with the bar to save it, which appears when something has changed.
 * @param {{save: () => void, changed?: boolean, busy?: boolean, problem?: string, words?: string, undo?: () => void, children: any}} props
 */
export function Form({ save, changed = true, busy, problem, words, undo, children }) {
  const submit = (/** @type {Event} */ event) => (event.preventDefault(), busy || save());
  return html`<form onSubmit=${submit} novalidate>
    <div class="form">${children} ${problem && html`<p class="problem" role="alert">${problem}</p>`}</div>
    ${changed && html`<div class="save">${undo && html`<button type="button" class="plain" onClick=${undo}>${t("form.undo")}</button>`}<button type="submit" class="primary" aria-busy=${String(Boolean(busy))}>${words ?? t("form.save")}</button></div>`}
  </form>`;
}

/**
 * Draw a code that a person copies and keeps.
 * @param {{code: string, copy: () => void}} props
 */
export const Code = ({ code, copy }) =>
  html`<p class="code"><span>${code}</span><button type="button" class="round" aria-label=${t("form.copy")} title=${t("form.copy")} onClick=${copy}><${Icon} name="copy" size="20" /></button></p>`;

/**
 * Draw tabs as links, or as buttons where they have `act`.
 * @param {{tabs: {words: string, href?: string, act?: () => void, here: boolean}[], label: string}} props
 */
export function Tabs({ tabs, label }) {
  const bar = useRef(/** @type {any} */ (null));
  const here = tabs.findIndex((tab) => tab.here);
  useLayoutEffect(() => {
    const tab = bar.current.children[here];
    if (!tab) return;
    const [outer, inner] = [bar.current, tab].map((each) => each.getBoundingClientRect());
    bar.current.scrollLeft += Math.max(0, inner.right - outer.right) + Math.min(0, inner.left - outer.left);
  }, [here]);
  return html`<nav class="tabs" aria-label=${label} ref=${bar}>
    ${tabs.map((tab) =>
      tab.href
        ? html`<a href=${tab.href} aria-current=${tab.here ? "page" : undefined}>${tab.words}</a>`
        : html`<button type="button" aria-current=${tab.here ? "true" : undefined} onClick=${tab.act}>${tab.words}</button>`,
    )}
  </nav>`;
}
