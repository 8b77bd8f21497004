"""A part of the soaked network in a process of its own: `python -m tests.soak.part server|pump FOLDER PORT`."""

import json
import logging
import signal
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

import boto3

from app import app
from ops import event_sources, provisioning, server
from ops.event_sources import Handler
from ops.pump import Pump, Subscription
from tests.soak.control import Control, Troubled

CONTROL = "control.json"
LETTERS = "dead-letters.jsonl"


def main() -> NoReturn:
    """Run the part until SIGTERM."""
    part, folder, port = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    logging.basicConfig(level=logging.WARNING)
    process = Troubled(Control(folder / CONTROL), part)
    process.obey()
    if part == "server":
        print("ready", flush=True)
        server.create(app, port).serve_forever()
    pump(process, folder / LETTERS).start()
    print("ready", flush=True)
    while True:
        threading.Event().wait(3600)


def pump(process: Troubled, letters: Path) -> Pump:
    """Return a pump whose records are dated by the part's clock, and which writes its dead letters into a file."""

    def dated(handler: Handler) -> Handler:
        def handle(event: dict[str, Any], context: object) -> object:
            for record in event["Records"]:
                record["dynamodb"]["ApproximateCreationDateTime"] += process.trouble.offset // 1000
            return handler(event, context)

        return handle

    def send(letter: dict[str, Any]) -> None:
        with letters.open("a") as file:
            file.write(json.dumps(letter) + "\n")

    subscriptions = [
        Subscription(source, dated(source.handler()), provisioning.stream_arn(source.table))
        for source in event_sources.ALL
    ]
    return Pump(boto3.client("dynamodbstreams"), subscriptions, send)


if __name__ == "__main__":
    main()
