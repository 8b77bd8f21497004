// Hashtags that the person follows or features, each known once for all screens.
import { isAllowed } from "./actions.js";
import { post } from "./api.js";
import { t } from "./i18n.js";
import { sayFailure } from "./notices.js";
import { fillSoon, HOME } from "./rereading.js";
import { session } from "./session.js";
import { effect, html, signal } from "./ui.js";

/** @typedef {import("./types.js").Hashtagged} Hashtagged */

/** By name. @type {Map<string, import("@preact/signals").Signal<Hashtagged | null>>} */
const hashtags = new Map();

/** Returns what is known of a hashtag as a signal. @param {string} name */
export function hashtag(name) {
  const found = hashtags.get(name);
  if (found) return found;
  const made = signal(/** @type {Hashtagged | null} */ (null));
  hashtags.set(name, made);
  return made;
}

effect(() => {
  if (session.value !== "in") hashtags.clear();
});

/** Takes in hashtags from a response. @param {Hashtagged[]} list @returns {string[]} their names */
export function putTags(list) {
  for (const each of list) hashtag(each.name).value = each;
  return list.map((each) => each.name);
}

/**
 * Follows a hashtag or features it on the profile, or no longer; at once, and taken back if the server refuses.
 *
 * @param {string} name
 * @param {"following" | "featuring"} mark
 */
export async function toggleTag(name, mark) {
  const known = hashtag(name);
  const before = known.peek();
  if (!before || !isAllowed()) return;
  const verb = `${before[mark] ? "un" : ""}${mark === "following" ? "follow" : "feature"}`;
  known.value = { ...before, [mark]: !before[mark] };
  try {
    const { following, featuring } = await post(`api/v1/tags/${encodeURIComponent(name)}/${verb}`);
    known.value = { ...before, following, featuring };
    if (following && !before.following) fillSoon(HOME);
  } catch (error) {
    known.value = before;
    sayFailure(`failed.tag.${verb}`, error);
  }
}

/** Draws the button to follow a hashtag. @param {{name: string}} props */
export function FollowTag({ name }) {
  const known = hashtag(name).value;
  if (!known || session.value !== "in") return null;
  const words = t(known.following ? "tag.following" : "tag.follow");
  return html`<button type="button" class="primary follow" aria-pressed=${String(known.following)} aria-label=${`${words}: #${name}`}
    onClick=${() => void toggleTag(name, "following")}>${words}</button>`;
}
