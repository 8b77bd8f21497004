// The frame of a part of the settings, and what several of them need.
import { Skeletons } from "../components/feed.js";
import { Top } from "../components/layout.js";
import { t } from "../i18n.js";
import { saved } from "../preferences.js";
import { go } from "../router.js";
import { Failed } from "../trouble.js";
import { html, useEffect, useState } from "../ui.js";

/**
 * Draws the frame of a part of the settings: its title, the way back, and whether the last change is saved.
 *
 * @param {{title: string, words?: any, top?: boolean, up?: string, children: any}} props `words`: what this is about;
 *   `top`: it is the overview; `up`: where the way back leads
 */
export function Setting({ title, words, top, up = "settings", children }) {
  useEffect(() => forgetSaved, []);
  return html`<${Top} title=${title} back=${top ? undefined : () => go(up)}>
      <span class="quiet saved" role="status">${saved.value && t(`set.${saved.value}`)}</span>
    <//>
    ${words && html`<p class="lead">${words}</p>`}${children}`;
}

/**
 * Reads something when the part is shown, and again when asked.
 *
 * @template T
 * @param {() => Promise<T>} read
 * @returns {{found: T | null, set: (value: T) => void, meanwhile: any, retry: () => void}} `meanwhile`: what to draw until it is there
 */
export function useRead(read) {
  const [found, set] = useState(/** @type {T | null} */ (null));
  const [error, setError] = useState(/** @type {any} */ (null));
  const retry = () => {
    setError(null);
    read().then(set, setError);
  };
  useEffect(retry, []);
  const meanwhile = error
    ? html`<${Failed} error=${error} retry=${retry} />`
    : found === null && html`<${Skeletons} count="3" />`;
  return { found, set, meanwhile, retry };
}

function forgetSaved() {
  saved.value = "";
}
