"""The rules of values, as types whose schemas `/openapi.json` shows.

Each is made of the constant or pattern that the code checks; nothing is checked here. No rule excludes a value that the
API accepts: where JSON Schema can't express what the code checks, it has the nearest wider limit. A text's limit in
grapheme clusters is therefore described by its limit in bytes. White space that the code removes counts.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Any

from msgspec import Meta

from fstream_app.access import authorization, oauth, sessions
from fstream_app.core import ids, settings, tagging
from fstream_app.core.polls import MAX_OPTION, MAX_OPTIONS
from fstream_app.messages import polls, posting
from fstream_app.people import names, users
from fstream_app.text import limits, tokens

REQUIRED = "x-required"
"""Marks a field that must be sent although its type has a default, which only makes the error message better."""


def rule(**keywords: object) -> Meta:
    """Return an annotation with keywords of JSON Schema."""
    return Meta(extra_json_schema=keywords)


def text(most: int, **keywords: object) -> Meta:
    """Return the annotation of a text with at most so many grapheme clusters: see `limits.check`."""
    return rule(maxLength=limits.BYTES_A_CHARACTER * most, **keywords)


_OF_SETTINGS: Mapping[str, Callable[[], int]] = MappingProxyType(
    {
        "$text": lambda: limits.BYTES_A_CHARACTER * settings.get().max_characters,
        "$shortest": lambda: settings.get().min_lifetime,
        "$longest": lambda: settings.get().max_lifetime,
        "$shortest poll": lambda: polls.durations().shortest,
        "$longest poll": lambda: polls.durations().longest,
    }
)
"""Values that depend on the settings, by the names that stand for them in rules: types are made at import."""


def resolved(schema: Any) -> Any:  # noqa: ANN401  # any part of a schema
    """Return a schema with the values that depend on the settings."""
    if isinstance(schema, Mapping):
        return {name: resolved(value) for name, value in schema.items()}
    if isinstance(schema, list):
        return [resolved(each) for each in schema]
    return _OF_SETTINGS[schema]() if isinstance(schema, str) and schema in _OF_SETTINGS else schema


def _excluded() -> str:
    """Return the ASCII characters that no hashtag has, as ranges of a pattern."""
    spans: list[list[int]] = []
    for code in (code for code in range(128) if chr(code) not in tokens.ASCII_WORD):
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return "".join(rf"\u{first:04x}-\u{last:04x}" for first, last in spans)


def _scopes() -> str:
    ignored, granted = oauth.NOT_GRANTED_PATTERN, "|".join(sorted(oauth.SCOPES))
    return rf"^\s*$|^\s*({ignored}\s+)*({granted})(\s+({granted}|{ignored}))*\s*$"


_USER = f"[{ids.ALPHABET}]{{{ids.USER_ID_LENGTH}}}"
_TAG = _excluded()
_URI = oauth.URI_PATTERN

UserId = Annotated[str, rule(pattern=f"^{_USER}$")]
MessageId = Annotated[str, rule(pattern=f"^[0-7][{ids.ALPHABET}]{{{ids.MESSAGE_ID_LENGTH - 1}}}$")]
"""The id of a message, or of anything with the same layout, such as a notification."""
ConversationId = Annotated[str, rule(pattern=f"^[0-7][{ids.ALPHABET}]{{{ids.CONVERSATION_ID_LENGTH - 1}}}$")]
MessageIdOrNone = Annotated[str, rule(pattern=f"^([0-7][{ids.ALPHABET}]{{{ids.MESSAGE_ID_LENGTH - 1}}})?$")]
Name = Annotated[str, rule(pattern=f"^{names.PATTERN.lower()}$")]
"""A user's name as it is stored."""
NewName = Annotated[str, rule(pattern=f"^{names.PATTERN}$")]
Hashtag = Annotated[str, rule(pattern=f"^[^{_TAG}]*[^{_TAG}0-9_][^{_TAG}]*$", maxLength=tokens.MAX_TAG_LENGTH)]
TagId = Annotated[str, rule(pattern=f"^[{ids.ALPHABET}]{{{tagging.ID_LENGTH}}}$")]
Password = Annotated[str, rule(format="password", minLength=users.MIN_PASSWORD, maxLength=users.MAX_PASSWORD)]
Time = Annotated[str, rule(format="date-time")]
Date = Annotated[str, rule(format="date")]
Url = Annotated[str, rule(format="uri")]
Number = Annotated[int, rule(minimum=0)]
Figure = Annotated[str, rule(pattern="^[0-9]+$")]
"""A whole number as a string."""
Limit = Annotated[int, rule(minimum=1)]
SessionId = Annotated[int, rule(minimum=0, maximum=sessions.MAX_ID)]

Scope = Annotated[str, rule(enum=sorted(oauth.SCOPES))]
Scopes = Annotated[str, rule(pattern=_scopes())]
"""Scopes separated by white space, at least one of them granted; or nothing, for the default."""
RedirectUri = Annotated[str, rule(pattern=f"^{_URI}$", maxLength=oauth.MAX_URI)]
RedirectUris = Annotated[str, rule(pattern=rf"^\s*{_URI}(\s+{_URI})*\s*$", **{REQUIRED: True})]
"""Redirect URIs separated by white space."""
Website = Annotated[str, rule(pattern=f"^({oauth.WEBSITE_PATTERN})?$", maxLength=oauth.MAX_URI)]
ClientId = Annotated[str, rule(minLength=1, maxLength=oauth.MAX_ID)]
Verifier = Annotated[str, rule(pattern=f"^({authorization.VERIFIER_PATTERN})?$")]

MessageText = Annotated[str, rule(maxLength="$text")]
Lifetime = Annotated[int, rule(minimum="$shortest", maximum="$longest")]
LifetimeOrNone = Annotated[int, rule(anyOf=[{"const": 0}, {"minimum": "$shortest", "maximum": "$longest"}])]
PollOption = Annotated[str, text(MAX_OPTION)]
PollOptions = Annotated[tuple[PollOption, ...], rule(maxItems=MAX_OPTIONS)]
PollDuration = Annotated[int, rule(minimum="$shortest poll", maximum="$longest poll")]
IdempotencyKey = Annotated[str, rule(maxLength=posting.MAX_IDEMPOTENCY_KEY)]
