"""A small simulator of Lambda's event source for SQS queues: it receives messages and calls the function.

The rules are those of "Using Lambda with Amazon SQS" in Lambda's Developer Guide. What a call has handled is deleted;
if it fails, its messages appear again after the visibility timeout, until the queue drops them.
"""

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from chalice.local import LambdaContext

from fstream_app.core import settings
from ops.event_sources import Handler, QueueSource

_WAIT = 1
"""Seconds for which a request waits for a message."""
_MEMORY_MB = 512
_MOST_MESSAGES = 10
"""Limit of SQS for one request."""

logger = logging.getLogger(__name__)


class QueueClient(Protocol):
    """The methods of boto3's `sqs` client that are used here."""

    def create_queue(self, **parameters: Any) -> Mapping[str, Any]:  # noqa: ANN401
        """Create a queue, or find one with the same attributes."""

    def get_queue_attributes(self, **parameters: Any) -> Mapping[str, Any]:  # noqa: ANN401
        """Return a queue's attributes."""

    def receive_message(self, **parameters: Any) -> Mapping[str, Any]:  # noqa: ANN401
        """Return visible messages, and hide them for a while."""

    def delete_message_batch(self, **parameters: Any) -> Mapping[str, Any]:  # noqa: ANN401
        """Delete messages that were received."""


def create(client: QueueClient, source: QueueSource) -> str:
    """Create a source's queue; return its URL."""
    attributes = {
        "VisibilityTimeout": str(source.visibility_timeout),
        "MessageRetentionPeriod": str(source.retention),
    }
    return str(
        client.create_queue(QueueName=settings.get().table_name(source.queue), Attributes=attributes)["QueueUrl"]
    )


class QueuePoller:
    """Polls one queue. Calls run at the same time, up to the source's limit, as in Lambda."""

    def __init__(self, client: QueueClient, source: QueueSource, handler: Handler, url: str) -> None:
        self._client, self._source, self._handler, self._url = client, source, handler, url
        self._free = threading.Semaphore(source.maximum_concurrency)
        self._pool = ThreadPoolExecutor(source.maximum_concurrency, source.function)
        self._arn = ""

    @property
    def function(self) -> str:
        """The name of the function."""
        return self._source.function

    def poll(self, *, flush: bool) -> bool:
        """Receive messages and let the function handle them; return whether another call may find more.

        Args:
            flush: do not wait for messages, but for the function.
        """
        if not self._free.acquire(timeout=_WAIT):
            return True
        messages: list[dict[str, Any]] = []
        try:
            messages = self._receive(0 if flush else _WAIT)
        finally:
            if not messages:
                self._free.release()
        if messages:
            handled = self._pool.submit(self._handle, messages)
            if flush:
                handled.result()
        return bool(messages) or not flush  # the request itself has waited

    def finish(self) -> None:
        """Wait for the calls that are in progress."""
        self._pool.shutdown()
        self._pool = ThreadPoolExecutor(self._source.maximum_concurrency, self._source.function)

    def _receive(self, seconds: int) -> list[dict[str, Any]]:
        if not self._arn:
            found = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
            self._arn = found["Attributes"]["QueueArn"]
        received = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(self._source.batch_size, _MOST_MESSAGES),
            WaitTimeSeconds=seconds,
            VisibilityTimeout=self._source.visibility_timeout,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return list(received.get("Messages", []))

    def _handle(self, messages: list[dict[str, Any]]) -> None:
        try:
            context = LambdaContext(self._source.function, _MEMORY_MB, 1000 * self._source.visibility_timeout)
            self._handler({"Records": [_record(message, self._arn) for message in messages]}, context)
            receipts = [
                {"Id": str(place), "ReceiptHandle": message["ReceiptHandle"]} for place, message in enumerate(messages)
            ]
            self._client.delete_message_batch(QueueUrl=self._url, Entries=receipts)
        except Exception:
            logger.exception("%s failed; its messages will appear again", self._source.function)
        finally:
            self._free.release()


def _record(message: Mapping[str, Any], arn: str) -> dict[str, Any]:
    """Convert a message of ReceiveMessage to the form of a Lambda event."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": message.get("MessageAttributes", {}),
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": arn.split(":")[3],
    }
