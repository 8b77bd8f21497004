"""The commands: `python -m ops run`, `deploy`, `status` and so on; `python -m ops --help` lists them.

What only some of them need is imported in their functions, so that each starts quickly: the tables and boto3 take
0.1 to 0.2 s to load, NumPy and Chalice's packager longer.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from fstream_app.core import clock, metrics, settings
from fstream_app.core.settings import SettingsError
from ops import engine, server, stack
from ops.deployment.errors import DeploymentError
from ops.operations.errors import OperationError
from ops.packaging import PackagingError
from ops.simulation import parameters

if TYPE_CHECKING:
    import boto3

    from ops.deployment.configuration import Deployment

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  # the type has no public name

_DEPLOYING = {
    "deploy": "bring FSTREAM into the AWS account whose credentials are set",
    "destroy": "take it away again, but for users and relationships",
}


def main() -> None:
    """Run the command that the command line names; errors of the user's are one line, and status 1."""
    arguments = _parser().parse_args()
    try:
        arguments.call(arguments)
    except server.PortInUseError as error:
        _fail(f"{error}. Try another one: make run PORT={arguments.port + 1}")
    except (
        SettingsError,
        DeploymentError,
        OperationError,
        PackagingError,
        engine.EngineError,
        BotoCoreError,
        ClientError,
    ) as error:
        _fail(str(error))
    except KeyboardInterrupt:
        sys.exit(130)  # as shells have it


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops", description="FSTREAM's tools.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run FSTREAM on this machine")
    run.set_defaults(call=_run)
    run.add_argument("--port", type=_port, default=8000, help="where it listens, on loopback (default 8000)")
    run.add_argument("--engine", choices=engine.NAMES, default=engine.NAMES[0], help="the local AWS engine")
    provision = commands.add_parser(
        "provision", help="create the tables that are missing, on AWS or at AWS_ENDPOINT_URL"
    )
    provision.set_defaults(call=_provision)
    package = commands.add_parser("package", help="make the package for Lambda, and tell how quickly it starts")
    package.set_defaults(call=_package)
    package.add_argument("--architecture", choices=("arm64", "x86_64"), default="arm64", help="of Lambda")
    for command, text in _DEPLOYING.items():
        deploying = commands.add_parser(command, help=text)
        deploying.set_defaults(call=_deploy_or_destroy)
        deploying.add_argument("--stage", default="dev", help="a stage of .chalice/config.json (default dev)")
        deploying.add_argument("--yes", action="store_true", help="answer every question with yes")
    _add_operations(commands)
    _add_simulate(commands.add_parser("simulate", help="tell where the money goes, on a simulated day of a network"))
    return parser


def _add_operations(commands: "Commands") -> None:
    status = commands.add_parser("status", help="show what is deployed and how it is; status 1 if something is wrong")
    status.set_defaults(call=_status)
    status.add_argument("--json", action="store_true", help="print one JSON array")
    logs = commands.add_parser("logs", help="show the functions' logs, merged by time")
    logs.set_defaults(call=_logs)
    logs.add_argument("--follow", action="store_true", help="go on until Ctrl-C")
    logs.add_argument("--function", help="of one function: api_handler, fan_out or on_relationship")
    logs.add_argument("--since", type=_duration, default="1h", metavar="1h", help="how far back (90s, 15m, 1h, 2d)")
    logs.add_argument("--errors", action="store_true", help="what went wrong, and nothing else")
    redrive = commands.add_parser("redrive", help="give dead letters to their functions again")
    redrive.set_defaults(call=_redrive)
    redrive.add_argument("--discard-old", action="store_true", help="delete those that came too late, after a repair")
    for operation in (status, logs, redrive):
        operation.add_argument("--stage", default="dev", help="a stage of .chalice/config.json (default dev)")
    repair = commands.add_parser("repair", help="make timelines, heads and the log anew from the messages")
    repair.set_defaults(call=_repair)
    repair.add_argument("--stage", help="a stage of .chalice/config.json; without, as the environment says")
    repair.add_argument("--author", metavar="NAME", help="the messages of one person")
    repair.add_argument("--units-per-second", type=_units, default=500, metavar="500", help="of DynamoDB, at most")
    repair.add_argument("--anew", action="store_true", help="from the beginning, wherever the last call has stopped")
    _add_moderation(commands)


def _add_moderation(commands: "Commands") -> None:
    suspend = commands.add_parser("suspend", help="let nobody see or be somebody, until that is lifted")
    suspend.set_defaults(call=_suspend)
    suspend.add_argument("name", help="of the person")
    suspend.add_argument("--reason", default="", help="what they are told when they log in")
    suspend.add_argument("--lift", action="store_true", help="end it")
    remove = commands.add_parser("remove", help="delete a message, and tell its author why")
    remove.set_defaults(call=_remove)
    remove.add_argument("message", help="its id: what stands last in its address")
    remove.add_argument("--reason", required=True, help="what its author is told")
    reports = commands.add_parser("reports", help="list what people have reported, the oldest first")
    reports.set_defaults(call=_reports)
    reports.add_argument("action", nargs="?", choices=("resolve",), help="take one from the list")
    reports.add_argument("id", nargs="?", help="which one")
    reports.add_argument("--resolved", action="store_true", help="list those that are resolved")
    reports.add_argument("--limit", type=_many, default=50, metavar="50", help="list so many at most, 1 to 1000")
    reports.add_argument("--json", action="store_true", help="print one JSON array")
    for moderating in (suspend, remove, reports):
        moderating.add_argument("--stage", help="a stage of .chalice/config.json; without, as the environment says")


