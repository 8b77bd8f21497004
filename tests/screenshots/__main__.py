"""`python -m tests.screenshots`: writes a picture of each screen, light and dark, of a phone's size and wide."""

import argparse
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from PIL import Image

from tests.browser.chromium import MissingBrowserError, started
from tests.browser.web_client import Client
from tests.browser.windows import SCHEMES
from tests.screenshots.network import HOST, Network, running
from tests.screenshots.people import VIEWER
from tests.support.site import ROOT, free_port

IMAGES = ROOT / "docs" / "images"
SIZES = {"wide": (1280, 860), "phone": (390, 844)}
_MOUSE = "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4"
"""A browser without a screen has no mouse, either. The phone, which has none, comes last: its touch screen stays."""

Screens = dict[str, Callable[[Client, Network], None]]
"""What leads to each screen."""


def _place(path: str) -> Callable[[Client, Network], None]:
    return lambda client, _: client.open(path)


def _thread(client: Client, network: Network) -> None:
    """A thread is a sheet over the screen that it was opened from. While it is open, a message in it goes."""
    client.open("home")
    client.visit(f"@noor/{network.statuses['overheard']['id']}")
    if network.delete("cucumber"):
        client.come_back()
        client.find(".tombstone")


def _writing(client: Client, _: Network) -> None:
    client.open("home")
    client.write("The tram is late again, but the light on the river is worth it.", send=False)


_LOGGED_IN = "home"
"""The first screen of somebody who is logged in."""
SCREENS: Screens = {
    "welcome": lambda client, _: client.open(),
    "home": _place("home"),
    "going-soon": _place("soon"),
    "thread": _thread,
    "profile": _place("@mira"),
    "explore": _place("explore"),
    "notifications": _place("notifications"),
    "conversations": _place("conversations"),
    "settings": _place("settings"),
    "signing-up": _place("begin/people"),
    "writing": _writing,
}


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description="Take pictures of the client.")
    parser.add_argument("--to", type=Path, default=IMAGES, help="folder (default: docs/images)")
    parser.add_argument("screens", nargs="*", help=f"of {', '.join(SCREENS)} (default: all)")
    asked = parser.parse_args()
    asked.to.mkdir(parents=True, exist_ok=True)
    wanted = {_LOGGED_IN, *(asked.screens or SCREENS)}
    with ExitStack() as stack:
        folder, port = Path(stack.enter_context(tempfile.TemporaryDirectory())), free_port()
        # The browser finds the host at the local server, and trusts it as if it had a certificate.
        found = f"--host-resolver-rules=MAP {HOST} 127.0.0.1:{port}"
        trusted = f"--unsafely-treat-insecure-origin-as-secure=http://{HOST}"
        try:
            driver = stack.enter_context(started(folder / "profile", "--hide-scrollbars", _MOUSE, found, trusted))
        except MissingBrowserError as missing:
            sys.exit(str(missing))
        network = stack.enter_context(running(folder, port))
        client = Client(driver, f"http://{HOST}")
        for size in SIZES:
            client.forget(client.url)
            for name in filter(wanted.__contains__, SCREENS):
                if name == _LOGGED_IN:
                    client.enter(network.tokens[VIEWER])
                _take(client, network, name, size, asked.to)


def _take(client: Client, network: Network, name: str, size: str, folder: Path) -> None:
    width, height = SIZES[size]
    client.look(width, height, reduced_motion=True, touch=size == "phone")
    SCREENS[name](client, network)
    client.until(lambda: not client.all(".state.polling"), what="a screen that is live")
    for scheme in SCHEMES:
        client.look(width, height, scheme, reduced_motion=True, touch=size == "phone")
        client.settle()
        path = folder / f"{name}-{size}-{scheme}.png"
        client.picture(path)
        with Image.open(path) as picture:
            picture.convert("RGB").quantize(dither=Image.Dither.NONE).save(path, optimize=True)  # a third of it


if __name__ == "__main__":
    main()
