// Words in the reader's language. Times and numbers follow it: see components/times.js.
import { reach } from "./modules.js";
import { signal } from "./ui.js";

/** @typedef {string | {one: string, other: string}} Words */

/** The name of the chosen language in localStorage. */
export const LANGUAGE = "fstream.language";
/** The languages that there are, by their own names. */
export const LANGUAGES = { en: "English", de: "Deutsch" };

/** So long after words could not be loaded they are asked for again. */
const AGAIN_MS = 2000;

/** The language in use. */
export const language = signal("en");

/** @type {Record<string, Words>} */
let words = {};
/** Whether these are all words, or only those of the first view, which the server picks out. */
let isWhole = false;
let rules = new Intl.PluralRules("en");
let numbers = new Intl.NumberFormat("en");

/** Loads the words of the chosen language, or else of the first that the browser prefers. */
export async function loadWords() {
  const wanted = [localStorage.getItem(LANGUAGE) ?? "", ...navigator.languages].map((each) => each.slice(0, 2));
  const chosen = wanted.find((each) => each in LANGUAGES) ?? "en";
  document.documentElement.lang = chosen; // also the language of errors, from the first request on
  const path = `./lang/${chosen}-first.js`;
  for (let tries = 0; ; tries++) {
    // Another address each time: see modules.js, for which the first view does not wait.
    const module = await import(tries ? `${path}?${tries}` : path).catch(() => null);
    if (module) return speak(chosen, module.words);
    await new Promise((done) => setTimeout(done, AGAIN_MS));
  }
}

/** Uses a language. @param {string} chosen @param {Record<string, Words>} its @param {boolean} [whole] whether these are all of its words */
export function speak(chosen, its, whole = false) {
  words = its;
  isWhole = whole;
  rules = new Intl.PluralRules(chosen);
  numbers = new Intl.NumberFormat(chosen);
  document.documentElement.lang = chosen;
  language.value = chosen;
}

/** Loads all words: those of the first view do not suffice for other screens. */
export async function loadAllWords() {
  if (isWhole) return;
  const chosen = language.peek();
  await reach(`./lang/${chosen}.js`);
  words = (await import(`./lang/${chosen}.js`))[chosen];
  isWhole = true;
}

/**
 * Returns words, with values for their {names}. The value `n` chooses between one and other.
 *
 * @param {string} key such as "home.empty"
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  // What draws words draws them again in another language.
  language.value;
  const found = words[key];
  const text = typeof found === "object" ? found[rules.select(Number(values.n)) === "one" ? "one" : "other"] : found;
  if (text === undefined) console.error(`There are no words for ${key}`);
  return (text ?? key).replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name] ?? "";
    return typeof value === "number" ? numbers.format(value) : value;
  });
}
