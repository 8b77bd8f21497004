"""The commands: `python -m ops run`, `python -m ops provision`."""

import argparse
import sys
from typing import NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from fstream_app.settings import SettingsError
from ops import engine, server, stack


def main() -> None:
    """Run the command that the command line names; errors of the user's are one line, and status 1."""
    arguments = _parser().parse_args()
    try:
        if arguments.command == "run":
            stack.run(arguments.port, arguments.engine)
        else:
            _provision()
    except server.PortInUseError as error:
        _fail(f"{error}. Try another one: make run PORT={arguments.port + 1}")
    except (SettingsError, engine.EngineError, BotoCoreError, ClientError) as error:
        _fail(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops", description="FSTREAM's tools.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run FSTREAM on this machine")
    run.add_argument("--port", type=_port, default=8000, help="where it listens, on loopback (default 8000)")
    run.add_argument("--engine", choices=engine.NAMES, default=engine.NAMES[0], help="the local AWS engine")
    commands.add_parser("provision", help="create the tables that are missing, on AWS or at AWS_ENDPOINT_URL")
    return parser


def _port(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 65_535):
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def _provision() -> None:
    # Imported now, because it reads the settings: what is wrong with them is then told in one line.
    from ops import provisioning

    provisioning.provision()
    print("All tables are ready.")


def _fail(message: str) -> NoReturn:
    sys.exit(f"FSTREAM: {message}")


if __name__ == "__main__":
    main()
