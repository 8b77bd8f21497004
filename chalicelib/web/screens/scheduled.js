// Messages that are posted later: to move, to cancel, or to take back and write again.
import { get, request } from "../api.js";
import { fewSeconds, serverNow } from "../clock.js";
import { End, Skeletons } from "../components/feed.js";
import { Field } from "../components/forms.js";
import { Icon } from "../components/icon.js";
import { Confirm, Sheet } from "../components/sheet.js";
import { Empty } from "../components/states.js";
import { exact, moment, span } from "../components/times.js";
import { t } from "../i18n.js";
import { reason, say, sayFailure } from "../notices.js";
import { openDialog, write } from "../overlays.js";
import { usePages } from "../pages.js";
import { Failed } from "../trouble.js";
import { html, useState } from "../ui.js";

/** @typedef {{id: string, scheduled_at: string, params: any}} Planned */

const PATH = "api/v1/scheduled_statuses";

/** Draws the list, those that come next first. */
export function Scheduled() {
  const { items, setItems, error, isBusy, more, retry } = usePages(PATH);
  const now = fewSeconds.value;
  const drop = (/** @type {Planned} */ planned) =>
    setItems((before) => (before ?? []).filter((each) => each.id !== planned.id));
  const put = (/** @type {Planned} */ planned) =>
    setItems((before) => (before ?? []).map((each) => (each.id === planned.id ? planned : each)));
  const waiting = items
    ?.filter((each) => Date.parse(each.scheduled_at) > now)
    .sort((one, other) => Date.parse(one.scheduled_at) - Date.parse(other.scheduled_at));
  return html`<section aria-label=${t("kept.scheduled")} tabindex="-1" class="rows">
    ${!items && !error && html`<${Skeletons} count="3" />`}
    ${waiting && !waiting.length && html`<${Empty} icon="schedule" title=${t("kept.scheduled.none")} words=${t("kept.scheduled.noneWords")}><button type="button" class="primary" onClick=${() => write({ start: { options: true } })}>${t("nav.write")}</button><//>`}
    ${waiting?.map((each) => html`<${Entry} key=${each.id} planned=${each} now=${now} drop=${drop} put=${put} />`)}
    ${error && html`<${Failed} error=${error} retry=${retry} />`}
    ${(more || isBusy) && items && html`<${End} more=${more} busy=${isBusy} />`}
  </section>`;
}

/** @param {{planned: Planned, now: number, drop: (planned: Planned) => void, put: (planned: Planned) => void}} props */
function Entry({ planned, now, drop, put }) {
  const { params } = planned;
  const at = Date.parse(planned.scheduled_at);
  const facts = [
    t(`visibility.${params.visibility}`),
    t("scheduled.lasts", { time: span(params.expires_in * 1000) }),
    params.poll && t("compose.poll"),
    params.in_reply_to_id && t("scheduled.reply"),
    params.quoted_status_id && t("act.quote"),
  ].filter(Boolean);
  return html`<article class="planned" tabindex="0">
    <p class="when-planned"><${Icon} name="schedule" size="20" /><time datetime=${planned.scheduled_at} title=${exact(at)}><b>${moment(at, now)}</b></time></p>
    ${params.spoiler_text && html`<p dir="auto"><b>${params.spoiler_text}</b></p>`}
    <p class="words" dir="auto" lang=${params.language || undefined}>${params.text}</p>
    ${params.poll && html`<ul class="planned-poll">${params.poll.options.map((/** @type {string} */ each) => html`<li dir="auto">${each}</li>`)}</ul>`}
    <p class="quiet">${facts.join(" · ")}</p>
    <div class="actions">
      <button type="button" class="plain" onClick=${() => openDialog(Move, { planned, put })}>${t("scheduled.move")}</button>
      <button type="button" class="plain" onClick=${() => openDialog(Cancel, { planned, drop })}>${t("scheduled.cancel")}</button>
    </div>
  </article>`;
}

/** Returns a moment as a field for a date and time has it. @param {number} at */
function localOf(at) {
  const date = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 16);
}

/** @param {{planned: Planned, put: (planned: Planned) => void, close: () => void}} props */
function Move({ planned, put, close }) {
  const before = localOf(Date.parse(planned.scheduled_at));
  const [at, setAt] = useState(before);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy || !at) return;
    setBusy(true);
    try {
      const { data } = await request("PUT", `${PATH}/${planned.id}`, {
        body: { scheduled_at: new Date(at).toISOString() },
      });
      put(data);
      say(t("said.moved", { when: moment(Date.parse(data.scheduled_at), serverNow()) }));
      close();
    } catch (error) {
      setProblem(reason(/** @type {any} */ (error)));
      setBusy(false);
    }
  };
  return html`<${Sheet} title=${t("scheduled.moveTitle")} close=${close} kept=${at !== before}><form class="stack" onSubmit=${save}>
    <${Field} label=${t("scheduled.when")} hint=${t("scheduled.whenHint")} type="datetime-local" value=${at} change=${(/** @type {string} */ value) => (setAt(value), setProblem(""))} problem=${problem} required />
    <div class="choices-row"><button type="button" class="plain" onClick=${close}>${t("sheet.cancel")}</button><button type="submit" class="primary" aria-busy=${String(busy)}>${t("scheduled.move")}</button></div>
  </form><//>`;
}

/** @param {{planned: Planned, drop: (planned: Planned) => void, close: () => void}} props */
function Cancel({ planned, drop, close }) {
  const [busy, setBusy] = useState(false);
  const act = async (/** @type {boolean} */ isRewritten) => {
    setBusy(true);
    try {
      const start = isRewritten ? await draftOf(planned) : null;
      await request("DELETE", `${PATH}/${planned.id}`);
      drop(planned);
      close();
      if (start) write(start);
      else say(t("said.cancelled"));
    } catch (error) {
      close();
      sayFailure("failed.cancel", error);
    }
  };
  return html`<${Confirm} title=${t("scheduled.cancelTitle")} words=${t("scheduled.cancelWords")} action=${t("scheduled.cancelIt")} act=${() => void act(false)} close=${close} busy=${busy}>
    <button type="button" class="plain wide" onClick=${() => void act(true)}>${t("scheduled.rewrite")}</button>
  <//>`;
}

/** Returns what is written again: the words, what they answer, and what was chosen for them. @param {Planned} planned @returns {Promise<import("../overlays.js").Task>} */
async function draftOf({ scheduled_at: at, params }) {
  const read = async (/** @type {string | null} */ id) => {
    if (!id) return undefined;
    return get(`api/v1/statuses/${id}`).catch((error) => {
      if (error.status !== 404) throw error;
      return undefined; // it has gone meanwhile, and the words stand on their own
    });
  };
  const [answering, quoting] = await Promise.all([read(params.in_reply_to_id), read(params.quoted_status_id)]);
  const poll = params.poll && {
    options: params.poll.options,
    seconds: params.poll.expires_in,
    multiple: params.poll.multiple,
    hideTotals: params.poll.hide_totals,
  };
  const {
    text,
    visibility,
    language,
    spoiler_text: warning,
    expires_in: seconds,
    quote_approval_policy: quotePolicy,
  } = params;
  const start = {
    text,
    visibility,
    seconds,
    isLifetimeChosen: true,
    quotePolicy,
    spoiler: warning || null,
    poll: poll || null,
    scheduled: localOf(Date.parse(at)),
    options: true,
  };
  return { answering, quoting, isTakenBack: true, start: language ? { ...start, language } : start };
}
