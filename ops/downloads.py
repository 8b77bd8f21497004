"""The folder for what tests and checks download once: programs that are in no lock file of Python."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder: $FSTREAM_TEST_CACHE, or `fstream` in the user's cache folder."""
    if chosen := os.environ.get("FSTREAM_TEST_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fstream"
