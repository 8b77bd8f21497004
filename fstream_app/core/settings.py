"""The settings, read from the environment in this one place.

Every setting is a field of `Settings`; its environment variable is `FSTREAM_` and the field's name in capitals.
"""

import os
import re
from collections.abc import Callable, Mapping

import msgspec

from fstream_app.core import packing
from fstream_app.core.warm import remembered

DAY = 86_400


class SettingsError(ValueError):
    """A setting is wrong; the message names it and says what it takes."""


class Rate(msgspec.Struct, frozen=True):
    """How often something may be done: `count` times in each window of so many seconds."""

    count: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.count}/{self.seconds}"


Value = bool | int | float | str | Rate


class Settings(msgspec.Struct, frozen=True):
    """All that a deployment can set. Times are seconds."""

    app: str = "fstream"
    """First part of every table's name."""
    stage: str = "dev"
    """Second part of every table's name: tables are `<app>-<stage>-<table>`."""
    base_url: str = "http://127.0.0.1:8000"
    """The origin at which people reach this instance, as told in links."""
    title: str = "FSTREAM"
    """The instance's name, as people read it."""
    description: str = "A social network in which nothing stays."
    """What the instance says of itself."""
    contact_email: str = ""
    """Where people reach whoever runs this instance."""
    source_url: str = ""
    """Where the source code of this instance can be had."""
    registrations: bool = True
    """Whether people may sign up."""
    min_lifetime: int = 60
    """The shortest lifetime that a message can have."""
    max_lifetime: int = 7 * DAY
    """The longest lifetime that a message can have."""
    default_lifetime: int = DAY
    """Of messages, where neither the client nor the user says otherwise."""
    max_characters: int = 500
    """Of a message; a link counts 23, a mention its name."""
    rate_limits: bool = True
    """Whether there are any."""
    rate_requests: Rate = Rate(300, 300)
    """Of a user, or of an address from which nobody is logged in."""
    rate_posts: Rate = Rate(300, 10_800)
    """Of a user."""
    rate_deletes: Rate = Rate(30, 1800)
    """Of a user."""
    rate_reports: Rate = Rate(30, DAY)
    """Of a user."""
    rate_sign_ups: Rate = Rate(5, 1800)
    """From an address."""
    rate_log_ins: Rate = Rate(25, 300)
    """From an address, whether they succeed or not."""
    rate_wrong_passwords: Rate = Rate(10, 300)
    """For an account, whatever the addresses."""
    trusted_proxies: int = 0
    """How many proxies stand in front of API Gateway, each of which appends its caller to X-Forwarded-For: 0 for none,
    1 for CloudFront before a regional API, 2 for CloudFront before an edge-optimised one. Nobody must be able to go
    around them: who can chooses the address for which limits count.
    """
    settling_time: float = 1.5
    """How old others' messages are before timelines show them, so that their order no longer changes."""
    tail_entries: int = 2_000_000
    """How many recent entries a warm function remembers: a day of a million people, in some 200 MB."""
    tail_refresh: float = 0.5
    """How old the memory of the log may be before it is read again."""
    tail_overlap: float = 5.0
    """How far back each refresh reads again: clock skew and the replicas' lag."""
    log_shards: int = 1
    """Partitions of the log per hour. Raise it before 1,000 posts a second; never lower it."""
    public_shards: int = 1
    """Partitions of the public timeline. Raise it before 1,000 public posts a second; never lower it."""
    profile_cache: float = 60.0
    """How long a warm function remembers other people's profiles."""

    messages_stream: str = ""
    """ARN of the messages table's stream, once deployed."""
    relationships_stream: str = ""
    """ARN of the relationships table's stream, once deployed."""

    @property
    def host(self) -> str:
        """The instance's name: the host of `base_url`, with the port if there is one."""
        return self.base_url.split("://", 1)[1]

    def table_name(self, table: str) -> str:
        """Return the full name of a table."""
        return f"{self.app}-{self.stage}-{table}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings.

        Raises:
            SettingsError: a value is not of its type or out of its range.
        """
        values: dict[str, Value] = {}
        for name, default in zip(cls.__struct_fields__, cls.__struct_defaults__, strict=True):
            variable = f"FSTREAM_{name.upper()}"
            text = environment.get(variable)
            if text is not None:
                values[name] = _parse(variable, text, type(default))
        make: Callable[..., Settings] = cls  # `_parse` has seen to it that each value is of its field's type
        return _checked(make(**values))


_NAME = r"[A-Za-z0-9_-]{1,40}"
_ORIGIN = r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?"
_EMAIL = r"[^\s@]+@[^\s@]+\.[^\s@]+"

_RULES: dict[str, tuple[Callable[[Settings], bool], str]] = {
    "app": (lambda wanted: _matches(_NAME, wanted.app), "1 to 40 letters a-z, digits, _ and -"),
    "stage": (lambda wanted: _matches(_NAME, wanted.stage), "1 to 40 letters a-z, digits, _ and -"),
    "base_url": (
        lambda wanted: _matches(_ORIGIN, wanted.base_url),
        "an origin such as https://fstream.example, without a slash at its end",
    ),
    "title": (lambda wanted: wanted.title.strip() != "" and len(wanted.title) <= 60, "1 to 60 characters"),
    "description": (lambda wanted: len(wanted.description) <= 500, "at most 500 characters"),
    "contact_email": (
        lambda wanted: _matches(rf"|{_EMAIL}", wanted.contact_email),
        "an address such as ada@fstream.example, or nothing",
    ),
    "source_url": (
        lambda wanted: _matches(r"|https?://\S{1,250}", wanted.source_url),
        "an address such as https://git.example/fstream, or nothing",
    ),
    "min_lifetime": (lambda wanted: wanted.min_lifetime >= 1, "at least 1 second"),
    "default_lifetime": (
        lambda wanted: wanted.default_lifetime >= 1,
        "seconds between the shortest and the longest lifetime",
    ),
    "max_lifetime": (
        lambda wanted: 1 <= wanted.max_lifetime <= packing.MAX_LIFETIME,
        f"1 to {packing.MAX_LIFETIME} seconds",
    ),
    "max_characters": (lambda wanted: 1 <= wanted.max_characters <= 5000, "1 to 5000"),
    "settling_time": (lambda wanted: wanted.settling_time >= 0, "seconds, 0 or more"),
    "tail_entries": (lambda wanted: wanted.tail_entries >= 100, "at least 100"),
    "tail_refresh": (lambda wanted: wanted.tail_refresh >= 0, "seconds, 0 or more"),
    "tail_overlap": (lambda wanted: wanted.tail_overlap >= 0, "seconds, 0 or more"),
    "log_shards": (lambda wanted: 1 <= wanted.log_shards <= 64, "1 to 64"),
    "public_shards": (lambda wanted: 1 <= wanted.public_shards <= 64, "1 to 64"),
    "profile_cache": (lambda wanted: wanted.profile_cache >= 0, "seconds, 0 or more"),
    "trusted_proxies": (lambda wanted: 0 <= wanted.trusted_proxies <= 8, "0 to 8"),
}
"""By field: what its value must fulfil, and how an error message says so. All numbers are finite: `_parse`."""


def _checked(wanted: Settings) -> Settings:
    for name, (holds, description) in _RULES.items():
        if not holds(wanted):
            raise SettingsError(f"FSTREAM_{name.upper()} must be {description}")
    if not wanted.min_lifetime <= wanted.default_lifetime <= wanted.max_lifetime:
        raise SettingsError("FSTREAM_DEFAULT_LIFETIME must lie between FSTREAM_MIN_LIFETIME and FSTREAM_MAX_LIFETIME")
    return wanted


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text) is not None


_NUMBERS = {int: (r"-?\d{1,15}", "a whole number"), float: (r"-?\d{1,15}(\.\d{1,9})?", "a number")}
_SWITCH = {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}


def _parse(variable: str, text: str, kind: type) -> Value:
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
    """Tell whether this process is a function on Lambda, whose runtime names it in the environment."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


@remembered
def get() -> Settings:
    """Return this process's settings, read from the environment on first use.

    No module of `fstream_app` calls it at import: what is wrong with a setting is then said where it can be handled.

    Raises:
        SettingsError: a value is not of its type or out of its range.
    """
    return Settings.from_environment(os.environ)
