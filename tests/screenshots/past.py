"""Runs FSTREAM with a clock that is as many seconds slow as a file says: `python -m tests.screenshots.past FILE PORT`.

So the network of the pictures has a past, which is made in seconds.
"""

import sys
from pathlib import Path

from fstream_app.core import clock
from ops import stack


def main() -> None:
    """Run FSTREAM until it is stopped."""
    file, now = Path(sys.argv[1]), clock.now
    clock.now = lambda: now() - 1000 * int(file.read_text(encoding="ascii"))
    stack.run(int(sys.argv[2]), "moto")


if __name__ == "__main__":
    main()
