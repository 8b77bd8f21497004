"""What `.chalice/config.json` says of a stage, checked before anything is deployed.

A stage's environment variables are FSTREAM's settings, the same as anywhere else, and two that the functions never
see: the certificate of a domain of one's own, and who is told of alarms.
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
DERIVED = ("APP", "STAGE", "MESSAGES_STREAM", "RELATIONSHIPS_STREAM", "TRUSTED_PROXIES")
"""Settings that follow from the deployment itself."""
_CERTIFICATE = "FSTREAM_CERTIFICATE"
_ALARM_EMAIL = "FSTREAM_ALARM_EMAIL"
_RULES = {
    _CERTIFICATE: (
        r"arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[0-9a-f-]+",
        "the ARN of a certificate in us-east-1, where CloudFront looks for it",
    ),
    _ALARM_EMAIL: (r"[^\s@]+@[^\s@]+\.[^\s@]+", "an address such as ada@fstream.example"),
}
_LOG_DAYS = 30
_NAME = r"[a-z][a-z0-9]{0,15}"
"""Of a stage: it is part of the names of everything, of which a role's has but 64 characters."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A stage to be deployed."""

    app: str
    stage: str
    chalice: dict[str, Any]
    """The whole of Chalice's configuration."""
    settings: dict[str, str]
    """The environment variables that are FSTREAM's settings."""
    certificate: str = ""
    alarm_email: str = ""

    @property
    def prefix(self) -> str:
        """How the names of all that belongs to it begin."""
        return f"{self.app}-{self.stage}"

    @property
    def architecture(self) -> str:
        """Of the functions' processors."""
        return str(self.chalice["lambda_architecture"])

    @property
    def log_days(self) -> int:
        """For how many days logs are kept."""
        return int(self.chalice["stages"][self.stage].get("log_retention_in_days", _LOG_DAYS))

    @property
    def own_domain(self) -> str:
        """The host at which people reach it, if it is not CloudFront's own."""
        return self.settings.get("FSTREAM_BASE_URL", "").partition("://")[2]


def load(root: Path, stage: str) -> Deployment:
    """Read a stage's configuration.

    Raises:
        DeploymentError: there is no such stage, or no configuration that can be read.
        SettingsError: a setting is unknown, of the deployment's own or wrong.
    """
    chalice = _read(root / CONFIG)
    stages = chalice["stages"]
    if stage not in stages:
        raise DeploymentError(f"There is no stage {stage!r} in {CONFIG}, which has {', '.join(stages)}.")
    if not re.fullmatch(_NAME, stage):
        raise DeploymentError(
            f"The stage's name {stage!r} must be up to 16 letters a-z and digits, beginning with one."
        )
    settings = dict(stages[stage].get("environment_variables", {}))
    for variable, value in settings.items():
        if not isinstance(value, str):
            raise SettingsError(f'{variable} must be text in {CONFIG}, such as "{value}"')
    for variable, (pattern, description) in _RULES.items():
        if variable in settings and not re.fullmatch(pattern, settings[variable]):
            raise SettingsError(f"{variable} must be {description}")
    deployment = Deployment(
        app=chalice["app_name"],
        stage=stage,
        chalice=chalice,
        certificate=settings.pop(_CERTIFICATE, ""),
        alarm_email=settings.pop(_ALARM_EMAIL, ""),
        settings=settings,
    )
    _check(deployment)
    return deployment


def _read(file: Path) -> dict[str, Any]:
    try:
        chalice: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DeploymentError(f"There is no {CONFIG} here. Call this in the root of the checkout.") from None
    except ValueError as error:
        raise DeploymentError(f"{CONFIG} is no JSON: {error}.") from None
    return chalice


def _check(deployment: Deployment) -> None:
    known = {f"FSTREAM_{name.upper()}" for name in Settings.__struct_fields__}
    right = {"FSTREAM_APP": deployment.app, "FSTREAM_STAGE": deployment.stage}  # as `chalice deploy` alone needs it
    for variable, value in deployment.settings.items():
        if variable not in known:
            raise SettingsError(f"{variable} is no setting of FSTREAM; docs/operations.md has all of them")
        if variable.removeprefix("FSTREAM_") in DERIVED and right.get(variable) != value:
            raise SettingsError(f"{variable} is set by the deployment itself: take it out of {CONFIG}")
    _check_domain(deployment.settings, deployment.certificate)
    Settings.from_environment(deployment.settings)


def _check_domain(settings: Mapping[str, str], certificate: str) -> None:
    base_url = settings.get("FSTREAM_BASE_URL", "")
    if bool(base_url) != bool(certificate):
        raise SettingsError(f"FSTREAM_BASE_URL and {_CERTIFICATE} go together: a domain of one's own needs both")
    if base_url and not re.fullmatch(r"https://[a-z0-9.-]+", base_url):
        raise SettingsError("FSTREAM_BASE_URL must be an origin such as https://fstream.example, without a port")
