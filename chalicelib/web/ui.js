// What every module that draws imports: Preact with its hooks and signals, and `html` for its templates.
import { h, htm } from "./vendor/preact.js";

export { icons } from "./vendor/icons.js";
export {
  batch,
  computed,
  createContext,
  effect,
  Fragment,
  h,
  render,
  signal,
  untracked,
  useCallback,
  useComputed,
  useContext,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useSignal,
  useSignalEffect,
  useState,
} from "./vendor/preact.js";

/** Turns a template into virtual nodes: html`<p class=${name}>${text}</p>`. Text is never parsed as HTML. */
export const html = htm.bind(h);
