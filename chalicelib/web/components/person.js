// A person's picture and name, as they appear beside messages.
import { html } from "../ui.js";

/** @param {any} account */
export const called = (account) => account.display_name || account.username;

/** @param {any} account */
export const homeOf = (account) => `#/@${account.username}`;

/**
 * The address of a picture, relative to the document: below a prefix, or in what a socket sends, the server may know
 * itself by another address than the browser does.
 * @param {string} address
 */
export const pictureAt = (address) => address.replace(/^\w+:\/\/[^/]+\//, "");

/**
 * Draw a person's picture, or its place while the person is not known yet. The name beside it says who that is, so the
 * picture is hidden from screen readers.
 * @param {{account: any, size?: number}} props
 */
export function Face({ account, size = 44 }) {
  if (!account) return html`<span class="face" style=${{ inlineSize: `${size}px`, blockSize: `${size}px` }}></span>`;
  return html`<img class="face" src=${pictureAt(account.avatar_static)} alt="" width=${size} height=${size} loading="lazy" decoding="async" />`;
}

/**
 * Draw a link with a person's name; `on.peek` shows the hover card.
 * @param {{account: any, on?: any, children?: any}} props
 */
export function Name({ account, on, children }) {
  return html`<a
    class="name"
    href=${homeOf(account)}
    onPointerEnter=${on?.peek && ((/** @type {any} */ event) => event.pointerType === "mouse" && on.peek(account, event.currentTarget))}
    onPointerLeave=${on?.peek && (() => on.peek(null))}
    >${children ?? html`<b><bdi>${called(account)}</bdi></b>`}</a
  >`;
}
