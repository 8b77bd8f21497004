// People: rows in lists, the button to follow, the card on hover, and the top of a profile.
import { t } from "../i18n.js";
import { html, useLayoutEffect, useRef } from "../ui.js";
import { showAt } from "./menu.js";
import { called, Face, homeOf, pictureAt } from "./person.js";
import { figure, month } from "./times.js";
import { Line, Words } from "./words.js";

/**
 * Draw the button to follow a person, or to end it. A locked account gets a request.
 * @param {{account: any, relation?: any, follow: () => void, busy?: boolean}} props
 */
export function Follow({ account, relation, follow, busy }) {
  if (!relation) return null;
  const { following, requested, followed_by: back } = relation;
  const words = requested
    ? t("people.requested")
    : following
      ? t("people.following")
      : account.locked
        ? t("people.request")
        : back
          ? t("people.followBack")
          : t("people.follow");
  return html`<button type="button" class="primary follow" aria-pressed=${String(following || requested)} aria-label=${`${words}: ${called(account)}`} aria-busy=${String(Boolean(busy))} onClick=${follow}>${words}</button>`;
}

/**
 * Draw a person in a list. `children` are buttons beside the name.
 * @param {{account: any, note?: boolean, children?: any, on?: any}} props
 */
export function Person({ account, note = true, children }) {
  return html`<article class="person">
    <a href=${homeOf(account)} tabindex="-1" aria-hidden="true"><${Face} account=${account} /></a>
    <span class="names"><a class="name" href=${homeOf(account)}><b><bdi>${called(account)}</bdi></b></a><span class="handle"><bdi>@${account.acct}</bdi></span></span>
    <span class="actions">${children}</span>
    ${note && account.note && html`<span class="bio line"><${Line} markup=${account.note} /></span>`}
  </article>`;
}

/**
 * Draw a person's figures as links.
 * @param {{account: any}} props
 */
function Figures({ account }) {
  const base = homeOf(account);
  const hidden = account.hide_collections;
  const entry = (/** @type {string} */ href, /** @type {number} */ n, /** @type {string} */ word) =>
    html`<a href=${href}><b>${figure(n)}</b> ${t(`people.${word}`, { n })}</a>`;
  return html`<p class="figures">
    ${entry(base, account.statuses_count, "messages")}
    ${hidden ? html`<span><b>${figure(account.following_count)}</b> ${t("people.followed", { n: account.following_count })}</span>` : entry(`${base}/following`, account.following_count, "followed")}
    ${hidden ? html`<span><b>${figure(account.followers_count)}</b> ${t("people.followers", { n: account.followers_count })}</span>` : entry(`${base}/followers`, account.followers_count, "followers")}
  </p>`;
}

/** @param {{account: any, relation?: any}} props */
function Signs({ account, relation }) {
  const signs = [
    account.locked && t("people.locked"),
    account.bot && t("people.bot"),
    relation?.followed_by && t("people.followsYou"),
    relation?.muting && t("people.muted"),
    relation?.blocking && t("people.blocked"),
  ].filter(Boolean);
  return html`<p class="handle"><bdi>@${account.acct}</bdi>${signs.map((each) => html`<span class="tag-label">${each}</span>`)}</p>`;
}

/**
 * Draw the top of a profile: pictures, name, text, fields and figures.
 * @param {{account: any, relation?: any, buttons?: any, note?: string, level?: number}} props `buttons`: to follow, for
 *   more, or to edit; `note`: the reader's own private words about the person
 */
export function Profile({ account, relation, buttons, note }) {
  return html`<section class="profile" aria-label=${called(account)}>
    <img class="banner-picture" src=${pictureAt(account.header_static)} alt="" />
    <div class="above-name"><${Face} account=${account} size="92" /><span class="buttons">${buttons}</span></div>
    <div class="about">
      <div><h2><bdi>${called(account)}</bdi></h2><${Signs} account=${account} relation=${relation} /></div>
      ${account.note && html`<${Words} markup=${account.note} />`}
      ${note && html`<p class="private-note" dir="auto"><small>${t("people.note")}</small><br />${note}</p>`}
      ${account.fields.length > 0 && html`<dl class="fields">${account.fields.map((/** @type {any} */ each) => html`<dt dir="auto">${each.name}</dt><dd><${Words} markup=${each.value} /></dd>`)}</dl>`}
      <p class="quiet">${t("people.since", { month: month(Date.parse(account.created_at)) })}</p>
      <${Figures} account=${account} />
    </div>
  </section>`;
}

/**
 * Draw the card of a person beside the name that the mouse is on.
 * @param {{account: any, relation?: any, anchor: Element, buttons?: any, note?: string, stay?: () => void, leave?: () => void}} props
 */
export function HoverCard({ account, relation, anchor, buttons, note, stay, leave }) {
  const card = useRef(/** @type {any} */ (null));
  useLayoutEffect(() => {
    showAt(card.current, anchor);
  }, [anchor]);
  return html`<div class="hover-card profile" popover="manual" role="dialog" aria-label=${called(account)} ref=${card} onPointerEnter=${stay} onPointerLeave=${leave}>
    <img class="banner-picture" src=${pictureAt(account.header_static)} alt="" />
    <div class="above-name"><${Face} account=${account} size="64" /><span class="buttons">${buttons}</span></div>
    <div class="about">
      <div><h2><a class="name" href=${homeOf(account)}><bdi>${called(account)}</bdi></a></h2><${Signs} account=${account} relation=${relation} /></div>
      ${account.note && html`<p class="line"><${Line} markup=${account.note} /></p>`}
      ${note && html`<p class="private-note line" dir="auto">${note}</p>`}
      <${Figures} account=${account} />
    </div>
  </div>`;
}
