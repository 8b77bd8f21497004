// The composer's state: its draft, what the server allows, what to know before posting, and posting itself.
import { ApiError, get } from "./api.js";
import { fewSeconds, serverNow } from "./clock.js";
import { Composer } from "./components/composer.js";
import { Sheet } from "./components/sheet.js";
import { span } from "./components/times.js";
import { loadDraft, Place } from "./drafts.js";
import { t } from "./i18n.js";
import { namedLanguages } from "./languages.js";
import { allowedLifetimes, defaultLifetime } from "./lifetime.js";
import { reason, say, sayFailure } from "./notices.js";
import { write } from "./overlays.js";
import { load } from "./part.js";
import { go, pathOf } from "./router.js";
import { draftOfPoll, lengthOf, namesIn, quotersOf, send } from "./sending.js";
import { instance, me } from "./session.js";
import { closing, endOf, isGone, isKnown, knownPeople, message, put } from "./store.js";
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./ui.js";

/** @typedef {import("./types.js").Status} Status */
/** @typedef {import("./types.js").Draft} Draft */
/** @typedef {import("./overlays.js").Task} Task */

/**
 * Returns the place of a draft. What begins with words, such as a name, has a place of its own where a draft of
 * something else is begun already.
 *
 * @param {Task} task
 * @param {string} owner
 */
function placeOf({ answering, quoting, editing, start }, owner) {
  if (editing) return `edit:${editing.id}`;
  if (quoting) return `quote:${quoting.id}`;
  if (answering) return `reply:${answering.id}`;
  const words = start?.text?.trim();
  return !words || (loadDraft(owner, "new")?.text ?? words).startsWith(words) ? "new" : `start:${words}`;
}

/** Returns the names with which a reply begins. @param {Task} task */
function openingOf({ answering }) {
  return answering
    ? namesIn(answering, me.peek()?.id)
        .map((each) => `@${each} `)
        .join("")
    : "";
}

/** @param {Task} task @returns {Draft} */
function begin({ answering, quoting, start }) {
  const usual = me.peek()?.source.privacy ?? "public";
  const isQuiet = answering && answering.visibility !== "public";
  const visibility =
    start?.visibility ?? (isQuiet ? answering.visibility : quoting?.visibility === "private" ? "private" : usual);
  const spoiler = answering?.spoiler_text || null;
  return { text: "", spoiler, visibility, seconds: defaultLifetime(visibility, answering), ...start };
}

/** How soon a message that is posted is on a screen that shows it. */
const SHOWN_MS = 500;
/** The drafts that are being posted, by account and place. @type {Set<string>} */
const sending = new Set();

/**
 * Returns two drafts as one: a message that could not be posted, and what was written in the meantime.
 *
 * @param {Draft} failed
 * @param {Draft | null} since
 * @param {Task} task
 * @returns {Draft}
 */
function together(failed, since, task) {
  if (!since || since.text === failed.text || isUntouched(since, task)) return failed;
  return { ...failed, key: undefined, text: `${failed.text}\n\n${since.text}` };
}

/** Returns whether what a draft is about has left, from now on, too. @param {Status} [status] */
function hasLeft(status) {
  return Boolean(status && !message(status.id).value && isGone(status.id));
}

/** Returns whether a person has typed anything. @param {Draft} draft @param {Task} task */
function isUntouched(draft, task) {
  const typed = draft.text.trim();
  return (
    (!typed || typed === openingOf(task).trim()) && !draft.poll && (draft.spoiler ?? "") === (begin(task).spoiler ?? "")
  );
}

/**
 * Draws the composer with its draft, which it keeps.
 *
 * @param {{task?: Task, always?: boolean, autofocus?: boolean, close?: () => void, leave?: {current: () => void}, done?: () => void,
 *   seconds?: number}} props `leave`: takes what closes the composer, and says that its draft is kept;
 *   `done`: called once the message is posted; `seconds`: the lifetime that was chosen before the composer was there
 */
