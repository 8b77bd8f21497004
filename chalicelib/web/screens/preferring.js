// Settings that are saved as they are chosen: how new messages begin, who may reach and find one, and how this browser looks.
import { Choices, Section, Select, Switch } from "../components/forms.js";
import { Confirm } from "../components/sheet.js";
import { LANGUAGES, language, t } from "../i18n.js";
import { chooseLanguage, namedLanguages } from "../languages.js";
import { chooseLook, chosenLook } from "../look.js";
import { sayFailure } from "../notices.js";
import { openDialog } from "../overlays.js";
import { prefer } from "../preferences.js";
import { me } from "../session.js";
import { html, useState } from "../ui.js";
import { Setting } from "./setting.js";

/** @typedef {import("../types.js").OwnAccount} OwnAccount */

const own = () => /** @type {OwnAccount} */ (me.value);

/** Draws how new messages begin. */
export function WritingSettings() {
  const { source } = own();
  const scopes = ["public", "unlisted", "private", "direct"].map((value) => ({
    value,
    words: t(`visibility.${value}`),
    hint: t(`scope.${value}`),
  }));
  const quoters = ["public", "followers", "nobody"].map((value) => ({ value, words: t(`quotes.${value}`) }));
  const languages = [["", t("writing.languageOfServer")], ...namedLanguages()];
  return html`<${Setting} title=${t("writing.title")} words=${t("writing.words")}>
    <div class="form">
      <${Section}><${Choices} legend=${t("writing.who")} value=${source.privacy} choices=${scopes} change=${(/** @type {string} */ privacy) => prefer({ source: { privacy } })} /><//>
      <${Section}><${Choices} legend=${t("writing.quotes")} value=${source.quote_policy} choices=${quoters} change=${(/** @type {string} */ quote_policy) => prefer({ source: { quote_policy } })} />
        <p class="hint">${t("writing.quotesHint")}</p><//>
      <${Section}>
        <${Select} label=${t("writing.language")} hint=${t("writing.languageHint")} value=${source.language ?? ""} choices=${languages} change=${chooseLanguageOfMessages} />
        <${Switch} label=${t("writing.sensitive")} hint=${t("writing.sensitiveHint")} on=${source.sensitive} change=${(/** @type {boolean} */ sensitive) => prefer({ source: { sensitive } })} />
      <//>
    </div>
  <//>`;
}

/** @param {string} code */
function chooseLanguageOfMessages(code) {
  prefer({ source: { language: code || null } }, { source: { language: code } });
}

/** Draws who may follow and find a person, and what others see. */
export function PrivacySettings() {
  const account = own();
  const { source, locked } = account;
  const lock = (/** @type {boolean} */ on) => {
    if (on || !source.follow_requests_count) prefer({ locked: on });
    else openDialog(Unlock, { count: source.follow_requests_count });
  };
  return html`<${Setting} title=${t("privacy.title")}>
    <div class="form">
      <${Section} title=${t("privacy.follow")}>
        <${Switch} key=${`lock ${locked}`} label=${t("edit.locked")} hint=${t("edit.lockedHint")} on=${locked} change=${lock} />
        ${source.follow_requests_count > 0 && html`<p><a href="#/notifications/follow-requests">${t("privacy.requests", { n: source.follow_requests_count })}</a></p>`}
      <//>
      <${Section} title=${t("privacy.find")}>
        <${Switch} label=${t("edit.discoverable")} hint=${t("edit.discoverableHint")} on=${account.discoverable} change=${(/** @type {boolean} */ discoverable) => prefer({ discoverable })} />
      <//>
      <${Section} title=${t("privacy.see")}>
        <${Switch} label=${t("edit.hidden")} hint=${t("edit.hiddenHint")} on=${account.hide_collections} change=${(/** @type {boolean} */ hide_collections) => prefer({ hide_collections })} />
        <${Switch} label=${t("privacy.counts")} hint=${t("privacy.countsHint")} on=${source.private_counts} change=${(/** @type {boolean} */ private_counts) => prefer({ source: { private_counts } })} />
      <//>
      <${Section} title=${t("privacy.more")}>
        <ul class="links"><li><a href="#/settings/writing">${t("privacy.toWriting")}</a></li><li><a href="#/notifications/policy">${t("privacy.toPolicy")}</a></li></ul>
      <//>
    </div>
  <//>`;
}

/** Asks before unlocking, which accepts everybody who has asked. @param {{count: number, close: () => void}} props */
function Unlock({ count, close }) {
  const act = () => {
    prefer({ locked: false });
    close();
  };
  return html`<${Confirm} title=${t("privacy.unlock")} words=${t("privacy.unlockWords", { n: count })} action=${t("privacy.unlockAct")} act=${act} close=${close} danger=${false} />`;
}

/** Draws what this browser shows how. */
export function LookSettings() {
  const [, setCount] = useState(0);
  const choose = (/** @type {"theme" | "motion"} */ choice) => (/** @type {string} */ value) => {
    chooseLook(choice, value);
    setCount((count) => count + 1);
  };
  const choices = (/** @type {string} */ name, /** @type {string[]} */ values) =>
    values.map((value) => ({ value, words: t(`look.${name}.${value}`) }));
  const languages = Object.entries(LANGUAGES).map(([value, words]) => ({ value, words }));
  const speak = (/** @type {string} */ code) =>
    chooseLanguage(code).catch((error) => sayFailure("failed.setting", error));
  return html`<${Setting} title=${t("look.title")} words=${t("look.words")}>
    <div class="form">
      <${Section}><${Choices} legend=${t("look.theme")} value=${chosenLook("theme")} choices=${choices("theme", ["system", "light", "dark"])} change=${choose("theme")} /><//>
      <${Section}><${Choices} legend=${t("look.language")} value=${language.value} choices=${languages} change=${speak} /><//>
      <${Section}><${Choices} legend=${t("look.motion")} value=${chosenLook("motion")} choices=${choices("motion", ["system", "reduce"])} change=${choose("motion")} /><//>
    </div>
  <//>`;
}
