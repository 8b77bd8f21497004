// The card of a person, while the pointer rests on a name.
import { HoverCard } from "./components/people.js";
import { FollowButton } from "./following.js";
import { peeked } from "./overlays.js";
import { needRelation, relationWith } from "./relations.js";
import { html, useEffect } from "./ui.js";

const LEAVE_MS = 200;

/** @param {{account: import("./types.js").Account, anchor: HTMLElement}} props */
export function Hover({ account, anchor }) {
  useEffect(() => needRelation(account.id), [account.id]);
  useEffect(() => {
    let timer = 0;
    const stay = () => clearTimeout(timer);
    const leave = () => (timer = setTimeout(() => (peeked.value = null), LEAVE_MS));
    const move = (/** @type {PointerEvent} */ event) => {
      const target = /** @type {Element} */ (event.target);
      stay();
      if (!target.closest(".hover-card") && !anchor.contains(target)) leave();
    };
    const close = () => (peeked.value = null);
    addEventListener("pointerover", move);
    addEventListener("scroll", close, { passive: true, once: true });
    addEventListener("hashchange", close);
    return () => {
      stay();
      removeEventListener("pointerover", move);
      removeEventListener("scroll", close);
      removeEventListener("hashchange", close);
    };
  }, []);
  const relation = relationWith(account.id).value;
  const buttons = html`<${FollowButton} account=${account} />`;
  return html`<${HoverCard} account=${account} relation=${relation} anchor=${anchor} buttons=${buttons} note=${relation?.note} />`;
}
