// A report to the moderators: why, which rules, which messages, and in one's own words.
import { get, post } from "../api.js";
import { useAttempt } from "../attempting.js";
import { fewSeconds } from "../clock.js";
import { Skeletons } from "../components/feed.js";
import { Choices, Field } from "../components/forms.js";
import { Step } from "../components/front.js";
import { Icon } from "../components/icon.js";
import { Lifetime } from "../components/lifetime.js";
import { Sheet } from "../components/sheet.js";
import { Line } from "../components/words.js";
import { useKept } from "../filling.js";
import { t } from "../i18n.js";
import { openDialog } from "../overlays.js";
import { needRelation, relationWith } from "../relations.js";
import { goBack } from "../router.js";
import { instance, loadInstance, me } from "../session.js";
import { message, person, putAccount, putAll } from "../store.js";
import { Failed } from "../trouble.js";
import { html, useEffect, useRef, useState } from "../ui.js";
import { BlockDialog, MuteDialog } from "./person-dialogs.js";

/** @typedef {import("../types.js").Account} Account */
/** @typedef {{category: string, rules: string[], messages: string[], comment: string}} Complaint */
/** @typedef {{complaint: Complaint, set: (part: Partial<Complaint>) => void}} Part */

const MOST_MESSAGES = 20;
const SHOWN_MESSAGES = 40;
const MOST_CHARACTERS = 1000;

/** @param {{params: {part: string}}} props */
export function ReportSheet({ params: { part } }) {
  const [id, statusId] = part.split("/");
  const [offered, setOffered] = useState(/** @type {string[] | null} */ (null));
  const [error, setError] = useState(/** @type {any} */ (null));
  const account = person(id);
  const load = async () => {
    setError(null);
    try {
      const [found, written] = await Promise.all([
        get(`api/v1/accounts/${id}`),
        get(`api/v1/accounts/${id}/statuses`, { limit: SHOWN_MESSAGES, exclude_reblogs: true }),
        loadInstance(),
      ]);
      putAccount(found);
      const ids = putAll(written);
      setOffered(!statusId || ids.includes(statusId) ? ids : [statusId, ...ids]);
    } catch (problem) {
      setError(problem);
    }
  };
  useEffect(() => {
    needRelation(id);
    void load();
  }, [id]);
  const title = account ? t("report.title", { name: `@${account.acct}` }) : t("act.report");
  return html`<${Sheet} title=${title} close=${goBack} kept>
    ${error && html`<${Failed} error=${error} retry=${load} />`}
    ${!error && (!account || !offered || !me.value) && html`<${Skeletons} count="2" />`}
    ${!error && account && offered && me.value && html`<${Steps} account=${account} offered=${offered} first=${statusId} />`}
  <//>`;
}

/** @param {{account: Account, offered: string[], first?: string}} props */
function Steps({ account, offered, first }) {
  /** @type {Complaint} */
  const begun = { category: "", rules: [], messages: first ? [first] : [], comment: "" };
  const revive = (/** @type {Partial<Complaint>} */ { messages, ...typed }) => {
    const chosen = messages?.filter((id) => id !== first && offered.includes(id));
    return chosen ? { ...typed, messages: [...begun.messages, ...chosen] } : typed;
  };
  const { values: complaint, change: set, drop } = useKept(`report:${account.id}`, begun, revive);
  const [at, setAt] = useState(0);
  const cancel = () => {
    drop();
    goBack();
  };
  const parts = [Why, ...(complaint.category === "violation" ? [Rules] : []), Messages, Words];
  const names = ["why", ...(complaint.category === "violation" ? ["rules"] : []), "messages", "words"];
  const around = useHeadingFocus(at);
  const isLast = at === parts.length - 1;
  const isReady = names[at] === "why" ? complaint.category !== "" : names[at] !== "rules" || complaint.rules.length > 0;
  const { busy, problem, attempt } = useAttempt(async () => {
    const { category, comment, rules, messages } = complaint;
    const status_ids = messages.filter((id) => message(id).peek());
    const rule_ids = category === "violation" ? rules : [];
    await post("api/v1/reports", { account_id: account.id, category, comment, rule_ids, status_ids });
    drop();
    setAt(parts.length);
  });
  if (at >= parts.length) return html`<div ref=${around}><${Sent} account=${account} /></div>`;
  const Shown = parts[at];
  const name = `@${account.acct}`;
  return html`<div ref=${around}><${Step} step=${at + 1} of=${parts.length} title=${t(`report.${names[at]}`)} words=${t(`report.${names[at]}Words`, { name })}
      next=${() => isReady && (isLast ? void attempt() : setAt(at + 1))} skip=${at > 0 ? () => setAt(at - 1) : cancel} back=${at > 0 ? t("top.back") : t("sheet.cancel")}
      action=${isLast ? t("report.send") : undefined} busy=${busy} waits=${!isReady}>
    <${Shown} key=${at} complaint=${complaint} set=${set} offered=${offered} />
    ${problem && html`<p class="problem" role="alert">${problem}</p>`}
  <//></div>`;
}

