"""Reads a stage's configuration from `.chalice/config.json`, and checks it before anything is deployed.

A stage's environment variables are FSTREAM's settings, as in any other environment, plus some that the functions never
get: the certificate of a custom domain, the address that receives alarms, and the limits of what the stage may cost.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fstream_app.core.settings import Settings, SettingsError
from ops.deployment.errors import DeploymentError

CONFIG = Path(".chalice", "config.json")
DERIVED = (
    "APP",
    "STAGE",
    "MESSAGES_STREAM",
    "RELATIONSHIPS_STREAM",
    "REACTIONS_STREAM",
    "TRUSTED_PROXIES",
    "ORIGIN_SECRET",
    "REPORT_KEY",
    "CONNECTIONS",
    "LIVE_QUEUE",
)
"""Settings that the deployment itself determines."""
_CERTIFICATE = "FSTREAM_CERTIFICATE"
_ALARM_EMAIL = "FSTREAM_ALARM_EMAIL"
_BUDGET = "FSTREAM_BUDGET"
_THROTTLE = "FSTREAM_THROTTLE"
_RULES = {
    _CERTIFICATE: (
        r"arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[0-9a-f-]+",
        "the ARN of a certificate in us-east-1, where CloudFront looks for it",
    ),
    _ALARM_EMAIL: (r"[^\s@]+@[^\s@]+\.[^\s@]+", "an address such as ada@fstream.example"),
    _BUDGET: (r"[1-9][0-9]{0,8}", "dollars a month, 1 or more"),
    _THROTTLE: (r"[1-9][0-9]{0,5}", "requests a second, 1 to 999999"),
}
BUDGET, THROTTLE = "50", "500"
"""Defaults of the budget and of the requests per second."""
_LOG_DAYS = 30
_NAME = r"[a-z][a-z0-9]{0,15}"
"""Pattern of a stage's name. It is part of all resource names; a role's name is limited to 64 characters."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A stage to be deployed."""

    app: str
    stage: str
    chalice: dict[str, Any]
    """Chalice's complete configuration."""
    settings: dict[str, str]
    """The environment variables that are FSTREAM's settings."""
    certificate: str = ""
    alarm_email: str = ""
    budget: str = BUDGET
    """Dollars a month beyond which the alarm address is notified."""
    throttle: str = THROTTLE
    """Requests per second, on average, beyond which API Gateway rejects them."""

    @property
    def prefix(self) -> str:
        """Prefix of the names of all of the stage's resources."""
        return f"{self.app}-{self.stage}"

    @property
    def streaming(self) -> bool:
        """Whether the stage has live streaming."""
        return Settings.from_environment(self.settings).streaming

    @property
    def architecture(self) -> str:
        """Processor architecture of the functions, by Lambda's name."""
        return str(self.chalice["lambda_architecture"])

    @property
    def log_days(self) -> int:
        """Days for which logs are kept."""
        return int(self.chalice["stages"][self.stage].get("log_retention_in_days", _LOG_DAYS))

    @property
    def own_domain(self) -> str:
        """The instance's custom host; empty if it uses CloudFront's."""
        return self.settings.get("FSTREAM_BASE_URL", "").partition("://")[2]


def load(root: Path, stage: str) -> Deployment:
    """Read a stage's configuration.

    Raises:
        DeploymentError: the stage does not exist, or the configuration cannot be read.
        SettingsError: a setting is unknown, reserved for the deployment, or invalid.
    """
    chalice = _read(root / CONFIG)
    stages = chalice["stages"]
    if stage not in stages:
        raise DeploymentError(f"{CONFIG} has no stage {stage!r}. Choose one of {', '.join(stages)}, or add it there.")
    if not re.fullmatch(_NAME, stage):
        raise DeploymentError(
            f"Rename the stage {stage!r}: a name has up to 16 letters a-z and digits, and starts with a letter."
        )
    settings = dict(stages[stage].get("environment_variables", {}))
    for variable, value in settings.items():
        if not isinstance(value, str):
            raise SettingsError(f'{variable} must be a string in {CONFIG}, such as "{value}"')
    for variable, (pattern, description) in _RULES.items():
        if variable in settings and not re.fullmatch(pattern, settings[variable]):
            raise SettingsError(f"{variable} must be {description}")
    deployment = Deployment(
        app=chalice["app_name"],
        stage=stage,
        chalice=chalice,
        certificate=settings.pop(_CERTIFICATE, ""),
        alarm_email=settings.pop(_ALARM_EMAIL, ""),
        budget=settings.pop(_BUDGET, BUDGET),
        throttle=settings.pop(_THROTTLE, THROTTLE),
        settings=settings,
    )
    _check(deployment)
    return deployment


def _read(file: Path) -> dict[str, Any]:
    try:
        chalice: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DeploymentError(f"{CONFIG} was not found. Run this command in the root of the checkout.") from None
    except ValueError as error:
        raise DeploymentError(f"{CONFIG} is not valid JSON: {error}.") from None
    return chalice


def _check(deployment: Deployment) -> None:
    known = {f"FSTREAM_{name.upper()}" for name in Settings.__struct_fields__}
    right = {"FSTREAM_APP": deployment.app, "FSTREAM_STAGE": deployment.stage}  # needed by a plain `chalice deploy`
    for variable, value in deployment.settings.items():
        if variable not in known:
            raise SettingsError(f"{variable} is not a setting of FSTREAM; docs/operations.md lists all settings")
        if variable.removeprefix("FSTREAM_") in DERIVED and right.get(variable) != value:
            raise SettingsError(f"{variable} is set by the deployment: remove it from {CONFIG}")
    _check_domain(deployment.settings, deployment.certificate)
    Settings.from_environment(deployment.settings)


def _check_domain(settings: Mapping[str, str], certificate: str) -> None:
    base_url = settings.get("FSTREAM_BASE_URL", "")
    if bool(base_url) != bool(certificate):
        raise SettingsError(f"a custom domain needs both FSTREAM_BASE_URL and {_CERTIFICATE}: set both, or neither")
    if base_url and not re.fullmatch(r"https://[a-z0-9.-]+", base_url):
        raise SettingsError("FSTREAM_BASE_URL must be an origin such as https://fstream.example, without a port")
