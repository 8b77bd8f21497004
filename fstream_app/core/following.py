"""What a user has chosen for a follow, and for a conversation that does not notify the user. Times are milliseconds."""

from typing import NamedTuple

import msgspec


class FollowOptions(msgspec.Struct, frozen=True):
    """The options of a follow, or of a request to follow."""

    notifies_from: int | None = None
    """The follower is notified of messages posted from this time on; None: of none."""
    shows_boosts: bool = True
    languages: tuple[str, ...] = ()
    """Home shows only messages in these languages (tags of BCP 47), and those without a language; empty: all."""

    def admits(self, language: str | None) -> bool:
        """Return whether home shows messages in a language.

        A language includes its variants: `pt` includes `pt-BR`, but not the reverse (RFC 4647, section 3.3.1).
        """
        if language is None or not self.languages:
            return True
        return any(language == each or language.startswith(f"{each}-") for each in self.languages)

    def changed(self, change: "FollowChange", now: int) -> "FollowOptions":
        """Return the options after a change. Notifications that are on already stay on from the same time."""
        since = self.notifies_from
        if change.notify is not None:
            since = (now if since is None else since) if change.notify else None
        return FollowOptions(
            since,
            self.shows_boosts if change.reblogs is None else change.reblogs,
            self.languages if change.languages is None else change.languages,
        )

    def of_follow(self, now: int) -> "FollowOptions":
        """Return the options of a request as those of the follow that it becomes: notifications begin with it."""
        return msgspec.structs.replace(self, notifies_from=now) if self.notifies_from is not None else self


PLAIN = FollowOptions()
"""The options of a follow for which nothing was chosen."""


class FollowChange(msgspec.Struct, frozen=True):
    """A change of a follow's options. None keeps an option."""

    notify: bool | None = None
    reblogs: bool | None = None
    languages: tuple[str, ...] | None = None


UNCHANGED = FollowChange()


class Still(NamedTuple):
    """A conversation that a user has muted, or unmuted since."""

    since: int
    until: int | None
    """When it was unmuted; None: it is muted."""
    expires_at: int
    """Seconds."""

    def covers(self, time: int) -> bool:
        """Return whether what happened in the conversation at a time (ms) does not notify the user."""
        return self.since <= time and (self.until is None or time < self.until)
