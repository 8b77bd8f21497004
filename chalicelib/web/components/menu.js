// Menus: a list of actions at a button, or from the bottom of the window on phones.
import { html, useEffect, useLayoutEffect, useRef } from "../ui.js";
import { Icon } from "./icon.js";

/**
 * An entry of a menu; null draws a line between entries.
 * @typedef {{icon?: string, words: string, hint?: string, checked?: boolean, danger?: boolean, disabled?: boolean,
 *   href?: string, act?: () => void} | null} Item
 */

/**
 * Draw a menu. Arrows, Home, End and first letters move in it; Escape, Tab and a click beside it close it, and give the
 * focus back.
 * @param {{anchor: HTMLElement, items: Item[], label: string, close: () => void}} props
 */
export function Menu({ anchor, items, label, close }) {
  const menu = useRef(/** @type {any} */ (null));
  const entries = () =>
    /** @type {HTMLElement[]} */ ([...menu.current.querySelectorAll("[role^=menuitem]:not([disabled])")]);
  const leave = () => (close(), anchor.focus({ preventScroll: true }));

  useLayoutEffect(() => {
    const element = menu.current;
    showAt(element, anchor);
    (element.querySelector('[aria-checked="true"]') ?? entries()[0])?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    const beside = (/** @type {Event} */ event) => menu.current?.contains(event.target) || close();
    addEventListener("pointerdown", beside, true);
    const width = innerWidth;
    const resize = () => innerWidth !== width && close();
    addEventListener("resize", resize);
    addEventListener("hashchange", close); // going back leads to another screen
    return () => {
      removeEventListener("pointerdown", beside, true);
      removeEventListener("resize", resize);
      removeEventListener("hashchange", close);
    };
  }, []);

  const key = (/** @type {KeyboardEvent} */ event) => {
    const all = entries();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const letter = (/** @type {HTMLElement} */ each) =>
      each.textContent?.trim().toLowerCase().startsWith(event.key.toLowerCase());
    const steps = {
      ArrowDown: all[(at + 1) % all.length],
      ArrowUp: all[(at - 1 + all.length) % all.length],
      Home: all[0],
      End: all.at(-1),
    };
    const to =
      steps[/** @type {"Home"} */ (event.key)] ??
      (event.key.length === 1 ? [...all.slice(at + 1), ...all].find(letter) : undefined);
    if (event.key === "Escape" || event.key === "Tab") leave();
    else if (to) to.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div class="menu" role="menu" popover="manual" ref=${menu} aria-label=${label} onKeyDown=${key}>
    ${items.map((item) => (item ? html`<${Entry} item=${item} leave=${leave} />` : html`<hr />`))}
  </div>`;
}

/** @param {{item: NonNullable<Item>, leave: () => void}} props */
function Entry({ item, leave }) {
  const { icon, words, hint, checked, danger, disabled, href, act } = item;
  const inner = html`${icon && html`<${Icon} name=${icon} size="20" />`}<span>${words}${hint && html`<small>${hint}</small>`}</span>${checked && html`<${Icon} name="accept" size="18" class="check" />`}`;
  const shared = {
    class: danger ? "danger" : undefined,
    role: checked === undefined ? "menuitem" : "menuitemradio",
    tabindex: -1,
  };
  if (href) return html`<a ...${shared} href=${href} onClick=${leave}>${inner}</a>`;
  return html`<button type="button" ...${shared} aria-checked=${checked === undefined ? undefined : String(checked)} disabled=${disabled} onClick=${() => (leave(), act?.())}>${inner}</button>`;
}

/**
 * Show an element at its anchor, as a part of the dialog or landmark that the anchor is in: while a dialog is open,
 * nothing outside it can be used.
 * @param {HTMLElement} element
 * @param {Element} anchor
 */
export function showAt(element, anchor) {
  const place = anchor.closest("dialog, main, nav, aside");
  if (place && !place.contains(element)) place.append(element);
  element.showPopover?.();
  putAt(element, anchor);
}

/**
 * Put an element below its anchor, or above it where there is no room, and inside the window. On phones, the style sheet
 * puts it at the bottom.
 * @param {HTMLElement} element
 * @param {Element} anchor
 */
function putAt(element, anchor) {
  const from = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = element;
  const start = getComputedStyle(element).direction === "rtl" ? from.right - width : from.left;
  const below = from.bottom + 4;
  const fits = below + height <= innerHeight - 8;
  const left = Math.max(8, Math.min(start, innerWidth - width - 8));
  element.style.setProperty("--x", `${left}px`);
  element.style.setProperty("--y", `${fits ? below : Math.max(8, from.top - height - 4)}px`);
}
