// A person: who they are, what one can do about them, and what they have said.
import { post } from "../api.js";
import { serverNow } from "../clock.js";
import { Skeletons } from "../components/feed.js";
import { Tabs } from "../components/forms.js";
import { Icon } from "../components/icon.js";
import { Top } from "../components/layout.js";
import { Profile } from "../components/people.js";
import { called } from "../components/person.js";
import { Banner, Empty } from "../components/states.js";
import { moment } from "../components/times.js";
import { FollowButton } from "../following.js";
import { t } from "../i18n.js";
import { sayFailure } from "../notices.js";
import { openDialog, openMenu } from "../overlays.js";
import { isOwn, rereadMessages, useProfile } from "../profiles.js";
import { learnRelation, needRelation, readRelations, relateTo, relationWith, underWay } from "../relations.js";
import { goBack, goInstead } from "../router.js";
import { session } from "../session.js";
import { Failed } from "../trouble.js";
import { html, useEffect, useRef } from "../ui.js";
import { EditProfile } from "./editing.js";
import { FeaturedTags } from "./featuring.js";
import { Nobody, PeopleList } from "./people-list.js";
import { RemoveDialog, setOption } from "./person-dialogs.js";
import { ownMenuOf, personMenu } from "./person-menu.js";
import { Said } from "./said.js";

/** @typedef {import("../types.js").Account} Account */
/** @typedef {import("../types.js").Relationship} Relationship */

/** How long it takes the server to count a follower. */
const COUNTING_MS = 2000;
const FOLLOWS = new Set(["followers", "following"]);

/** @param {{params: {acct: string, part: string}}} props */
export function ProfileScreen({ params: { acct, part } }) {
  const { account, error, retry } = useProfile(acct);
  const isIn = session.value === "in";
  useEffect(() => {
    if (account && isIn && !isOwn(account)) readRelations([account.id]).catch(() => needRelation(account.id));
  }, [account?.id, isIn]);
  useRereading(account);
  if (account && part === "edit" && isOwn(account)) return html`<${EditProfile} />`;
  const title = account ? called(account) : `@${acct}`;
  return html`<${Top} title=${title} back=${goBack} />
    ${account ? html`<${Shown} account=${account} part=${part} />` : html`<${Unknown} acct=${acct} error=${error} retry=${retry} />`}`;
}

/** Reads a person's messages again when a block or an accepted request changes what one may see. @param {Account | null} account */
function useRereading(account) {
  const relation = account && relationWith(account.id).value;
  const known = relation && !underWay.value.has(account.id) ? relation : null;
  const reread = () => account && rereadMessages(account.id);
  useChange(known && [known.blocking, known.blocked_by].join(), reread);
  // With the messages comes the number of followers, which the server counts a little later.
  useChange(known && String(known.following), () => setTimeout(reread, COUNTING_MS));
}

/** Does something when a state that is known changes. @param {string | null} state @param {() => void} act */
function useChange(state, act) {
  const last = useRef(state);
  useEffect(() => {
    if (!state) return;
    if (last.current && last.current !== state) act();
    last.current = state;
  }, [state]);
}

/** @param {{acct: string, error: any, retry: () => void}} props */
function Unknown({ acct, error, retry }) {
  if (!error)
    return html`<div class="profile-skeleton" aria-hidden="true"><i></i><i></i></div><${Skeletons} count="3" />`;
  if (error.status !== 404 && error.status !== 422) return html`<${Failed} error=${error} retry=${retry} />`;
  return html`<${Empty} icon="gone" title=${t("profile.nobody", { name: `@${acct}` })} words=${t("profile.nobodyWords")}>
    <a class="plain" href=${`#/search/${encodeURIComponent(acct)}`}>${t("profile.search")}</a>
  <//>`;
}

/** @param {{account: Account, part: string}} props */
function Shown({ account, part }) {
  if (FOLLOWS.has(part)) return html`<${Follows} account=${account} part=${part} />`;
  const relation = relationWith(account.id).value;
  const base = `#/@${account.acct}`;
  const tab = part.split("/")[0];
  const tabs = [
    { words: t("profile.messages"), href: base, here: tab === "" },
    { words: t("profile.replies"), href: `${base}/replies`, here: tab === "replies" },
    { words: t("profile.tags"), href: `${base}/hashtags`, here: tab === "hashtags" || tab === "tagged" },
    { words: t("profile.people"), href: `${base}/people`, here: tab === "people" },
  ];
  return html`<${Profile} account=${account} relation=${relation} note=${relation?.note} buttons=${html`<${Buttons} account=${account} relation=${relation} />`} />
    <${Standing} account=${account} relation=${relation} />
    ${!relation?.blocked_by && html`<${Tabs} label=${called(account)} tabs=${tabs} />`}
    <${Content} account=${account} relation=${relation} part=${part} />`;
}