/** Gives the focus to the heading of each step after the first. @param {number} at */
function useHeadingFocus(at) {
  const around = useRef(/** @type {HTMLElement | null} */ (null));
  const last = useRef(at);
  useEffect(() => {
    const heading = around.current?.querySelector("h2");
    if (!heading || last.current === at) return;
    last.current = at;
    heading.tabIndex = -1;
    heading.focus();
  }, [at]);
  return around;
}

/** @param {Part} props */
function Why({ complaint, set }) {
  const kinds = ["spam", ...(instance.value?.rules.length ? ["violation"] : []), "legal", "other"];
  const choices = kinds.map((value) => ({ value, words: t(`report.${value}`), hint: t(`report.${value}Hint`) }));
  return html`<div class="unnamed"><${Choices} legend=${t("report.why")} value=${complaint.category} change=${(/** @type {string} */ category) => set({ category })} choices=${choices} /></div>`;
}

/** @param {string[]} list @param {string} value */
const flipped = (list, value) => (list.includes(value) ? list.filter((each) => each !== value) : [...list, value]);

/** @param {Part} props */
function Rules({ complaint, set }) {
  return html`<fieldset class="field"><legend class="unseen">${t("report.rules")}</legend>
    ${instance.value?.rules.map(
      ({ id, text, hint }) =>
        html`<label class="choice" key=${id}><input type="checkbox" checked=${complaint.rules.includes(id)} onChange=${() => set({ rules: flipped(complaint.rules, id) })} /><span>${text}${hint && html`<small>${hint}</small>`}</span></label>`,
    )}
  </fieldset>`;
}

/** @param {Part & {offered: string[]}} props */
function Messages({ complaint, set, offered }) {
  const chosen = complaint.messages;
  const shown = offered.flatMap((id) => message(id).value ?? []);
  if (!shown.length) return html`<p class="quiet">${t("report.noMessages")}</p>`;
  return html`<fieldset class="field report-messages"><legend class="unseen">${t("report.messages")}</legend>
    ${shown.map(
      (status) =>
        html`<label class="choice" key=${status.id}><input type="checkbox" checked=${chosen.includes(status.id)} disabled=${!chosen.includes(status.id) && chosen.length >= MOST_MESSAGES} onChange=${() => set({ messages: flipped(chosen, status.id) })} />
          <span class="line">${status.spoiler_text || html`<${Line} markup=${status.content} lang=${status.language} />`}</span><${Lifetime} status=${status} now=${fewSeconds.value} brief /></label>`,
    )}
  </fieldset>`;
}

/** @param {Part} props */
function Words({ complaint, set }) {
  return html`<${Field} label=${t("report.comment")} value=${complaint.comment} change=${(/** @type {string} */ comment) => set({ comment })} rows="5" most=${MOST_CHARACTERS} />`;
}

/** @param {{account: Account}} props */
function Sent({ account }) {
  const relation = relationWith(account.id).value;
  const name = `@${account.acct}`;
  const then = (/** @type {any} */ Dialog) => {
    goBack();
    openDialog(Dialog, { account });
  };
  return html`<div class="form sent" role="status">
    <h2><${Icon} name="accept" size="22" /> ${t("report.sent")}</h2><p>${t("report.sentWords", { name })} <a href="#/settings/reports">${t("report.follow")}</a></p>
    <div class="choices-row">
      ${relation && !relation.muting && html`<button type="button" class="plain" onClick=${() => then(MuteDialog)}>${t("person.mute", { name })}</button>`}
      ${relation && !relation.blocking && html`<button type="button" class="plain danger-button" onClick=${() => then(BlockDialog)}>${t("person.block", { name })}</button>`}
      <button type="button" class="primary" onClick=${goBack}>${t("report.done")}</button>
    </div>
  </div>`;
}
