// A hashtag: what is said with it, alone or together with others, and what of that goes soon.
import { get } from "../api.js";
import { fewSeconds } from "../clock.js";
import { Feed } from "../components/feed.js";
import { Icon } from "../components/icon.js";
import { Top } from "../components/layout.js";
import { Empty } from "../components/states.js";
import { t } from "../i18n.js";
import { liveness } from "../live.js";
import { openDialog, openMenu, write } from "../overlays.js";
import { go, goBack } from "../router.js";
import { session } from "../session.js";
import { endOf, message } from "../store.js";
import { Row, Stream } from "../stream.js";
import { FollowTag, hashtag, putTags, toggleTag } from "../tags.js";
import { timelineOf } from "../timeline.js";
import { html, useEffect, useState } from "../ui.js";
import { KINDS, MixDialog, pathOfMix, readMix } from "./mix.js";

/** @typedef {import("./mix.js").Mix} Mix */

const SOON_MS = 3_600_000;

/** @param {{params: {tag: string, part: string}}} props */
export function HashtagScreen({ params: { tag, part } }) {
  const name = tag.toLowerCase();
  const mix = readMix(part);
  const isMixed = KINDS.some((kind) => mix[kind].length);
  useEffect(() => {
    get(`api/v1/tags/${encodeURIComponent(name)}`).then((found) => putTags([{ ...found, name }]), ignore);
  }, [name, session.value]);
  const query = Object.fromEntries(KINDS.filter((kind) => mix[kind].length).map((kind) => [kind, mix[kind]]));
  const timeline = timelineOf(`api/v1/timelines/tag/${encodeURIComponent(name)}`, {
    query,
    stream: isMixed ? undefined : ["hashtag", name],
  });
  const [isSoonest, setSoonest] = useState(false);
  const soon = goingSoon(timeline.ids.value);
  const showsSoon = isSoonest && soon.length > 0;
  return html`<${Top} title=${`#${tag}`} back=${goBack} state=${liveness.value}><${Buttons} name=${name} mix=${mix} /><//>
    <${Mixed} name=${name} mix=${mix} />
    <${Facts} name=${name} soon=${soon.length} isSoonest=${showsSoon} flip=${() => setSoonest(!showsSoon)} />
    ${
      showsSoon
        ? html`<${Feed} label=${t("nav.soon")}>${soon.map((id) => html`<${Row} key=${id} id=${id} context="public" />`)}<//>`
        : html`<${Stream} key=${`${name} ${part}`} timeline=${timeline} label=${`#${tag}`} context="public" empty=${html`<${Silent} tag=${tag} isMixed=${isMixed} />`} />`
    }`;
}

/** The screen does without what it says about the hashtag; the timeline says why nothing can be read. */
function ignore() {}

/** Returns those messages that go within the hour, the soonest first. @param {string[]} ids */
function goingSoon(ids) {
  const until = fewSeconds.value + SOON_MS;
  const known = ids.flatMap((id) => message(id).value ?? []);
  const those = known.filter((each) => endOf(each) <= until);
  return those.sort((one, other) => endOf(one) - endOf(other)).map((each) => each.id);
}

/** @param {{name: string, mix: Mix}} props */
function Buttons({ name, mix }) {
  if (session.value !== "in") return null;
  const known = hashtag(name).value;
  const open = (/** @type {Event} */ event) => {
    const featuring = known?.featuring ?? false;
    openMenu(/** @type {HTMLElement} */ (event.currentTarget), t("act.more"), [
      {
        icon: "write",
        words: t("tag.write"),
        act: () => write({ start: { text: ` #${name}` }, place: `tag:${name}` }),
      },
      { icon: "plus", words: t("tag.mix"), act: () => openDialog(MixDialog, { name, mix }) },
      {
        icon: "pin",
        words: t(featuring ? "tag.unfeature" : "tag.feature"),
        disabled: !known,
        act: () => void toggleTag(name, "featuring"),
      },
    ]);
  };
  return html`<${FollowTag} name=${name} />
    <button type="button" class="round" aria-haspopup="menu" aria-label=${t("act.more")} title=${t("act.more")} onClick=${open}><${Icon} name="more" /></button>`;
}

/** Draws the other hashtags that are searched for, each with a button that leaves it out. @param {{name: string, mix: Mix}} props */
function Mixed({ name, mix }) {
  const entries = KINDS.flatMap((kind) => mix[kind].map((other) => ({ kind, other })));
  if (!entries.length) return null;
  const without = (/** @type {typeof entries[0]} */ { kind, other }) =>
    go(pathOfMix(name, { ...mix, [kind]: mix[kind].filter((each) => each !== other) }));
  return html`<div class="chips mixed" role="group" aria-label=${t("tag.mix")}>
    ${entries.map(
      (each) =>
        html`<button type="button" class="chip" key=${each.kind + each.other} aria-label=${t("tag.leaveOut", { words: t(`tag.${each.kind}`, { tag: each.other }) })} onClick=${() => without(each)}><span dir="auto">${t(`tag.${each.kind}`, { tag: each.other })} <${Icon} name="close" size="14" /></span></button>`,
    )}
    <button type="button" class="chip" onClick=${() => openDialog(MixDialog, { name, mix })}><span><${Icon} name="plus" size="16" /> ${t("tag.another")}</span></button>
  </div>`;
}

/** @param {{name: string, soon: number, isSoonest: boolean, flip: () => void}} props */
function Facts({ name, soon, isSoonest, flip }) {
  const days = hashtag(name).value?.history.slice(0, 2) ?? [];
  const people = days.reduce((sum, day) => sum + Number(day.accounts), 0);
  if (!people && !soon) return null;
  return html`<div class="lead tag-facts"><span>${people > 0 && t("tag.people", { n: people })}</span>
    ${soon > 0 && html`<button type="button" class="small going-soon" aria-pressed=${String(isSoonest)} onClick=${flip}><${Icon} name="hourglass" size="16" /> ${t(isSoonest ? "tag.newest" : "tag.soon", { n: soon })}</button>`}
  </div>`;
}

/** @param {{tag: string, isMixed: boolean}} props */
function Silent({ tag, isMixed }) {
  return html`<${Empty} icon="hashtag" title=${t("tag.silent", { tag })} words=${t(isMixed ? "tag.silentMixed" : "tag.silentWords")}>
    ${session.value === "in" && html`<button type="button" class="plain" onClick=${() => write({ start: { text: ` #${tag}` }, place: `tag:${tag}` })}>${t("tag.write")}</button>`}
  <//>`;
}
