"""Forms of HTML pages: fields with hints and errors, the summary of errors, and the check of who submits a form."""

from collections.abc import Collection, Mapping
from string import Template
from types import MappingProxyType
from typing import NamedTuple

from chalice.app import Request, Response

from chalicelib.layout import Html, fill, joined, problem
from chalicelib.words import say
from fstream_app.access.authorization import Mistakes
from fstream_app.core import settings
from fstream_app.core.errors import DomainError, Forbidden, Invalid, TooManyRequests, Unauthenticated

_HIDDEN = Template('<input type="hidden" name="$name" value="$value">\n')
_FIELD = Template("""<label for="$name">$label
<span class="box$kind_of_box">$before<input id="$name" name="$name" type="$kind" value="$value" \
autocomplete="$autocomplete" autocapitalize="none" spellcheck="false"$state>$after</span></label>
$error$hint""")
_AROUND = Template('<span aria-hidden="true">$text</span>')
_HINT = Template('<p class="hint" id="$name-hint">$text</p>\n')
_ERROR = Template('<p class="error" id="$name-error">$text</p>\n')
_PROBLEMS = Template('<div class="problems" id="problems" role="alert"><ul>$problems</ul></div>')
_PROBLEM = Template("<li>$text</li>")
_LINKED = Template('<li><a href="#$name">$text</a></li>')
_SECRET = "password"  # noqa: S105


class Field(NamedTuple):
    """A field that a person fills in."""

    name: str
    label: str
    """The key of its label."""
    autocomplete: str
    """What a password manager fills in."""
    hint: str = ""
    """The key of what is below it, if anything."""
    kind: str = _SECRET
    """The input's type."""
    optional: bool = False
    values: Mapping[str, str | int] = MappingProxyType({})
    """What the hint names."""


NAME = Field("username", "field.username", "username", kind="text")
"""The field of a username, which is shown between `@` and `@host`."""


def hidden(values: Mapping[str, str]) -> Html:
    """Build fields that the form carries along."""
    return joined(fill(_HIDDEN, name=name, value=value) for name, value in values.items())


def fields(shown: Collection[Field], typed: Mapping[str, str], error: DomainError | None) -> Html:
    """Build fields with the values that were typed, and their errors.

    The first field with an error gets the focus, or else the first that is empty.
    """
    wrong = _wrong(error, shown) if error else {}
    empty = [field.name for field in shown if not typed.get(field.name) and not field.optional]
    first = next(iter(wrong), empty[0] if error and empty else next(iter(shown)).name)
    return joined(_field(each, typed.get(each.name, ""), wrong, is_first=each.name == first) for each in shown)


def _field(field: Field, value: str, wrong: Mapping[str, str], *, is_first: bool) -> Html:
    name, error, is_name = field.name, wrong.get(field.name), field.name == "username"
    described = [f"{name}-error"] if error else ["problems"] if name in wrong else []
    described += [f"{name}-hint"] if field.hint else []
    state = "" if field.optional else " required"
    state += ' aria-invalid="true"' if name in wrong else ""
    state += f' aria-describedby="{" ".join(described)}"' if described else ""
    state += " autofocus" if is_first else ""
    return fill(
        _FIELD,
        name=name,
        label=say(field.label),
        kind_of_box=(" handle-box" if is_name else "") + (" wrong" if name in wrong else ""),
        before=fill(_AROUND, text="@") if is_name else Html(),
        after=fill(_AROUND, text=f"@{settings.get().host}") if is_name else Html(),
        kind=field.kind,
        value=value,
        autocomplete=field.autocomplete,
        hint=fill(_HINT, name=name, text=say(field.hint, **field.values)) if field.hint else Html(),
        error=fill(_ERROR, name=name, text=problem(error)) if error else Html(),
        state=Html(state),
    )


def _wrong(error: DomainError, shown: Collection[Field]) -> dict[str, str]:
    """Return the invalid fields in the order of correction, each with its error; empty for an error of several."""
    names = [field.name for field in shown]
    if isinstance(error, Unauthenticated):  # which of them is not revealed
        secret = next(field.name for field in shown if field.autocomplete not in {"username", "new-password"})
        return {secret: "", "username": ""}
    return {
        each.field: str(each)
        for each in (error.each if isinstance(error, Mistakes) else [error])
        if isinstance(each, Invalid) and each.field in names
    }


def problems(error: DomainError | None, shown: Collection[Field]) -> Html:
    """Build the summary above the form: all errors, those of a field as links to it; nothing without an error."""
    if error is None:
        return Html()
    wrong = {name: text for name, text in _wrong(error, shown).items() if text}
    listed = [fill(_LINKED, name=name, text=problem(text)) for name, text in wrong.items()]
    return fill(_PROBLEMS, problems=joined(listed or [fill(_PROBLEM, text=_sentence(error))]))


def _sentence(error: DomainError) -> Html:
    seconds = error.retry_after if isinstance(error, TooManyRequests) else 0
    is_notice = isinstance(error, Forbidden)  # of a suspension
    return problem(str(error), seconds, is_own=not is_notice)


def check_sender(request: Request) -> None:
    """Refuse a form that another site has submitted: nobody has read or clicked anything here.

    Browsers set these headers, and pages cannot change them (Fetch Metadata Request Headers, W3C; Fetch, WHATWG). Old
    browsers send only the origin. It is `null` if a page hides it, as FSTREAM's own do.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "null")
    if site in {"cross-site", "same-site"} or (site is None and origin not in {"null", settings.get().base_url}):
        raise Forbidden("Another website submitted this form. Go back to the app and start again")


def redirect(address: str) -> Response:
    """Send the browser there with GET, so that it does not repeat the form, with its password (RFC 9700, 4.12)."""
    headers: dict[str, str | list[str]] = {
        "Location": address,
        "Content-Type": "text/plain; charset=utf-8",
        "Referrer-Policy": "no-referrer",
    }
    return Response("", headers, 303)
