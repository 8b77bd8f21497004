"""The instance's own URLs, as pasted by people and rewritten by clients."""

import re
from urllib.parse import unquote

from fstream_app.core import settings

_ADDRESS = re.compile(r"(?:(https?):)?(?://)?([^/?#\s]+)(/[^?#]*)(?:[?#].*)?", re.IGNORECASE | re.DOTALL)
_PORTS = {"http": ":80", "https": ":443"}


def own_path(address: str) -> tuple[str, ...] | None:
    """Return the decoded parts of the path of one of the instance's URLs, or None for any other text.

    Scheme and case of the host, a default port, slashes at the end, query and fragment make no difference.
    """
    match = _ADDRESS.fullmatch(address.strip())
    if match is None or not _is_own(match[2].lower(), (match[1] or "").lower()):
        return None
    return tuple(unquote(part) for part in match[3].split("/") if part)


def _is_own(host: str, scheme: str) -> bool:
    current = settings.get()
    own = current.host.lower().removesuffix(_PORTS[current.base_url.partition("://")[0]])
    return host.removesuffix(_PORTS.get(scheme, ":443")) == own
