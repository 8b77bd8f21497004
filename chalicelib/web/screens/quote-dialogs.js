// Who may quote one's own message, and taking it out of a message that quotes it.
import { post, request } from "../api.js";
import { useAttempt } from "../attempting.js";
import { Choices } from "../components/forms.js";
import { Confirm, Sheet } from "../components/sheet.js";
import { t } from "../i18n.js";
import { say, sayFailure } from "../notices.js";
import { quotersOf } from "../sending.js";
import { put } from "../store.js";
import { html, useState } from "../ui.js";

/** @typedef {import("../types.js").Status} Status */

/** Chooses who may quote a message from now on. @param {{status: Status, close: () => void}} props */
export function QuotersDialog({ status, close }) {
  const before = quotersOf(status);
  const [policy, setPolicy] = useState(before);
  const { busy, problem, submit } = useAttempt(async () => {
    const body = { quote_approval_policy: policy };
    put((await request("PUT", `api/v1/statuses/${status.id}/interaction_policy`, { body })).data);
    close();
    say(t("said.saved"));
  });
  const choices = ["public", "followers", "nobody"].map((value) => ({ value, words: t(`quotes.${value}`) }));
  return html`<${Sheet} title=${t("quoters.change")} close=${close} kept=${policy !== before}><form class="stack" onSubmit=${submit}>
    <p>${t("quoters.words")}</p>
    <div class="unnamed"><${Choices} legend=${t("quoters.change")} value=${policy} change=${setPolicy} choices=${choices} /></div>
    ${problem && html`<p class="problem" role="alert">${problem}</p>`}
    <div class="choices-row"><button type="button" class="plain" onClick=${close}>${t("sheet.cancel")}</button><button type="submit" class="primary" aria-busy=${String(busy)}>${t("form.save")}</button></div>
  </form><//>`;
}

/** Asks before one's message is taken out of another's. @param {{status: Status, quoted: Status, close: () => void}} props */
export function RevokeDialog({ status, quoted, close }) {
  const [busy, setBusy] = useState(false);
  const name = `@${status.account.acct}`;
  const act = async () => {
    setBusy(true);
    try {
      put(await post(`api/v1/statuses/${quoted.id}/quotes/${status.id}/revoke`));
      say(t("said.revoked", { name }));
    } catch (error) {
      sayFailure("failed.revoke", error);
    }
    close();
  };
  return html`<${Confirm} title=${t("revoke.title", { name })} words=${t("revoke.words")} action=${t("revoke.act")} act=${act} close=${close} busy=${busy} />`;
}
