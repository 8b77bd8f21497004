// Completing names and hashtags while a person writes.
import { t } from "../i18n.js";
import { html, useId, useRef, useState } from "../ui.js";
import { called, Face } from "./person.js";

/** What is completed: a name or hashtag that ends at the caret. */
const WORD = /(?:^|[\s(])([@#][\p{L}\p{N}_]{1,30})$/u;
const PAUSE = 150;

/**
 * Follow what is written in a field, and offer completions of its last word.
 * @param {{current: HTMLTextAreaElement | null}} field
 * @param {((word: string) => Promise<{value: string, account?: any, tag?: any}[]>) | undefined} find
 * @param {(text: string) => void} change
 */
export function useCompletion(field, find, change) {
  const [items, setItems] = useState(/** @type {any[]} */ ([]));
  const [at, setAt] = useState(0);
  const id = useId();
  const timer = useRef(/** @type {any} */ (0));
  /** Which of several answers counts: only the last that was asked for. */
  const turn = useRef(0);
  const stop = () => {
    clearTimeout(timer.current);
    turn.current += 1;
    return turn.current;
  };
  const close = () => (stop(), setItems([]));

  const look = () => {
    const mine = stop();
    const area = field.current;
    const word = area && find && area.value.slice(0, area.selectionStart).match(WORD)?.[1];
    if (!word) return setItems([]);
    timer.current = setTimeout(async () => {
      const found = await find(word);
      if (turn.current !== mine) return;
      setItems(found.slice(0, 6));
      setAt(0);
    }, PAUSE);
  };
  const choose = (/** @type {{value: string}} */ item) => {
    const area = field.current;
    if (!area) return;
    const end = area.selectionStart;
    const start = end - (area.value.slice(0, end).match(WORD)?.[1].length ?? 0);
    const text = `${area.value.slice(0, start)}${item.value} ${area.value.slice(end).trimStart()}`;
    change(text);
    close();
    requestAnimationFrame(() => area.setSelectionRange(start + item.value.length + 1, start + item.value.length + 1));
  };
  const key = (/** @type {KeyboardEvent} */ event) => {
    if (!items.length) return false;
    if (event.key === "ArrowDown" || event.key === "ArrowUp")
      setAt((at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length);
    else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") choose(items[at]);
    else if (event.key === "Escape") close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  const open = items.length > 0;
  const attributes = {
    "aria-autocomplete": "list",
    "aria-controls": open ? id : undefined,
    "aria-activedescendant": open ? `${id}-${at}` : undefined,
  };
  return { items, at, id, choose, look, key, close, field: find ? attributes : {} };
}

/**
 * Draw the completions.
 * @param {{items: any[], at: number, id: string, choose: (item: any) => void}} props
 */
export function Completion({ items, at, id, choose }) {
  if (!items.length) return null;
  return html`<ul class="completion" role="listbox" id=${id} aria-label=${t("compose.completions")}>
    ${items.map(
      (
        item,
        index,
      ) => html`<li role="option" id=${`${id}-${index}`} aria-selected=${String(index === at)} onPointerDown=${(/** @type {Event} */ event) => (event.preventDefault(), choose(item))}>
      ${item.account ? html`<${Face} account=${item.account} size="28" /><b><bdi>${called(item.account)}</bdi></b> <span class="quiet">@${item.account.acct}</span>` : html`<b>#${item.tag.name}</b>`}
    </li>`,
    )}
  </ul>`;
}
