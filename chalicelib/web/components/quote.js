// A quoted message inside another one, or why it is not shown.
import { filterOf } from "../filtering.js";
import { t } from "../i18n.js";
import { html } from "../ui.js";
import { Icon } from "./icon.js";
import { Lifetime, phaseOf } from "./lifetime.js";
import { called, Face, homeOf } from "./person.js";
import { Line } from "./words.js";

/**
 * Draw a quote. A quoted message has its own lifetime, and leaves at its own second.
 * @param {{quote: any, now: any}} props
 */
export function Quote({ quote, now }) {
  const status = quote.quoted_status;
  if (!status || quote.state !== "accepted") return html`<${Missing} state=${quote.state} />`;
  return html`<${Quoted} status=${status} now=${now} />`;
}

/** @param {{state: string}} props */
const Missing = ({ state }) =>
  html`<p class="quoted missing"><${Icon} name="gone" size="18" />${t(`quote.${state === "accepted" ? "deleted" : state}`)}</p>`;

/**
 * Draw a quoted message.
 * @param {{status: any, now: any}} props
 */
export function Quoted({ status, now }) {
  const phase = phaseOf(status, now);
  if (phase === "gone") return html`<${Missing} state="deleted" />`;
  const filter = filterOf(status);
  const folded = filter ? t("fold.filtered", { title: filter.title }) : status.spoiler_text;
  return html`<a class=${`quoted ${phase === "last" ? "ember" : phase}`} href=${`${homeOf(status.account)}/${status.id}`}>
    <span class="by"><${Face} account=${status.account} size="20" /><b><bdi>${called(status.account)}</bdi></b><span class="handle"><bdi>@${status.account.acct}</bdi></span><${Lifetime} status=${status} now=${now} /></span>
    <span class="line">${folded ? html`<${Icon} name=${filter ? "filter" : "warning"} size="16" /> ${folded}` : html`<${Line} markup=${status.content} lang=${status.language} />`}</span>
  </a>`;
}