export function Writing({ task = {}, always, autofocus, close, leave, done, seconds }) {
  const owner = me.value?.id ?? "";
  const place = useMemo(() => new Place(owner, task.place ?? placeOf(task, owner)), []);
  const [draft, setDraft] = useState(() => {
    const kept = { ...begin(task), ...(!sending.has(`${owner} ${place.name}`) && place.load()) };
    return seconds ? { ...kept, seconds, isLifetimeChosen: true } : kept;
  });
  const [alone, setAlone] = useState(false);
  const [problem, setProblem] = useState(task.problem ?? "");
  const [busy, setBusy] = useState(false);
  const current = useRef(draft);
  current.current = draft;
  useMemo(() => {
    for (const each of [task.answering, task.quoting, task.editing]) if (each && !isKnown(each.id)) put(each);
  }, []);
  useEffect(() => {
    if (task.isTakenBack) place.save(current.current);
    void loadText();
    // What is here stays, in a place of its own, when it is changed in another window.
    const stay = (/** @type {StorageEvent} */ event) =>
      place.isTaken(event) && !isUntouched(current.current, task) && keep(current.current);
    addEventListener("storage", stay);
    return () => removeEventListener("storage", stay);
  }, []);

  async function loadText() {
    if (!task.editing || place.load()) return;
    const source = await get(`api/v1/statuses/${task.editing.id}/source`).catch((error) =>
      sayFailure("failed.edit", error),
    );
    if (!source) return;
    const { visibility, language, poll } = task.editing;
    const text = { text: source.text, spoiler: source.spoiler_text || null };
    const more = { poll: poll && draftOfPoll(task.editing), quotePolicy: quotersOf(task.editing) };
    setDraft({ ...current.current, ...text, visibility, language, ...more });
  }
  const change = (/** @type {Partial<Draft>} */ part) => {
    const next = { ...current.current, key: undefined, ...part };
    if (part.seconds) Object.assign(next, { isLifetimeChosen: true, goesWith: part.goesWith });
    if (part.visibility && !next.isLifetimeChosen) next.seconds = defaultLifetime(part.visibility, task.answering);
    current.current = next;
    setDraft(next);
    setProblem("");
    if (isUntouched(next, task)) place.discard();
    else keep(next);
  };
  // The warning of the message that is answered is not kept: it is somebody else's.
  const keep = (/** @type {Draft} */ next) =>
    place.save(task.answering && next.spoiler === begin(task).spoiler ? { ...next, spoiler: undefined } : next);
  const replace = (/** @type {Draft} */ next) => {
    current.current = next;
    setDraft(next);
  };
  if (hasLeft(task.answering) && draft.spoiler && draft.spoiler === begin(task).spoiler)
    replace({ ...draft, spoiler: null });
  // The text of a message that goes while it is edited is nowhere any more, unless it has been changed.
  const isOver = hasLeft(task.editing) && !place.read();
  useLayoutEffect(() => {
    if (!isOver) return;
    say(t("gone.title"));
    close?.();
  }, [isOver]);
  const work = alone ? { ...task, answering: undefined, editing: undefined } : task;
  async function post() {
    if (sending.has(`${owner} ${place.name}`)) return;
    const sent = { ...matched(current.current, work), key: current.current.key ?? crypto.randomUUID() };
    keep(sent);
    const mark = `${owner} ${place.name}`;
    sending.add(mark);
    setBusy(true);
    try {
      const status = await send(sent, work, () => {
        replace({ ...begin({ ...task, start: undefined }), text: close ? "" : openingOf(task) });
        close?.();
      });
      announce(status, sent);
      const since = place.load();
      if (since && since.text !== sent.text) return; // more has been typed in the meantime
      place.discard();
      done?.();
    } catch (error) {
      const unsent = together(sent, place.load(), task);
      keep(unsent);
      replace(unsent);
      if (!(error instanceof ApiError)) throw error;
      const words = reason(error);
      const again = () => write({ ...task, place: place.name, problem: words });
      if (close) sayFailure("failed.post", error, { action: t("compose.again"), act: again });
      setProblem(words);
    } finally {
      sending.delete(mark);
      setBusy(false);
    }
  }
  const cancel =
    close &&
    (() => {
      if (place.isKept && place.load())
        say(t("compose.kept"), { action: t("compose.discard"), act: () => place.discard() });
      close();
    });
  if (leave && cancel) leave.current = cancel;
  const limits = instance.value?.configuration.statuses;
  const most = limits?.max_characters ?? 500;
  // The names are added when the person begins to write, so that the field of a thread stays folded until then.
  const start = () =>
    !current.current.text && task.answering && setDraft({ ...current.current, text: openingOf(task) });
  return html`<div onFocusIn=${start}><${Composer}
    draft=${matched(draft, work)} me=${me.value} now=${fewSeconds.value} on=${{ change, post, cancel, complete }} left=${most - lengthOf(draft)}
    limits=${allowedLifetimes()}
    polls=${pollLimits()} languages=${namedLanguages()} editing=${Boolean(work.editing)} ends=${work.editing && endOf(work.editing)} begins=${!work.editing && !work.answering} busy=${busy} problem=${problem} notice=${noticeOf({ task, alone, setAlone, draft, change })}
    quoting=${task.quoting && message(task.quoting.id).value} words=${task.answering ? t("compose.replyHint") : undefined}
    always=${always} autofocus=${autofocus} post=${work.editing ? t("compose.save") : undefined} load=${loadExtras} /></div>`;
}

