// The front door: what this is, with the public stream live beside it; and the steps after signing up.
import { t } from "../i18n.js";
import { html } from "../ui.js";
import { Mark } from "./layout.js";

/**
 * Draw the front door.
 * @param {{name: string, description?: string, open: boolean, why?: string, join: () => void, login: () => void, children: any, languages?: any}} props
 *   `languages`: buttons for other languages; `open`: whether people can sign up; `why`: why not; `children`: the public stream
 */
export function Front({ name, description, open, why, join, login, children, languages }) {
  return html`<div class="welcome">
    <main id="stream" tabindex="-1">
      <p class="brand"><${Mark} /><b>${name}</b></p>
      <h1><span>${t("front.say")}</span> <em>${t("front.shine")}</em> <em>${t("front.go")}</em></h1>
      <p class="lead">${description || t("front.lead")}</p>
      <p class="enter">${open && html`<button type="button" class="primary" onClick=${join}>${t("front.join")}</button>`}<button type="button" class="plain" onClick=${login}>${t("front.login")}</button></p>
      ${!open && html`<p class="quiet">${why || t("front.closed")}</p>`}
      <p class="print"><a href="#/explore">${t("front.look")}</a> · <a href="#/about">${t("nav.about")}</a>${languages}</p>
    </main>
    <aside class="stream" aria-label=${t("front.stream")}>${children}</aside>
  </div>`;
}

/**
 * Draw the frame of a step after signing up.
 * @param {{step: number, of: number, title: string, words?: string, next: () => void, skip?: () => void, action?: string, busy?: boolean,
 *   children: any, back?: string, waits?: boolean}} props `back`: other words for the button that skips; `waits`: something
 *   has to be chosen before the next step
 */
export function Step({ step, of, title, words, next, skip, action, busy, children, back, waits }) {
  const submit = (/** @type {Event} */ event) => (event.preventDefault(), busy || next());
  return html`<form class="form" onSubmit=${submit}>
    <div class="steps" role="img" aria-label=${t("step.of", { step, of })}>${Array.from({ length: of }, (_, index) => html`<i class=${index < step ? "done" : ""}></i>`)}</div>
    <div><h2>${title}</h2>${words && html`<p class="quiet">${words}</p>`}</div>
    ${children}
    <div class="choices-row">${skip && html`<button type="button" class="plain" onClick=${skip}>${back ?? t("step.skip")}</button>`}<button type="submit" class="primary" disabled=${Boolean(waits)} aria-busy=${String(Boolean(busy))}>${action ?? t("step.next")}</button></div>
  </form>`;
}
