"""The instance's rules, as the operator writes them: one per line, with an explanation after `|` if one is needed.

A rule's id is a hash of its text. Rules can therefore be added, removed and reordered without a rule getting another
one's id. A rule whose text is changed is another rule.
"""

from hashlib import sha256

import msgspec

MAX_RULES = 20
MAX_TEXT, MAX_HINT = 300, 500
MAX_BYTES = 2000
"""Limit of all rules together. Lambda allows 4 KB for all settings of a function."""


LIMITS = (
    f"at most {MAX_RULES} different rules of 1 to {MAX_TEXT} characters, one per line, each with an explanation of at "
    f"most {MAX_HINT} characters after a vertical bar if it needs one, and {MAX_BYTES} bytes in total"
)


class Rule(msgspec.Struct, frozen=True):
    """A rule of the instance."""

    text: str
    hint: str = ""
    """An explanation."""

    @property
    def id(self) -> str:
        """Its id: at most 13 digits, which every JSON parser can also read as a number."""
        return str(int.from_bytes(sha256(self.text.encode()).digest()[:5], "big"))


def parse(lines: str) -> tuple[Rule, ...]:
    """Parse rules; empty lines are skipped."""
    parts = [line.partition("|") for line in lines.splitlines() if line.strip()]
    return tuple(Rule(" ".join(text.split()), " ".join(hint.split())) for text, _, hint in parts)


def are_valid(lines: str) -> bool:
    """Return whether rules are within the limits, none is empty, all differ, and nothing in them is invisible."""
    found = parse(lines)
    return (
        len(found) <= MAX_RULES
        and len(lines.encode()) <= MAX_BYTES
        and len({rule.id for rule in found}) == len(found)
        and all(
            1 <= len(rule.text) <= MAX_TEXT and len(rule.hint) <= MAX_HINT and (rule.text + rule.hint).isprintable()
            for rule in found
        )
    )
