// Modules that load when they are needed. For as long as a document is open, a browser remembers that it could not load a
// module, and does not try again. So the files of one are fetched first, into the browser's cache, where the import then
// finds them.
import { ApiError, network } from "./api.js";
import { signal } from "./ui.js";

/** Whether the server was upgraded under this document, whose files it no longer has. */
export const upgraded = signal(false);

/** The addresses of modules that have been fetched, and at first of those that came with the document. @type {Set<string>} */
const fetched = new Set();
const routes = document.querySelector("script[type=importmap]")?.textContent;
for (const path in JSON.parse(routes || "{}").imports) fetched.add(new URL(path, document.baseURI).href);

/**
 * Loads a module.
 *
 * @template T
 * @param {() => Promise<T>} load nothing but the import of a path
 * @returns {Promise<T>}
 * @throws {ApiError} it could not be loaded
 */
export async function bring(load) {
  await reach(/\("(.+?)"/.exec(String(load))?.[1] ?? "");
  return load();
}

/** Fetches a module with all that it imports. @param {string} path @param {string} [from] the address that it is relative to @throws {ApiError} */
export async function reach(path, from = import.meta.url) {
  const { href } = new URL(path, from);
  if (fetched.has(href)) return;
  const response = await fetch(href).catch(() => null);
  if (!response) network.value = "offline";
  if (response?.status === 404) upgraded.value = true;
  const text = response?.headers.get("content-type")?.includes("javascript") && (await response.text().catch(() => ""));
  if (!text) throw new ApiError(response?.status ?? 0, "");
  await Promise.all([...text.matchAll(/from ?"(\.[^"]+)"/g)].map(([, each]) => reach(each, href)));
  fetched.add(href);
}
