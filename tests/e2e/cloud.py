"""The emulated cloud: MiniStack with all services that a deployment needs, and with IAM enforced."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ops import engine
from ops.engine import Engine

SHIM = Path(__file__).parent / "shim"
_SERVICES = (
    "apigateway cloudformation cloudfront cloudwatch dynamodb dynamodbstreams iam lambda logs monitoring s3 sns sqs sts"
)


@contextmanager
def running() -> Iterator[Engine]:
    """Run it for as long as the block."""
    program = engine._PROGRAMS["ministack"]

    def environment(port: int, folder: str) -> dict[str, str]:
        return program.environment(port, folder) | {
            "SERVICES": ",".join(_SERVICES.split()),
            "AUTH": "true",
            "PYTHONPATH": str(SHIM),
            "LAMBDA_STATE_TRANSITION_DELAY": "0",
            "LAMBDA_EXECUTOR": "local",
        }

    engine._PROGRAMS["cloud"] = replace(program, environment=environment)
    try:
        with engine.running("cloud") as started:
            yield started
    finally:
        del engine._PROGRAMS["cloud"]
