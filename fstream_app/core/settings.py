"""The settings. No other deployed module reads the environment.

Every setting is a field of `Settings`. Its environment variable is `FSTREAM_` plus the field's name in upper case.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

import msgspec

from fstream_app.core import packing, rules, sealing
from fstream_app.core.warm import remembered

DAY = 86_400


class SettingsError(ValueError):
    """A setting has an invalid value; the message names the setting and its valid values."""


class Rate(msgspec.Struct, frozen=True):
    """A rate limit: at most `count` times per window of `seconds`."""

    count: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.count}/{self.seconds}"


Value = bool | int | float | str | Rate


class Settings(msgspec.Struct, frozen=True):
    """The settings of a deployment. Times are in seconds."""

    app: str = "fstream"
    """First part of every table's name."""
    stage: str = "dev"
    """Second part of every table's name: tables are `<app>-<stage>-<table>`."""
    base_url: str = "http://127.0.0.1:8000"
    """The instance's public origin, used in links. If not set, a local server uses each request's loopback host."""
    title: str = "FSTREAM"
    """The instance's display name."""
    description: str = "A social network in which nothing stays."
    """The instance's description, shown to people."""
    language: str = "en"
    """The instance's language, a tag such as `en` or `pt-BR`. It applies to messages for which neither the client nor
    the author's account sets one.
    """
    rules: str = ""
    """The instance's rules, one per line. What follows a vertical bar in a line explains the rule. Reports name rules.
    """
    contact_email: str = ""
    """Email address of the people who run the instance."""
    contact_account: str = ""
    """Name of the operator's account, shown in the instance's description."""
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
    """Limit per message, in grapheme clusters. A link counts as 23 characters, a mention as its name."""
    report_evidence: bool = True
    """Whether a report keeps a copy of the reported messages, sealed for the moderators, until it is resolved, and for
    14 days at most.
    """
    report_key: str = ""
    """Public key with which these copies are sealed. Without a key, reports keep no copies."""
    rate_limits: bool = True
    """Whether rate limits are enforced."""
    rate_requests: Rate = Rate(300, 300)
    """Limit per user, or per client address for requests without a user."""
    rate_public: Rate = Rate(1000, 300)
    """Limit per client address for what is the same for everybody: pictures, documents, unknown paths."""
    rate_posts: Rate = Rate(300, 10_800)
    """Limit per user."""
    rate_posts_burst: Rate = Rate(30, 60)
    """Limit per user for bursts, in addition to the limit above and counted with it."""
    rate_deletes: Rate = Rate(30, 1800)
    """Limit per user."""
    rate_reports: Rate = Rate(30, DAY)
    """Limit per user."""
    rate_exports: Rate = Rate(100, 3600)
    """Limit of pages per user. A page has up to 1,000 entries."""
    rate_sign_ups: Rate = Rate(5, 1800)
    """Limit per client address."""
    rate_log_ins: Rate = Rate(25, 300)
    """Limit per client address, for successful and failed log-ins."""
    rate_wrong_passwords: Rate = Rate(100, DAY)
    """Limit per account, for all addresses together from which nobody has logged in to it in the last 30 days."""
    rate_connects: Rate = Rate(150, 300)
    """Limit of WebSockets per user, or per client address without a valid token."""
    rate_frames: Rate = Rate(120, 60)
    """Limit of what a client sends on one WebSocket. Beyond it, the WebSocket is closed."""
    rate_subscriptions: Rate = Rate(300, 300)
    """Limit per user, for all WebSockets together."""
    trusted_proxies: int = 0
    """Number of proxies in front of API Gateway that append their caller to X-Forwarded-For: 0 without a proxy, 1 for
    CloudFront before a regional API, 2 for CloudFront before an edge-optimised one. Clients must not be able to bypass
    them: a client that reaches API Gateway directly can spoof the address that limits apply to.
    """
    origin_secret: str = ""
    """Secret that CloudFront adds to requests. Requests to the HTTP API without it are rejected. Without a secret, all
    are accepted if `FSTREAM_TRUSTED_PROXIES` is 0, and none otherwise.
    """
    settling_time: float = 1.5
    """Age at which timelines show other people's messages, if delivery is on time: their order no longer changes."""
    settling_bound: float = 30.0
    """Age at which timelines show other people's messages however late delivery is. A polling client can miss a message
    that is delivered even later.
    """
    tail_entries: int = 2_000_000
    """Number of log entries that a warm function keeps in memory. The default covers a day of a million users, in about
    200 MB, and at most 50 MB more for hashtags.
    """
    roster_memory: int = 160
    """Memory (MB) in which a warm function keeps who posted what no longer fits into its memory of the log, so that
    pages read fewer heads. It takes 1.6 MB per million messages; 0 turns this off.
    """
    tail_refresh: float = 0.5
    """Age at which a warm function refreshes its memory of the log."""
    tail_overlap: float = 5.0
    """Period before the last refresh that each refresh reads again, to allow for clock skew and replica lag."""
    log_shards: int = 1
    """Number of partitions of the log per hour. Raise it before 1,000 posts per second; never lower it."""
    public_shards: int = 1
    """Number of partitions of the public timeline. Raise it before 1,000 public posts per second; never lower it."""
    profile_cache: float = 7200.0
    """Time for which a warm function caches people's profiles. It hears of changes from the log, but not of counts."""
    strict_pages: bool = True
    """Whether pages read messages and lists of people strongly consistently. If off, these reads cost half as much, and
    a page may show a message for some milliseconds after its deletion was confirmed.
    """
    max_follows: int = 7500
    """Number of accounts that a user can follow. Each costs every read of the user's home timeline a little more."""

    database_timeout: float = 2.0
    """Time that DynamoDB may take for a response before the call is repeated, twice at most. It may take half of that
    to accept a connection.
    """
    request_time: float = 9.0
    """Time after which a request makes no more database calls and responds with 503. A stream function has all the time
    that its Lambda timeout leaves it.
    """

    streaming: bool = True
    """Whether clients can receive messages and notifications live, over a WebSocket."""
    connections: str = ""
    """Address at which API Gateway takes what is sent to WebSockets. Without it there are no WebSockets."""
    online_shards: int = 1
    """Number of partitions of the list of open WebSockets. Raise it before 300 of them open per second; never lower
    it.
    """
    live_queue: str = ""
    """URL of the queue through which the functions that deliver messages reach the function that sends them to
    WebSockets. Without it nothing is sent.
    """
    live_followers: int = 100_000
    """Number of an author's followers among whom a message looks for open WebSockets."""
    live_topic: int = 1000
    """Number of WebSockets that can subscribe to the public timeline, and to each hashtag."""
    live_rate: int = 500
    """Number of events per second that one function sends. All functions share API Gateway's limit with requests."""

    messages_stream: str = ""
    """ARN of the messages table's stream, when deployed."""
    relationships_stream: str = ""
    """ARN of the relationships table's stream, when deployed."""
    reactions_stream: str = ""
    """ARN of the reactions table's stream, when deployed."""

    @property
    def host(self) -> str:
        """The host of `base_url`, with its port if it has one."""
        return self.base_url.split("://", 1)[1]

    @property
    def has_sockets(self) -> bool:
        """Whether clients can open WebSockets."""
        return self.streaming and self.connections != ""

    @property
    def keeps_reported(self) -> bool:
        """Whether reports keep sealed copies of the reported messages."""
        return self.report_evidence and self.report_key != ""

    @property
    def prefix(self) -> str:
        """Prefix of the names of all resources."""
        return f"{self.app}-{self.stage}"

    def table_name(self, table: str) -> str:
        """Return the full name of a table."""
        return f"{self.prefix}-{table}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings.

        Raises:
            SettingsError: a value has the wrong type or is out of range.
        """
        values: dict[str, Value] = {}
        for name, default in zip(cls.__struct_fields__, cls.__struct_defaults__, strict=True):
            variable = f"FSTREAM_{name.upper()}"
            text = environment.get(variable)
            if text is not None:
                values[name] = _parse(variable, text, type(default))
        make: Callable[..., Settings] = cls  # `_parse` has checked each value's type
        return _checked(make(**values))


_NAME = r"[A-Za-z0-9_-]{1,40}"
_ORIGIN = r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?"
_ADDRESS = rf"{_ORIGIN}(/[A-Za-z0-9._/@-]*)?"
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
    "language": (
        lambda wanted: _matches(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}", wanted.language),
        "a language tag such as en or pt-BR",
    ),
    "rules": (
        lambda wanted: rules.are_valid(wanted.rules),
        rules.LIMITS,
    ),
    "report_key": (
        lambda wanted: _matches(f"|{sealing.KEY_PATTERN}", wanted.report_key),
        "64 hexadecimal digits, or nothing",
    ),
    "contact_email": (
        lambda wanted: _matches(rf"|{_EMAIL}", wanted.contact_email),
        "an address such as ada@fstream.example, or nothing",
    ),
    "contact_account": (
        lambda wanted: _matches(r"[A-Za-z0-9_]{0,30}", wanted.contact_account),
        "the name of an account, such as ada, or nothing",
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
    "settling_bound": (
        lambda wanted: wanted.settling_bound >= wanted.settling_time,
        "seconds, at least the settling time",
    ),
    "tail_entries": (lambda wanted: wanted.tail_entries >= 100, "at least 100"),
    "roster_memory": (lambda wanted: 0 <= wanted.roster_memory <= 10_000, "0 to 10000 MB"),
    "tail_refresh": (lambda wanted: wanted.tail_refresh >= 0, "seconds, 0 or more"),
    "tail_overlap": (lambda wanted: wanted.tail_overlap >= 0, "seconds, 0 or more"),
    "log_shards": (lambda wanted: 1 <= wanted.log_shards <= 64, "1 to 64"),
    "public_shards": (lambda wanted: 1 <= wanted.public_shards <= 64, "1 to 64"),
    "profile_cache": (lambda wanted: wanted.profile_cache >= 0, "seconds, 0 or more"),
    "origin_secret": (
        lambda wanted: _matches("|[A-Za-z0-9]{32,128}", wanted.origin_secret),
        "32 to 128 letters and digits, or nothing",
    ),
    "database_timeout": (lambda wanted: 0 < wanted.database_timeout <= 20, "more than 0, at most 20 seconds"),
    "request_time": (lambda wanted: 0 < wanted.request_time <= 25, "more than 0, at most 25 seconds"),
    "connections": (
        lambda wanted: _matches(f"|{_ADDRESS}", wanted.connections),
        "an address such as https://api.example/prod, or nothing",
    ),
    "online_shards": (lambda wanted: 1 <= wanted.online_shards <= 64, "1 to 64"),
    "live_queue": (
        lambda wanted: _matches(f"|{_ADDRESS}", wanted.live_queue),
        "an address such as https://sqs.example/123/live, or nothing",
    ),
    "live_followers": (lambda wanted: wanted.live_followers >= 0, "0 or more"),
    "live_topic": (lambda wanted: 0 <= wanted.live_topic <= 100_000, "0 to 100000"),
    "live_rate": (lambda wanted: 1 <= wanted.live_rate <= 10_000, "1 to 10000"),
    "max_follows": (lambda wanted: wanted.max_follows >= 1, "at least 1"),
    "trusted_proxies": (lambda wanted: 0 <= wanted.trusted_proxies <= 8, "0 to 8"),
}
"""Field → its rule, and the rule's description in error messages. `_parse` accepts finite numbers only."""


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


