"""Parts of a run in processes of their own: settings and the tables' connection are made once per process."""

import logging
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def run(part: Callable[[], T], settings: Mapping[str, str]) -> T:
    """Run a part with these settings of FSTREAM, and no others, and return what it returns."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FSTREAM_")}
    os.environ.clear()
    os.environ.update(inherited | dict(settings))
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _silence) as process:
        return process.submit(part).result()


def _silence() -> None:
    logging.disable(logging.WARNING)


def tell(step: str) -> None:
    """Show what is being done, and since when."""
    print(f"{time.strftime('%H:%M:%S')}  {step}", file=sys.stderr, flush=True)
