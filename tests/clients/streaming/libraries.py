"""What client libraries receive from streams."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mastodon import Mastodon, StreamListener

from tests.support.site import Site, surroundings
from tests.support.sockets import Event, Feed, Socket

_SECONDS = 60

Open = Callable[[str, Sequence[str]], Feed]
"""Listens with a token to streams; returns what comes."""


@contextmanager
def plain(site: Site) -> Iterator[Open]:
    """Listen with websocket-client."""
    made: list[Socket] = []

    def listen(token: str, streams: Sequence[str]) -> Feed:
        made.append(Socket(site, header=[f"Authorization: Bearer {token}"]))
        for stream in streams:
            made[-1].send(type="subscribe", stream=stream)
        return made[-1].feed

    yield listen
    for each in made:
        each.close()


class _Listener(StreamListener):
    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    def on_update(self, status: Any) -> None:
        self._feed.add(Event("update", str(status.id)))

    def on_notification(self, notification: Any) -> None:
        self._feed.add(Event("notification", str(notification.id)))

    def on_abort(self, err: Exception) -> None:
        self._feed.add(Event("error", type(err).__name__))


@contextmanager
def mastodon_py(site: Site) -> Iterator[Open]:
    """Listen with Mastodon.py."""
    made: list[Any] = []

    def listen(token: str, streams: Sequence[str]) -> Feed:
        feed = Feed()
        client = Mastodon(access_token=token, api_base_url=site.url)
        handle = client.stream_open_websocket()
        methods = {"user": client.stream_user, "user:notification": client.stream_user_notifications}
        for stream in streams:
            methods[stream](_Listener(feed), websocket_handle=handle)
        made.extend([handle.close, client.session.close])
        return feed

    yield listen
    for close in made:
        close()


class Node:
    """The libraries for JavaScript, in one process."""

    def __init__(self, site: Site, libraries: Path, folder: Path) -> None:
        self._site = site
        self._feeds: list[Feed] = []
        script = folder / "listen.mjs"
        script.write_bytes(Path(__file__).with_name("listen.mjs").read_bytes())
        (folder / "node_modules").symlink_to(libraries / "node_modules")  # where imports of the script look
        with (folder / "stderr.log").open("wb") as log:
            self._child = subprocess.Popen(
                ["node", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=surroundings()
            )
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def open(self, library: str) -> Open:
        """Return what listens with a library, `masto` or `megalodon`."""

        def listen(token: str, streams: Sequence[str]) -> Feed:
            self._feeds.append(Feed())
            order = {"library": library, "feed": len(self._feeds) - 1, "url": self._site.url, "token": token}
            assert self._child.stdin
            self._child.stdin.write(json.dumps(order | {"streams": streams}).encode() + b"\n")
            self._child.stdin.flush()
            return self._feeds[-1]

        return listen

    def close(self) -> None:
        """End the process."""
        assert self._child.stdin
        self._child.stdin.close()
        self._child.wait(_SECONDS)
        self._reading.join(_SECONDS)
        assert self._child.stdout
        self._child.stdout.close()

    def _read(self) -> None:
        assert self._child.stdout
        for line in self._child.stdout:
            if line.startswith(b"{"):  # megalodon prints lines of its own
                found = json.loads(line)
                self._feeds[found["feed"]].add(Event(found["name"], found["id"]))
