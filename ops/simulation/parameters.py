"""What a network is like. Every parameter is an option of the command line; the defaults are the base case."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Self

from fstream_app.core.settings import Settings

DAY, HOUR = 86_400.0, 3_600.0
BRIEF = HOUR / DAY
"""Days that brief messages live; the others live one."""
_SETTINGS = Settings()


def _option(default: Any, description: str) -> Any:  # noqa: ANN401  # as dataclasses.field
    return field(default=default, metadata={"help": description})


_RANGES: tuple[tuple[str, Callable[[float], bool], str], ...] = (
    ("users", lambda value: 2 <= value <= 1e10, "2 to 10,000,000,000"),
    ("registered", lambda value: 1 <= value <= 1e3, "1 to 1,000"),
    ("daily posters", lambda value: 0 < value <= 1, "above 0, at most 1"),
    ("exponent", lambda value: 2 < value <= 10, "above 2, at most 10"),
    ("followees posts poll_interval", lambda value: 0 < value <= 1e6, "above 0, at most 1,000,000"),
    ("reads", lambda value: 1 <= value <= 1e4, "1 to 10,000"),
    ("spread", lambda value: 0 <= value <= 5, "0 to 5"),
    ("brief scrolls swing", lambda value: 0 <= value < 1, "0 or more, below 1"),
    ("dropped", lambda value: 0 <= value <= 0.9, "0 to 0.9"),
    ("limit", lambda value: 1 <= value <= 40, "1 to 40"),
    ("log_shards public_shards", lambda value: 1 <= value <= 64, "1 to 64"),
    ("tail_entries", lambda value: value >= 100, "at least 100"),
    (
        "most_followees stream_shards stream_batch sample",
        lambda value: value >= 1,
        "at least 1",
    ),
    (
        "stream_polls memory round_trip idle_minutes function_hours",
        lambda value: 0 < value <= 1e5,
        "above 0, at most 100,000",
    ),
    (
        "tail_refresh tail_overlap settling_time profile_cache ttl_hours cold_start log_line seed",
        lambda value: 0 <= value <= 1e9,
        "0 or more",
    ),
)


@dataclass(frozen=True, slots=True)
class Parameters:
    """The network, its habits, FSTREAM's settings, and what Lambda and the streams are like."""

    users: int = _option(1_000_000, "who open the app on this day")
    registered: float = _option(5.0, "registered users for each of them")
    daily: float = _option(0.52, "share of a week's users who come on a given day")
    exponent: float = _option(2.276, "of the power laws of followers and of followees")
    followees: float = _option(150.0, "mean followees of a user")
    most_followees: int = _option(7_500, "that a user can have")
    posts: float = _option(1.0, "mean posts a day of a user")
    posters: float = _option(0.4, "share of the users who ever post")
    spread: float = _option(1.0, "sigma of the log-normal posting rates of those who post")
    brief: float = _option(0.1, "share of messages with a lifetime of an hour; the others have a day")
    reads: float = _option(20.0, "mean home reads a day of a user")
    sessions: float = _option(4.0, "mean sessions a day; each begins with a full page, not with a poll")
    scrolls: float = _option(
        0.25, "share of the other reads that go further down, by max_id; the rest polls by since_id"
    )
    poll_interval: float = _option(60.0, "mean seconds between two reads of a session")
    limit: int = _option(20, "messages on a page")
    dropped: float = _option(0.1, "share of messages read and not shown: answers to strangers, deletions")
    swing: float = _option(0.8, "by how much the busiest hour lies above the mean")
    log_shards: int = _option(_SETTINGS.log_shards, "FSTREAM_LOG_SHARDS")
    public_shards: int = _option(_SETTINGS.public_shards, "FSTREAM_PUBLIC_SHARDS")
    tail_entries: int = _option(_SETTINGS.tail_entries, "FSTREAM_TAIL_ENTRIES")
    tail_refresh: float = _option(_SETTINGS.tail_refresh, "FSTREAM_TAIL_REFRESH, seconds")
    tail_overlap: float = _option(_SETTINGS.tail_overlap, "FSTREAM_TAIL_OVERLAP, seconds")
    settling_time: float = _option(_SETTINGS.settling_time, "FSTREAM_SETTLING_TIME, seconds")
    profile_cache: float = _option(_SETTINGS.profile_cache, "FSTREAM_PROFILE_CACHE, seconds")
    stream_shards: int = _option(4, "shards of the messages table's stream; at least one for 1,000 posts a second")
    stream_polls: float = _option(4.0, "how often a second Lambda polls a shard")
    stream_batch: int = _option(100, "records of a fan-out batch at most")
    ttl_hours: float = _option(24.0, "after which TTL has deleted what has expired; AWS says a few days at most")
    memory: int = _option(512, "of a function, MB; 1,769 MB are one CPU")
    round_trip: float = _option(5.0, "of a call to DynamoDB, milliseconds")
    idle_minutes: float = _option(10.0, "after which an idle function is ended")
    function_hours: float = _option(2.0, "after which a busy function is ended")
    cold_start: float = _option(1.5, "of a function, seconds; they are billed")
    log_line: float = _option(1_000.0, "bytes logged of a request")
    sample: int = _option(1_000_000, "readers simulated at most; their costs are scaled up")
    seed: int = _option(1, "of the random numbers")

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            ValueError: a parameter is out of its range; the message names it.
        """
        for names, holds, range_ in _RANGES:
            for name in names.split():
                if not holds(getattr(self, name)):
                    raise ValueError(f"--{name.replace('_', '-')} must be {range_}")
        if not 1 <= self.sessions <= self.reads:
            raise ValueError("--sessions must be 1 to --reads")

    @classmethod
    def from_arguments(cls, arguments: Namespace) -> Self:
        """Take the parameters from the command line.

        Raises:
            ValueError: a parameter is out of its range.
        """
        return cls(**{each.name: getattr(arguments, each.name) for each in fields(cls)})

    @property
    def registered_users(self) -> float:
        """How many there are."""
        return self.registered * self.users

    @property
    def weekly_users(self) -> float:
        """Who come within a week."""
        return self.users / self.daily

    @property
    def posts_a_day(self) -> float:
        """Of all users."""
        return self.posts * self.users

    @property
    def live_messages(self) -> float:
        """At any time, of all users."""
        return self.posts_a_day * (1 - self.brief + self.brief * BRIEF)

    @property
    def reads_a_day(self) -> float:
        """Of all users."""
        return self.reads * self.users

    @property
    def full_pages(self) -> float:
        """Share of the reads that begin a session."""
        return self.sessions / self.reads

    @property
    def scrolled(self) -> float:
        """Share of the reads that go further down."""
        return (1 - self.full_pages) * self.scrolls


def add_options(parser: ArgumentParser) -> None:
    """Let the command line take every parameter."""
    for each in fields(Parameters):
        option = f"--{each.name.replace('_', '-')}"
        description = f"{each.metadata['help']} (default {each.default:,})"
        parser.add_argument(option, type=type(each.default), default=each.default, help=description, metavar="N")
