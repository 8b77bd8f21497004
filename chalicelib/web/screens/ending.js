// What cannot be undone: deleting all messages, and leaving. Both ask for the password, and say what happens.
import { post } from "../api.js";
import { Field, Section } from "../components/forms.js";
import { Confirm } from "../components/sheet.js";
import { t } from "../i18n.js";
import { discardDrafts } from "../kept.js";
import { reason, say } from "../notices.js";
import { openDialog } from "../overlays.js";
import { goInstead } from "../router.js";
import { forget, loadAccount, me } from "../session.js";
import { dismiss, message } from "../store.js";
import { everyTimeline } from "../timeline.js";
import { html, useState } from "../ui.js";
import { Setting } from "./setting.js";

/** @typedef {{path: string, name: string, facts: string[], done: () => void}} End */

const MOST_ATTEMPTS = 20;

/** Draws how all messages are deleted. */
export function Deletion() {
  const done = () => {
    everyTimeline(dropOwn);
    say(t("delete.done"));
    goInstead("home");
    void loadAccount();
  };
  const facts = ["all", "scheduled", "kept", "copies"];
  return html`<${Ending} path="api/v1/statuses/delete_all" name="delete" facts=${facts} done=${done} />`;
}

/** Draws how a person leaves. */
export function Leaving() {
  const done = () => {
    discardDrafts(me.peek()?.id ?? "");
    forget();
    goInstead("welcome");
    say(t("leave.done"));
  };
  const facts = ["all", "people", "name", "reports", "export"];
  return html`<${Ending} path="api/pleroma/delete_account" name="leave" facts=${facts} done=${done} />`;
}

/** Lets one's own messages leave, and boosts. @param {import("../timeline.js").Timeline} timeline */
function dropOwn(timeline) {
  const own = me.peek()?.id;
  for (const id of [...timeline.pending.peek(), ...timeline.ids.peek()]) {
    const status = message(id).peek();
    if (status?.account.id === own || status?.reblog?.account.id === own) dismiss(id);
  }
}

/** @param {End} props */
function Ending(props) {
  const { name, facts } = props;
  return html`<${Setting} title=${t(`${name}.title`)} words=${t(`${name}.words`)}>
    <div class="form"><${Section} title=${t(`${name}.what`)}>
      <ul class="plain-list">${facts.map((each) => html`<li key=${each}>${t(`${name}.fact.${each}`)}</li>`)}</ul>
      ${name === "leave" && html`<p><a href="#/settings/export">${t("export.title")}</a></p>`}
      <p><button type="button" class="plain danger-button" onClick=${() => openDialog(Sure, props)}>${t(`${name}.act`)}</button></p>
    <//></div>
  <//>`;
}

/**
 * Repeats a request as long as the server has more to delete than one request can.
 *
 * @param {() => Promise<unknown>} act
 */
async function insist(act, left = MOST_ATTEMPTS) {
  try {
    await act();
  } catch (failure) {
    const { status, retryAfter } = /** @type {import("../api.js").ApiError} */ (failure);
    if (status !== 503 || left <= 1) throw failure;
    await new Promise((done) => setTimeout(done, 1000 * Math.max(1, retryAfter)));
    await insist(act, left - 1);
  }
}

/** @param {End & {close: () => void}} props */
function Sure({ path, name, done, close }) {
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const act = async () => {
    setBusy(true);
    setProblem("");
    try {
      await insist(() => post(path, { password }));
      close();
      done();
    } catch (failure) {
      const error = /** @type {import("../api.js").ApiError} */ (failure);
      setProblem(error.status === 403 ? t("password.wrong") : reason(error));
      setBusy(false);
    }
  };
  return html`<${Confirm} title=${t(`${name}.sure`)} words=${t(`${name}.sureWords`)} action=${t(`${name}.act`)} busy=${busy} act=${act} close=${close}>
    <${Field} type="password" label=${t("password.present")} value=${password} change=${setPassword} autocomplete="current-password" problem=${problem} />
  <//>`;
}