_LOOPBACK = re.compile(
    r"(localhost|([a-z0-9-]{1,63}\.){1,5}localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?",
    re.ASCII | re.IGNORECASE,
)
_local: ContextVar[Settings | None] = ContextVar("local", default=None)
"""The settings of a local server's request, if they differ from the process's."""


def in_lambda() -> bool:
    """Return whether this process is a Lambda function, for which the runtime sets AWS_LAMBDA_FUNCTION_NAME."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


def get() -> Settings:
    """Return this process's settings, read from the environment on first use.

    No module of `fstream_app` calls it at import, so that an invalid setting raises where it can be handled.

    Raises:
        SettingsError: a value has the wrong type or is out of range.
    """
    return _local.get() or process()


@remembered
def process() -> Settings:
    """Return the settings without the changes of `addressed`.

    Raises:
        SettingsError: a value has the wrong type or is out of range.
    """
    return Settings.from_environment(os.environ)


@contextmanager
def addressed(host: str | None) -> Iterator[None]:
    """Use the loopback host that a request was sent to as `base_url`, if none was set and this is not Lambda.

    Other hosts change nothing: a client can send any Host header.
    """
    if not host or not _LOOPBACK.fullmatch(host) or not _follows_host():
        yield
        return
    token = _local.set(msgspec.structs.replace(process(), base_url=f"http://{host.lower()}"))
    try:
        yield
    finally:
        _local.reset(token)


@remembered
def _follows_host() -> bool:
    return not in_lambda() and "FSTREAM_BASE_URL" not in os.environ
