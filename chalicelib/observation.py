"""What is logged: a line of JSON for each request, for each batch of a stream, and for whatever else is told.

A line has figures and names of FSTREAM's own, never a text, a path, an address, or the id of a user or message. The
domain's figures are in it in CloudWatch's embedded metric format, which is little enough to write: to import the logger
and the metrics of AWS Lambda Powertools takes 37 to 74 ms of every cold start.

Only in Lambda is anything of that written; elsewhere whoever runs FSTREAM decides what logs show.
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
"""Of a metric in one line: the format takes no more, and a batch has no more records."""
_OWN = ("chalicelib", "fstream_app")

logger = logging.getLogger(__name__)

_request_id: ContextVar[str] = ContextVar("request_id", default="")


@remembered
def _colds() -> Iterator[bool]:
    # True once, for the first request or batch of the process: that one is cold.
    return iter([True])


class Line:
    """A line of the log, as a message for `logging`: what it is made of becomes JSON where somebody reads it."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields

    def __str__(self) -> str:
        return msgspec.json.encode(self._fields).decode()


def observe(request: Request | None, get_response: Callable[[Request | None], Response]) -> Response:
    """Log a request: HTTP middleware, to be registered before any other."""
    route = f"{request.method} {request.context['resourcePath']}" if request else ""
    with _logged(getattr(request, "lambda_context", None), {"route": route, "status": 500}) as line:
        response = get_response(request)
        line["status"] = response.status_code
    return response


@contextmanager
def batch(function: str, context: object, records: int) -> Iterator[dict[str, Any]]:
    """Log the batch that a stream function handles in the block, which sets how many records have `failed`."""
    with _logged(context, {"function": function, "records": records, "failed": records}) as line:
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
    """Return the figures in the embedded metric format ("Specification: Embedded metric format", CloudWatch)."""
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
    """Log an error by its type, the database's code for it, and of a defect the places in the code that it came by.

    Not by its message, which may hold what somebody wrote.
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
    """Makes a line of JSON of whatever is logged."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Of what others log it has the wording alone: what they put in may be anybody's."""
        if isinstance(record.msg, Line):
            return str(record.msg)
        is_own = record.name.partition(".")[0] in _OWN
        message = record.getMessage() if is_own else str(record.msg)
        line = {"request": _request_id.get(), "level": record.levelname, "logger": record.name, "message": message}
        error = record.exc_info[1] if record.exc_info else None
        return str(Line(line | (_described(error, is_defect=True) if error else {})))


def write_json(root: logging.Logger) -> None:
    """Write lines of JSON from here on, and nothing else: embedded metrics are not found in lines that begin otherwise.

    Lambda's own handler puts level, time and request before what it writes, so it is replaced.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Formatter())
    root.handlers[:] = [handler]
    logging.getLogger(logger.name).setLevel(logging.INFO)


# Done at import, so that it holds for what the rest of the import logs, and here, because the stream functions do not
# import the app.
if settings.in_lambda():
    write_json(logging.getLogger())
