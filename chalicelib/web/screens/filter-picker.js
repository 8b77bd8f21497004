// Putting a single message into a filter.
import { get, post } from "../api.js";
import { Skeletons } from "../components/feed.js";
import { Choices } from "../components/forms.js";
import { Confirm, Sheet } from "../components/sheet.js";
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
  const title = t("filters.pick");
  if (!filters) {
    return html`<${Sheet} title=${title} close=${close}>${error ? html`<${Failed} error=${error} retry=${load} />` : html`<${Skeletons} count="1" />`}<//>`;
  }
  if (!filters.length) {
    return html`<${Sheet} title=${title} close=${close}><p>${t("filters.pickNew")}</p>
      <div class="choices-row"><a class="primary" href="#/settings/filters/new" onClick=${close}>${t("filters.new")}</a></div><//>`;
  }
  const choices = filters.map((each) => ({
    value: each.id,
    words: each.title,
    hint: t(`filters.action.${each.filter_action}`),
  }));
  return html`<${Confirm} title=${title} words=${t("filters.pickWords")} action=${title} busy=${busy} act=${act} close=${close} danger=${false}>
    <div class="unnamed"><${Choices} legend=${t("filters.title")} value=${chosen} change=${setChosen} choices=${choices} /></div>
  <//>`;
}
