"""The settings. No other deployed module reads the environment.

Every setting is a field of `Settings`; its environment variable is `FSTREAM_` and the field's name in capitals.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from fstream_app.core import packing

DAY = 86_400


class SettingsError(ValueError):
    """A setting has an invalid value; the message names the setting and its valid values."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate limit: at most `count` times per window of `seconds`."""

    count: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.count}/{self.seconds}"


def _at_least(lowest: float) -> Callable[[Any], bool]:
    return lambda value: bool(lowest <= value < float("inf"))


def _matches(pattern: str) -> Callable[[Any], bool]:
    return lambda value: re.fullmatch(pattern, value) is not None


_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "app": (_matches(r"[A-Za-z0-9_-]{1,40}"), "1 to 40 letters a-z, digits, _ and -"),
    "stage": (_matches(r"[A-Za-z0-9_-]{1,40}"), "1 to 40 letters a-z, digits, _ and -"),
    "base_url": (
        _matches(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?"),
        "an origin such as https://fstream.example, without a slash at its end",
    ),
    "title": (lambda value: value.strip() and len(value) <= 60, "1 to 60 characters"),
    "description": (lambda value: len(value) <= 500, "at most 500 characters"),
    "contact_email": (_matches(r"|[^\s@]+@[^\s@]+\.[^\s@]+"), "an address such as ada@fstream.example, or nothing"),
    "source_url": (_matches(r"|https?://\S{1,250}"), "an address such as https://git.example/fstream, or nothing"),
    "min_lifetime": (_at_least(1), "at least 1 second"),
    "default_lifetime": (_at_least(1), "seconds between the shortest and the longest lifetime"),
    "max_lifetime": (
        lambda value: 1 <= value <= packing.MAX_LIFETIME,
        f"1 to {packing.MAX_LIFETIME} seconds",
    ),
    "max_characters": (lambda value: 1 <= value <= 5000, "1 to 5000"),
    "settling_time": (_at_least(0), "seconds, 0 or more"),
    "tail_entries": (_at_least(100), "at least 100"),
    "tail_refresh": (_at_least(0), "seconds, 0 or more"),
    "tail_overlap": (_at_least(0), "seconds, 0 or more"),
    "log_shards": (lambda value: 1 <= value <= 64, "1 to 64"),
    "public_shards": (lambda value: 1 <= value <= 64, "1 to 64"),
    "profile_cache": (_at_least(0), "seconds, 0 or more"),
    "trusted_proxies": (lambda value: 0 <= value <= 8, "0 to 8"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a deployment. Times are in seconds."""

    app: str = "fstream"
    """First part of every table's name."""
    stage: str = "dev"
    """Second part of every table's name: tables are `<app>-<stage>-<table>`."""
    base_url: str = "http://127.0.0.1:8000"
    """The instance's public origin, used in links."""
    title: str = "FSTREAM"
    """The instance's display name."""
    description: str = "A social network in which nothing stays."
    """The instance's description, shown to people."""
    contact_email: str = ""
    """Email address of the people who run the instance."""
    source_url: str = ""
    """Address of the instance's source code."""
    registrations: bool = True
    """Whether people can sign up."""
    min_lifetime: int = 60
    """Shortest lifetime of a message."""
    max_lifetime: int = 7 * DAY
    """Longest lifetime of a message."""
    default_lifetime: int = DAY
    """Lifetime of messages for which neither the client nor the author's account sets one."""
    max_characters: int = 500
    """Limit per message. A link counts as 23 characters, a mention as its name."""
    rate_limits: bool = True
    """Whether rate limits are enforced."""
    rate_requests: Rate = Rate(300, 300)
    """Limit per user, or per client address for requests without a user."""
    rate_posts: Rate = Rate(300, 10_800)
    """Limit per user."""
    rate_deletes: Rate = Rate(30, 1800)
    """Limit per user."""
    rate_reports: Rate = Rate(30, DAY)
    """Limit per user."""
    rate_sign_ups: Rate = Rate(5, 1800)
    """Limit per client address."""
    rate_log_ins: Rate = Rate(25, 300)
    """Limit per client address, for successful and failed log-ins."""
    rate_wrong_passwords: Rate = Rate(10, 300)
    """Limit per account, across all client addresses."""
    trusted_proxies: int = 0
    """Number of proxies in front of API Gateway that append their caller to X-Forwarded-For: 0 without a proxy, 1 for
    CloudFront before a regional API, 2 for CloudFront before an edge-optimised one. Clients must not be able to bypass
    them: a client that reaches API Gateway directly can spoof the address that limits apply to.
    """
    settling_time: float = 1.5
    """Age at which timelines show other people's messages. By then their order no longer changes."""
    tail_entries: int = 2_000_000
    """Number of log entries that a warm function keeps in memory. The default covers a day of a million users, in about
    200 MB.
    """
    tail_refresh: float = 0.5
    """Age at which a warm function refreshes its memory of the log."""
    tail_overlap: float = 5.0
    """Period before the last refresh that each refresh reads again, to allow for clock skew and replica lag."""
    log_shards: int = 1
    """Number of partitions of the log per hour. Raise it before 1,000 posts per second; never lower it."""
    public_shards: int = 1
    """Number of partitions of the public timeline. Raise it before 1,000 public posts per second; never lower it."""
    profile_cache: float = 60.0
    """Time for which a warm function caches other people's profiles."""

    messages_stream: str = ""
    """ARN of the messages table's stream, when deployed."""
    relationships_stream: str = ""
    """ARN of the relationships table's stream, when deployed."""

    @property
    def host(self) -> str:
        """The host of `base_url`, with its port if it has one."""
        return self.base_url.split("://", 1)[1]

    def table_name(self, table: str) -> str:
        """Return the full name of a table."""
        return f"{self.app}-{self.stage}-{table}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings.

        Raises:
            SettingsError: a value has the wrong type or is out of range.
        """
        values: dict[str, Any] = {}
        for field in fields(cls):
            variable = f"FSTREAM_{field.name.upper()}"
            text = environment.get(variable)
            if text is None:
                continue
            values[field.name] = _parse(variable, text, type(field.default))
        settings = cls(**values)
        settings._validate()
        return settings

    def _validate(self) -> None:
        for name, (holds, description) in _RULES.items():
            if not holds(getattr(self, name)):
                raise SettingsError(f"FSTREAM_{name.upper()} must be {description}")
        if not self.min_lifetime <= self.default_lifetime <= self.max_lifetime:
            raise SettingsError(
                "FSTREAM_DEFAULT_LIFETIME must lie between FSTREAM_MIN_LIFETIME and FSTREAM_MAX_LIFETIME"
            )


_NUMBERS = {int: (r"-?\d{1,15}", "a whole number"), float: (r"-?\d{1,15}(\.\d{1,9})?", "a number")}
_SWITCH = {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}


def _parse(variable: str, text: str, kind: type) -> bool | int | float | str | Rate:
    if kind is Rate:
        return _parse_rate(variable, text)
    if kind is bool:
        if text.lower() not in _SWITCH:
            raise SettingsError(f"{variable} must be on or off")
        return _SWITCH[text.lower()]
    if kind is str:
        return text
    pattern, description = _NUMBERS[kind]
    if not re.fullmatch(pattern, text, re.ASCII):
        raise SettingsError(f"{variable} must be {description}")
    return int(text) if kind is int else float(text)


def _parse_rate(variable: str, text: str) -> Rate:
    match = re.fullmatch(r"([1-9]\d{0,8})/([1-9]\d{0,8})", text, re.ASCII)
    if match is None:
        raise SettingsError(f"{variable} must be a count and seconds, each at least 1, such as 300/300")
    return Rate(int(match[1]), int(match[2]))


def in_lambda() -> bool:
    """Return whether this process is a Lambda function: Lambda's runtime sets its name in the environment."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


@cache
def get() -> Settings:
    """Return this process's settings, read from the environment once.

    Raises:
        SettingsError: a value has the wrong type or is out of range.
    """
    return Settings.from_environment(os.environ)
