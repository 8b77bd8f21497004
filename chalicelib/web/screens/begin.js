// The three steps after signing up: a name that people see, whom to follow, and saying something. All can be skipped.
import { request } from "../api.js";
import { Field } from "../components/forms.js";
import { Step } from "../components/front.js";
import { Top } from "../components/layout.js";
import { Face } from "../components/person.js";
import { t } from "../i18n.js";
import { reason } from "../notices.js";
import { Part } from "../part.js";
import { go, goInstead } from "../router.js";
import { instance, isNewHere, me } from "../session.js";
import { html, useEffect, useRef, useState } from "../ui.js";
import { Suggestions } from "./suggestions.js";

const OF = 3;

/** Draws the step that is in the address. @param {{params: {part: string}}} props */
export function Begin({ params: { part } }) {
  const frame = useRef(/** @type {any} */ (null));
  useEffect(() => {
    isNewHere.value = false;
    const heading = frame.current?.querySelector("h2");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus();
  }, [part, Boolean(me.value)]);
  const Shown = { people: Whom, say: Saying }[part] ?? Naming;
  return html`<${Top} title=${t("begin.title", { name: instance.value?.title ?? "" })} />
    <div class="begin" ref=${frame}>${me.value && html`<${Shown} key=${part} />`}</div>`;
}

function Naming() {
  const account = /** @type {import("../types.js").OwnAccount} */ (me.value);
  const [name, setName] = useState(account.display_name);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {any} */ (null));
  const skip = () => go("begin/people");
  const next = async () => {
    if (name.trim() === account.display_name) return skip();
    setBusy(true);
    try {
      const { data } = await request("PATCH", "api/v1/accounts/update_credentials", { body: { display_name: name } });
      me.value = data;
      skip();
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  const change = (/** @type {string} */ typed) => {
    setName(typed);
    setError(null);
  };
  return html`<${Step} step=${1} of=${OF} title=${t("begin.name")} words=${t("begin.nameWords", { name: account.username })} next=${() => void next()} skip=${skip} busy=${busy}>
    <div class="preview"><${Face} account=${account} size="64" /><p><b dir="auto">${name.trim() || account.username}</b><span class="handle"><bdi>@${account.acct}</bdi></span></p></div>
    <${Field} label=${t("edit.name")} value=${name} change=${change} problem=${error ? (error.details?.display_name?.[0]?.description ?? reason(error)) : undefined} autocomplete="name" />
  <//>`;
}

function Whom() {
  const next = () => go("begin/say");
  return html`<${Step} step=${2} of=${OF} title=${t("begin.people")} words=${t("begin.peopleWords")} next=${next}><div class="suggested"><${Suggestions} /></div><//>`;
}

function Saying() {
  const home = () => goInstead("home");
  return html`<section class="form">
    <div class="steps" role="img" aria-label=${t("step.of", { step: OF, of: OF })}>${Array.from({ length: OF }, (_, index) => html`<i key=${index} class="done"></i>`)}</div>
    <div><h2>${t("begin.say")}</h2><p class="quiet">${t("begin.sayWords")}</p></div>
    <div class="first-words"><${Part} name="writing" always done=${home} /></div>
    <div class="choices-row"><button type="button" class="plain" onClick=${home}>${t("step.skip")}</button></div>
  </section>`;
}
