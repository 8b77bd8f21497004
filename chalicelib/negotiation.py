"""Weighted lists in the headers of requests: which of several things a client prefers (RFC 9110, section 12.4.2)."""

from collections.abc import Sequence

MOST = 1000
"""Characters of a header that are read."""


def weight(parameters: list[str]) -> float:
    """Return the weight among the parameters of an entry: 1 if it is missing or malformed."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 1.0
    return 1.0


def language(accepted: str, known: Sequence[str]) -> str:
    """Return the language that an Accept-Language header prefers, of those that there are; the first if it has none.

    A range such as `de-AT` includes the language `de` (Lookup, RFC 4647, section 3.4). Of languages with the same
    weight, the one that comes first in the header is preferred.

    Args:
        accepted: the header.
        known: codes of two letters.
    """
    found: dict[str, tuple[float, int]] = {}
    for place, part in enumerate(accepted[:MOST].lower().split(",")):
        name, *parameters = [piece.strip() for piece in part.split(";")]
        code = name.partition("-")[0]
        found[code] = max(found.get(code, (0.0, 0)), (weight(parameters), -place))
    ranks = {code: found.get(code, found.get("*", (0.0, 0))) for code in known}
    best = max(known, key=lambda code: ranks[code])
    return best if ranks[best][0] > 0 else known[0]
