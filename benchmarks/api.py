"""Serves only the API, in its own process: `python -m benchmarks.api <port>`. The environment points to the tables."""

import logging
import sys

from app import app
from ops import server


def main() -> None:
    """Serve with Chalice's local server until the process is ended."""
    logging.disable(logging.WARNING)
    server.create(app, int(sys.argv[1])).serve_forever()


if __name__ == "__main__":
    main()
