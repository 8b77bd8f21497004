// The drafts that this browser keeps. One whose message is gone can be posted on its own.
import { get } from "../api.js";
import { Icon } from "../components/icon.js";
import { LinkRow } from "../components/rows.js";
import { Empty } from "../components/states.js";
import { discardDraft, saveDraft } from "../drafts.js";
import { t } from "../i18n.js";
import { draftsOf } from "../kept.js";
import { say, sayFailure } from "../notices.js";
import { write, writing } from "../overlays.js";
import { me } from "../session.js";
import { put } from "../store.js";
import { html, useState } from "../ui.js";
import { Setting } from "./setting.js";

/** @typedef {import("../kept.js").Kept} Kept */
/** @typedef {"answering" | "quoting" | "editing"} Part */

/** @type {Record<string, Part>} */
const TASKS = { reply: "answering", quote: "quoting", edit: "editing" };

/** Draws the drafts; the list is read again when the composer closes. */
export function Drafts() {
  const owner = me.value?.id ?? "";
  const [, setCount] = useState(0);
  writing.value;
  const drafts = draftsOf(owner);
  const discard = (/** @type {Kept} */ kept) => {
    discardDraft(owner, kept.place);
    setCount((count) => count + 1);
    const undo = () => {
      saveDraft(owner, kept.place, kept.draft);
      setCount((count) => count + 1);
    };
    say(t("drafts.discarded"), { action: t("act.undo"), act: undo });
  };
  return html`<${Setting} title=${t("nav.drafts")} words=${t("drafts.words")}>
    <div class="group"><${LinkRow} icon="schedule" words=${t("drafts.scheduled")} href="#/bookmarks/scheduled" /></div>
    ${
      drafts.length
        ? html`<ul class="group" aria-label=${t("nav.drafts")}>${drafts.map((each) => html`<${Entry} key=${each.place} kept=${each} discard=${() => discard(each)} />`)}</ul>`
        : html`<${Empty} icon="write" title=${t("drafts.empty")} words=${t("drafts.emptyWords")}><button type="button" class="primary" onClick=${() => write()}>${t("nav.write")}</button><//>`
    }
  <//>`;
}

/** @param {{kept: Kept, discard: () => void}} props */
function Entry({ kept: { place, draft }, discard }) {
  const [busy, setBusy] = useState(false);
  const [kind, id] = place.split(":");
  const part = TASKS[kind];
  const all = { answering: draft.answers, quoting: draft.quotes, ...(part && { [part]: id }) };
  const needed = Object.entries(all).filter(([, of]) => of);
  const sort = part ? kind : draft.answers ? "reply" : draft.quotes ? "quote" : "new";
  const open = async () => {
    setBusy(true);
    try {
      const found = await Promise.all(needed.map(([, of]) => get(`api/v1/statuses/${of}`)));
      found.forEach(put);
      write({ ...Object.fromEntries(needed.map(([name], index) => [name, found[index]])), place });
    } catch (error) {
      if (/** @type {import("../api.js").ApiError} */ (error).status === 404) {
        // The message is gone: the words become one of their own.
        say(t(`drafts.gone.${sort}`));
        write({ place });
      } else sayFailure("failed.draft", error);
    }
    setBusy(false);
  };
  return html`<li class="row">
    <span class="sign"><${Icon} name=${sort === "new" ? "write" : sort} size="22" /></span>
    <button type="button" class="line" aria-busy=${String(busy)} onClick=${() => busy || void open()}><b dir="auto">${draft.text.trim() || draft.spoiler || t("compose.poll")}</b><small>${t(`drafts.kind.${sort}`)}</small></button>
    <button type="button" class="round" aria-label=${t("drafts.discard")} title=${t("drafts.discard")} onClick=${discard}><${Icon} name="delete" size="20" /></button>
  </li>`;
}
