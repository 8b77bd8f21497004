"""Runs FSTREAM with a clock that is as many seconds slow as a file says: `python -m tests.screenshots.past FILE PORT`.

So the network of the pictures has a past, which is made in seconds. People's ids are the same each time, and so are
the faces that are drawn from them.
"""

import random
import sys
from pathlib import Path

from fstream_app.core import clock, ids
from ops import stack

_FACES = 3
"""The seed of the ids."""


def main() -> None:
    """Run FSTREAM until it is stopped."""
    file, now = Path(sys.argv[1]), clock.now
    dice = random.Random(_FACES)
    ids.new_user_id = lambda: ids.encode(dice.getrandbits(5 * ids.USER_ID_LENGTH), ids.USER_ID_LENGTH)
    clock.now = lambda: now() - 1000 * int(file.read_text(encoding="ascii"))
    stack.run(int(sys.argv[2]), "moto")


if __name__ == "__main__":
    main()
