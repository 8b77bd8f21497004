// The card of a person, while the pointer rests on a name.
import { relate } from "./actions.js";
import { get } from "./api.js";
import { Follow, HoverCard } from "./components/people.js";
import { peeked } from "./overlays.js";
import { me, session } from "./session.js";
import { html, useEffect, useState } from "./ui.js";

const LEAVE_MS = 200;

/** @param {{account: import("./types.js").Account, anchor: HTMLElement}} props */
export function Hover({ account, anchor }) {
  const [relation, setRelation] = useState(/** @type {any} */ (null));
  const [busy, setBusy] = useState(false);
  const isOther = session.value === "in" && account.id !== me.value?.id;
  useEffect(() => {
    if (isOther)
      get("api/v1/accounts/relationships", { id: [account.id] }).then(([found]) => setRelation(found), ignore);
  }, [account.id]);
  useEffect(() => {
    let timer = 0;
    const stay = () => clearTimeout(timer);
    const leave = () => (timer = setTimeout(() => (peeked.value = null), LEAVE_MS));
    const move = (/** @type {PointerEvent} */ event) => {
      const target = /** @type {Element} */ (event.target);
      if (target.closest(".hover-card") || anchor.contains(target)) stay();
      else leave();
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
  const follow = async () => {
    setBusy(true);
    const changed = await relate(account.id, relation.following || relation.requested ? "unfollow" : "follow");
    if (changed) setRelation(changed);
    setBusy(false);
  };
  const buttons = isOther && html`<${Follow} account=${account} relation=${relation} follow=${follow} busy=${busy} />`;
  return html`<${HoverCard} account=${account} relation=${relation} anchor=${anchor} buttons=${buttons} />`;
}

/** The card does without the relation. */
function ignore() {}