def _many(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 1000):
        raise argparse.ArgumentTypeError("how many is a number from 1 to 1000")
    return int(text)


def _duration(text: str) -> int:
    from ops.operations import logs

    try:
        return logs.seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _units(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 1_000_000):
        raise argparse.ArgumentTypeError("units are a number from 1 to 1000000")
    return int(text)


def _add_simulate(simulate: argparse.ArgumentParser) -> None:
    simulate.set_defaults(call=_simulate)
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


def _run(arguments: argparse.Namespace) -> None:
    stack.run(arguments.port, arguments.engine)


def _provision(_: argparse.Namespace) -> None:
    from ops import event_sources, provisioning

    provisioning.provision()
    print("All tables are ready. `chalice deploy` alone must be told of their streams:")
    for source in event_sources.ALL:
        table = source.table.base_name()
        print(f"export FSTREAM_{table.upper()}_STREAM={provisioning.stream_arn(source.table)}")


def _package(arguments: argparse.Namespace) -> None:
    from ops import package

    package.run(arguments.architecture)


def _deploy_or_destroy(arguments: argparse.Namespace) -> None:
    from ops.deployment.deploy import Stage

    stage = Stage(Path.cwd(), arguments.stage, (lambda _: True) if arguments.yes else _confirm, _say)
    if arguments.command == "deploy":
        _say(f"FSTREAM is at {stage.deploy()}")
    else:
        stage.destroy()


def _status(arguments: argparse.Namespace) -> None:
    from ops.operations import status

    deployment, session = _enter(arguments.stage)
    findings = status.Inspection(session, deployment).run()
    print(status.as_json(findings) if arguments.json else status.text(findings))
    if any(finding.wrong for finding in findings):
        sys.exit(1)


def _logs(arguments: argparse.Namespace) -> None:
    from ops.deployment import functions
    from ops.operations import logs

    deployment, session = _enter(arguments.stage)
    if arguments.function not in {None, *functions.ALL}:
        raise OperationError(f"There is no function {arguments.function}; there are {', '.join(functions.ALL)}.")
    chosen = functions.ALL if arguments.function is None else (arguments.function,)
    groups = {name: f"/aws/lambda/{functions.function_name(deployment.prefix, name)}" for name in chosen}
    found = logs.Logs(session.client("logs"), groups, logs.ERRORS if arguments.errors else "")
    since = clock.now() - 1000 * arguments.since
    try:
        for line in found.follow(since, clock.now) if arguments.follow else found.read(since):
            _say(str(line))
    except KeyboardInterrupt:
        return
    except BrokenPipeError:
        # `| head` has seen enough; what is still to be flushed must go somewhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _redrive(arguments: argparse.Namespace) -> None:
    from ops.operations import redrive

    deployment, session = _enter(arguments.stage)
    queue = redrive.Queue(session.client("sqs"), f"{deployment.prefix}-dead-letters")
    streams, invoke = session.client("dynamodbstreams"), redrive.lambda_invoke(session)
    summary = redrive.Redrive(queue, streams, invoke, _say, arguments.discard_old).run()
    _say(str(summary))
    if summary.left:
        sys.exit(1)


def _repair(arguments: argparse.Namespace) -> None:
    from ops.operations import repair
    from ops.operations.pace import Pace

    if arguments.stage is not None:
        _enter(arguments.stage)
    with metrics.tally() as tally:
        pace = Pace(arguments.units_per_second, tally)
        if arguments.author is not None:
            repaired = repair.author(arguments.author, pace, clock.now)
        else:
            file = Path("build", f"repair-{settings.get().app}-{settings.get().stage}.json")
            if file.exists() and not arguments.anew:
                _say("Going on where the last call has stopped; --anew begins again.")
            repaired = repair.everything(file, pace, clock.now, anew=arguments.anew)
    _say(f"{repaired} messages are where they belong; that took {pace.used:,.0f} request units.")


def _suspend(arguments: argparse.Namespace) -> None:
    from ops.operations import moderation

    if arguments.stage is not None:
        _enter(arguments.stage)
    if arguments.lift:
        moderation.lift(arguments.name, clock.now, _say)
    else:
        moderation.suspend(arguments.name, arguments.reason, clock.now, _say)


def _remove(arguments: argparse.Namespace) -> None:
    from ops.operations import moderation

    if arguments.stage is not None:
        _enter(arguments.stage)
    moderation.remove(arguments.message, arguments.reason, clock.now, _say)


def _reports(arguments: argparse.Namespace) -> None:
    from ops.operations import moderation

    if (arguments.action is None) != (arguments.id is None):
        raise OperationError("Say which one: python -m ops reports resolve ID")
    if arguments.stage is not None:
        _enter(arguments.stage)
    if arguments.action:
        moderation.resolve(arguments.id, _say)
    else:
        resolved, as_json = arguments.resolved, arguments.json
        print(moderation.listed(arguments.limit, clock.now(), resolved=resolved, as_json=as_json))


def _enter(name: str) -> "tuple[Deployment, boto3.Session]":
    """Make this process work on a stage's tables."""
    import boto3

    from ops.deployment import account
    from ops.operations import stage

    deployment = stage.enter(Path.cwd(), name)
    session = boto3.Session()
    account.find(session)  # so that missing credentials are told at once
    return deployment, session


def _confirm(question: str) -> bool:
    try:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def _say(text: str) -> None:
    # Flushed, because Chalice writes in between.
    print(text, flush=True)


def _simulate(arguments: argparse.Namespace) -> None:
    from ops import simulate

    try:
        simulate.run(arguments)
    except ValueError as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    sys.exit(f"FSTREAM: {message}")


if __name__ == "__main__":
    main()
