// The help sheet of the keyboard.
import { Sheet } from "../components/sheet.js";
import { t } from "../i18n.js";
import { shortcuts } from "../keys.js";
import { goBack } from "../router.js";
import "../shortcuts.js";
import { html } from "../ui.js";

/** Draws what the keys do. */
export function KeysSheet() {
  const all = [...shortcuts, { keys: "Ctrl Enter", words: "keys.send" }];
  return html`<${Sheet} title=${t("keys.title")} close=${goBack}>
    <dl class="keys">
      ${all.map(
        ({ keys, words }) => html`<div key=${keys}>
        <dt>${keys.split(", ").map((each, index) => html`${index > 0 && " / "}${each.split(" ").map((key) => html`<kbd>${key}</kbd>`)}`)}</dt>
        <dd>${t(words)}</dd>
      </div>`,
      )}
    </dl>
  <//>`;
}
