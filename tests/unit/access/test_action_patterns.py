"""A star stands for any run of characters, and no other character for anything but itself."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.access.action_patterns import matches_any


@pytest.mark.parametrize(
    ("pattern", "action", "holds"),
    [
        ("*", "Microsoft.X/y/read", True),
        ("*/read", "Microsoft.X/y/z/read", True),
        ("*/read", "Microsoft.X/y/readers", False),
        ("A.B/c/*", "a.b/C/d/e", True),
        ("A.B/c/*", "aXb/c/d", False),
        ("A.B/c/*", "A.B/c", False),
        ("A/*/read", "A/read", True),
        ("A/*/read", "Ab/read", False),
        ("A/*/read", "A/bread", False),
        ("A/b*/read", "A/read", False),
        ("A/*/read", "A/b/c/read", True),
        ("ab*ba", "aba", False),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "acb", False),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_what_a_pattern_covers(pattern: str, action: str, holds: bool) -> None:
    assert matches_any([pattern], action) is holds


@given(st.text("ab*/", max_size=10), st.text("ab/", max_size=14))
def test_it_is_what_a_regular_expression_would_say(pattern: str, action: str) -> None:
    pieces = [".*".join(map(re.escape, each.split("*"))) for each in pattern.split("/*/")]
    expected = re.fullmatch("/(.*/)?".join(pieces), action) is not None
    assert matches_any([pattern], action) is expected


def test_no_pattern_takes_long() -> None:
    began = time.perf_counter()
    assert not matches_any(["*a" * 500 + "b"], "a" * 4000)
    assert time.perf_counter() - began < 0.5
