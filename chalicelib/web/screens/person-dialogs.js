// What is asked before a person is muted, blocked or removed, and the dialogs for a note, languages and lists.
import { get, post, request } from "../api.js";
import { useAttempt } from "../attempting.js";
import { Choices, Field, Switch } from "../components/forms.js";
import { Confirm, Sheet } from "../components/sheet.js";
import { span } from "../components/times.js";
import { useKept } from "../filling.js";
import { t } from "../i18n.js";
import { reason, say } from "../notices.js";
import { clearPerson, learnRelation, relateTo, relationWith } from "../relations.js";
import { Failed } from "../trouble.js";
import { html, useEffect, useState } from "../ui.js";

/** @typedef {import("../types.js").Account} Account */
/** @typedef {{account: Account, close: () => void}} Asked */

const HOUR = 3600;
const DAY = 24 * HOUR;
/** For how long people are muted, in seconds; 0: until that is ended. */
const MUTES = [HOUR, 8 * HOUR, DAY, 7 * DAY, 30 * DAY, 0];
/** The languages that are offered besides those chosen before. */
const COMMON = ["en", "de", "fr", "es", "it", "nl", "pt", "pl", "tr", "uk", "ru", "ar", "he", "hi", "zh", "ja", "ko"];

/** @param {Account} account */
const handle = (account) => `@${account.acct}`;

/** Asks for how long to mute. @param {Asked} props */
export function MuteDialog({ account, close }) {
  const [seconds, setSeconds] = useState(DAY);
  const [isSilent, setSilent] = useState(true);
  const name = handle(account);
  const act = async () => {
    close();
    const body = { duration: seconds, notifications: isSilent };
    if (!(await relateTo(account, "mute", { body, shown: { muting: true } }))) return;
    clearPerson(account.id);
    const words = seconds ? t("said.muteFor", { name, time: span(seconds * 1000) }) : t("said.mute", { name });
    say(words, { action: t("act.undo"), act: () => void relateTo(account, "unmute", { shown: { muting: false } }) });
  };
  const choices = MUTES.map((each) => ({ value: each, words: each ? span(each * 1000) : t("mute.always") }));
  return html`<${Confirm} title=${t("mute.title", { name })} words=${t("mute.words")} action=${t("mute.action")} act=${act} close=${close} danger=${false}>
    <${Choices} legend=${t("mute.time")} value=${seconds} change=${setSeconds} choices=${choices} />
    <${Switch} label=${t("mute.notifications")} on=${isSilent} change=${setSilent} />
  <//>`;
}

/** Asks before blocking. @param {Asked} props */
export function BlockDialog({ account, close }) {
  const name = handle(account);
  const act = async () => {
    close();
    const shown = { blocking: true, following: false, requested: false, followed_by: false };
    if (!(await relateTo(account, "block", { shown }))) return;
    clearPerson(account.id);
    const undo = () => void relateTo(account, "unblock", { shown: { blocking: false } });
    say(t("said.block", { name }), { action: t("act.undo"), act: undo });
  };
  return html`<${Confirm} title=${t("block.title", { name })} words=${t("block.words")} action=${t("block.action")} act=${act} close=${close} />`;
}

/** Asks before a follower is removed. @param {Asked} props */
export function RemoveDialog({ account, close }) {
  const name = handle(account);
  const act = () => {
    close();
    void relateTo(account, "remove_from_followers", { shown: { followed_by: false } });
  };
  return html`<${Confirm} title=${t("remove.title", { name })} words=${t("remove.words")} action=${t("remove.action")} act=${act} close=${close} />`;
}

