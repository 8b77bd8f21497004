// Lists of people: followers, those followed, those whom a profile shows.
import { End, Skeletons } from "../components/feed.js";
import { Person } from "../components/people.js";
import { Empty } from "../components/states.js";
import { FollowButton } from "../following.js";
import { t } from "../i18n.js";
import { usePages } from "../pages.js";
import { Failed } from "../trouble.js";
import { html } from "../ui.js";

/**
 * Draws a list of people that grows. Give it the path as its key.
 *
 * @param {{path: string, query?: Record<string, unknown>, label: string, empty: any, Beside?: any}} props `Beside`: a
 *   component that gets each account, and is drawn before the button to follow
 */
export function PeopleList({ path, query, label, empty, Beside }) {
  const { items, error, isBusy, more, retry } = usePages(path, query);
  if (!items) return error ? html`<${Failed} error=${error} retry=${retry} />` : html`<${Skeletons} count="4" />`;
  if (!items.length) return empty;
  return html`<section aria-label=${label}>${items.map(
    (account) =>
      html`<${Person} key=${account.id} account=${account}>${Beside && html`<${Beside} account=${account} />`}<${FollowButton} account=${account} /><//>`,
  )}</section>
  ${error && html`<${Failed} error=${error} retry=${retry} />`}
  ${(more || isBusy) && html`<${End} more=${more} busy=${isBusy} />`}`;
}

/** @param {{icon?: string, title: string, words?: string, children?: any}} props */
export const Nobody = ({ icon = "person", title, words, children }) =>
  html`<${Empty} icon=${icon} title=${t(title)} words=${words && t(words)}>${children}<//>`;
