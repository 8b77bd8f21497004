// The language of the client, and those that are offered for messages.
import { LANGUAGE, speak } from "./i18n.js";
import { reach } from "./modules.js";
import { me } from "./session.js";

/** The most common languages on the web. The lists add those of the browser and the account. */
const COMMON =
  "af ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr ga gl he hi hr hu hy id is it ja ka kk ko lt lv mk ms nb nl nn pl pt ro ru sk sl sq sr sv sw ta te th tr uk ur uz vi zh".split(
    " ",
  );

/** Chooses the client's language and remembers it. @param {string} chosen */
export async function chooseLanguage(chosen) {
  await reach(`./lang/${chosen}.js`);
  const module = await import(`./lang/${chosen}.js`);
  localStorage.setItem(LANGUAGE, chosen);
  speak(chosen, module[chosen], true);
}

/** Returns the codes of all that are offered, and of those that are in use here. */
function languageCodes() {
  const used = [me.value?.source.language ?? "", ...navigator.languages].map((each) => each.split("-")[0]);
  return [...new Set([...COMMON, ...used])].filter(Boolean);
}

/** Returns the languages with their names, sorted by these. @returns {[string, string][]} */
export function namedLanguages() {
  const locale = document.documentElement.lang;
  const names = new Intl.DisplayNames(locale, { type: "language" });
  const named = languageCodes().map((code) => /** @type {[string, string]} */ ([code, names.of(code) ?? code]));
  return named.sort((one, other) => one[1].localeCompare(other[1], locale));
}
