// Where a person is logged in, and logging out: here, there, or everywhere else.
import { get, request } from "../api.js";
import { Section, Switch } from "../components/forms.js";
import { Icon } from "../components/icon.js";
import { Confirm } from "../components/sheet.js";
import { t } from "../i18n.js";
import { staysLoggedIn } from "../kept.js";
import { say, sayFailure } from "../notices.js";
import { openDialog } from "../overlays.js";
import { currentToken, logOut, TOKEN } from "../session.js";
import { html, useState } from "../ui.js";
import { Setting, useRead } from "./setting.js";

/** @typedef {{id: number, app_name: string, created_at: string, last_used_on: string | null, current: boolean}} Session */

/** Draws the sessions, and whether this one outlives the tab. */
export function Sessions() {
  const { found, set, meanwhile } = useRead(() => /** @type {Promise<Session[]>} */ (get("api/oauth_tokens")));
  const [stay, setStay] = useState(staysLoggedIn());
  const keep = (/** @type {boolean} */ on) => {
    if (on) localStorage.setItem(TOKEN, currentToken());
    else {
      sessionStorage.setItem(TOKEN, currentToken());
      localStorage.removeItem(TOKEN);
    }
    setStay(on);
  };
  const end = async (/** @type {Session} */ session) => {
    const before = /** @type {Session[]} */ (found);
    set(before.filter((each) => each !== session));
    try {
      await request("DELETE", `api/oauth_tokens/${session.id}`);
      say(t("sessions.ended", { name: session.app_name }));
    } catch (error) {
      set(before);
      sayFailure("failed.session", error);
    }
  };
  const others = found?.filter((each) => !each.current) ?? [];
  const endOthers = () => openDialog(OthersEnd, { done: () => set(found?.filter((each) => each.current) ?? []) });
  return html`<${Setting} title=${t("sessions.title")} words=${t("sessions.words")}>
    ${meanwhile || html`<ul class="group" aria-label=${t("sessions.title")}>${found?.map((each) => html`<${Place} key=${each.id} session=${each} end=${() => void end(each)} />`)}</ul>`}
    <div class="form">
      ${others.length > 1 && html`<${Section}><p><button type="button" class="plain" onClick=${endOthers}>${t("sessions.endOthers")}</button></p><//>`}
      <${Section} title=${t("sessions.here")}>
        <${Switch} label=${t("enter.stay")} hint=${t(stay ? "sessions.kept" : "sessions.notKept")} on=${stay} change=${keep} />
        <p><button type="button" class="plain" onClick=${() => openDialog(LogOut)}><${Icon} name="logout" size="20" /> ${t("nav.logOut")}</button></p>
      <//>
    </div>
  <//>`;
}

/** @param {{session: Session, end: () => void}} props */
function Place({ session, end }) {
  const { app_name, created_at, last_used_on, current } = session;
  const used = last_used_on ? t("sessions.used", { day: day(last_used_on) }) : t("sessions.unused");
  const words = t("sessions.endOne", { name: app_name });
  return html`<li class="row"><span class="sign"><${Icon} name="key" size="22" /></span>
    <span><b dir="auto">${app_name}</b>${current && html` <span class="tag-label">${t("sessions.this")}</span>`}<small>${t("sessions.began", { day: day(created_at.slice(0, 10)) })} · ${used}</small></span>
    ${current ? html`<span></span>` : html`<button type="button" class="small" aria-label=${words} onClick=${end}>${t("nav.logOut")}</button>`}</li>`;
}

/** Writes a day, which the server gives in UTC. @param {string} date */
function day(date) {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeZone: "UTC" });
  return format.format(Date.parse(date));
}

/** @param {{done: () => void, close: () => void}} props */
function OthersEnd({ done, close }) {
  const [busy, setBusy] = useState(false);
  const act = async () => {
    setBusy(true);
    try {
      await request("DELETE", "api/oauth_tokens");
      done();
      say(t("sessions.othersEnded"));
    } catch (error) {
      sayFailure("failed.session", error);
    }
    close();
  };
  return html`<${Confirm} title=${t("sessions.endOthers")} words=${t("sessions.endOthersWords")} action=${t("nav.logOut")} busy=${busy} act=${act} close=${close} danger=${false} />`;
}

/** Asks before logging out here. @param {{close: () => void}} props */
export function LogOut({ close }) {
  const act = () => {
    close();
    logOut().catch((error) => sayFailure("failed.logOut", error));
  };
  return html`<${Confirm} title=${t("logOut.title")} words=${t("logOut.words")} action=${t("nav.logOut")} act=${act} close=${close} danger=${false} />`;
}
