"""Runs FSTREAM with a clock that is as many seconds slow as a file says: `python -m tests.screenshots.past FILE PORT`.

So the network of the pictures has a past, which is made in seconds. People's ids are the same each time, and so are
the faces that are drawn from them.
"""

import random
import sys
from pathlib import Path
from types import SimpleNamespace

from fstream_app.core import clock, ids
from ops import stack

_FACES = 3
"""The seed of the ids."""


def main() -> None:
    """Run FSTREAM until it is stopped."""
    file, now = Path(sys.argv[1]), clock.now
    ids.secrets = SimpleNamespace(randbits=random.Random(_FACES).getrandbits)
    clock.now = lambda: now() - 1000 * int(file.read_text(encoding="ascii"))
    stack.run(int(sys.argv[2]), "moto")


if __name__ == "__main__":
    main()
