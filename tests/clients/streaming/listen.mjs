// Listens to streams with masto.js or megalodon, for the tests.
//
// Reads one order per line: {"feed", "url", "token", "streams"}, and prints one event per line: {"feed", "name", "id"}.

import { createInterface } from "node:readline";
import { createRestAPIClient, createStreamingAPIClient } from "masto";
import generator from "megalodon";

const print = (feed, name, id) => console.log(JSON.stringify({ feed, name, id }));

async function follow(feed, subscription) {
  for await (const { event, payload } of subscription) {
    print(feed, event, event === "delete" ? payload : payload?.id);
  }
}

async function listenWithMasto({ feed, url, token, streams }) {
  const instance = await createRestAPIClient({ url, accessToken: token }).v2.instance.fetch();
  const client = createStreamingAPIClient({
    streamingApiUrl: instance.configuration.urls.streaming,
    accessToken: token,
  });
  for (const stream of streams) {
    const resource = stream.split(":").reduce((parent, name) => parent[name], client);
    follow(feed, resource.subscribe());
  }
}

async function listenWithMegalodon({ feed, url, token, streams }) {
  const client = generator("mastodon", url, token);
  const opening = { user: "userStreaming", public: "publicStreaming", "public:local": "localStreaming" };
  for (const stream of streams) {
    const socket = await client[opening[stream]]();
    for (const name of ["update", "status_update", "notification"]) {
      socket.on(name, (entity) => print(feed, name, entity.id));
    }
    socket.on("delete", (id) => print(feed, "delete", id));
    socket.on("parser-error", (error) => print(feed, "error", String(error)));
  }
}

const listen = { masto: listenWithMasto, megalodon: listenWithMegalodon };
for await (const line of createInterface({ input: process.stdin })) {
  const { library, ...order } = JSON.parse(line);
  await listen[library](order);
}
process.exit(0); // the tests are over; the libraries would keep their connections open
