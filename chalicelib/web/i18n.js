// Words in the reader's language, and numbers and times as people write them there.
import { signal } from "./ui.js";

/** @typedef {string | {one: string, other: string}} Words */

const LANGUAGE = "fstream.language";
/** The languages that there are, by their own names. */
export const LANGUAGES = { en: "English", de: "Deutsch" };

/** The language in use. */
export const language = signal("en");

/** @type {Record<string, Words>} */
let words = {};
/** @type {Map<string, any>} */
const formats = new Map();

/** Loads the words of the chosen language, or else of the first that the browser prefers. */
export async function loadWords() {
  const wanted = [localStorage.getItem(LANGUAGE) ?? "", ...navigator.languages].map((each) => each.slice(0, 2));
  await useLanguage(wanted.find((each) => each in LANGUAGES) ?? "en");
}

/** Chooses a language and remembers it. @param {string} chosen */
export async function chooseLanguage(chosen) {
  localStorage.setItem(LANGUAGE, chosen);
  await useLanguage(chosen);
}

/** @param {string} chosen */
async function useLanguage(chosen) {
  words = (await import(`./lang/${chosen}.js`)).words;
  formats.clear();
  document.documentElement.lang = chosen;
  language.value = chosen;
}

/**
 * Returns words, with values for their {names}. The value `n` chooses between one and other.
 *
 * @param {string} key such as "home.empty"
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  const found = words[key];
  const text = typeof found === "object" ? found[plural(Number(values.n))] : (found ?? key);
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name] ?? "";
    return typeof value === "number" ? number(value) : value;
  });
}

/** @param {number} n @returns {"one" | "other"} */
function plural(n) {
  return format("plural", () => new Intl.PluralRules(language.peek())).select(n) === "one" ? "one" : "other";
}

/** Writes a number; large ones shortly: 1.2K. @param {number} value */
export function number(value) {
  const notation = value < 10_000 ? "standard" : "compact";
  return format(notation, () => new Intl.NumberFormat(language.peek(), { notation })).format(value);
}

/** Writes a span of time rounded down to its unit: 38 s, 4 min, 19 h, 4 days. @param {number} ms */
export function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return unit(seconds, "second");
  if (seconds < 3600) return unit(Math.floor(seconds / 60), "minute");
  if (seconds < 172_800) return unit(Math.floor(seconds / 3600), "hour");
  return unit(Math.floor(seconds / 86_400), "day");
}

/** @param {number} value @param {string} name */
function unit(value, name) {
  const unitDisplay = name === "day" ? "long" : "short";
  const options = /** @type {Intl.NumberFormatOptions} */ ({ style: "unit", unit: name, unitDisplay });
  return format(name, () => new Intl.NumberFormat(language.peek(), options)).format(value);
}

/** Writes a moment to the second, for tooltips and screen readers. @param {number} ms */
export function exact(ms) {
  const options = /** @type {const} */ ({ dateStyle: "full", timeStyle: "medium" });
  return format("exact", () => new Intl.DateTimeFormat(language.peek(), options)).format(ms);
}

/** Writes when something will be, seen from now: "today at 21:04", "Friday, 4 December, 08:00". */
export function when(/** @type {number} */ ms, /** @type {number} */ now) {
  const time = format("time", () => new Intl.DateTimeFormat(language.peek(), { timeStyle: "short" })).format(ms);
  const days = Math.round((midnight(ms) - midnight(now)) / 86_400_000);
  if (days > 1) {
    const options = /** @type {const} */ ({ weekday: "long", day: "numeric", month: "long" });
    const date = format("date", () => new Intl.DateTimeFormat(language.peek(), options)).format(ms);
    return t("time.at", { day: date, time });
  }
  const day = format("relative", () => new Intl.RelativeTimeFormat(language.peek(), { numeric: "auto" })).format(days, "day");
  return t("time.at", { day, time });
}

/** @param {number} ms */
function midnight(ms) {
  return new Date(ms).setHours(0, 0, 0, 0);
}

/** @param {string} name @param {() => any} make */
function format(name, make) {
  const found = formats.get(name) ?? make();
  formats.set(name, found);
  return found;
}
