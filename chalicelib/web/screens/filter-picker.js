// Putting a single message into a filter.
import { get, post } from "../api.js";
import { Skeletons } from "../components/feed.js";
import { Choices } from "../components/forms.js";
import { Sheet } from "../components/sheet.js";
import { t } from "../i18n.js";
import { say, sayFailure } from "../notices.js";
import { change } from "../store.js";
import { Failed } from "../trouble.js";
import { html, useEffect, useState } from "../ui.js";

/** @typedef {import("./filters.js").Filter} Filter */

/** @param {{status: import("../types.js").Status, close: () => void}} props */
export function FilterPicker({ status, close }) {
  const [filters, setFilters] = useState(/** @type {Filter[] | null} */ (null));
  const [chosen, setChosen] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {any} */ (null));
  const load = () => {
    setError(null);
    get("api/v2/filters").then((/** @type {Filter[]} */ found) => {
      setFilters(found);
      setChosen(found[0]?.id ?? "");
    }, setError);
  };
  useEffect(load, []);
  const act = async () => {
    const filter = /** @type {Filter} */ (filters?.find((each) => each.id === chosen));
    setBusy(true);
    try {
      await post(`api/v2/filters/${filter.id}/statuses`, { status_id: status.id });
      change(status.id, ({ filtered }) => ({ filtered: [...filtered, { filter }] }));
      say(t("filters.picked", { title: filter.title }));
    } catch (failure) {
      sayFailure("failed.filter", failure);
    }
    close();
  };
  const submit = (/** @type {Event} */ event) => (event.preventDefault(), busy || void act());
  return html`<${Sheet} title=${t("filters.pick")} close=${close}>
    ${error && html`<${Failed} error=${error} retry=${load} />`}
    ${!filters && !error && html`<${Skeletons} count="1" />`}
    ${
      filters?.length === 0 &&
      html`<p>${t("filters.pickNew")}</p>
      <div class="choices-row"><a class="primary" href="#/settings/filters/new" onClick=${close}>${t("filters.new")}</a></div>`
    }
    ${
      filters &&
      filters.length > 0 &&
      html`<form onSubmit=${submit}><p>${t("filters.pickWords")}</p>
      <div class="unnamed"><${Choices} legend=${t("filters.title")} value=${chosen} change=${setChosen} choices=${filters.map(asChoice)} /></div>
      <div class="choices-row"><button type="button" class="plain" onClick=${close}>${t("sheet.cancel")}</button><button type="submit" class="primary" aria-busy=${String(busy)}>${t("filters.pickAct")}</button></div>
    </form>`
    }
  <//>`;
}

/** @param {Filter} filter */
function asChoice({ id, title, filter_action }) {
  return { value: id, words: title, hint: t(`filters.action.${filter_action}`) };
}
