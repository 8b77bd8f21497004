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

from fstream_app.core import clock, metrics
from fstream_app.core.settings import SettingsError
from ops import engine, server, stack
from ops.arguments import duration, number
from ops.deployment.errors import DeploymentError
from ops.operations.errors import OperationError
from ops.packaging import PackagingError
from ops.simulation import parameters
from ops.supply import SupplyError
from ops.web.vendoring import VendoringError

if TYPE_CHECKING:
    import boto3

    from ops.deployment.configuration import Deployment

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  # the type has no public name

_STAGE = "stage to use, from .chalice/config.json (default: %(default)s)"
_OPTIONAL_STAGE = "stage to use, from .chalice/config.json (default: FSTREAM_APP and FSTREAM_STAGE in the environment)"
_DEPLOYING = {
    "deploy": "create or update a stage in your AWS account",
    "destroy": "delete a stage from your AWS account, except the tables of users and relationships",
}


def main() -> None:
    """Run the command given on the command line; user errors print one line and exit with status 1."""
    arguments = _parser().parse_args()
    try:
        arguments.call(arguments)
    except server.PortInUseError as error:
        _fail(f"{error}. Try another port: make run PORT={arguments.port + 1}")
    except (
        SettingsError,
        DeploymentError,
        OperationError,
        PackagingError,
        SupplyError,
        VendoringError,
        engine.EngineError,
        stack.StackError,
        BotoCoreError,
        ClientError,
    ) as error:
        _fail(str(error))
    except KeyboardInterrupt:
        sys.exit(130)  # the status that shells give to SIGINT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops", description="Run, deploy and operate FSTREAM.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = _command(commands, "run", "run FSTREAM on this machine")
    run.set_defaults(call=_run)
    run.add_argument(
        "--port", type=number(1, 65_535), default=8000, help="port to listen on, on 127.0.0.1 (default: 8000)"
    )
    run.add_argument(
        "--engine", choices=engine.NAMES, default=engine.NAMES[0], help="local AWS emulator (default: %(default)s)"
    )
    provision = _command(commands, "provision", "create missing tables, on AWS or at AWS_ENDPOINT_URL")
    provision.set_defaults(call=_provision)
    report_key = _command(commands, "report-key", "create a key for the copies of reported messages, without `deploy`")
    report_key.set_defaults(call=_report_key)
    supply = _command(commands, "supply", "check the libraries' licenses and known vulnerabilities")
    supply.set_defaults(call=_supply)
    vendor = _command(commands, "vendor-web", "download the web client's libraries from npm")
    vendor.set_defaults(call=_vendor_web)
    package = _command(commands, "package", "build the package for Lambda, and measure its cold start")
    package.set_defaults(call=_package)
    package.add_argument(
        "--architecture",
        choices=("arm64", "x86_64"),
        default="arm64",
        help="processor of the functions (default: %(default)s)",
    )
    for command, text in _DEPLOYING.items():
        deploying = _command(commands, command, text)
        deploying.set_defaults(call=_deploy_or_destroy)
        deploying.add_argument("--stage", default="dev", help=_STAGE)
        deploying.add_argument("--yes", action="store_true", help="answer yes to every question")
    _add_operations(commands)
    _add_simulate(_command(commands, "simulate", "estimate what a network costs on AWS in a day"))
    return parser


def _command(commands: "Commands", name: str, summary: str) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")


def _add_operations(commands: "Commands") -> None:
    status = _command(commands, "status", "show what is deployed; exit with status 1 if anything is wrong")
    status.set_defaults(call=_status)
    status.add_argument("--json", action="store_true", help="print a JSON array")
    logs = _command(commands, "logs", "show the functions' logs, merged by time")
    logs.set_defaults(call=_logs)
    logs.add_argument("--follow", action="store_true", help="keep printing new lines until Ctrl-C")
    logs.add_argument(
        "--function", help="one function only: api_handler, fan_out, views, on_relationship or on_reaction"
    )
    logs.add_argument(
        "--since",
        type=duration,
        default="1h",
        metavar="AGE",
        help="start this far back, such as 90s, 15m or 2d (default: 1h)",
    )
    logs.add_argument("--errors", action="store_true", help="show only warnings and errors")
    redrive = _command(commands, "redrive", "retry dead letters: stream records that a function could not process")
    redrive.set_defaults(call=_redrive)
    redrive.add_argument(
        "--discard-old",
        action="store_true",
        help="delete letters whose records the stream no longer has; run repair first",
    )
    for operation in (status, logs, redrive):
        operation.add_argument("--stage", default="dev", help=_STAGE)
    _add_delivery(commands)
    _add_moderation(commands)


