// The text of messages and profiles. The server's markup is read, and nodes of our own are made from it: nothing of it
// is ever parsed as HTML by the browser, so that no markup can do harm.
import { html } from "../ui.js";

const PIECE = /<(\/?)([a-z]+)([^>]*)>|([^<]+)/g;
const ATTRIBUTE = /([a-z]+)="([^"]*)"/g;
const ENTITY = /&(?:#(\d+)|#x([0-9a-f]+)|(amp|lt|gt|quot));/gi;
const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"' };
/** What the server puts above a text for clients that do not draw quotes. */
const QUOTED = /^<p class="quote-inline">.*?<\/p>/;
/** Beyond this many characters, the address behind a link is shortened for the eye. */
const LONG = 40;

/** @param {string} text */
function decoded(text) {
  return text.replace(ENTITY, (_, ten, sixteen, name) =>
    name
      ? NAMED[/** @type {"amp"} */ (name.toLowerCase())]
      : String.fromCodePoint(ten ? Number(ten) : parseInt(sixteen, 16)),
  );
}

/** @typedef {{kind: "text", text: string} | {kind: "break"} | {kind: "link", href: string, rel: string, text: string}} Piece */

/**
 * Split the server's markup into paragraphs of texts, line breaks and links.
 * @param {string} markup
 * @returns {Piece[][]}
 */
function paragraphs(markup) {
  /** @type {Piece[][]} */
  const found = [[]];
  /** @type {Extract<Piece, {kind: "link"}> | null} */
  let link = null;
  for (const [, closing, name, attributes, text] of markup.replace(QUOTED, "").matchAll(PIECE)) {
    const last = found[found.length - 1];
    if (text !== undefined) {
      if (link) link.text += decoded(text);
      else last.push({ kind: "text", text: decoded(text) });
    } else if (name === "p" && closing) found.push([]);
    else if (name === "br") last.push({ kind: "break" });
    else if (name === "a" && closing) link = null;
    else if (name === "a") {
      const values = Object.fromEntries([...attributes.matchAll(ATTRIBUTE)].map((each) => [each[1], decoded(each[2])]));
      link = { kind: "link", href: values.href ?? "", rel: values.class ?? "", text: "" };
      last.push(link);
    }
  }
  return found.filter((each) => each.length);
}

/** @param {Piece} piece */
function drawn(piece) {
  if (piece.kind === "text") return piece.text;
  if (piece.kind === "break") return html`<br />`;
  const { href, rel, text } = piece;
  if (rel.includes("hashtag"))
    return html`<a href=${`#/tags/${encodeURIComponent(text.slice(1).toLowerCase())}`}>${text}</a>`;
  if (rel.includes("mention")) return html`<a href=${`#/${text.toLowerCase()}`} data-name=${text.slice(1)}>${text}</a>`;
  if (!/^https?:\/\//i.test(href)) return text;
  const bare = text.replace(/^https?:\/\/(www\.)?/i, "").replace(/\/$/, "");
  const short = bare.length > LONG ? `${bare.slice(0, LONG)}…` : bare;
  return html`<a href=${href} title=${bare.length > LONG ? href : undefined} target="_blank" rel="nofollow noopener noreferrer">${short}</a>`;
}

/**
 * Draw the text of a message or profile in paragraphs.
 * @param {{markup: string, lang?: string, class?: string}} props
 */
export function Words({ markup, lang, class: more = "" }) {
  return html`<div class=${`words ${more}`} lang=${lang || undefined} dir="auto">
    ${paragraphs(markup).map((each) => html`<p dir="auto">${each.map(drawn)}</p>`)}
  </div>`;
}

/**
 * Draw a text on one line, for previews.
 * @param {{markup: string, lang?: string}} props
 */
export function Line({ markup, lang }) {
  const texts = paragraphs(markup).map((each) =>
    each.map((piece) => (piece.kind === "break" ? " " : piece.text)).join(""),
  );
  return html`<span lang=${lang || undefined} dir="auto">${texts.join(" ")}</span>`;
}
