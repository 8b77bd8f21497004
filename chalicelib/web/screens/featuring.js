// The hashtags that a profile shows; one's own can be changed.
import { get, post, request } from "../api.js";
import { Skeletons } from "../components/feed.js";
import { Field } from "../components/forms.js";
import { Icon } from "../components/icon.js";
import { LinkRow } from "../components/rows.js";
import { Empty } from "../components/states.js";
import { t } from "../i18n.js";
import { reason, sayFailure } from "../notices.js";
import { isOwn } from "../profiles.js";
import { instance } from "../session.js";
import { Failed } from "../trouble.js";
import { html, useEffect, useState } from "../ui.js";

/** @typedef {import("../types.js").Account} Account */
/** @typedef {{id: string, name: string, statuses_count: string}} Featured */

const MOST_FEATURED = 10;

/** @param {{account: Account}} props */
export function FeaturedTags({ account }) {
  const [tags, setTags] = useState(/** @type {Featured[] | null} */ (null));
  const [error, setError] = useState(/** @type {any} */ (null));
  const load = () => {
    setError(null);
    get(`api/v1/accounts/${account.id}/featured_tags`).then(setTags, setError);
  };
  useEffect(load, []);
  if (error) return html`<${Failed} error=${error} retry=${load} />`;
  if (!tags) return html`<${Skeletons} count="2" />`;
  const isMine = isOwn(account);
  const remove = async (/** @type {Featured} */ tag) => {
    setTags(tags.filter((each) => each !== tag));
    try {
      await request("DELETE", `api/v1/featured_tags/${tag.id}`);
    } catch (failure) {
      setTags(tags);
      sayFailure("failed.tag.unfeature", failure);
    }
  };
  const row = (/** @type {Featured} */ tag) => {
    const words = t("featured.remove", { tag: tag.name });
    const count = t("featured.count", { n: Number(tag.statuses_count) });
    return html`<div class="removable" key=${tag.id}>
      <${LinkRow} icon="hashtag" words=${`#${tag.name}`} hint=${count} href=${`#/@${account.acct}/tagged/${encodeURIComponent(tag.name)}`} />
      ${isMine && html`<button type="button" class="round" aria-label=${words} title=${words} onClick=${() => void remove(tag)}><${Icon} name="close" size="20" /></button>`}
    </div>`;
  };
  const isFull = tags.length >= most();
  return html`${isMine && !isFull && html`<${AddFeatured} tags=${tags} added=${(/** @type {Featured} */ tag) => setTags([...tags, tag])} />`}
    ${isMine && isFull && html`<p class="lead">${t("featured.full", { n: most() })}</p>`}
    ${tags.map(row)}
    ${!tags.length && html`<${Empty} icon="hashtag" title=${t("featured.none")} words=${isMine ? t("featured.noneOwn") : undefined} />`}`;
}

const most = () => instance.value?.configuration.accounts?.max_featured_tags ?? MOST_FEATURED;

/** @param {{tags: Featured[], added: (tag: Featured) => void}} props */
function AddFeatured({ tags, added }) {
  const [name, setName] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const [offered, setOffered] = useState(/** @type {string[]} */ ([]));
  useEffect(() => {
    const read = (/** @type {{name: string}[]} */ found) => setOffered(found.map((each) => each.name));
    get("api/v1/featured_tags/suggestions").then(read, () => setOffered([])); // the field does without suggestions
  }, []);
  const add = async (/** @type {string} */ wanted) => {
    if (busy || !wanted.trim()) return;
    setBusy(true);
    setProblem("");
    try {
      const tag = await post("api/v1/featured_tags", { name: wanted });
      if (!tags.some((each) => each.id === tag.id)) added(tag);
      setName("");
    } catch (error) {
      setProblem(reason(/** @type {any} */ (error)));
    }
    setBusy(false);
  };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    void add(name);
  };
  const others = offered.filter((each) => !tags.some((tag) => tag.name === each)).slice(0, 6);
  return html`<form class="form ruled" onSubmit=${submit}>
    <div class="beside"><${Field} label=${t("featured.add")} hint=${t("featured.hint")} value=${name} change=${setName} problem=${problem} autocomplete="off" />
      <button type="submit" class="plain" aria-busy=${String(busy)} disabled=${!name.trim()}>${t("featured.addIt")}</button></div>
    ${others.length > 0 && html`<div class="chips">${others.map((each) => html`<button type="button" class="chip" key=${each} onClick=${() => void add(each)}><span dir="auto">#${each}</span></button>`)}</div>`}
  </form>`;
}
