"""The emulated cloud: MiniStack with all services that a deployment needs, and IAM enforced."""

import os
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from ops import engine
from ops.engine import Engine

SHIM = Path(__file__).parent / "shim"
_SERVICES = (
    "apigateway budgets cloudformation cloudfront cloudwatch dynamodb dynamodbstreams iam lambda logs monitoring s3 "
    "sns sqs ssm sts"
)


def running(checks: Path, *code: Path) -> AbstractContextManager[Engine]:
    """Run it during the block.

    Args:
        checks: the file to which it appends each permission check and its result.
        code: folders from which functions can import what is not in their packages.
    """
    program = engine._PROGRAMS["ministack"]

    def environment(port: int, folder: str) -> dict[str, str]:
        return program.environment(port, folder) | {
            "SERVICES": ",".join(_SERVICES.split()),
            "AUTH": "true",
            "PYTHONPATH": os.pathsep.join(map(str, [SHIM, *code])),
            "LAMBDA_EXECUTOR": "local",
            "E2E_CHECKS": str(checks),
        }

    engine._PROGRAMS["cloud"] = replace(program, environment=environment)
    return engine.running("cloud")