def _add_delivery(commands: "Commands") -> None:
    explain = _command(commands, "explain", "show where a message is, and why a reader does not see it")
    explain.set_defaults(call=_explain)
    explain.add_argument("message", help="the message's id or address")
    explain.add_argument("reader", help="user name of the reader")
    explain.add_argument("--stage", help=_OPTIONAL_STAGE)
    repair = _command(commands, "repair", "rebuild timelines and all else that is derived from the messages")
    repair.set_defaults(call=_repair)
    repair.add_argument("--stage", help=_OPTIONAL_STAGE)
    repair.add_argument("--author", metavar="NAME", help="repair the messages of one person only")
    audit = _command(commands, "audit", "check that all tables agree with each other; exit with status 1 if not")
    audit.set_defaults(call=_audit)
    audit.add_argument("--stage", help=_OPTIONAL_STAGE)
    for walking in (repair, audit):
        walking.add_argument(
            "--units-per-second",
            type=number(1, 1_000_000),
            default=500,
            metavar="UNITS",
            help="use at most this many DynamoDB request units per second (default: %(default)s)",
        )
        walking.add_argument(
            "--restart", action="store_true", help="start from the beginning, not where the last run stopped"
        )


def _add_moderation(commands: "Commands") -> None:
    suspend = _command(commands, "suspend", "hide a person's profile and messages, and block their access")
    suspend.set_defaults(call=_moderate)
    suspend.add_argument("name", help="user name of the person")
    suspend.add_argument("--reason", default="", help="reason that the person sees when access is refused")
    suspend.add_argument("--lift", action="store_true", help="end the suspension")
    remove = _command(commands, "remove", "delete a message, and notify its author of the reason")
    remove.set_defaults(call=_moderate)
    remove.add_argument("message", help="id of the message: the last part of its address")
    remove.add_argument("--reason", required=True, help="reason that the author sees")
    reports = _command(commands, "reports", "list reports by users, oldest first; open or resolve one of them")
    reports.set_defaults(call=_moderate)
    reports.add_argument(
        "action",
        nargs="?",
        choices=("open", "resolve"),
        help="show the copy of the reported messages, or mark a report as resolved, which deletes the copy",
    )
    reports.add_argument("id", nargs="?", help="id of the report to open or resolve")
    reports.add_argument("--resolved", action="store_true", help="list resolved reports instead of open ones")
    reports.add_argument(
        "--limit",
        type=number(1, 1000),
        default=50,
        metavar="N",
        help="list at most N reports, 1 to 1000 (default: %(default)s)",
    )
    reports.add_argument("--json", action="store_true", help="print a JSON array")
    reset = _command(commands, "reset-password", "set a random password for a person, and log out all their apps")
    reset.set_defaults(call=_moderate)
    reset.add_argument("name", help="user name of the person")
    for moderating in (suspend, remove, reports, reset):
        moderating.add_argument("--stage", help=_OPTIONAL_STAGE)


def _add_simulate(simulate: argparse.ArgumentParser) -> None:
    simulate.set_defaults(call=_simulate)
    simulate.add_argument("--json", action="store_true", help="print a JSON object")
    simulate.add_argument(
        "--costs", type=Path, metavar="FILE", help="read measured costs from FILE, an output of --json"
    )
    simulate.add_argument("--limits", action="store_true", help="show which AWS limit is reached first")
    simulate.add_argument("--ideas", action="store_true", help="show what possible changes of the code would save")
    simulate.add_argument("--plots", type=Path, metavar="FOLDER", help="write the plots to FOLDER")
    parameters.add_options(simulate)


