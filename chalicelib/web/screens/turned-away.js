// The people whom one blocks or mutes, and ending that.
import { serverNow } from "../clock.js";
import { End, Skeletons } from "../components/feed.js";
import { Person } from "../components/people.js";
import { Empty } from "../components/states.js";
import { moment } from "../components/times.js";
import { t } from "../i18n.js";
import { usePages } from "../pages.js";
import { relateTo } from "../relations.js";
import { Failed } from "../trouble.js";
import { html, useState } from "../ui.js";
import { Setting } from "./setting.js";

/** @typedef {import("../types.js").Account & {mute_expires_at?: string | null}} TurnedAway */

/** Draws those who are blocked. */
export const Blocked = () => html`<${People} path="api/v1/blocks" verb="block" icon="block" name="blocked" />`;

/** Draws those who are muted. */
export const Muted = () => html`<${People} path="api/v1/mutes" verb="mute" icon="mute" name="muted" />`;

/** @param {{path: string, verb: "block" | "mute", icon: string, name: string}} props */
function People({ path, verb, icon, name }) {
  const { items, error, isBusy, more, retry } = usePages(path);
  const meanwhile = error ? html`<${Failed} error=${error} retry=${retry} />` : html`<${Skeletons} count="3" />`;
  const empty = html`<${Empty} icon=${icon} title=${t(`${name}.empty`)} words=${t(`${name}.emptyWords`)} />`;
  return html`<${Setting} title=${t(`${name}.title`)} words=${t(`${name}.words`)}>
    ${!items ? meanwhile : items.length ? items.map((each) => html`<${Entry} key=${each.id} account=${each} verb=${verb} />`) : empty}
    ${items && error && html`<${Failed} error=${error} retry=${retry} />`}
    ${items && (more || isBusy) && html`<${End} more=${more} busy=${isBusy} />`}
  <//>`;
}

/** Draws one of them, who stays in the list so that the change can be taken back. @param {{account: TurnedAway, verb: "block" | "mute"}} props */
function Entry({ account, verb }) {
  const [isOn, setOn] = useState(true);
  const [busy, setBusy] = useState(false);
  const toggle = async () => {
    setOn(!isOn);
    setBusy(true);
    if (!(await relateTo(account, isOn ? `un${verb}` : verb))) setOn(isOn);
    setBusy(false);
  };
  const words = t(isOn ? `people.un${verb}` : `people.${verb}`);
  const end = account.mute_expires_at;
  const now = serverNow();
  return html`<${Person} account=${account} note=${false}>
      <button type="button" class="plain" aria-busy=${String(busy)} aria-label=${`${words}: @${account.acct}`} onClick=${() => busy || void toggle()}>${words}</button>
    <//>
    ${isOn && end && html`<p class="until quiet">${t("muted.until", { when: moment(Date.parse(end), now) })}</p>`}`;
}
