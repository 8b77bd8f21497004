// What is shown where something could not be read: what happened, in the server's words, and what to do.
import { network } from "./api.js";
import { Empty, Trouble } from "./components/states.js";
import { t } from "./i18n.js";
import { reason } from "./notices.js";
import { logIn } from "./session.js";
import { html, useEffect, useState } from "./ui.js";

/** @typedef {import("./api.js").ApiError} ApiError */

/** @type {Record<number, "offline" | "login" | "forbidden" | "wait" | "server">} */
const KINDS = { 0: "offline", 401: "login", 403: "forbidden", 429: "wait" };

/** @param {{error: ApiError | null, retry: () => void}} props */
export function Failed({ error, retry }) {
  const [wait, setWait] = useState(0);
  useEffect(() => {
    setWait((error?.retryAfter ?? 0) * 1000);
    if (!error?.retryAfter) return;
    const timer = setInterval(() => setWait((left) => Math.max(0, left - 1000)), 1000);
    const end = setTimeout(retry, error.retryAfter * 1000 * (1 + 0.2 * Math.random()));
    return () => {
      clearInterval(timer);
      clearTimeout(end);
    };
  }, [error]);
  const isBack = error?.status === 0 && network.value === "ok";
  useEffect(() => {
    if (isBack) retry();
    if (error?.status !== 0) return;
    addEventListener("online", retry);
    return () => removeEventListener("online", retry);
  }, [error, isBack]);
  if (!error) return null;
  if (error.status === 404) return html`<${Empty} icon="gone" title=${t("lost.title")} words=${reason(error)} />`;
  const kind = KINDS[error.status] ?? "server";
  const sentence = kind === "server" || kind === "forbidden" ? reason(error) : undefined;
  const login = kind === "login" ? () => void logIn() : undefined;
  return html`<${Trouble} kind=${kind} sentence=${sentence} wait=${wait} retry=${login ? undefined : retry} login=${login} />`;
}
