// What a message says: its text, or the fold of a content warning or filter above it, its poll and what it quotes.
import { filterOf } from "../filtering.js";
import { t } from "../i18n.js";
import { Part } from "../part.js";
import { html, useState } from "../ui.js";
import { Icon } from "./icon.js";
import { Words } from "./words.js";

/**
 * Draw a fold: what is below it, and the button that opens or closes it.
 * @param {{open: boolean, toggle: () => void, icon: string, words: any, class: string}} props
 */
function Fold({ open, toggle, icon, words, class: more }) {
  return html`<div class=${`fold ${more}`}>
    <${Icon} name=${icon} size="18" /><p dir="auto">${words}</p>
    <button type="button" class="small" aria-expanded=${String(open)} onClick=${toggle}>${open ? t("fold.hide") : t("fold.show")}</button>
  </div>`;
}

/**
 * Draw what a message says.
 * @param {{status: any, now: any, on?: any, me?: string, context?: string, here?: boolean}} props
 */
export function Body({ status, now, on, me, context, here }) {
  const [open, setOpen] = useState(false);
  const [despite, setDespite] = useState(false);
  const filter = filterOf(status, context);
  if (filter && !despite)
    return html`<${Fold} class="filtered" icon="filter" open=${false} toggle=${() => setDespite(true)} words=${t("fold.filtered", { title: filter.title })} />`;
  const folded = status.spoiler_text && !open;
  const choose = on?.fold ? () => setOpen(on.fold(status, !open)) : () => setOpen(!open);
  return html`${
    status.spoiler_text &&
    html`<${Fold} class="warning" icon="warning" open=${open} toggle=${choose} words=${status.spoiler_text} />`
  }
  ${
    !folded &&
    html`<${Words} markup=${status.content} lang=${status.language} class=${here ? "large" : ""} />
    ${status.poll && html`<${Part} name="poll" poll=${status.poll} now=${now} vote=${on?.vote && ((/** @type {number[]} */ choices) => on.vote(status, choices))} own=${status.account.id === me} />`}
    ${status.quote && html`<${Part} name="quote" quote=${status.quote} now=${now} meanwhile=${html`<p class="quoted" aria-busy="true"> <br /> </p>`} />`}`
  }`;
}
