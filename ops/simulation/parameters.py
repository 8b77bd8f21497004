"""The parameters of a simulated network. Each one is a command-line option; the defaults are the base case."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Self

from fstream_app.core.settings import Settings

DAY, HOUR = 86_400.0, 3_600.0
BRIEF = HOUR / DAY
"""Lifetime of brief messages in days; the others live for one day."""
_SETTINGS = Settings()


def _option(default: Any, description: str) -> Any:  # noqa: ANN401  # as dataclasses.field
    return field(default=default, metadata={"help": description})


_RANGES: tuple[tuple[str, Callable[[float], bool], str], ...] = (
    ("users", lambda value: 2 <= value <= 1e10, "between 2 and 10,000,000,000"),
    ("registered", lambda value: 1 <= value <= 1e3, "between 1 and 1,000"),
    ("daily posters", lambda value: 0 < value <= 1, "above 0, at most 1"),
    ("exponent", lambda value: 2 < value <= 10, "above 2, at most 10"),
    ("followees posts poll_interval", lambda value: 0 < value <= 1e6, "above 0, at most 1,000,000"),
    ("reads", lambda value: 1 <= value <= 1e4, "between 1 and 10,000"),
    ("spread", lambda value: 0 <= value <= 5, "between 0 and 5"),
    ("brief scrolls swing", lambda value: 0 <= value < 1, "0 or more, below 1"),
    ("live traced compressed", lambda value: 0 <= value <= 1, "between 0 and 1"),
    ("dropped", lambda value: 0 <= value <= 0.9, "between 0 and 0.9"),
    ("limit", lambda value: 1 <= value <= 40, "between 1 and 40"),
    ("log_shards public_shards", lambda value: 1 <= value <= 64, "between 1 and 64"),
    ("tail_entries", lambda value: value >= 100, "at least 100"),
    (
        "most_followees stream_shards stream_batch sample",
        lambda value: value >= 1,
        "at least 1",
    ),
    (
        "stream_polls memory stream_memory round_trip idle_minutes function_hours",
        lambda value: 0 < value <= 1e5,
        "above 0, at most 100,000",
    ),
    (
        "tail_refresh tail_overlap settling_time profile_cache ttl_hours cold_start log_line response_head seed",
        lambda value: 0 <= value <= 1e9,
        "0 or more",
    ),
    ("lingers frames waits", lambda value: 0 <= value <= 1e5, "between 0 and 100,000"),
    (
        "roster_memory",
        lambda value: 0 <= value <= 10_000,
        "between 0 and 10,000",
    ),
)


@dataclass(frozen=True, slots=True)
class Parameters:
    """The network, its habits, FSTREAM's settings, and the properties of Lambda and the streams."""

    users: int = _option(1_000_000, "users who open the app on this day")
    registered: float = _option(5.0, "registered users for each daily user")
    daily: float = _option(0.52, "share of a week's users who come on a given day")
    exponent: float = _option(2.276, "exponent of the power laws of followers and followees")
    followees: float = _option(150.0, "mean number of followees")
    most_followees: int = _option(7_500, "maximum number of followees")
    posts: float = _option(1.0, "mean posts per user and day")
    posters: float = _option(0.4, "share of users who ever post")
    spread: float = _option(1.0, "sigma of the log-normal posting rates of users who post")
    brief: float = _option(0.1, "share of messages that live for an hour; the others live for a day")
    reads: float = _option(20.0, "mean home reads per user and day, if all clients poll")
    sessions: float = _option(4.0, "mean sessions per user and day; each begins with a full page, not with a poll")
    scrolls: float = _option(
        0.25, "share of the other reads that load older pages (max_id); the rest poll for new messages (since_id)"
    )
    poll_interval: float = _option(60.0, "mean seconds between two reads of a session")
    live: float = _option(
        0.0, "share of the clients' time that is live: their sessions keep a WebSocket open and do not poll"
    )
    lingers: float = _option(60.0, "seconds that a WebSocket stays open after the last read of its session")
    frames: float = _option(0.0, "frames that a client sends to subscribe; with 0, it subscribes in the address")
    waits: float = _option(0.3, "seconds that the function `live` waits until a batch has settled")
    limit: int = _option(20, "messages on a page")
    dropped: float = _option(0.1, "share of messages read but not shown, such as replies to strangers and deletions")
    swing: float = _option(0.8, "excess of the busiest hour over the mean, as a share of the mean")
    log_shards: int = _option(_SETTINGS.log_shards, "FSTREAM_LOG_SHARDS")
    public_shards: int = _option(_SETTINGS.public_shards, "FSTREAM_PUBLIC_SHARDS")
    tail_entries: int = _option(_SETTINGS.tail_entries, "FSTREAM_TAIL_ENTRIES")
    roster_memory: int = _option(_SETTINGS.roster_memory, "FSTREAM_ROSTER_MEMORY, MB")
    tail_refresh: float = _option(_SETTINGS.tail_refresh, "FSTREAM_TAIL_REFRESH, seconds")
    tail_overlap: float = _option(_SETTINGS.tail_overlap, "FSTREAM_TAIL_OVERLAP, seconds")
    settling_time: float = _option(_SETTINGS.settling_time, "FSTREAM_SETTLING_TIME, seconds")
    profile_cache: float = _option(_SETTINGS.profile_cache, "FSTREAM_PROFILE_CACHE, seconds")
    stream_shards: int = _option(
        4, "shards of the messages table's stream; needs at least one for each 1,000 posts per second"
    )
    stream_polls: float = _option(4.0, "polls of a stream shard by Lambda, per second")
    stream_batch: int = _option(100, "maximum number of records in a fan-out batch")
    ttl_hours: float = _option(24.0, "hours until TTL deletes expired items; AWS promises a few days")
    memory: int = _option(1_024, "memory of the API's function, in MB; 1,769 MB correspond to one CPU")
    stream_memory: int = _option(512, "memory of the stream functions, in MB")
    round_trip: float = _option(5.0, "milliseconds of a call to DynamoDB")
    idle_minutes: float = _option(10.0, "minutes after which Lambda ends an idle function")
    function_hours: float = _option(2.0, "hours after which Lambda ends a busy function")
    cold_start: float = _option(1.5, "seconds of a cold start, which are billed")
    log_line: float = _option(300.0, "bytes logged per request, with the 26 that CloudWatch adds to a line")
    traced: float = _option(0.0, "share of requests that are traced")
    compressed: float = _option(0.15, "size of compressed JSON, as a share of its size")
    response_head: float = _option(700.0, "bytes of a response without its body")
    sample: int = _option(1_000_000, "maximum number of readers to simulate; their costs are scaled up to all users")
    seed: int = _option(1, "seed of the random numbers")

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            ValueError: a parameter is out of range; the message names it and the range.
        """
        for names, holds, range_ in _RANGES:
            for name in names.split():
                if not holds(getattr(self, name)):
                    raise ValueError(f"--{name.replace('_', '-')} must be {range_}")
        if not 1 <= self.sessions <= self.reads:
            raise ValueError("--sessions must be at least 1 and at most the value of --reads")

    @classmethod
    def from_arguments(cls, arguments: Namespace) -> Self:
        """Return the parameters given on the command line.

        Raises:
            ValueError: a parameter is out of range.
        """
        return cls(**{each.name: getattr(arguments, each.name) for each in fields(cls)})

    @property
    def registered_users(self) -> float:
        """Number of registered users."""
        return self.registered * self.users

    @property
    def weekly_users(self) -> float:
        """Number of users who open the app within a week."""
        return self.users / self.daily

    @property
    def posts_a_day(self) -> float:
        """Posts per day by all users."""
        return self.posts * self.users

    @property
    def live_messages(self) -> float:
        """Messages by all users that are live at any time."""
        return self.posts_a_day * (1 - self.brief + self.brief * BRIEF)

    @property
    def later_reads(self) -> float:
        """Mean reads per user and day after the first of a session, if all clients poll."""
        return self.reads - self.sessions

    @property
    def reads_a_day(self) -> float:
        """Home reads per day by all users."""
        polls = self.later_reads * (1 - self.scrolls)
        return (self.reads - self.live * polls) * self.users

    @property
    def full_pages(self) -> float:
        """Share of home reads that begin a session."""
        return self.sessions * self.users / self.reads_a_day

    @property
    def scrolled(self) -> float:
        """Share of home reads that load older pages."""
        return self.later_reads * self.scrolls * self.users / self.reads_a_day

    @property
    def sockets_a_day(self) -> float:
        """WebSockets that are opened per day by all users: one per live session."""
        return self.live * self.sessions * self.users

    @property
    def socket_minutes(self) -> float:
        """Minutes per day during which WebSockets are open, added up over all users."""
        return self.live * self.users * (self.later_reads * self.poll_interval + self.sessions * self.lingers) / 60


def add_options(parser: ArgumentParser) -> None:
    """Add a command-line option for each parameter."""
    for each in fields(Parameters):
        option = f"--{each.name.replace('_', '-')}"
        description = f"{each.metadata['help']} (default: {each.default:,})"
        parser.add_argument(option, type=type(each.default), default=each.default, help=description, metavar="N")
