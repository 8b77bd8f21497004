// About this server: what it is, its rules and limits, and what is kept where for how long.
import { get } from "../api.js";
import { Skeletons } from "../components/feed.js";
import { Top } from "../components/layout.js";
import { Person } from "../components/people.js";
import { figure, span } from "../components/times.js";
import { FollowButton } from "../following.js";
import { t } from "../i18n.js";
import { goBack } from "../router.js";
import { instance, loadInstance, session } from "../session.js";
import { Failed } from "../trouble.js";
import { html, useEffect, useState } from "../ui.js";

/** @typedef {import("../types.js").Instance} Instance */

/** What the server keeps, and what this browser does. */
const KEPT_BY_SERVER = ["messages", "marks", "account", "sessions", "reports"];
const KEPT_HERE = ["login", "drafts", "look"];

/** Draws the screen. */
export function About() {
  const [error, setError] = useState(/** @type {any} */ (null));
  const [outline, setOutline] = useState(
    /** @type {{short_description: string, stats: {user_count: number, status_count: number}} | null} */ (null),
  );
  const load = () => {
    setError(null);
    loadInstance().catch(setError);
    // Without the figures, or before anything has been counted, the screen says the rest.
    get("api/v1/instance").then(setOutline, () => setOutline(null));
  };
  useEffect(load, []);
  const server = instance.value;
  const top = html`<${Top} title=${t("nav.about")} back=${goBack} />`;
  if (!server)
    return html`${top}${error ? html`<${Failed} error=${error} retry=${load} />` : html`<${Skeletons} count="3" />`}`;
  return html`${top}
    <div class="prose about-server">
      <header><h2>${server.title}</h2><p class="quiet">${server.domain}</p></header>
      ${
        outline &&
        html`<p class="said">${outline.short_description}</p>
        ${outline.stats.user_count > 0 && html`<p class="quiet">${t("about.people", { n: outline.stats.user_count })} · ${t("about.messages", { n: outline.stats.status_count })}</p>`}`
      }
      <${Limits} limits=${server.configuration} />
      ${server.rules.length > 0 && html`<section><h2>${t("about.rules")}</h2><ol>${server.rules.map((each) => html`<li key=${each.id}>${each.text}${each.hint && html`<br /><small>${each.hint}</small>`}</li>`)}</ol></section>`}
      <${Kept} server=${server} />
      <section><h2>${t("about.joining")}</h2><p>${server.registrations.enabled ? t("about.open") : server.registrations.message || t("front.closed")}</p></section>
      <${Contact} server=${server} />
    </div>`;
}

/** @param {{limits: Instance["configuration"]}} props */
function Limits({ limits: { statuses, polls, accounts } }) {
  const ms = (/** @type {number} */ seconds) => span(seconds * 1000);
  /** @type {[string, string][]} */
  const facts = [
    [t("about.life"), t("about.from", { least: ms(statuses.min_expires_in), most: ms(statuses.max_expires_in) })],
    [t("about.usual"), ms(statuses.default_expires_in)],
    [t("about.characters"), figure(statuses.max_characters)],
    [t("about.options"), figure(polls.max_options)],
    [t("about.fields"), figure(accounts.max_profile_fields)],
    [t("about.pins"), figure(accounts.max_pinned_statuses)],
  ];
  return html`<section><h2>${t("about.limits")}</h2><dl class="limits">${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></section>`;
}

/** @param {{server: Instance}} props */
function Kept({ server }) {
  const { min_expires_in, max_expires_in } = server.configuration.statuses;
  const values = { least: span(min_expires_in * 1000), most: span(max_expires_in * 1000) };
  const facts = (/** @type {string[]} */ names) =>
    html`<dl class="facts-list">${names.map((each) => html`<div key=${each}><dt>${t(`about.kept.${each}`)}</dt><dd>${t(`about.kept.${each}Words`, values)}</dd></div>`)}</dl>`;
  return html`<section><h2>${t("about.kept")}</h2>${facts(KEPT_BY_SERVER)}</section>
    <section><h2>${t("about.keptHere")}</h2>${facts(KEPT_HERE)}</section>`;
}

/** @param {{server: Instance}} props */
function Contact({ server: { contact, source_url, version } }) {
  return html`<section><h2>${t("about.contact")}</h2>
    ${contact.account && html`<${Person} account=${contact.account}>${session.value === "in" && html`<${FollowButton} account=${contact.account} />`}<//>`}
    ${contact.email && html`<p><a href=${`mailto:${contact.email}`}>${contact.email}</a></p>`}
    ${!contact.account && !contact.email && html`<p>${t("about.nobody")}</p>`}
    <p class="quiet">${t("about.version", { version })}</p>
    <ul class="links"><li><a href="docs">${t("about.api")}</a></li>${source_url && html`<li><a href=${source_url} rel="noreferrer">${t("about.source")}</a></li>`}</ul>
  </section>`;
}
