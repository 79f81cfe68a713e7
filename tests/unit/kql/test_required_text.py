"""The text that every match of a pattern holds: used to look for it first, so it must never be too much."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.kql.functions.regexes import required_text


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"-enc\s+[A-Za-z0-9+/]{20,}", "-enc"),
        (r"https?://([^/]+)/", "http"),
        (r"abc|def", ""),
        (r"(?i)abc", ""),
        (r"a+bc", "bc"),
        (r"ab?cd*", "a"),
        (r"[abc]def[^]x]ghij", "ghij"),
        (r"\.exe$", ".exe"),
        (r"(abc)?de", "de"),
        (r"ab{2}cde", "cde"),
    ],
)
def test_what_must_occur(pattern: str, expected: str) -> None:
    assert required_text(pattern) == expected


@given(st.text("ab.+*?[](){}^$\\d2,", max_size=10), st.text("ab.d2", max_size=12))
def test_a_match_always_holds_it(pattern: str, text: str) -> None:
    try:
        compiled = re.compile(pattern)
    except (re.error, FutureWarning):
        return
    if compiled.search(text):
        assert required_text(pattern) in text
