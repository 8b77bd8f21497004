// A message: who, when, how long it lasts, what it says, and what a person can do with it.
import { t } from "../i18n.js";
import { html } from "../ui.js";
import { Actions, Tally } from "./actions.js";
import { Body } from "./body.js";
import { Icon } from "./icon.js";
import { Lifetime, phaseOf, Water } from "./lifetime.js";
import { called, Face, homeOf, Name } from "./person.js";
import { ago, exact } from "./times.js";

/** @param {any} status */
export const address = (status) => `${homeOf(status.account)}/${status.id}`;

const SIGNS = { unlisted: "unlisted", private: "lock", direct: "direct" };

/**
 * Draw the time since a message was posted, with its visibility if that is not "everyone".
 * @param {{status: any, now: any}} props
 */
function Posted({ status, now }) {
  const then = Date.parse(status.created_at);
  const words = ago(then, now);
  const sign = SIGNS[/** @type {"private"} */ (status.visibility)];
  const scope = t(`visibility.${status.visibility}`);
  return html`<a class="when" href=${address(status)} title=${exact(then)}
      ><time datetime=${status.created_at}>${words}</time>${status.edited_at && html`<${Icon} name="edit" size="13" /><span class="unseen">${t("message.edited")}</span>`}</a
    >${sign && html`<span class="scope" role="img" aria-label=${scope} title=${scope}><${Icon} name=${sign} size="15" /></span>`}`;
}

/**
 * Draw the lines above a message: who boosted it, whether it is pinned, and whom it answers.
 * @param {{booster?: any, pinned?: boolean, status: any, bare?: boolean}} props
 */
function Above({ booster, pinned, status, bare }) {
  const answered = status.mentions.find((/** @type {any} */ each) => each.id === status.in_reply_to_account_id);
  return html`${
    booster &&
    html`<p class="above"><${Icon} name="boost" size="16" /><${Name} account=${booster}><bdi>${t("message.boosted", { name: called(booster) })}</bdi><//></p>`
  }
  ${pinned && html`<p class="above"><${Icon} name="pin" size="16" />${t("message.pinned")}</p>`}
  ${!bare && answered && html`<p class="above"><${Icon} name="reply" size="16" /><a href=${`#/@${answered.username}`}>${t("message.answers", { name: answered.username })}</a></p>`}`;
}

/**
 * Draw a message, or a boost as the message that it boosts.
 *
 * `on` has the callbacks open, reply, boost, favourite, bookmark, more, vote and peek, each of which gets the message
 * (peek: the account and the element). Without it, the message is only read.
 * @param {{status: any, now: any, on?: any, me?: string, here?: boolean, bare?: boolean, depth?: number, going?: boolean,
 *   at?: number, context?: string, fresh?: boolean, pinned?: boolean, children?: any}} props
 *   `here`: it is the message that the page is about; `bare`: whom it answers is seen from its place; `going`: its time
 *   is over; `at`: its position in a feed, from 1; `context`: where filters apply; `fresh`: it has just been posted;
 *   `pinned`: it is above others because it is pinned; `children`: what the detail view adds below the text
 */
export function Message({ status, now, on, me, here, bare, depth, going, at, context, fresh, pinned, children }) {
  const shown = status.reblog ?? status;
  const phase = phaseOf(shown, now);
  const id = `m${status.id}`;
  const state = `${phase === "last" ? "ember last" : phase}${here ? " here" : ""}${going ? " going" : ""}${fresh ? " fresh" : ""}`;
  const open = (/** @type {any} */ event) => {
    const aside = event.target.closest("a, button, input, label, summary, [role=dialog]");
    if (!aside && !here && !String(getSelection())) on?.open?.(shown, event);
  };
  return html`<article
    class=${`message ${state}`}
    id=${id}
    data-id=${status.id}
    tabindex=${on ? 0 : undefined}
    aria-labelledby=${`${id}-by ${id}-text`}
    aria-posinset=${at}
    aria-setsize=${at && -1}
    style=${depth ? { "--depth": depth } : undefined}
    onClick=${on?.open && open}
  >
    <${Water} status=${shown} now=${now} />
    <${Above} booster=${status.reblog && status.account} pinned=${pinned} status=${shown} bare=${bare} />
    <a class="portrait" href=${homeOf(shown.account)} tabindex="-1" aria-hidden="true"><${Face} account=${shown.account} /></a>
    <header id=${`${id}-by`}>
      <span class="by"><${Name} account=${shown.account} on=${on} /><span class="handle"><bdi>@${shown.account.acct}</bdi></span><${Posted} status=${shown} now=${now} /></span>
      <${Lifetime} status=${shown} now=${now} />
    </header>
    <div class="body" id=${`${id}-text`}><${Body} status=${shown} now=${now} on=${on} me=${me} context=${context} here=${here} /></div>
    ${children}
    ${on && html`<${Actions} status=${shown} on=${on} me=${me} />`} ${on && !here && html`<${Tally} status=${shown} />`}
  </article>`;
}
