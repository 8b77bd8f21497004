"""The queue through which the functions that deliver messages reach the one that sends them to WebSockets.

It holds ids for some minutes and delivers them after a delay. Nothing that a reader waits for depends on it, so a call
that fails is not repeated.
"""

from botocore.client import BaseClient

from fstream_app.core import deadline, settings, transport
from fstream_app.core.warm import remembered

MOST_BYTES = 200_000
"""Limit of an entry. SQS takes 256 KB with what it adds."""
LONGEST_DELAY = 900
"""Seconds."""
_CONNECT_SECONDS, _READ_SECONDS = 0.5, 1
_CONNECTIONS = 4


@remembered
def client() -> BaseClient:
    """Return the client, which all threads share; made when something is put for the first time."""
    return transport.client("sqs", connect=_CONNECT_SECONDS, read=_READ_SECONDS, connections=_CONNECTIONS)


def put(entry: str, delay: int = 0) -> None:
    """Put an entry, which is delivered after a delay (s): SendMessage, $0.40 per million entries of up to 64 KB.

    Raises:
        BotoCoreError: the queue did not respond, or there is no time left.
        ClientError: the queue refused the entry.
    """
    deadline.check()
    client().send_message(QueueUrl=settings.get().live_queue, MessageBody=entry, DelaySeconds=delay)
