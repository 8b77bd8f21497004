// Several hashtags in one timeline: any of them, all of them, none of them. They are in the address.
import { Choices, Field } from "../components/forms.js";
import { Sheet } from "../components/sheet.js";
import { t } from "../i18n.js";
import { go } from "../router.js";
import { html, useState } from "../ui.js";

/** @typedef {"any" | "all" | "none"} MixKind */
/** @typedef {Record<MixKind, string[]>} Mix */

/** How further hashtags count. @type {MixKind[]} */
export const KINDS = ["any", "all", "none"];
const MOST_OF_A_KIND = 4;

/** Reads the rest of an address: "any=rain,snow/none=ice". @param {string} part @returns {Mix} */
export function readMix(part) {
  /** @type {Mix} */
  const mix = { any: [], all: [], none: [] };
  for (const piece of part.split("/")) {
    const [kind, names = ""] = piece.split("=");
    if (kind in mix) mix[/** @type {MixKind} */ (kind)] = names.split(",").filter(Boolean).slice(0, MOST_OF_A_KIND);
  }
  return mix;
}

/** Returns the address of a hashtag with others. @param {string} name @param {Mix} mix */
export function pathOfMix(name, mix) {
  const pieces = KINDS.filter((kind) => mix[kind].length).map(
    (kind) => `${kind}=${mix[kind].map(encodeURIComponent).join(",")}`,
  );
  return ["tags", encodeURIComponent(name), ...pieces].join("/");
}

/** @param {{name: string, mix: Mix, close: () => void}} props */
export function MixDialog({ name, mix, close }) {
  const [other, setOther] = useState("");
  const [kind, setKind] = useState(/** @type {MixKind} */ ("any"));
  const written = other.trim().replace(/^#/, "").toLowerCase();
  const isFull = mix[kind].length >= MOST_OF_A_KIND;
  const isTag = /^[\p{L}\p{M}\p{N}_]+$/u.test(written);
  const problem = written && !isTag ? t("tag.notOne") : isFull ? t("tag.full", { n: MOST_OF_A_KIND }) : "";
  const add = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!isTag || isFull) return;
    close();
    const rest = Object.fromEntries(KINDS.map((each) => [each, mix[each].filter((known) => known !== written)]));
    go(pathOfMix(name, /** @type {Mix} */ ({ ...rest, [kind]: [...rest[kind], written] })));
  };
  const choices = KINDS.map((each) => ({ value: each, words: t(`tag.${each}.choice`, { tag: name }) }));
  return html`<${Sheet} title=${t("tag.mix")} close=${close}><form class="stack" onSubmit=${add}>
    <${Field} label=${t("tag.other")} value=${other} change=${setOther} autocomplete="off" problem=${problem} />
    <${Choices} legend=${t("tag.kind", { tag: name })} value=${kind} change=${setKind} choices=${choices} />
    <div class="choices-row"><button type="submit" class="primary" disabled=${!isTag || isFull}>${t("tag.add")}</button></div>
  </form><//>`;
}
