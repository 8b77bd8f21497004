// The frame around the screens, and what lies over it.
import { Layout, Navigation } from "./components/layout.js";
import { Menu } from "./components/menu.js";
import { Sheet } from "./components/sheet.js";
import { Banner } from "./components/states.js";
import { Toasts } from "./components/toast.js";
import { Writing, write, writing } from "./composing.js";
import { t } from "./i18n.js";
import { unread } from "./live.js";
import { dismissNotice, notices } from "./notices.js";
import { closeDialog, dialog, menu, openMenu } from "./overlays.js";
import { below, go, restoreScroll, route } from "./router.js";
import { partOf, upgraded } from "./screens.js";
import { instance, logIn, logOut, me, session } from "./session.js";
import { Failed } from "./trouble.js";
import { html, useEffect, useLayoutEffect, useRef } from "./ui.js";

/** The places of the navigation, by screen. @type {Record<string, string>} */
const PLACES = { bookmarks: "kept", favourites: "kept", list: "lists", hashtag: "explore", search: "explore" };

const PUBLIC = new Set(["profile", "hashtag", "explore", "about"]);

/** Draws everything. */
export function App() {
  const isIn = session.value === "in";
  if (screenOf() === "welcome") return html`<${Alarm} /><${Screen} /><${Over} />`;
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
  const to = (/** @type {string} */ icon, /** @type {string} */ words, /** @type {string} */ path) => ({
    icon,
    words: t(words),
    act: () => go(path),
  });
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
  if (upgraded.value)
    return html`<${Banner} icon="retry" words=${t("alarm.upgraded")} action=${t("alarm.reload")} act=${() => location.reload()} />`;
  if (session.value === "ended")
    return html`<${Banner} icon="lock" words=${t("alarm.ended")} action=${t("welcome.logIn")} act=${() => void logIn()} />`;
  return null;
}

/** Returns the screen to show: who is not logged in sees what is public, and is welcomed otherwise. */
function screenOf() {
  const { name } = below.value;
  return session.value === "in" || PUBLIC.has(name) ? name : "welcome";
}

/** Draws the screen of the address below any sheet. */
function Screen() {
  const { params, path } = below.value;
  const last = useRef(path);
  useLayoutEffect(() => {
    if (last.current === path) return;
    last.current = path;
    restoreScroll(path);
    document.querySelector("main")?.focus({ preventScroll: true });
  }, [path]);
  const shown = screenOf();
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
  return error && !upgraded.value ? html`<${Failed} error=${error} retry=${retry} />` : null;
}

/** Draws what lies over the screen: sheets, the composer, menus, dialogs and notices. */
function Over() {
  const { name, params, path } = route.value;
  const task = writing.value;
  const closeWriting = () => (writing.value = null);
  const { part: Dialog, props } = dialog.value ?? {};
  return html`
    ${route.value !== below.value && path !== below.value.path && html`<${Part} key=${path} name=${name} params=${params} />`}
    ${
      task &&
      html`<${Sheet} title=${t(task.editing ? "compose.edit" : task.answering ? "compose.reply" : "nav.write")} close=${closeWriting} kept>
      <${Writing} task=${task} always autofocus close=${closeWriting} />
    <//>`
    }
    ${Dialog && html`<${Dialog} ...${props} close=${closeDialog} />`}
    ${menu.value && html`<${Menu} key=${menu.value} ...${menu.value} close=${() => (menu.value = null)} />`}
    <${Toasts} toasts=${notices.value} close=${dismissNotice} />
  `;
}
