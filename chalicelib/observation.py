"""Logging: a line of JSON for each request, for each batch of a stream, and for everything else that is logged.

A line holds figures and FSTREAM's own names, never a text, a path, an address, or the id of a user or message. It
includes the domain's metrics in CloudWatch's embedded metric format. That format is simple enough to write directly:
importing the logger and the metrics of AWS Lambda Powertools would take 37 to 74 ms of every cold start.

Lines are written in Lambda only; elsewhere, the operator configures logging.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from traceback import walk_tb
from types import TracebackType
from typing import Any

import msgspec
from chalice.app import Request, Response

from fstream_app.core import clock, metrics, settings
from fstream_app.core.metrics import Metric, Tally
from fstream_app.core.warm import remembered

NAMESPACE = "FSTREAM"
DIMENSIONS = ("App", "Stage")
_MOST_VALUES = 100
"""Maximum number of values per metric and line. The format allows no more, and a batch has no more records."""
_OWN = ("chalicelib", "fstream_app")

logger = logging.getLogger(__name__)

_request_id: ContextVar[str] = ContextVar("request_id", default="")


@remembered
def _colds() -> Iterator[bool]:
    """Give True once per process: the first request or batch is a cold start."""
    return iter([True])


class Line:
    """A log line, passed to `logging` as the message. Its fields are encoded as JSON only if it is written."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields

    def __str__(self) -> str:
        return msgspec.json.encode(self._fields).decode()


def observe(request: Request | None, get_response: Callable[[Request | None], Response]) -> Response:
    """HTTP middleware: log each request. Register it before any other."""
    route = f"{request.method} {request.context['resourcePath']}" if request else ""
    with _logged(getattr(request, "lambda_context", None), {"route": route, "status": 500}) as line:
        response = get_response(request)
        line["status"] = response.status_code
    return response


@contextmanager
def batch(function: str, context: object, records: int) -> Iterator[dict[str, Any]]:
    """Log the batch that a stream function handles in the block, which sets the number of `failed` records."""
    with _logged(context, {"function": function, "records": records, "failed": records}) as line:
        yield line


@contextmanager
def socket(function: str, context: object) -> Iterator[dict[str, Any]]:
    """Log what the block does about a WebSocket. It sets `status`, or nothing if it fails."""
    with _logged(context, {"function": function, "status": 500}) as line:
        yield line


@contextmanager
def _logged(context: object, line: dict[str, Any]) -> Iterator[dict[str, Any]]:
    is_cold, began = next(_colds(), False), clock.monotonic()
    token = _request_id.set(getattr(context, "aws_request_id", ""))
    with metrics.tally() as tally:
        try:
            yield line
        finally:
            if logger.isEnabledFor(logging.INFO):
                taken = {
                    "ms": clock.monotonic() - began,
                    "read_units": tally.read_units,
                    "write_units": tally.write_units,
                    "calls": tally.calls,
                    "cold": is_cold,
                }
                logger.info(Line({"request": _request_id.get(), **line, **taken, **_embedded(tally)}))
            _request_id.reset(token)


def _embedded(tally: Tally) -> dict[str, Any]:
    """Return the metrics in the embedded metric format ("Specification: Embedded metric format", CloudWatch)."""
    figures: dict[Metric, Any] = {**tally.counts}
    figures |= {metric: values[:_MOST_VALUES] for metric, values in tally.values.items()}
    if not figures:
        return {}
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [DIMENSIONS],
        "Metrics": [{"Name": metric, "Unit": metric.unit} for metric in figures],
    }
    current = settings.get()
    dimensions = dict(zip(DIMENSIONS, (current.app, current.stage), strict=True))
    metadata = {"Timestamp": clock.now(), "CloudWatchMetrics": [directive]}
    return {"_aws": metadata, **dimensions, **{str(metric): figure for metric, figure in figures.items()}}


def record(error: BaseException, *, is_defect: bool) -> None:
    """Log an error's type and the database's error code; for a defect, also its traceback's places in the code.

    The message is left out, because it may contain what a user wrote.
    """
    logger.error(Line({"request": _request_id.get(), "level": "ERROR", **_described(error, is_defect=is_defect)}))


def _described(error: BaseException, *, is_defect: bool) -> dict[str, Any]:
    response = getattr(getattr(error, "cause", error), "response", None) or {}
    code = response.get("Error", {}).get("Code", "")
    described: dict[str, Any] = {"error": type(error).__name__, "code": code}
    return described | ({"where": _places(error.__traceback__)} if is_defect else {})


def _places(traceback: TracebackType | None) -> list[str]:
    return [f"{frame.f_code.co_filename}:{line} {frame.f_code.co_name}" for frame, line in walk_tb(traceback)]


class Formatter(logging.Formatter):
    """Formats each log record as a line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Libraries' messages are left unformatted, because their arguments may contain user data."""
        if isinstance(record.msg, Line):
            return str(record.msg)
        is_own = record.name.partition(".")[0] in _OWN
        message = record.getMessage() if is_own else str(record.msg)
        line = {"request": _request_id.get(), "level": record.levelname, "logger": record.name, "message": message}
        error = record.exc_info[1] if record.exc_info else None
        return str(Line(line | (_described(error, is_defect=True) if error else {})))


def write_json(root: logging.Logger) -> None:
    """From now on, log lines of JSON only: CloudWatch finds embedded metrics only in lines that are JSON.

    This replaces Lambda's own handler, which prefixes each line with level, time and request.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Formatter())
    root.handlers[:] = [handler]
    logging.getLogger(logger.name).setLevel(logging.INFO)


# At import, so that it applies to what the rest of the import logs; and here, because the stream functions do not
# import the app.
if settings.in_lambda():
    write_json(logging.getLogger())
