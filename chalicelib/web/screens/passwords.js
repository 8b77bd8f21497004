// A new password, and the recovery code, which is shown once.
import { post } from "../api.js";
import { useAttempt } from "../attempting.js";
import { Code, Field, Form, Section } from "../components/forms.js";
import { t } from "../i18n.js";
import { say } from "../notices.js";
import { me } from "../session.js";
import { html, useEffect, useRef, useState } from "../ui.js";
import { Setting } from "./setting.js";

const SHORTEST = 8;

/** Draws both forms. */
export function Passwords() {
  const [code, setCode] = useState(/** @type {{code: string, words: string} | null} */ (null));
  if (code)
    return html`<${Setting} title=${t("password.title")}><${NewCode} ...${code} done=${() => setCode(null)} /><//>`;
  return html`<${Setting} title=${t("password.title")}>
    <${Change} done=${(/** @type {string} */ made) => setCode({ code: made, words: t("password.changed") })} />
    <${Renew} done=${(/** @type {string} */ made) => setCode({ code: made, words: t("recovery.renewed") })} />
  <//>`;
}

/**
 * Asks with the password for a recovery code.
 *
 * @param {string} path
 * @param {(code: string) => void} done
 */
function useSecret(path, done) {
  return useAttempt(async (/** @type {Record<string, string>} */ body) => done((await post(path, body)).recovery_code));
}

/** The name of the account, with which a password manager finds the password. */
const Whose = () =>
  html`<input class="unseen" type="text" autocomplete="username" value=${me.value?.username} readonly tabindex="-1" aria-hidden="true" />`;

/** @param {{done: (code: string) => void}} props */
function Change({ done }) {
  const [present, setPresent] = useState("");
  const [next, setNext] = useState("");
  const { busy, error, problem, attempt } = useSecret("api/pleroma/change_password", done);
  const about = error?.details.new_password?.map((/** @type {any} */ each) => each.description).join(" ");
  const isWrong = error?.status === 403;
  return html`<${Form} save=${() => void attempt({ password: present, new_password: next })} busy=${busy} words=${t("password.change")}
    problem=${about || isWrong ? undefined : problem}>
    <${Section} title=${t("password.new")} hint=${t("password.words")}>
      <${Whose} />
      <${Field} type="password" label=${t("password.present")} value=${present} change=${setPresent} autocomplete="current-password" problem=${isWrong ? t("password.wrong") : undefined} />
      <${Field} type="password" label=${t("password.next")} hint=${t("password.rule", { n: SHORTEST })} value=${next} change=${setNext} autocomplete="new-password" problem=${about} />
    <//>
  <//>`;
}

/** @param {{done: (code: string) => void}} props */
function Renew({ done }) {
  const [password, setPassword] = useState("");
  const { busy, error, problem, attempt } = useSecret("api/v1/recovery_code", done);
  const isWrong = error?.status === 403;
  return html`<${Form} save=${() => void attempt({ password })} busy=${busy} words=${t("recovery.renew")} problem=${isWrong ? undefined : problem}>
    <${Section} title=${t("recovery.title")} hint=${t("recovery.words")}>
      <${Whose} />
      <${Field} type="password" label=${t("password.present")} value=${password} change=${setPassword} autocomplete="current-password" problem=${isWrong ? t("password.wrong") : undefined} />
    <//>
  <//>`;
}

/** @param {{code: string, words: string, done: () => void}} props */
function NewCode({ code, words, done }) {
  const heading = useRef(/** @type {any} */ (null));
  useEffect(() => heading.current?.focus(), []);
  const copy = () =>
    navigator.clipboard.writeText(code).then(
      () => say(t("recovery.copied")),
      () => say(t("recovery.notCopied")),
    );
  return html`<div class="form"><section>
    <h2 tabindex="-1" ref=${heading}>${words}</h2>
    <p>${t("recovery.new")}</p>
    <${Code} code=${code} copy=${copy} />
    <p class="hint">${t("recovery.secret")}</p>
    <p><button type="button" class="primary" onClick=${done}>${t("recovery.done")}</button></p>
  </section></div>`;
}
