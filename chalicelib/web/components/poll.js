// A poll: choosing and voting, results as bars, and when it ends.
import { language, t } from "../i18n.js";
import { html, useId, useState } from "../ui.js";
import { Icon } from "./icon.js";
import { exact, span } from "./times.js";

/**
 * Draw a poll.
 * @param {{poll: any, now: any, vote?: (choices: number[]) => void, own?: boolean}} props
 */
export function Poll({ poll, now, vote, own }) {
  const until = Date.parse(poll.expires_at);
  const left = now < until ? span(until - now) : "";
  const ended = poll.expired || !left;
  const results = ended || poll.voted || own || !vote;
  const state = ended ? t("poll.ended") : t("poll.left", { left });
  return html`<div class="poll">
    ${results ? html`<${Results} poll=${poll} />` : html`<${Choices} poll=${poll} vote=${vote} />`}
    <p class="quiet">${poll.voters_count ? t("poll.voters", { n: poll.voters_count }) : t("poll.nobody")} · <time datetime=${poll.expires_at} title=${exact(until)}>${state}</time></p>
  </div>`;
}

/** @param {number} share */
const percent = (share) => new Intl.NumberFormat(language.peek(), { style: "percent" }).format(share);

/** @param {{poll: any}} props */
function Results({ poll }) {
  const most = Math.max(...poll.options.map((/** @type {any} */ each) => each.votes_count ?? 0));
  return html`<ul>
    ${poll.options.map((/** @type {any} */ option, /** @type {number} */ index) => {
      const hidden = option.votes_count === null;
      const share = hidden ? 0 : option.votes_count / Math.max(1, poll.voters_count);
      const mine = poll.own_votes?.includes(index);
      return html`<li class=${`result${!hidden && option.votes_count === most && most ? " most" : ""}`} style=${{ "--share": share }}>
        <span dir="auto">${option.title}${mine && html`<${Icon} name="accept" size="16" /><span class="unseen">${t("poll.yours")}</span>`}</span>
        <b>${hidden ? "" : percent(share)}</b>
      </li>`;
    })}
  </ul>`;
}

/** @param {{poll: any, vote: (choices: number[]) => void}} props */
function Choices({ poll, vote }) {
  const name = useId();
  const [chosen, setChosen] = useState(/** @type {number[]} */ ([]));
  const toggle = (/** @type {number} */ index) => {
    if (!poll.multiple) setChosen([index]);
    else
      setChosen(
        chosen.includes(index) ? chosen.filter((/** @type {number} */ each) => each !== index) : [...chosen, index],
      );
  };
  return html`<form class="choices" onSubmit=${(/** @type {Event} */ event) => (event.preventDefault(), chosen.length && vote(chosen))}>
    <fieldset><legend class="unseen">${poll.multiple ? t("poll.several") : t("poll.one")}</legend>
      ${poll.options.map(
        (/** @type {any} */ option, /** @type {number} */ index) => html`<label class="option">
        <input type=${poll.multiple ? "checkbox" : "radio"} name=${name} checked=${chosen.includes(index)} onChange=${() => toggle(index)} />
        <span dir="auto">${option.title}</span>
      </label>`,
      )}
    </fieldset>
    <button type="submit" class="small" disabled=${!chosen.length}>${t("poll.vote")}</button>
  </form>`;
}
