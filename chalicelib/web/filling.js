// What a person has typed into a form but not sent. Like a draft, it is kept in localStorage, by account, until it is
// sent or discarded. Passwords and codes are never kept.
import { keep } from "./drafts.js";
import { t } from "./i18n.js";
import { say } from "./notices.js";
import { me } from "./session.js";
import { useEffect, useMemo, useState } from "./ui.js";

/** With what the names of forms begin in localStorage, before the account and the form. */
const FORMS = "fstream.form";

/** What localStorage did not take, by place: until the page is left. @type {Map<string, object>} */
const unkept = new Map();

/** Returns values as JSON, without the keys by which rows are drawn. @param {unknown} values */
const written = (values) => JSON.stringify(values, (name, each) => (name === "key" ? undefined : each));

/** Where one form keeps what has been typed. It discards only what it has read or written itself. */
class Filled {
  /** @param {string} place */
  constructor(place) {
    this.place = place;
    this.last = localStorage.getItem(place);
    /** @type {any} */
    this.typed = unkept.get(place) ?? JSON.parse(this.last ?? "{}");
    this.isKept = this.last !== null && !unkept.has(place);
  }

  /** @param {object} typed */
  save(typed) {
    this.typed = typed;
    if (!Object.keys(typed).length) return this.discard();
    const text = written(typed);
    this.isKept = keep(this.place, text);
    if (!this.isKept) return void unkept.set(this.place, typed);
    unkept.delete(this.place);
    this.last = text;
  }

  discard() {
    if (this.last !== null && localStorage.getItem(this.place) === this.last) localStorage.removeItem(this.place);
    unkept.delete(this.place);
    this.last = null;
    this.isKept = false;
  }
}

/**
 * Keeps what differs from a form's first values, and says so when the form is left.
 *
 * @template {object} Values
 * @param {string} name of the form, with the id of what it is about
 * @param {Values} initial what is saved already
 * @param {(typed: any) => any} [revive] makes values of what was kept
 * @returns {{values: Values, change: (part: Partial<Values>) => void, isChanged: boolean, drop: () => void}}
 *   `drop`: discards what has been typed, as when it is saved
 */
export function useKept(name, initial, revive) {
  const filled = useMemo(() => {
    const made = new Filled(`${FORMS}:${me.peek()?.id}:${name}`);
    if (revive) made.typed = revive(made.typed);
    return made;
  }, []);
  const [, draw] = useState({});
  useEffect(() => () => void (filled.isKept && sayKept(filled)), []);
  const change = (/** @type {Partial<Values>} */ part) => {
    const first = /** @type {Record<string, unknown>} */ (initial);
    const all = Object.entries({ ...filled.typed, ...part });
    filled.save(Object.fromEntries(all.filter(([each, value]) => written(value) !== written(first[each]))));
    draw({});
  };
  const drop = () => {
    filled.save({});
    draw({});
  };
  return { values: { ...initial, ...filled.typed }, change, isChanged: Object.keys(filled.typed).length > 0, drop };
}

/** @param {Filled} filled */
function sayKept(filled) {
  say(t("compose.kept"), { action: t("compose.discard"), act: () => filled.discard() });
}

/** Discards what an account has typed into forms. @param {string} account */
export function discardForms(account) {
  const start = `${FORMS}:${account}:`;
  for (const each of Object.keys(localStorage)) if (each.startsWith(start)) localStorage.removeItem(each);
}
