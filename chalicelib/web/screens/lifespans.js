// How long one's messages last unless another lifetime is chosen.
import { fewSeconds } from "../clock.js";
import { chips } from "../components/chips.js";
import { Section, Select, Switch } from "../components/forms.js";
import { Lifetimes } from "../components/lifetimes.js";
import { span } from "../components/times.js";
import { t } from "../i18n.js";
import { allowedLifetimes } from "../lifetime.js";
import { prefer } from "../preferences.js";
import { instance, me } from "../session.js";
import { html, useEffect, useRef, useState } from "../ui.js";
import { Setting } from "./setting.js";

/** @typedef {import("../types.js").OwnAccount} OwnAccount */

const SCOPES_WITH_LIFETIMES = ["public", "unlisted", "private", "direct"];
const DAY_S = 86_400;
/** A number that is being typed is saved after this pause. */
const TYPING_MS = 700;

/** Draws the form. */
export function Lifespans() {
  const { source } = /** @type {OwnAccount} */ (me.value);
  const server = instance.value?.configuration.statuses.default_expires_in ?? DAY_S;
  return html`<${Setting} title=${t("lives.title")} words=${t("lives.words")}>
    <div class="form">
      <${Section} title=${t("lives.all")}>
        <${General} key=${source.expires_in ?? "server"} chosen=${source.expires_in} server=${server} />
      <//>
      <${Section} title=${t("lives.some")} hint=${t("lives.someHint")}>
        ${SCOPES_WITH_LIFETIMES.map((scope) => html`<${OfScope} key=${scope} scope=${scope} source=${source} server=${server} />`)}
      <//>
      <${Section} title=${t("lives.threads")}>
        <${Switch} label=${t("lives.together")} hint=${t("lives.togetherHint")} on=${source.thread_ends_together} change=${(/** @type {boolean} */ on) => prefer({ source: { thread_ends_together: on } })} />
        <${Switch} label=${t("lives.inText")} hint=${t("lives.inTextHint")} on=${source.lifetime_in_text} change=${(/** @type {boolean} */ on) => prefer({ source: { lifetime_in_text: on } })} />
      <//>
    </div>
  <//>`;
}

/** @param {{chosen: number | null, server: number}} props */
function General({ chosen, server }) {
  const [seconds, setSeconds] = useState(chosen ?? server);
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = (/** @type {number} */ wanted) => {
    setSeconds(wanted);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => prefer({ source: { expires_in: wanted } }), TYPING_MS);
  };
  const reset = () => prefer({ source: { expires_in: null } }, { source: { expires_in: 0 } });
  const words = t("lives.server", { span: span(server * 1000) });
  return html`<${Lifetimes} seconds=${seconds} change=${change} limits=${allowedLifetimes()} now=${fewSeconds.value} legend=${t("lives.legend")} sentence=${false} />
    ${chosen === null ? html`<p class="hint">${words}</p>` : html`<p><button type="button" class="small" onClick=${reset}>${t("lives.reset", { span: span(server * 1000) })}</button></p>`}`;
}

/** @param {{scope: string, source: import("../types.js").Source, server: number}} props */
function OfScope({ scope, source, server }) {
  const own = source.expires_in_by_visibility[scope];
  const offered = chips(allowedLifetimes());
  const all = own && !offered.includes(own) ? [...offered, own].sort((one, other) => one - other) : offered;
  const usual = t("lives.usual", { span: span((source.expires_in ?? server) * 1000) });
  const choices = [[0, usual], ...all.map((each) => [each, span(each * 1000)])];
  const change = (/** @type {string} */ value) => {
    const seconds = Number(value);
    const shown = { ...source.expires_in_by_visibility, [scope]: seconds || null };
    prefer({ source: { expires_in_by_visibility: shown } }, { source: { expires_in: { [scope]: seconds } } });
  };
  const hint = scope === "direct" ? t("lives.directHint") : undefined;
  return html`<${Select} label=${t(`visibility.${scope}`)} hint=${hint} value=${own ?? 0} change=${change} choices=${choices} />`;
}
