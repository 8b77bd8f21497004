// The frame around the screens, and what lies over it.
import { Icon } from "./components/icon.js";
import { Layout, Navigation } from "./components/layout.js";
import { Menu } from "./components/menu.js";
import { write, Writing, writing } from "./composing.js";
import { t } from "./i18n.js";
import { unread } from "./live.js";
import { dismissNotice, notices } from "./notices.js";
import { closeDialog, dialog, menu, openMenu } from "./overlays.js";
import { below, go, restoreScroll, route } from "./router.js";
import { partOf, upgraded } from "./screens.js";
import { instance, logIn, logOut, me, session } from "./session.js";
import { Sheet } from "./sheet.js";
import { Trouble } from "./trouble.js";
import { html, useEffect, useLayoutEffect, useRef } from "./ui.js";

/** The places of the navigation, by screen. @type {Record<string, string>} */
const PLACES = { bookmarks: "kept", favourites: "kept", list: "lists", hashtag: "explore", search: "explore" };

/** Draws everything. */
export function App() {
  const isIn = session.value === "in";
  return html`<${Layout} nav=${isIn && html`<${Places} />`} rail=${html`<${Part} name="rail" />`}>
      <${Alarm} />
      <${Screen} />
    <//>
    <${Over} />`;
}

function Places() {
  const { name, params } = below.value;
  const isMe = name === "profile" && params.acct === me.value?.acct;
  const at = isMe ? "me" : (PLACES[name] ?? name);
  return html`<${Navigation} at=${at} me=${me.value} counts=${{ notifications: unread.value }}
    name=${instance.value?.title ?? ""} write=${() => write()} more=${more} />`;
}

/** Opens the menu of the places that have no room on a phone. @param {Event} event */
function more(event) {
  const to = (/** @type {string} */ icon, /** @type {string} */ words, /** @type {string} */ path) => ({ icon, words: t(words), act: () => go(path) });
  openMenu(/** @type {HTMLElement} */ (event.currentTarget), t("nav.more"), [
    to("person", "nav.me", `@${me.peek()?.acct}`),
    to("conversations", "nav.conversations", "conversations"),
    to("lists", "nav.lists", "lists"),
    to("bookmark", "nav.kept", "bookmarks"),
    to("settings", "nav.settings", "settings"),
    to("about", "nav.about", "about"),
    null,
    { icon: "logout", words: t("nav.logOut"), act: () => void logOut() },
  ]);
}

/** Says above the screen what concerns all of it. */
function Alarm() {
  if (upgraded.value) return html`<${Banner} words=${t("alarm.upgraded")} action=${t("alarm.reload")} act=${() => location.reload()} />`;
  if (session.value === "ended") return html`<${Banner} words=${t("alarm.ended")} action=${t("welcome.logIn")} act=${() => void logIn()} />`;
  return null;
}

/** @param {{words: string, action: string, act: () => void}} props */
const Banner = ({ words, action, act }) =>
  html`<p class="banner" role="alert">${words} <button type="button" class="small" onClick=${act}>${action}</button></p>`;

/** Draws the screen of the address below any sheet. */
function Screen() {
  const { name, params, path } = below.value;
  const last = useRef(path);
  const isOut = session.value !== "in";
  useLayoutEffect(() => {
    if (last.current === path) return;
    last.current = path;
    restoreScroll(path);
    document.querySelector("main")?.focus({ preventScroll: true });
  }, [path]);
  const shown = isOut && !["profile", "hashtag", "explore", "about"].includes(name) ? "welcome" : name;
  useEffect(() => {
    document.title = [titleOf(shown, params), instance.value?.title ?? "FSTREAM"].filter(Boolean).join(" · ");
  });
  return html`<${Part} key=${shown} name=${shown} params=${params} />`;
}

/** @param {string} name @param {Record<string, string>} params */
function titleOf(name, params) {
  if (name === "profile") return `@${params.acct}`;
  if (name === "hashtag") return `#${params.tag}`;
  const key = { welcome: "", list: "lists", bookmarks: "kept" }[name] ?? name;
  return key && t(`nav.${key}`);
}

/** Draws a screen or another part, loading it if need be. @param {{name: string, params?: Record<string, string>}} props */
function Part({ name, params = {} }) {
  const { Shown, error, retry } = partOf(name).value;
  if (Shown) return html`<${Shown} params=${params} />`;
  return error && !upgraded.value ? html`<${Trouble} error=${error} retry=${retry} />` : null;
}

/** Draws what lies over the screen: sheets, the composer, menus, dialogs and notices. */
function Over() {
  const { name, params, path } = route.value;
  const task = writing.value;
  const closeWriting = () => (writing.value = null);
  const { part: Dialog, props } = dialog.value ?? {};
  return html`
    ${route.value !== below.value && path !== below.value.path && html`<${Part} key=${path} name=${name} params=${params} />`}
    ${task && html`<${Sheet} title=${t(task.editing ? "compose.edit" : task.answering ? "compose.reply" : "nav.write")} close=${closeWriting} class="writing">
      <${Writing} task=${task} always autofocus close=${closeWriting} />
    <//>`}
    ${Dialog && html`<${Dialog} ...${props} close=${closeDialog} />`}
    ${menu.value && html`<${Menu} key=${menu.value} ...${menu.value} close=${() => (menu.value = null)} />`}
    <${Notices} />
  `;
}

function Notices() {
  return html`<div class="notices" role="status" popover="manual">
    ${notices.value.map(({ id, text, kind, action }) => html`<p key=${id} class=${`toast ${kind}`}>
      <span>${text}</span>
      ${action && html`<button type="button" class="small" onClick=${() => (dismissNotice(id), action.run())}>${action.label}</button>`}
      <button type="button" class="round" aria-label=${t("notice.close")} onClick=${() => dismissNotice(id)}><${Icon} name="close" size="18" /></button>
    </p>`)}
  </div>`;
}
