// Downloading everything that a person has here. The server gives it in pages, which become one file.
import { request } from "../api.js";
import { Icon } from "../components/icon.js";
import { t } from "../i18n.js";
import { reason } from "../notices.js";
import { me } from "../session.js";
import { html, useEffect, useRef, useState } from "../ui.js";
import { Setting } from "./setting.js";

/** @typedef {Record<string, any>} Exported */

/** Draws what is in the file, and the button for it. */
export function Exporting() {
  const [pages, setPages] = useState(-1);
  const [error, setError] = useState(/** @type {any} */ (null));
  const [wait, setWait] = useState(0);
  const abort = useRef(/** @type {AbortController | null} */ (null));
  /** What has been read, so that a pause or a failure loses nothing. */
  const whole = useRef(/** @type {{data: Exported, cursor: string | null, pages: number} | null} */ (null));
  useEffect(() => () => abort.current?.abort(), []);
  useEffect(() => {
    if (!wait) return;
    const timer = setTimeout(() => (wait > 1 ? setWait(wait - 1) : (setWait(0), void download())), 1000);
    return () => clearTimeout(timer);
  }, [wait]);

  async function download() {
    abort.current = new AbortController();
    const { signal } = abort.current;
    setError(null);
    try {
      let so = whole.current ?? { data: {}, cursor: null, pages: 0 };
      do {
        setPages(so.pages);
        const { data } = await request("GET", "api/v1/export", { query: { cursor: so.cursor }, signal });
        so = { data: merge(so.data, data), cursor: cursorOf(data.next), pages: so.pages + 1 };
        whole.current = so;
      } while (so.cursor);
      save(so.data, `${me.peek()?.username}.json`);
      whole.current = null;
      setPages(-2);
    } catch (failure) {
      if (signal.aborted) return;
      const { status, retryAfter } = /** @type {import("../api.js").ApiError} */ (failure);
      if (status === 429 && retryAfter) return setWait(Math.ceil(retryAfter));
      setError(failure);
      setPages(-1);
    }
  }
  const isBusy = pages >= 0;
  return html`<${Setting} title=${t("export.title")} words=${t("export.words")}>
    <div class="form"><section>
      <ul class="plain-list">${["messages", "people", "kept", "settings"].map((each) => html`<li key=${each}>${t(`export.has.${each}`)}</li>`)}</ul>
      <p class="hint">${t("export.hint2")}</p>
      ${error && html`<p class="problem" role="alert">${reason(error)}</p>`}
      <p><button type="button" class="primary" aria-busy=${String(isBusy)} disabled=${isBusy} onClick=${() => void download()}><${Icon} name="download" size="20" /> ${t(error ? "export.goOn" : "export.act")}</button></p>
      <p class="quiet" role="status">${wait ? t("export.wait", { n: wait }) : isBusy ? t("export.page", { n: pages + 1 }) : pages === -2 ? t("export.done") : ""}</p>
    </section></div>
  <//>`;
}

/** Joins pages: arrays of the same name in their order. @param {Exported} so @param {Exported} page @returns {Exported} */
function merge(so, { next, ...page }) {
  const merged = { ...so };
  for (const [name, value] of Object.entries(page)) {
    if (Array.isArray(value)) merged[name] = [...(so[name] ?? []), ...value];
    else if (value !== null) merged[name] = value;
  }
  return merged;
}

/** @param {string | null} link to the next page */
function cursorOf(link) {
  return link ? new URL(link).searchParams.get("cursor") : null;
}

/** @param {Exported} data @param {string} name */
function save(data, name) {
  const address = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }));
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