/** Draws the composer over the screen. @param {{task: Task, close: () => void}} props */
export function WritingSheet({ task, close }) {
  const leave = useRef(close);
  const title = t(task.editing ? "compose.edit" : task.answering ? "compose.reply" : "nav.write");
  return html`<${Sheet} title=${title} close=${() => leave.current()} kept><${Writing} task=${task} always autofocus close=${close} leave=${leave} /><//>`;
}

const loadExtras = () => load("extras");

function pollLimits() {
  const { max_options, max_characters_per_option, min_expiration } = instance.value?.configuration.polls ?? {};
  return max_options && { options: max_options, characters: max_characters_per_option, min: min_expiration };
}

/**
 * Returns what a person should know before posting.
 *
 * @param {{task: Task, alone: boolean, setAlone: (alone: boolean) => void, draft: Draft,
 *   change: (part: Partial<Draft>) => void}} state
 */
function noticeOf({ task, alone, setAlone, draft, change }) {
  const { answering, quoting, editing } = task;
  closing.value;
  if (quoting && isGone(quoting.id)) return { words: t("compose.quotedGone") };
  const post = { action: t("compose.alone"), act: () => setAlone(true) };
  if (editing && isGone(editing.id) && !alone) return { words: t("drafts.gone.edit"), ...post };
  if (!answering || alone) return undefined;
  if (isGone(answering.id)) return { words: t("compose.parentGone"), ...post };
  const left = Math.floor((endOf(answering) - serverNow()) / 1000);
  const { min } = allowedLifetimes();
  if (draft.seconds <= left || (draft.goesWith && left >= min) || isUntouched(draft, task)) return undefined;
  if (answering.pleroma.thread_ends_together) return { words: t("compose.together", { left: span(left * 1000) }) };
  const words = t("compose.outlives", { left: span(left * 1000) });
  return left < min
    ? { words }
    : { words, action: t("compose.match"), act: () => change({ seconds: left, goesWith: true }) };
}

/** Says that a message was posted, or will be, where the screen does not show it. @param {Status} status @param {Draft} sent */
function announce(status, { scheduled }) {
  if (scheduled) return say(t("said.scheduled"), { action: t("said.open"), act: () => go("bookmarks/scheduled") });
  setTimeout(() => {
    if (document.querySelector(`[data-id="${status.id}"]`)) return;
    say(t("said.posted"), { action: t("said.open"), act: () => go(pathOf(status)) });
  }, SHOWN_MS);
}

/** Returns a draft with the time that is left to the message it answers, if it is to go with it. @param {Draft} draft @param {Task} task */
function matched(draft, { answering }) {
  if (!draft.goesWith || !answering) return draft;
  const left = Math.floor((endOf(answering) - serverNow()) / 1000) - 1; // it takes a moment to reach the server
  return { ...draft, seconds: Math.max(left, allowedLifetimes().min) };
}

/** Completes a name or hashtag. @param {string} word with its sign */
async function complete(word) {
  const typed = word.slice(1).toLowerCase();
  try {
    if (word[0] === "#") {
      const { hashtags } = await get("api/v2/search", { q: typed, type: "hashtags", limit: 6 });
      return hashtags.map((/** @type {{name: string}} */ tag) => ({ value: `#${tag.name}`, tag }));
    }
    const near = knownPeople().filter((each) => each.acct.toLowerCase().startsWith(typed));
    const found = near.length >= 6 ? [] : await get("api/v1/accounts/search", { q: typed, limit: 6 });
    const all = new Map([...near, ...found].map((each) => [each.id, each]));
    return [...all.values()].map((account) => ({ value: `@${account.acct}`, account }));
  } catch {
    return []; // typing goes on without suggestions
  }
}
