// What is beside the stream on wide screens: search, what goes next on home, and the hashtags of the moment.
import { get } from "./api.js";
import { serverNow, useNow } from "./clock.js";
import { Search, SmallPrint, Soon, SoonLine, Tags } from "./components/rail.js";
import { filterOf } from "./filtering.js";
import { watch } from "./live.js";
import { below, go } from "./router.js";
import { soonTimeline } from "./screens/soon.js";
import { session } from "./session.js";
import { endOf, message } from "./store.js";
import { html, signal, useEffect } from "./ui.js";

const FEW = 4;
const TAGS = 8;
const TAGS_MS = 300_000;

const tags = signal(/** @type {{name: string}[]} */ ([]));
let tagsRead = 0;

/** Reads the hashtags that are used most, unless that was done a few minutes ago. */
async function readTags() {
  if (serverNow() - tagsRead < TAGS_MS) return;
  tagsRead = serverNow();
  tags.value = await get("api/v1/trends/tags", { limit: TAGS }).catch(() => []); // the rail does without them
}

/** Draws what is beside the stream. */
export function Beside() {
  const hasOwnSearch = below.value.name === "explore" || below.value.name === "search";
  return html`${!hasOwnSearch && html`<${Search} search=${(/** @type {string} */ q) => go(`search/${encodeURIComponent(q)}`)} />`}
    ${session.value === "in" && html`<${Next} />`}
    <${Popular} />
    <${SmallPrint} />`;
}

function Next() {
  const timeline = soonTimeline();
  useEffect(() => {
    if (timeline.state.peek() === "new") void timeline.load();
    return watch(timeline);
  }, [timeline]);
  const statuses = timeline.ids.value.slice(0, FEW).map((id) => message(id).value);
  const shown = statuses.flatMap((each) => (each && !filterOf(each, "home") ? (each.reblog ?? each) : []));
  return html`<${Soon}>${shown.map((status) => html`<${NextLine} key=${status.id} status=${status} />`)}<//>`;
}

/** @param {{status: import("./types.js").Status}} props */
function NextLine({ status }) {
  const now = useNow(Date.parse(status.created_at), endOf(status));
  return html`<${SoonLine} status=${status} now=${now} />`;
}

function Popular() {
  useEffect(() => void readTags(), []);
  return tags.value.length > 0 && html`<${Tags} tags=${tags.value} />`;
}
