"""Patterns: Unicode classes and capture groups."""

import pytest

from vedette.kql.functions.regexes import group_names, unicode_pattern


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"a\.b", r"a\.b"),
        (r"\d+", r"[\p{Nd}]+"),
        (r"[\d.]", r"[\p{Nd}.]"),
        (r"[^]\s]", r"[^]\s\p{Z}\x{85}]"),
        (r"\\d", r"\\d"),
        (r"\S", r"[^\s\p{Z}\x{85}]"),
        (r"[[:alpha:]\w]", r"[[:alpha:]\p{L}\p{M}\p{N}_]"),
        (r"\bx\b", r"\bx\b"),
    ],
)
def test_classes_are_those_of_unicode(pattern: str, expected: str) -> None:
    assert unicode_pattern(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"(a)(b)", [None, None]),
        (r"(?:a)\((b)", [None]),
        (r"(?P<x>a)(?<y>b)", ["x", "y"]),
        (r"[(](a)", [None]),
        (r"(?i)abc", []),
    ],
)
def test_groups_are_counted(pattern: str, expected: list[str | None]) -> None:
    assert group_names(pattern) == expected
