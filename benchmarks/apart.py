"""Runs each benchmark in its own process, because settings and the tables' connection are created once per process."""

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
    """Run a benchmark in a new process with only these settings of FSTREAM; return its result."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FSTREAM_")}
    os.environ.clear()
    os.environ.update(inherited | dict(settings))
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _silence) as process:
        return process.submit(part).result()


def _silence() -> None:
    logging.disable(logging.WARNING)


def show(step: str) -> None:
    """Print a step of the run with the time at which it starts."""
    print(f"{time.strftime('%H:%M:%S')}  {step}", file=sys.stderr, flush=True)
