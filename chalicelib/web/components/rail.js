// What is beside the stream on wide screens: search, what goes next, and the hashtags of the moment.
import { t } from "../i18n.js";
import { html } from "../ui.js";
import { Icon } from "./icon.js";
import { Lifetime, phaseOf } from "./lifetime.js";
import { called, homeOf } from "./person.js";
import { Line } from "./words.js";

/**
 * Draw the field for a search.
 * @param {{value?: string, change?: (text: string) => void, search: (text: string) => void, id?: string}} props
 */
export function Search({ value, change, search, id = "search" }) {
  const submit = (/** @type {any} */ event) => (event.preventDefault(), search(event.currentTarget.elements.q.value));
  return html`<form class="search" role="search" onSubmit=${submit}>
    <${Icon} name="explore" size="18" />
    <input id=${id} name="q" type="search" value=${value} aria-label=${t("search.label")} placeholder=${t("search.hint")} autocomplete="off" autocapitalize="off" spellcheck=${false} aria-keyshortcuts="/" enterkeyhint="search" onInput=${change && ((/** @type {any} */ event) => change(event.currentTarget.value))} />
  </form>`;
}

/**
 * Draw what goes next, soonest first.
 * @param {{children: any[]}} props lines of messages
 */
export function Soon({ children }) {
  return html`<section class="card" aria-labelledby="soon-title">
    <h2 id="soon-title"><a href="#/soon">${t("nav.soon")}</a></h2>
    ${children.length > 0 ? html`<ol class="soon">${children}</ol>` : html`<p class="quiet">${t("soon.empty")}</p>`}
  </section>`;
}

/**
 * Draw the line of a message that goes soon.
 * @param {{status: any, now: number}} props
 */
export function SoonLine({ status, now }) {
  if (phaseOf(status, now) === "gone") return null;
  return html`<li><a href=${`${homeOf(status.account)}/${status.id}`}>
    <b><bdi>${called(status.account)}</bdi></b><${Lifetime} status=${status} now=${now} brief />
    <span class="line">${status.spoiler_text || html`<${Line} markup=${status.content} lang=${status.language} />`}</span>
  </a></li>`;
}

/**
 * Draw the hashtags that are used most at the moment.
 * @param {{tags: any[]}} props
 */
export function Tags({ tags }) {
  return html`<section class="card" aria-labelledby="tags-title">
    <h2 id="tags-title">${t("rail.tags")}</h2>
    <p class="tags">${tags.map((each) => html`<a key=${each.name} href=${`#/tags/${encodeURIComponent(each.name)}`} dir="auto">#${each.name}</a>`)}</p>
  </section>`;
}

/** Draw the small print. */
export const SmallPrint = () =>
  html`<footer class="print"><p>${t("rail.nothing")}</p><a href="#/about">${t("nav.about")}</a> · <a href="docs">API</a> · <a href="#/keys">${t("nav.keys")}</a></footer>`;
