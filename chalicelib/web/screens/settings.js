// Settings: the overview, which says what is chosen, and the parts.
import { LinkRow } from "../components/rows.js";
import { span } from "../components/times.js";
import { LANGUAGES, language, t } from "../i18n.js";
import { draftsOf, staysLoggedIn } from "../kept.js";
import { defaultLifetime } from "../lifetime.js";
import { chosenLook } from "../look.js";
import { openDialog } from "../overlays.js";
import { me } from "../session.js";
import { html } from "../ui.js";
import { Deletion, Leaving } from "./ending.js";
import { Exporting } from "./exporting.js";
import { FilterForm } from "./filter-form.js";
import { Filters } from "./filters.js";
import { Lifespans } from "./lifespans.js";
import { Passwords } from "./passwords.js";
import { LookSettings, PrivacySettings, WritingSettings } from "./preferring.js";
import { OwnReports } from "./reports.js";
import { LogOut, Sessions } from "./sessions.js";
import { Setting } from "./setting.js";
import { Blocked, Muted } from "./turned-away.js";

/** @typedef {import("../types.js").OwnAccount} OwnAccount */

/** @type {Record<string, any>} */
const PARTS_OF_SETTINGS = {
  lifetimes: Lifespans,
  writing: WritingSettings,
  privacy: PrivacySettings,
  filters: Filters,
  blocked: Blocked,
  muted: Muted,
  reports: OwnReports,
  look: LookSettings,
  sessions: Sessions,
  password: Passwords,
  export: Exporting,
  delete: Deletion,
  leave: Leaving,
};

/** Draws the settings. @param {{params: {part: string}}} props */
export function Settings({ params: { part } }) {
  if (!me.value) return html`<${Setting} title=${t("nav.settings")}><div class="form" aria-busy="true"></div><//>`;
  const [name, id] = part.split("/");
  if (name === "filters" && id) return html`<${FilterForm} key=${id} id=${id} />`;
  const Shown = PARTS_OF_SETTINGS[name];
  return Shown ? html`<${Shown} key=${name} />` : html`<${Overview} account=${me.value} />`;
}

/** @param {{account: OwnAccount}} props */
function Overview({ account }) {
  const { source, locked } = account;
  const drafts = draftsOf(account.id).length;
  const theme = t(`look.theme.${chosenLook("theme")}`);
  return html`<${Setting} title=${t("nav.settings")} top>
    <${Group} title=${t("set.messages")}>
      <${LinkRow} icon="hourglass" words=${t("lives.title")} hint=${t("lives.now", { span: span(defaultLifetime(source.privacy) * 1000) })} href="#/settings/lifetimes" />
      <${LinkRow} icon="write" words=${t("writing.title")} hint=${t("writing.now", { who: t(`visibility.${source.privacy}`) })} href="#/settings/writing" />
      <${LinkRow} icon="schedule" words=${t("nav.drafts")} hint=${t(drafts ? "drafts.hint" : "drafts.hintNone", { n: drafts })} href="#/drafts" />
    <//>
    <${Group} title=${t("set.reach")}>
      <${LinkRow} icon="person" words=${t("set.profile")} hint=${t("set.profileHint")} href=${`#/@${account.acct}/edit`} />
      <${LinkRow} icon="lock" words=${t("privacy.title")} hint=${t(locked ? "privacy.nowLocked" : "privacy.nowOpen")} href="#/settings/privacy" />
      <${LinkRow} icon="notifications" words=${t("set.notifications")} hint=${t("set.notificationsHint")} href="#/notifications/policy" />
      <${LinkRow} icon="filter" words=${t("filters.title")} hint=${t("filters.hint")} href="#/settings/filters" />
      <${LinkRow} icon="mute" words=${t("muted.title")} href="#/settings/muted" />
      <${LinkRow} icon="block" words=${t("blocked.title")} href="#/settings/blocked" />
      <${LinkRow} icon="report" words=${t("reports.title")} hint=${t("reports.hint")} href="#/settings/reports" />
      <${LinkRow} icon="hashtag" words=${t("set.tags")} href="#/explore/hashtags" />
    <//>
    <${Group} title=${t("set.here")}>
      <${LinkRow} icon="theme" words=${t("look.title")} hint=${`${theme} · ${LANGUAGES[/** @type {"en"} */ (language.value)]}`} href="#/settings/look" />
      <${LinkRow} icon="help" words=${t("set.keys")} hint=${t("set.keysHint")} href="#/keys" />
    <//>
    <${Group} title=${t("set.account")}>
      <${LinkRow} icon="key" words=${t("password.title")} hint=${t("password.hint")} href="#/settings/password" />
      <${LinkRow} icon="unlisted" words=${t("sessions.title")} hint=${t(staysLoggedIn() ? "sessions.nowKept" : "sessions.nowNot")} href="#/settings/sessions" />
      <${LinkRow} icon="download" words=${t("export.title")} hint=${t("export.hint")} href="#/settings/export" />
      <${LinkRow} icon="gone" words=${t("delete.title")} hint=${t("delete.hint")} href="#/settings/delete" />
      <${LinkRow} icon="delete" words=${t("leave.title")} hint=${t("leave.hint")} href="#/settings/leave" />
    <//>
    <div class="group last">
      <${LinkRow} icon="about" words=${t("nav.about")} href="#/about" />
      <${LinkRow} icon="logout" words=${t("nav.logOut")} hint=${`@${account.acct}`} act=${() => openDialog(LogOut)}> <//>
    </div>
  <//>`;
}

/** @param {{title: string, children: any}} props */
function Group({ title, children }) {
  return html`<section class="group" aria-label=${title}><h2>${title}</h2>${children}</section>`;
}
