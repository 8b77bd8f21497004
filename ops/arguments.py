"""Types of command line arguments; errors say what an argument must be."""

import argparse
from collections.abc import Callable


def number(lowest: int, highest: int) -> Callable[[str], int]:
    """Return the type of whole numbers in a range."""

    def parse(text: str) -> int:
        if not (text.isdecimal() and lowest <= int(text) <= highest):
            raise argparse.ArgumentTypeError(f"must be a number from {lowest} to {highest}")
        return int(text)

    return parse


def duration(text: str) -> int:
    """Return the seconds of a duration such as 90s, 15m or 2d."""
    from ops.operations import logs

    try:
        return logs.seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