/** @param {{account: Account, relation: Relationship | null, part: string}} props */
function Content({ account, relation, part }) {
  const name = `@${account.acct}`;
  if (relation?.blocked_by)
    return html`<${Empty} icon="block" title=${t("profile.blockedBy", { name })} words=${t("profile.blockedByWords")} />`;
  if (part === "hashtags") return html`<${FeaturedTags} key=${account.id} account=${account} />`;
  if (part === "people") {
    const empty = isOwn(account)
      ? html`<${Nobody} title="profile.noPeople" words="profile.noPeopleOwn"><a class="plain" href=${`#/${name}/following`}>${t("profile.whomYouFollow")}</a><//>`
      : html`<${Nobody} title="profile.noPeople" />`;
    const path = `api/v1/accounts/${account.id}/endorsements`;
    return html`<p class="lead">${isOwn(account) ? t("profile.peopleLeadOwn") : t("profile.peopleLead", { name })}</p>
      <${PeopleList} key=${path} path=${path} label=${t("profile.people")} empty=${empty} />`;
  }
  const tagged = part.startsWith("tagged/") ? part.slice(7) : undefined;
  return html`<${Said} key=${`${account.id} ${part}`} account=${account} relation=${relation} replies=${part === "replies"} tagged=${tagged} />`;
}

/** @param {{account: Account, relation: Relationship | null}} props */
function Buttons({ account, relation }) {
  const isMine = isOwn(account);
  const open = (/** @type {Event} */ event) => {
    const items = isMine ? ownMenuOf(account) : personMenu(account, relation);
    openMenu(/** @type {HTMLElement} */ (event.currentTarget), t("act.more"), items);
  };
  const more = html`<button type="button" class="round" aria-haspopup="menu" aria-label=${t("act.more")} title=${t("act.more")} onClick=${open}><${Icon} name="more" /></button>`;
  if (isMine) return html`${more}<a class="plain" href=${`#/@${account.acct}/edit`}>${t("profile.edit")}</a>`;
  const bell = t(relation?.notifying ? "person.notifyOff" : "person.notifyOn");
  return html`${more}
    ${relation?.following && html`<button type="button" class="round" aria-pressed=${String(relation.notifying)} aria-label=${bell} title=${bell} onClick=${() => void setOption(account, "notify", !relation.notifying)}><${Icon} name="notifications" /></button>`}
    <${FollowButton} account=${account} />`;
}

/** Draws what stands between the reader and the person: a request, a mute, a block. @param {{account: Account, relation: Relationship | null}} props */
function Standing({ account, relation }) {
  if (!relation) return null;
  const name = `@${account.acct}`;
  const unmute = () => void relateTo(account, "unmute", { shown: { muting: false } });
  const until = relation.muting_expires_at;
  const words = until
    ? t("profile.mutedUntil", { name, when: moment(Date.parse(until), serverNow()) })
    : t("profile.muted", { name });
  return html`${relation.requested_by && html`<${Asking} account=${account} />`}
    ${relation.muting && html`<${Banner} icon="mute" words=${words} action=${t("person.unmute")} act=${unmute} />`}
    ${relation.blocking && html`<${Banner} icon="block" words=${t("profile.blocking", { name })} />`}
    ${relation.requested && html`<${Banner} icon="hourglass" words=${t("profile.requested", { name })} />`}`;
}

/** @param {{account: Account}} props */
function Asking({ account }) {
  const answer = async (/** @type {"authorize" | "reject"} */ verb) => {
    const relation = relationWith(account.id);
    const before = relation.peek();
    if (before) relation.value = { ...before, requested_by: false, followed_by: verb === "authorize" };
    try {
      learnRelation(await post(`api/v1/follow_requests/${account.id}/${verb}`));
    } catch (error) {
      relation.value = before;
      sayFailure("failed.request", error);
    }
  };
  return html`<div class="banner" role="status"><${Icon} name="follow" size="20" />
    <p>${t("profile.asks", { name: `@${account.acct}` })}</p>
    <button type="button" class="small" onClick=${() => void answer("reject")}>${t("profile.reject")}</button>
    <button type="button" class="small primary" onClick=${() => void answer("authorize")}>${t("profile.accept")}</button>
  </div>`;
}

/** @param {{account: Account, part: string}} props */
function Follows({ account, part }) {
  const name = `@${account.acct}`;
  const isHidden = account.hide_collections && !isOwn(account);
  useEffect(() => {
    if (isHidden) goInstead(`@${account.acct}`);
  }, [isHidden]);
  const tabs = ["following", "followers"].map((each) => ({
    words: t(`profile.${each}`),
    href: `#/${name}/${each}`,
    here: part === each,
  }));
  const path = `api/v1/accounts/${account.id}/${part}`;
  const own = isOwn(account) ? "Own" : "";
  const empty = html`<${Empty} icon="person" title=${t(`profile.no.${part}${own}`, { name })}>
    ${own && part === "following" && html`<a class="plain" href="#/explore/people">${t("home.find")}</a>`}
  <//>`;
  return html`<${Tabs} label=${name} tabs=${tabs} />
    <${PeopleList} key=${path} path=${path} label=${t(`profile.${part}`)} empty=${empty} Beside=${own && part === "followers" ? RemoveFollower : undefined} />`;
}

/** Draws the button that ends an account's follow, or that it has been ended. @param {{account: Account}} props */
function RemoveFollower({ account }) {
  const relation = relationWith(account.id).value;
  if (!relation) return null;
  if (!relation.followed_by) return html`<span class="quiet" role="status">${t("people.removed")}</span>`;
  const words = t("person.removeWho", { name: `@${account.acct}` });
  return html`<button type="button" class="round" aria-label=${words} title=${words} onClick=${() => openDialog(RemoveDialog, { account })}><${Icon} name="close" size="20" /></button>`;
}
