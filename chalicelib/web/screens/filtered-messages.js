// The single messages that a filter matches. Each leaves the filter with its own end.
import { get, request } from "../api.js";
import { fewSeconds } from "../clock.js";
import { Section } from "../components/forms.js";
import { Icon } from "../components/icon.js";
import { Lifetime } from "../components/lifetime.js";
import { called } from "../components/person.js";
import { Line } from "../components/words.js";
import { t } from "../i18n.js";
import { sayFailure } from "../notices.js";
import { message, putAll } from "../store.js";
import { html, useEffect, useState } from "../ui.js";

/** @typedef {{id: string, status_id: string}} Filtered */

/** @param {{filtered: Filtered[]}} props */
export function FilteredMessages({ filtered }) {
  const [entries, setEntries] = useState(filtered);
  const [isRead, setRead] = useState(false);
  useEffect(() => {
    get("api/v1/statuses", { id: filtered.map((each) => each.status_id) }).then(
      (found) => {
        putAll(found);
        setRead(true);
      },
      (error) => sayFailure("failed.filteredOnes", error),
    );
  }, []);
  const remove = async (/** @type {Filtered} */ entry) => {
    setEntries(entries.filter((each) => each !== entry));
    try {
      await request("DELETE", `api/v2/filters/statuses/${entry.id}`);
    } catch (error) {
      setEntries(entries);
      sayFailure("failed.filter", error);
    }
  };
  return html`<${Section} title=${t("filters.single")} hint=${t("filters.singleHint")}>
    <ul class="phrases">${isRead && entries.map((each) => html`<${Entry} key=${each.id} id=${each.status_id} remove=${() => void remove(each)} />`)}</ul>
  <//>`;
}

/** @param {{id: string, remove: () => void}} props */
function Entry({ id, remove }) {
  const status = message(id).value;
  if (!status) return null;
  const name = called(status.account);
  return html`<li><span class="line"><b><bdi>${name}</bdi></b> <${Line} markup=${status.content} lang=${status.language} /></span>
    <${Lifetime} status=${status} now=${fewSeconds.value} brief />
    <button type="button" class="round" aria-label=${t("filters.unfilter", { name })} title=${t("filters.unfilter", { name })} onClick=${remove}><${Icon} name="close" size="18" /></button></li>`;
}
