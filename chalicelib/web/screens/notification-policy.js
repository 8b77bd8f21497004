// Whose notifications a person wants: the policy.
import { get, request } from "../api.js";
import { useAttempt } from "../attempting.js";
import { Skeletons } from "../components/feed.js";
import { Form, Select } from "../components/forms.js";
import { Top } from "../components/layout.js";
import { LinkRow } from "../components/rows.js";
import { t } from "../i18n.js";
import { say } from "../notices.js";
import { goBack } from "../router.js";
import { Failed } from "../trouble.js";
import { html, useEffect, useState } from "../ui.js";

/** Whom a policy can keep away. Moderators here suspend accounts rather than limit them, so that choice is left out. */
const WHO = ["for_not_following", "for_not_followers", "for_new_accounts", "for_private_mentions"];
const CHOICES = ["accept", "filter", "drop"];

/** Draws the policy as a form. */
export function NotificationPolicy() {
  const [saved, setSaved] = useState(/** @type {Record<string, any> | null} */ (null));
  const [chosen, setChosen] = useState(/** @type {Record<string, string>} */ ({}));
  const [error, setError] = useState(/** @type {any} */ (null));
  const load = () => {
    setError(null);
    get("api/v2/notifications/policy").then(setSaved, setError);
  };
  useEffect(load, []);
  const { busy, problem, attempt } = useAttempt(async () => {
    const { data } = await request("PATCH", "api/v2/notifications/policy", { body: chosen });
    setSaved(data);
    setChosen({});
    say(t("said.saved"));
  });
  const top = html`<${Top} title=${t("policy.title")} back=${goBack} />`;
  if (error) return html`${top}<${Failed} error=${error} retry=${load} />`;
  if (!saved) return html`${top}<${Skeletons} count="3" />`;
  const waiting = saved.summary.pending_requests_count;
  const changed = WHO.some((each) => chosen[each] !== undefined && chosen[each] !== saved[each]);
  const words = /** @type {[string, string][]} */ (CHOICES.map((each) => [each, t(`policy.${each}`)]));
  return html`${top}<p class="lead">${t("policy.lead")}</p>
    ${waiting > 0 && html`<${LinkRow} icon="filter" href="#/notifications/filtered" words=${t("filtered.title")} hint=${t("filtered.waiting", { n: waiting })} />`}
    <${Form} save=${attempt} changed=${changed} busy=${busy} problem=${problem} undo=${() => setChosen({})}>
      ${WHO.map(
        (each) =>
          html`<${Select} key=${each} label=${t(`policy.${each}`)} hint=${t(`policy.${each}.hint`)} value=${chosen[each] ?? saved[each]} choices=${words}
            change=${(/** @type {string} */ choice) => setChosen({ ...chosen, [each]: choice })} />`,
      )}
      <p class="quiet">${t("policy.meaning")}</p>
    <//>`;
}
