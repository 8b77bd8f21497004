// One's own profile, as it is edited. What has been typed is kept until it is saved or undone.
import { request } from "../api.js";
import { Field, Form, Section, Switch } from "../components/forms.js";
import { Top } from "../components/layout.js";
import { LinkRow } from "../components/rows.js";
import { useKept } from "../filling.js";
import { t } from "../i18n.js";
import { reason, say } from "../notices.js";
import { go, goBack } from "../router.js";
import { instance, me } from "../session.js";
import { putAccount } from "../store.js";
import { html, useState } from "../ui.js";

/** @typedef {import("../types.js").OwnAccount} OwnAccount */
/**
 * @typedef {object} Edited
 * @property {string} display_name
 * @property {string} note
 * @property {{name: string, value: string}[]} fields
 * @property {boolean} locked
 * @property {boolean} bot
 * @property {boolean} discoverable
 * @property {boolean} hide_collections
 */

const MOST_FIELDS = 4;

/** @param {OwnAccount} account @returns {Edited} */
function asSaved({ display_name, source, locked, bot, discoverable, hide_collections }) {
  const fields = source.fields.map(({ name, value }) => ({ name, value }));
  return { display_name, note: source.note, fields, locked, bot, discoverable, hide_collections };
}

/** Draws the form. */
export function EditProfile() {
  const account = /** @type {OwnAccount} */ (me.value);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {any} */ (null));
  const { values: draft, change, isChanged, drop } = useKept("profile", asSaved(account));
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      const { fields, ...rest } = draft;
      const body = { ...rest, fields_attributes: fields.filter((each) => each.name.trim() || each.value.trim()) };
      const { data } = await request("PATCH", "api/v1/accounts/update_credentials", { body });
      me.value = data;
      putAccount(data);
      drop();
      say(t("said.saved"));
      go(`@${data.acct}`);
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  const undo = () => {
    drop();
    setError(null);
  };
  const about = (/** @type {string} */ name) =>
    error?.details[name]?.map((/** @type {any} */ each) => each.description).join(" ");
  const isPlaced = ["display_name", "note"].some(about);
  return html`<${Top} title=${t("edit.title")} back=${goBack} />
    <${Form} save=${save} changed=${isChanged} busy=${busy} undo=${undo} problem=${error && !isPlaced ? reason(error) : undefined}>
      <${Section} title=${t("edit.who")}>
        <${Field} label=${t("edit.name")} hint=${t("edit.nameHint", { name: account.acct })} value=${draft.display_name} change=${(/** @type {string} */ display_name) => change({ display_name })} problem=${about("display_name")} autocomplete="name" />
        <${Field} label=${t("edit.note")} hint=${t("edit.noteHint")} value=${draft.note} change=${(/** @type {string} */ note) => change({ note })} problem=${about("note")} rows="5" />
        <${Fields} fields=${draft.fields} change=${(/** @type {Edited["fields"]} */ fields) => change({ fields })} />
      <//>
      <${Reach} draft=${draft} account=${account} change=${change} />
      <${Section} title=${t("edit.shown")}>
        <div class="rows-group">
          <${LinkRow} icon="hashtag" words=${t("profile.tags.own")} href=${`#/@${account.acct}/hashtags`} />
          <${LinkRow} icon="following" words=${t("profile.people.own")} href=${`#/@${account.acct}/people`} />
          <${LinkRow} icon="settings" words=${t("edit.settings")} hint=${t("edit.settingsHint")} href="#/settings" />
        </div>
      <//>
    <//>`;
}

/** @param {{fields: Edited["fields"], change: (fields: Edited["fields"]) => void}} props */
function Fields({ fields, change }) {
  const most = instance.value?.configuration.accounts?.max_profile_fields ?? MOST_FIELDS;
  const shown = fields.length < most ? [...fields, { name: "", value: "" }] : fields;
  const set = (/** @type {number} */ index, /** @type {object} */ part) => {
    const next = shown.map((each, at) => (at === index ? { ...each, ...part } : each));
    while (next.length && !next[next.length - 1].name && !next[next.length - 1].value) next.pop();
    change(next);
  };
  return html`<fieldset class="field"><legend>${t("edit.fields")}</legend><p class="hint">${t("edit.fieldsHint")}</p>
    ${shown.map(
      ({ name, value }, index) => html`<div class="pair" key=${index}>
        <input value=${name} dir="auto" aria-label=${t("edit.fieldName", { n: index + 1 })} placeholder=${t("edit.fieldNameHint")} onInput=${(/** @type {any} */ event) => set(index, { name: event.currentTarget.value })} />
        <input value=${value} dir="auto" aria-label=${t("edit.fieldValue", { n: index + 1 })} placeholder=${t("edit.fieldValueHint")} onInput=${(/** @type {any} */ event) => set(index, { value: event.currentTarget.value })} />
      </div>`,
    )}
  </fieldset>`;
}

/** @param {{draft: Edited, account: OwnAccount, change: (part: Partial<Edited>) => void}} props */
function Reach({ draft, account, change }) {
  const waiting = account.source.follow_requests_count;
  const opens = account.locked && !draft.locked && waiting > 0;
  const lockHint = opens ? t("edit.unlocking", { n: waiting }) : t("edit.lockedHint");
  return html`<${Section} title=${t("edit.reach")}>
    <${Switch} label=${t("edit.locked")} hint=${lockHint} on=${draft.locked} change=${(/** @type {boolean} */ locked) => change({ locked })} />
    <${Switch} label=${t("edit.discoverable")} hint=${t("edit.discoverableHint")} on=${draft.discoverable} change=${(/** @type {boolean} */ discoverable) => change({ discoverable })} />
    <${Switch} label=${t("edit.hidden")} hint=${t("edit.hiddenHint")} on=${draft.hide_collections} change=${(/** @type {boolean} */ hide_collections) => change({ hide_collections })} />
    <${Switch} label=${t("edit.bot")} hint=${t("edit.botHint")} on=${draft.bot} change=${(/** @type {boolean} */ bot) => change({ bot })} />
  <//>`;
}
