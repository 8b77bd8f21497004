"""The API alone, in a process of its own: `python -m benchmarks.api <port>`; the environment leads to its tables."""

import logging
import sys

from app import app
from ops import server


def main() -> None:
    """Serve until the process is ended, by Chalice's local server."""
    logging.disable(logging.WARNING)
    server.create(app, int(sys.argv[1])).serve_forever()


if __name__ == "__main__":
    main()