def _run(arguments: argparse.Namespace) -> None:
    stack.run(arguments.port, arguments.engine)


def _provision(_: argparse.Namespace) -> None:
    from ops import event_sources, provisioning

    provisioning.provision()
    print("All tables are ready. If you run `chalice deploy` yourself, set the streams first:")
    for source in event_sources.ALL:
        table = source.table.base_name()
        print(f"export FSTREAM_{table.upper()}_STREAM={provisioning.stream_arn(source.table)}")


def _report_key(_: argparse.Namespace) -> None:
    import boto3

    from fstream_app.core import settings
    from ops.report_keys import ReportKeys

    keys = ReportKeys(boto3.Session(), settings.get().prefix)
    print(f"export FSTREAM_REPORT_KEY={keys.create()}")


def _supply(_: argparse.Namespace) -> None:
    from ops import supply

    supply.run()


def _vendor_web(_: argparse.Namespace) -> None:
    from ops.web import vendoring

    vendoring.run()


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
        raise OperationError(f"Unknown function {arguments.function}. Choose one of {', '.join(functions.ALL)}.")
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
        # The reader of the pipe, such as `| head`, is gone; the final flush needs another target.
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


def _explain(arguments: argparse.Namespace) -> None:
    from ops.operations import explain

    if arguments.stage is not None:
        _enter(arguments.stage)
    print(explain.explain(arguments.message, arguments.reader, clock.now()))


def _repair(arguments: argparse.Namespace) -> None:
    from ops.operations import bookmark, repair
    from ops.operations.pace import Pace

    if arguments.stage is not None:
        _enter(arguments.stage)
    with metrics.tally() as tally:
        pace = Pace(arguments.units_per_second, tally)
        if arguments.author is not None:
            repaired = repair.author(arguments.author, pace, clock.now)
        else:
            of_people = bookmark.file("repair-users", restart=arguments.restart, say=_say)
            corrected = repair.people(of_people, pace, restart=arguments.restart)
            _say(f"Users whose counts were wrong: {corrected}.")
            file = bookmark.file("repair", restart=arguments.restart, say=_say)
            repaired = repair.everything(file, pace, clock.now, restart=arguments.restart)
    _say(f"Messages repaired: {repaired}. Request units used: {pace.used:,.0f}.")


def _audit(arguments: argparse.Namespace) -> None:
    from ops.operations import bookmark
    from ops.operations.audit import walk
    from ops.operations.pace import Pace

    if arguments.stage is not None:
        _enter(arguments.stage)
    with metrics.tally() as tally:
        pace = Pace(arguments.units_per_second, tally)
        file = bookmark.file("audit", restart=arguments.restart, say=_say)
        found = walk.run(file, pace, clock.now, restart=arguments.restart)
    _say(f"Findings: {found}. Request units used: {pace.used:,.0f}.")
    if found:
        sys.exit(1)


def _moderate(arguments: argparse.Namespace) -> None:
    from ops.operations import moderation, stage

    if arguments.command == "reports" and (arguments.action is None) != (arguments.id is None):
        raise OperationError(f"Name the report: python -m ops reports {arguments.action} ID")
    if arguments.stage is not None:
        deployment, session = _enter(arguments.stage)
        if arguments.command in moderation.ENDING and (problem := stage.reach_sockets(session, deployment)):
            _say(problem)
    moderation.run(arguments, clock.now, _say)


def _enter(name: str) -> "tuple[Deployment, boto3.Session]":
    """Select a deployed stage for this process."""
    from ops.deployment import account
    from ops.operations import stage

    deployment = stage.enter(Path.cwd(), name)
    session = account.session()
    account.check(session)  # reports missing credentials at once
    return deployment, session


def _confirm(question: str) -> bool:
    try:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def _say(text: str) -> None:
    # Flushed because Chalice, in a child process, prints to the same output.
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
