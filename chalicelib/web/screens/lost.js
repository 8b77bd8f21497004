// An address that leads nowhere.
import { Top } from "../components/layout.js";
import { Empty } from "../components/states.js";
import { t } from "../i18n.js";
import { html } from "../ui.js";

/** Draws that there is nothing at an address. */
export function Lost() {
  return html`<${Top} title=${t("lost.title")} />
    <${Empty} icon="gone" title=${t("lost.title")} words=${t("lost.words")}><a class="plain" href="#/home">${t("gone.home")}</a><//>`;
}
