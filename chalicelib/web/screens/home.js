// Home: the composer, and what the people and hashtags that one follows have posted.
import { fewSeconds } from "../clock.js";
import { Top } from "../components/layout.js";
import { Resting } from "../components/resting.js";
import { Empty } from "../components/states.js";
import { t } from "../i18n.js";
import { hasDraft } from "../kept-drafts.js";
import { allowedLifetimes, defaultLifetime } from "../lifetime.js";
import { liveness } from "../live.js";
import { Part } from "../part.js";
import { me } from "../session.js";
import { Stream } from "../stream.js";
import { timelineOf } from "../timeline.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../ui.js";

/** The timeline of home, also for keys and the rail. */
export function homeTimeline() {
  return timelineOf("api/v1/timelines/home", { stream: ["user"] });
}

/** Draws home. */
export function Home() {
  return html`<${Top} title=${t("nav.home")} state=${liveness.value} />
    <${Composing} />
    <${Stream} timeline=${homeTimeline()} label=${t("nav.home")} context="home" takesOwn marks empty=${html`<${Nothing} />`} />`;
}

/** Returns what was typed, with a key. @param {string} typed @param {KeyboardEvent} event */
function withKey(typed, { key, ctrlKey, metaKey, altKey }) {
  if (key === "Backspace") return typed.slice(0, -1);
  if (key === "Enter") return `${typed}\n`;
  return key.length === 1 && !ctrlKey && !metaKey && !altKey ? typed + key : null;
}

/** Draws the composer, which loads when it is touched, or if there is a draft. What is typed meanwhile is not lost. */
function Composing() {
  const account = me.value;
  const [woken, setWoken] = useState(/** @type {{seconds?: number} | null} */ (null));
  useLayoutEffect(() => {
    if (account && hasDraft(account.id, "new")) setWoken((before) => before ?? {});
  }, [account?.id]);
  const [isTouched, setTouched] = useState(false);
  const typed = useRef("");
  const [words, setWords] = useState(/** @type {string | undefined} */ (undefined));
  useEffect(() => {
    const type = (/** @type {KeyboardEvent} */ event) => {
      const isLoading = document.documentElement.hasAttribute("data-loading");
      const hasField = document.activeElement?.matches("input, textarea");
      const next = isLoading && !hasField ? withKey(typed.current, event) : null;
      if (next === null) return;
      event.preventDefault();
      event.stopPropagation();
      typed.current = next;
      setWords(next || undefined);
    };
    if (isTouched) addEventListener("keydown", type, true);
    return () => removeEventListener("keydown", type, true);
  }, [isTouched]);
  const seconds = woken?.seconds ?? defaultLifetime(account?.source.privacy ?? "public");
  const wake = (/** @type {number | undefined} */ chosen) => {
    setTouched(true);
    setWoken({ seconds: chosen });
  };
  const resting = html`<${Resting} me=${account} seconds=${seconds} limits=${allowedLifetimes()} now=${fewSeconds.value} wake=${wake} words=${words} />`;
  if (!woken || !account) return resting;
  const done = () => {
    typed.current = "";
    setWords(undefined);
    setTouched(false);
    setWoken(null);
  };
  return html`<${Part} name="writing" task=${typed.current ? { start: { text: typed.current }, isTakenBack: true } : undefined} autofocus=${isTouched} seconds=${woken.seconds} done=${done} meanwhile=${resting} />`;
}

function Nothing() {
  return html`<${Empty} icon="home" title=${t("home.empty")} words=${t("home.emptyWords")}>
    <a class="plain" href="#/explore">${t("home.find")}</a>
  <//>`;
}
