"""The instance's rules: parsed from a setting, with ids that stay with their texts."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fstream_app.core import rules
from fstream_app.core.rules import Rule
from fstream_app.core.settings import Settings, SettingsError

LINES = st.lists(
    st.from_regex(r"[A-Za-z\u00e4\u2603 ]*[a-z]", fullmatch=True),
    unique_by=lambda line: " ".join(line.split()),
    max_size=9,
)


def test_a_rule_is_a_line_with_an_explanation_if_it_needs_one() -> None:
    assert rules.parse("\n Be  kind. \n\n\tNo spam | Not | ever\r\n") == (
        Rule("Be kind."),
        Rule("No spam", "Not | ever"),
    )
    assert rules.parse("") == rules.parse(" \n") == ()


@given(LINES, st.randoms(use_true_random=False))
def test_a_rule_keeps_its_id_wherever_it_is(lines: list[str], order: random.Random) -> None:
    before = {rule.text: rule.id for rule in rules.parse("\n".join(lines))}
    order.shuffle(lines)
    after = {rule.text: rule.id for rule in rules.parse("\n\n".join(f" {line} | because" for line in lines[1:]))}
    assert after.items() <= before.items()
    assert len(set(before.values())) == len(before)
    assert all(each.isdigit() and int(each) < 2**53 for each in before.values())


@pytest.mark.parametrize(
    ("text", "is_taken"),
    [
        ("x" * rules.MAX_TEXT + " | " + "y" * rules.MAX_HINT, True),
        ("x" * (rules.MAX_TEXT + 1), False),
        ("x | " + "y" * (rules.MAX_HINT + 1), False),
        ("\n".join(map(str, range(rules.MAX_RULES))), True),
        ("\n".join(map(str, range(rules.MAX_RULES + 1))), False),
        ("\n".join(f"{each}{chr(0x2603) * 99}" for each in range(7)), False),  # more than 2,000 bytes
        ("Be kind\nBe  kind | again", False),
        (" | only an explanation", False),
        ("a\x1b[2J", False),
        ("a\u202eb", False),
        ("", True),
    ],
)
def test_rules_that_nobody_could_read_stop_the_start(text: str, is_taken: bool) -> None:
    environment = {"FSTREAM_RULES": text}
    if is_taken:
        assert Settings.from_environment(environment).rules == text
    else:
        with pytest.raises(SettingsError, match=r"^FSTREAM_RULES must be at most 20 different rules"):
            Settings.from_environment(environment)
