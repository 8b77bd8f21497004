// The text of messages and profiles: the API's HTML becomes nodes that are made here, and is never given to a parser.
import { BASE } from "./api.js";
import { h } from "./ui.js";

const TOKEN = /<(\/?)([a-z0-9]+)([^>]*)>|([^<]+)/g;
const ATTRIBUTE = /([a-z-]+)="([^"]*)"/g;
const ENTITY = /&(#?\w+);/g;
/** @type {Record<string, string>} */
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };
const KEPT = new Set(["p", "br", "a", "span"]);

/**
 * Turns the API's HTML into virtual nodes: paragraphs, lines and links. Mentions and hashtags lead to the client's
 * own screens. All else is shown as text.
 *
 * @param {string} markup
 * @param {{mentions?: {acct: string, url: string}[]}} [entities] whom a message mentions
 */
export function content(markup, { mentions = [] } = {}) {
  /** @type {any[][]} */
  const levels = [[]];
  /** @type {{name: string, properties: Record<string, string>}[]} */
  const open = [];
  const close = () => {
    const { name, properties } = /** @type {{name: string, properties: Record<string, string>}} */ (open.pop());
    const children = levels.pop() ?? [];
    levels.at(-1)?.push(h(name, properties, ...children));
  };
  for (const [, end, name, attributes, text] of markup.matchAll(TOKEN)) {
    if (text !== undefined) levels.at(-1)?.push(decode(text));
    else if (!KEPT.has(name)) continue;
    else if (name === "br") levels.at(-1)?.push(h("br", null));
    else if (end) {
      if (open.some((each) => each.name === name)) while (open.at(-1)?.name !== name) close();
      if (open.at(-1)?.name === name) close();
    } else {
      open.push({ name, properties: propertiesOf(name, attributes, mentions) });
      levels.push([]);
    }
  }
  while (open.length) close();
  return levels[0];
}

/** Returns the API's HTML as plain text. @param {string} markup */
export function plain(markup) {
  const lines = markup.replace(/<br[^>]*>/g, "\n").replace(/<\/p>\s*<p>/g, "\n\n");
  return decode(lines.replace(/<[^>]*>/g, ""));
}

/** @param {string} name @param {string} attributes @param {{acct: string, url: string}[]} mentions */
function propertiesOf(name, attributes, mentions) {
  /** @type {Record<string, string>} */
  const written = {};
  for (const [, key, value] of attributes.matchAll(ATTRIBUTE)) written[key] = decode(value);
  if (name === "p") return {};
  if (name === "span") return written.class === "invisible" ? { class: "invisible" } : {};
  const target = written.href ?? "";
  const mentioned = mentions.find((each) => each.url === target);
  if (mentioned) return { href: `#/@${mentioned.acct}`, class: "mention" };
  const tag = target.startsWith(`${BASE}tags/`) ? target.slice(BASE.length) : null;
  if (tag) return { href: `#/${tag}`, class: "hashtag" };
  const isWeb = /^https?:\/\//.test(target);
  return isWeb ? { href: target, target: "_blank", rel: "nofollow noopener noreferrer" } : {};
}

/** @param {string} text */
function decode(text) {
  return text.replace(ENTITY, (whole, name) => {
    if (!name.startsWith("#")) return ENTITIES[name] ?? whole;
    const code = name[1] === "x" ? parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
