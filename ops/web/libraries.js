// Everything that chalicelib/web/ui.js needs of the vendored libraries: `make vendor-web` bundles it into one file.
export { Fragment, createContext, h, render } from "preact";
export {
  useCallback,
  useContext,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "preact/hooks";
export { batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect } from "@preact/signals";
export { default as htm } from "htm";
