// The frame of all screens: navigation, the stream in the middle, and the rail beside it.
import { t } from "../i18n.js";
import { html } from "../ui.js";
import { Icon } from "./icon.js";
import { Face } from "./person.js";

/** The places, in their order; the first four and the person's own are on the phone's bottom bar. */
const PLACES = [
  ["home", "#/home", "home"],
  ["soon", "#/soon", "hourglass"],
  ["explore", "#/explore", "explore"],
  ["notifications", "#/notifications", "notifications"],
  ["conversations", "#/conversations", "conversations"],
  ["lists", "#/lists", "lists"],
  ["kept", "#/bookmarks", "bookmark"],
];

/** Draw the mark: three waves, which fade. */
export const Mark = () =>
  html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><path d="M4 10c4-5 8-5 12 0s8 5 12 0" /><path d="M4 17c4-5 8-5 12 0s8 5 12 0" opacity=".6" /><path d="M4 24c4-5 8-5 12 0s8 5 12 0" opacity=".3" /></svg>`;

/** @param {{count?: number, words: string}} props */
const Badge = ({ count, words }) =>
  count ? html`<em class="badge">${count > 99 ? "99+" : count}<span class="unseen"> ${words}</span></em>` : null;

/**
 * Draw the navigation. On phones it is a bar at the bottom; `more` opens what has no room there.
 * @param {{at: string, me: any, counts?: Record<string, number>, name: string, write: () => void, more: (event: Event) => void}} props
 */
export function Navigation({ at, me, counts = {}, name, write, more }) {
  return html`<nav class="nav" aria-label=${t("nav.label")}>
    <a class="brand" href="#/home" aria-label=${name}><${Mark} /><b>${name}</b></a>
    ${PLACES.map(
      (
        [place, href, icon],
        index,
      ) => html`<a class=${`place${index > 3 ? " far" : ""}`} href=${href} aria-current=${at === place ? "page" : undefined} title=${t(`nav.${place}`)}>
        <${Icon} name=${icon} /><span>${t(`nav.${place}`)}</span><${Badge} count=${counts[place]} words=${t("nav.new")} />
      </a>`,
    )}
    <a class="place far" href=${me ? `#/@${me.username}` : "#/home"} aria-current=${at === "me" ? "page" : undefined} title=${t("nav.me")}><${Face} account=${me} size="24" /><span>${t("nav.me")}</span></a>
    <a class="place far" href="#/settings" aria-current=${at === "settings" ? "page" : undefined} title=${t("nav.settings")}><${Icon} name="settings" /><span>${t("nav.settings")}</span></a>
    <button type="button" class="place near" aria-haspopup="menu" aria-label=${t("nav.more")} onClick=${more}><${Face} account=${me} size="24" /><span>${t("nav.me")}</span></button>
    <button type="button" class="write" onClick=${write} aria-keyshortcuts="c" title=${t("nav.write")}><${Icon} name="write" size="22" /><span>${t("nav.write")}</span></button>
  </nav>`;
}

/**
 * Draw the bar above a screen: its title, the way back, and how the page keeps up with the server.
 * @param {{title: any, back?: (event: Event) => void, state?: "live" | "polling" | "paused" | "offline", children?: any}} props
 */
export function Top({ title, back, state, children }) {
  return html`<header class="top">
    ${back && html`<button type="button" class="round" aria-label=${t("top.back")} title=${t("top.back")} onClick=${back}><${Icon} name="back" /></button>`}
    <h1 tabindex="-1"><bdi>${title}</bdi></h1>
    ${children} ${state && html`<span class=${`state ${state}`} title=${t(`state.${state}.long`)}><i></i>${t(`state.${state}`)}</span>`}
  </header>`;
}

/**
 * Draw the frame. Without `nav` (nobody is logged in) the stream stands alone, with the rail.
 * @param {{nav?: any, rail?: any, children: any, class?: string}} props
 */
export function Layout({ nav, rail, children, class: more = "" }) {
  return html`<a class="skip" href="#stream" onClick=${skip}>${t("nav.skip")}</a>
    <div class=${`app ${more}${nav ? "" : " alone"}`}>
      ${nav}
      <main id="stream" tabindex="-1">${children}</main>
      ${rail && html`<aside class="rail" aria-label=${t("rail.label")}>${rail}</aside>`}
    </div>`;
}

/** @param {Event} event */
function skip(event) {
  event.preventDefault(); // the address belongs to the router
  document.getElementById("stream")?.focus();
}
