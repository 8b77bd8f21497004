"""The commands: `python -m ops run`, `provision`, `package`, `deploy`, `destroy`, `simulate`."""

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from fstream_app.settings import SettingsError
from ops import engine, server, stack
from ops.deployment.errors import DeploymentError
from ops.packaging import PackagingError
from ops.simulation import parameters

_DEPLOYING = {
    "deploy": "bring FSTREAM into the AWS account whose credentials are set",
    "destroy": "take it away again, but for users and relationships",
}


def main() -> None:
    """Run the command that the command line names; errors of the user's are one line, and status 1."""
    arguments = _parser().parse_args()
    try:
        if arguments.command == "run":
            stack.run(arguments.port, arguments.engine)
        elif arguments.command == "simulate":
            _simulate(arguments)
        elif arguments.command in {"deploy", "destroy"}:
            _deploy_or_destroy(arguments)
        elif arguments.command == "package":
            _package(arguments)
        else:
            _provision()
    except server.PortInUseError as error:
        _fail(f"{error}. Try another one: make run PORT={arguments.port + 1}")
    except (SettingsError, DeploymentError, PackagingError, engine.EngineError, BotoCoreError, ClientError) as error:
        _fail(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops", description="FSTREAM's tools.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run FSTREAM on this machine")
    run.add_argument("--port", type=_port, default=8000, help="where it listens, on loopback (default 8000)")
    run.add_argument("--engine", choices=engine.NAMES, default=engine.NAMES[0], help="the local AWS engine")
    commands.add_parser("provision", help="create the tables that are missing, on AWS or at AWS_ENDPOINT_URL")
    package = commands.add_parser("package", help="make the package for Lambda, and tell how quickly it starts")
    package.add_argument("--architecture", choices=("arm64", "x86_64"), default="arm64", help="of Lambda")
    for command, text in _DEPLOYING.items():
        deploying = commands.add_parser(command, help=text)
        deploying.add_argument("--stage", default="dev", help="a stage of .chalice/config.json (default dev)")
        deploying.add_argument("--yes", action="store_true", help="answer every question with yes")
    _add_simulate(commands.add_parser("simulate", help="tell where the money goes, on a simulated day of a network"))
    return parser


def _add_simulate(simulate: argparse.ArgumentParser) -> None:
    simulate.add_argument("--json", action="store_true", help="print one JSON object")
    simulate.add_argument(
        "--costs", type=Path, metavar="FILE", help="what --json has printed, instead of measuring anew"
    )
    simulate.add_argument("--limits", action="store_true", help="tell which limit of AWS is met first")
    simulate.add_argument("--ideas", action="store_true", help="tell what changes of the code would save")
    simulate.add_argument("--plots", type=Path, metavar="FOLDER", help="write the plots")
    parameters.add_options(simulate)


def _port(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 65_535):
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def _provision() -> None:
    # Imported now, because it reads the settings: what is wrong with them is then told in one line.
    from ops import provisioning

    provisioning.provision()
    print("All tables are ready.")


def _package(arguments: argparse.Namespace) -> None:
    # Imported now, because Chalice's packager takes long to load.
    from ops import package

    package.run(arguments.architecture)


def _deploy_or_destroy(arguments: argparse.Namespace) -> None:
    # Imported now, for the same reason.
    from ops.deployment.deploy import Stage

    stage = Stage(Path.cwd(), arguments.stage, (lambda _: True) if arguments.yes else _confirm, _say)
    if arguments.command == "deploy":
        _say(f"FSTREAM is at {stage.deploy()}")
    else:
        stage.destroy()


def _confirm(question: str) -> bool:
    try:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def _say(text: str) -> None:
    # Flushed, because Chalice writes in between.
    print(text, flush=True)


def _simulate(arguments: argparse.Namespace) -> None:
    # Imported now, for the same reason, and because NumPy takes longer to load than all else.
    from ops import simulate

    try:
        simulate.run(arguments)
    except ValueError as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    sys.exit(f"FSTREAM: {message}")


if __name__ == "__main__":
    main()
