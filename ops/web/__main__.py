"""`python -m ops.web`: checks the web client (`make check`), or corrects its format first (`make format`)."""

import argparse
import sys

from ops.web import checking
from ops.web.checking import CheckError


def main() -> None:
    """Check the client; exit with status 1 if something was found."""
    parser = argparse.ArgumentParser(prog="python -m ops.web", description="Check the web client.")
    parser.add_argument("--fix", action="store_true", help="correct the format, and what is safe to correct, first")
    try:
        checking.run(fix=parser.parse_args().fix)
    except CheckError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
