// The frame around the screens, and what lies over it.
import { network } from "./api.js";
import { Skeletons } from "./components/feed.js";
import { Layout, Navigation, Top } from "./components/layout.js";
import { Banner } from "./components/states.js";
import { t } from "./i18n.js";
import { pollNow, unread } from "./live.js";
import { upgraded } from "./modules.js";
import { dismissNotice, isSpeaking, notices } from "./notices.js";
import { closeDialog, dialog, menu, openMenu, peeked, write, writing } from "./overlays.js";
import { fetched, isScreen, Part } from "./part.js";
import { below, restoreScroll, route } from "./router.js";
import { Home, homeTimeline } from "./screens/home.js";
import { instance, logIn, me, session } from "./session.js";
import { computed, html, signal, useEffect, useLayoutEffect, useRef } from "./ui.js";

/** The places of the navigation, by screen. @type {Record<string, string>} */
const PLACES = { bookmarks: "kept", hashtag: "explore", search: "explore" };
/** The screens that everybody may see. */
const PUBLIC = new Set(["profile", "hashtag", "explore", "search", "about"]);
const wide = matchMedia("(min-width: 1081px)");
/** Whether there is room beside the stream. */
const isWide = signal(wide.matches);
wide.addEventListener("change", () => (isWide.value = wide.matches));

/** Whether what is read first is there: what is beside it comes after. */
const hasSettled = computed(() => homeTimeline().state.value === "ready" || below.value.name !== "home");

/** Draws everything. */
export function App() {
  const isIn = session.value === "in";
  if (screenOf() === "welcome") return html`<${Alarm} /><${Screen} /><${Over} />`;
  return html`<${Layout} nav=${isIn && html`<${Places} />`} rail=${isWide.value && (hasSettled.value || !isIn) && html`<${Part} name="rail" />`}>
      <${Alarm} />
      ${session.value === "out" && html`<${Part} name="guest" />`}
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
async function more(event) {
  const anchor = /** @type {HTMLElement} */ (event.currentTarget);
  const menus = await fetched(() => import("./menus.js"));
  if (menus) openMenu(anchor, t("nav.more"), menus.placesMenu());
}

/** Says above the screen what concerns all of it, from a place that is there before the words: only then they are read out. */
const Alarm = () => html`<div role="status">${alarm()}</div>`;

function alarm() {
  if (upgraded.value)
    return html`<${Banner} icon="retry" words=${t("alarm.upgraded")} action=${t("alarm.reload")} act=${() => location.reload()} />`;
  if (network.value === "offline")
    return html`<${Banner} icon="offline" words=${t("state.offline.long")} action=${t("trouble.retry")} act=${pollNow} />`;
  if (session.value === "ended")
    return html`<${Banner} icon="lock" words=${t("alarm.ended")} action=${t("front.login")} act=${() => void logIn()} />`;
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
  if (shown === "home") return html`<${Home} />`;
  const meanwhile = shown !== "welcome" && html`<${Top} title=${titleOf(shown, params)} /><${Skeletons} />`;
  return html`<${Part} key=${shown} name=${shown} params=${params} meanwhile=${meanwhile} />`;
}

/** @param {string} name @param {Record<string, string>} params */
function titleOf(name, params) {
  if (name === "profile") return `@${params.acct}`;
  if (name === "hashtag") return `#${params.tag}`;
  if (!isScreen(name)) return t("lost.title");
  const key = { welcome: "", bookmarks: "kept" }[name] ?? name;
  return key && t(`nav.${key}`);
}

/** Draws what lies over the screen: sheets, the composer, menus, dialogs, cards and notices. */
// Menus, cards and notices move to where they can be used: each has a place of its own, from which it comes.
function Over() {
  const { name, params, path } = route.value;
  const { part: Dialog, props } = dialog.value ?? {};
  const task = writing.value;
  // The sheet over which a session ends closes: the way in is below it.
  const shut = useRef({ isIn: false, path: "" });
  const isIn = session.value === "in";
  const isShut = path === shut.current.path || (shut.current.isIn && !isIn);
  shut.current = { isIn, path: isShut && !isIn ? path : "" };
  return html`
    ${!shut.current.path && path !== below.value.path && html`<${Part} key=${path} name=${name} params=${params} />`}
    ${task && html`<${Part} name="writingSheet" task=${task} close=${() => (writing.value = null)} />`}
    ${Dialog && html`<${Dialog} ...${props} close=${closeDialog} />`}
    <div>${menu.value && html`<${Part} name="menu" key=${menu.value} ...${menu.value} close=${() => (menu.value = null)} />`}</div>
    <div>${peeked.value && html`<${Part} name="hover" key=${peeked.value} ...${peeked.value} />`}</div>
    <div>${isSpeaking.value && html`<${Part} name="toasts" toasts=${notices.value} close=${dismissNotice} />`}</div>
  `;
}
