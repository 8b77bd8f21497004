// The menu of a person: what can be done besides following.
import { BASE } from "../api.js";
import { t } from "../i18n.js";
import { say } from "../notices.js";
import { openDialog, write } from "../overlays.js";
import { relateTo } from "../relations.js";
import { go } from "../router.js";
import { session } from "../session.js";
import {
  BlockDialog,
  LanguagesDialog,
  ListsDialog,
  MuteDialog,
  NoteDialog,
  RemoveDialog,
  setOption,
} from "./person-dialogs.js";

/** @typedef {import("../types.js").Account} Account */
/** @typedef {import("../types.js").Relationship} Relationship */
/** @typedef {import("../components/menu.js").Item} Item */

/** Copies an address, or shows it if the browser does not let the page copy. @param {string} text */
async function copyLink(text) {
  try {
    await navigator.clipboard.writeText(text);
    say(t("said.copied"));
  } catch {
    say(text);
  }
}

/** @param {Account} account @returns {Item} */
const link = (account) => ({
  icon: "link",
  words: t("person.link"),
  act: () => void copyLink(`${BASE}@${account.acct}`),
});

/** Returns the entries of one's own menu. @param {Account} account @returns {Item[]} */
export function ownMenuOf(account) {
  const to = (/** @type {string} */ icon, /** @type {string} */ words, /** @type {string} */ path) => ({
    icon,
    words: t(words),
    act: () => go(path),
  });
  return [
    link(account),
    to("hashtag", "profile.tags.own", `@${account.acct}/hashtags`),
    to("following", "profile.people.own", `@${account.acct}/people`),
    to("settings", "nav.settings", "settings"),
  ];
}

/** Returns the entries of another person's menu. @param {Account} account @param {Relationship | null} relation @returns {Item[]} */
export function personMenu(account, relation) {
  if (session.peek() !== "in" || !relation) return [link(account)];
  const text = `@${account.acct} `;
  const talk = [
    { icon: "write", words: t("person.mention"), act: () => write({ start: { text }, place: `to:${account.acct}` }) },
    {
      icon: "direct",
      words: t("person.direct"),
      act: () => write({ start: { text, visibility: "direct" }, place: `direct:${account.acct}` }),
    },
  ];
  const note = {
    icon: "edit",
    words: t(relation.note ? "person.changeNote" : "person.addNote"),
    act: () => openDialog(NoteDialog, { account }),
  };
  return [
    link(account),
    ...(relation.blocking || relation.blocked_by ? [] : talk),
    note,
    ...(relation.following ? [null, ...followMenu(account, relation)] : []),
    null,
    ...awayMenu(account, relation),
  ];
}

/** @param {Account} account @param {Relationship} relation @returns {Item[]} */
function followMenu(account, relation) {
  const { showing_reblogs: boosts, endorsed, languages } = relation;
  const endorse = () =>
    void relateTo(account, endorsed ? "unendorse" : "endorse", { shown: { endorsed: !endorsed } }).then((isDone) => {
      if (isDone) say(t(endorsed ? "said.unendorse" : "said.endorse", { name: `@${account.acct}` }));
    });
  return [
    {
      icon: "boost",
      words: t(boosts ? "person.hideBoosts" : "person.showBoosts"),
      act: () =>
        void setOption(account, "reblogs", !boosts).then((isDone) => {
          if (isDone) say(t(boosts ? "said.hideBoosts" : "said.showBoosts", { name: `@${account.acct}` }));
        }),
    },
    {
      icon: "language",
      words: t("person.languages"),
      hint: languages?.join(", "),
      act: () => openDialog(LanguagesDialog, { account }),
    },
    { icon: "lists", words: t("person.lists"), act: () => openDialog(ListsDialog, { account }) },
    { icon: "pin", words: t(endorsed ? "person.unendorse" : "person.endorse"), act: endorse },
  ];
}

/** @param {Account} account @param {Relationship} relation @returns {Item[]} */
function awayMenu(account, relation) {
  const name = `@${account.acct}`;
  const unmute = () => void relateTo(account, "unmute", { shown: { muting: false } });
  const unblock = () => void relateTo(account, "unblock", { shown: { blocking: false } });
  const remove = { icon: "close", words: t("person.remove"), act: () => openDialog(RemoveDialog, { account }) };
  return [
    ...(relation.followed_by ? [remove] : []),
    relation.muting
      ? { icon: "mute", words: t("person.unmute"), act: unmute }
      : { icon: "mute", words: t("person.mute", { name }), act: () => openDialog(MuteDialog, { account }) },
    relation.blocking
      ? { icon: "block", words: t("person.unblock"), act: unblock }
      : {
          icon: "block",
          words: t("person.block", { name }),
          danger: true,
          act: () => openDialog(BlockDialog, { account }),
        },
    { icon: "report", words: t("act.report"), danger: true, act: () => go(`report/${account.id}`) },
  ];
}