/** Writes the private note about a person. @param {Asked} props */
export function NoteDialog({ account, close }) {
  const before = relationWith(account.id).value?.note ?? "";
  const { values, change, isChanged, drop } = useKept(`note:${account.id}`, { comment: before });
  const { comment } = values;
  const { busy, problem, submit } = useAttempt(async () => {
    learnRelation(await post(`api/v1/accounts/${account.id}/note`, { comment }));
    drop();
    close();
  });
  return html`<${Sheet} title=${t("note.title", { name: handle(account) })} close=${close} kept=${isChanged}><form class="stack" onSubmit=${submit}>
    <${Field} label=${t("note.label")} hint=${t("note.hint")} value=${comment} change=${(/** @type {string} */ typed) => change({ comment: typed })} rows="4" most="2000" problem=${problem} />
    <div class="choices-row"><button type="submit" class="primary" aria-busy=${String(busy)}>${t("form.save")}</button></div>
  </form><//>`;
}

/** Chooses the languages in which a followed person's messages are on home. @param {Asked} props */
export function LanguagesDialog({ account, close }) {
  const chosen = relationWith(account.id).value?.languages ?? [];
  const [languages, setLanguages] = useState(chosen);
  const names = new Intl.DisplayNames(document.documentElement.lang, { type: "language" });
  const flip = (/** @type {string} */ code) =>
    setLanguages(languages.includes(code) ? languages.filter((each) => each !== code) : [...languages, code]);
  const save = (/** @type {Event} */ event) => {
    event.preventDefault();
    close();
    void relateTo(account, "follow", { body: { languages }, shown: { languages } });
  };
  return html`<${Sheet} title=${t("languages.title", { name: handle(account) })} close=${close}><form class="stack" onSubmit=${save}>
    <p>${t("languages.words")}</p>
    <div class="chips">${[...new Set([...chosen, ...COMMON])].map(
      (code) =>
        html`<label class="chip"><input type="checkbox" checked=${languages.includes(code)} onChange=${() => flip(code)} /><span>${names.of(code)}</span></label>`,
    )}</div>
    <div class="choices-row">
      ${languages.length > 0 && html`<button type="button" class="plain" onClick=${() => setLanguages([])}>${t("languages.all")}</button>`}
      <button type="submit" class="primary">${t("form.save")}</button>
    </div>
  </form><//>`;
}

/** Puts a followed person on lists, or takes them off. @param {Asked} props */
export function ListsDialog({ account, close }) {
  const [lists, setLists] = useState(/** @type {{id: string, title: string}[] | null} */ (null));
  const [member, setMember] = useState(/** @type {string[]} */ ([]));
  const [error, setError] = useState(/** @type {any} */ (null));
  const [problem, setProblem] = useState("");
  const load = () => {
    setError(null);
    Promise.all([get("api/v1/lists"), get(`api/v1/accounts/${account.id}/lists`)]).then(([all, those]) => {
      setLists(all.filter((/** @type {{id: string}} */ each) => each.id !== "going-soon"));
      setMember(those.map((/** @type {{id: string}} */ each) => each.id));
    }, setError);
  };
  useEffect(load, []);
  const flip = async (/** @type {string} */ id) => {
    const isMember = member.includes(id);
    setMember(isMember ? member.filter((each) => each !== id) : [...member, id]);
    setProblem("");
    try {
      const body = { account_ids: [account.id] };
      await request(isMember ? "DELETE" : "POST", `api/v1/lists/${id}/accounts`, { body });
    } catch (failure) {
      setMember(member);
      setProblem(reason(/** @type {any} */ (failure)));
    }
  };
  return html`<${Sheet} title=${t("person.lists")} close=${close}>
    ${error && html`<${Failed} error=${error} retry=${load} />`}
    ${lists && !lists.length && html`<p>${t("lists.noneYet")}</p>`}
    ${lists?.map((each) => html`<${Switch} label=${each.title} on=${member.includes(each.id)} change=${() => void flip(each.id)} />`)}
    ${problem && html`<p class="problem" role="alert">${problem}</p>`}
    <div class="choices-row"><a class="plain" href="#/lists" onClick=${close}>${t("lists.manage")}</a></div>
  <//>`;
}

/** Turns an option of a follow on or off. @param {Account} account @param {"notify" | "reblogs"} option @param {boolean} on */
export function setOption(account, option, on) {
  const shown = option === "notify" ? { notifying: on } : { showing_reblogs: on };
  return relateTo(account, "follow", { body: { [option]: on }, shown });
}
