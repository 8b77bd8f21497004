// Places without content, each honest about why: nothing here, no connection, gone, too fast, an error, an old window.
import { t } from "../i18n.js";
import { html } from "../ui.js";
import { Icon } from "./icon.js";
import { span } from "./times.js";

/**
 * Draw a place that has nothing to show.
 * @param {{icon: string, title: string, words?: any, trouble?: boolean, children?: any}} props `children`: what to do next
 */
export function Empty({ icon, title, words, trouble, children }) {
  return html`<div class=${`empty${trouble ? " trouble" : ""}`} role=${trouble ? "alert" : undefined}>
    <${Icon} name=${icon} size="44" /><h2>${title}</h2>${words && html`<p>${words}</p>`}
    ${children && html`<div class="choices-row">${children}</div>`}
  </div>`;
}

/**
 * Draw why a place could not be loaded, and what to do.
 * @param {{kind: "offline" | "login" | "forbidden" | "wait" | "server", sentence?: string, wait?: number, retry?: () => void,
 *   login?: () => void}} props `sentence`: the server's words; `wait`: milliseconds until it makes sense to try again
 */
export function Trouble({ kind, sentence, wait = 0, retry, login }) {
  const icons = {
    offline: "offline",
    login: "lock",
    forbidden: "lock",
    wait: "hourglass",
    server: "warning",
  };
  const words = sentence ?? t(`trouble.${kind}.words`, { wait: span(wait) });
  return html`<${Empty} trouble icon=${icons[kind]} title=${t(`trouble.${kind}`)} words=${kind === "wait" ? t("trouble.wait.words", { wait: span(wait) }) : words}>
    ${retry && html`<button type="button" class="plain" disabled=${wait > 0} onClick=${retry}>${t("trouble.retry")}</button>`}
    ${login && html`<button type="button" class="primary" onClick=${login}>${t("trouble.again")}</button>`}
  <//>`;
}

/**
 * Draw a line above the stream: no connection, or a server that was upgraded under this window.
 * @param {{icon: string, words: string, action?: string, act?: () => void, warm?: boolean}} props
 */
export function Banner({ icon, words, action, act, warm }) {
  return html`<div class=${`banner${warm ? " warm" : ""}`}><${Icon} name=${icon} size="20" /><p>${words}</p>
    ${act && html`<button type="button" class="small" onClick=${act}>${action}</button>`}</div>`;
}
