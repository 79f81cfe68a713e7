"""One pass finds several errors, and none that only follows from another."""

from datetime import UTC, datetime

import pytest
from tests.spec.kql.running import TablesInMemory

from vedette.kql.catalog import Column, Table
from vedette.kql.compile import compile_query
from vedette.kql.diagnostics import KqlError
from vedette.kql.types import ScalarType

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
TABLES = TablesInMemory(
    Table(name, (Column("a", ScalarType.long, "a"), Column("s", ScalarType.string, "s"))) for name in ("T", "U")
)


def errors(text: str) -> list[tuple[str, str]]:
    """Codes, and the texts that they point at."""
    with pytest.raises(KqlError) as caught:
        compile_query(text, TABLES, now=NOW)
    return [
        (finding.code, text[finding.span.start : finding.span.end])
        for finding in caught.value.diagnostics
        if finding.severity == "error"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "T | where x == 1 and foo(a) | extend b = y + strlen(1, 2)",
            [("SEM0100", "x"), ("SEM0260", "foo"), ("SEM0100", "y"), ("SEM0061", "strlen(1, 2)")],
        ),
        ("T | extend b = nope | where b > 1 | project b, c", [("SEM0100", "nope"), ("SEM0100", "c")]),
        ("T | project-away zz | summarize coun() by s", [("SEM0100", "zz"), ("SEM0260", "coun")]),
        ("T | join kind=inne U on a | where foo(a)", [("SEM0240", "inne"), ("SEM0260", "foo")]),
        ("T | join kind=inner (U | where q) on a | where r", [("SEM0100", "q"), ("SEM0100", "r")]),
        ("union T, (U | where q), V | where foo()", [("SEM0100", "q"), ("SEM0100", "V"), ("SEM0260", "foo")]),
    ],
)
def test_errors_of_several_steps(text: str, expected: list[tuple[str, str]]) -> None:
    assert errors(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("let A = Missing | where x > 1; A | where y == 2 | join kind=inner T on z", [("SEM0100", "Missing")]),
        ("Missing | summarize count() by x | where tolower(x) == 'a'", [("SEM0100", "Missing")]),
        ("let n = nope; T | where a == n | extend b = n.x, c = strlen(n)", [("SEM0100", "nope")]),
        ("T | parse s with nope: strin | where nope == 'x'", [("SYN0011", "strin")]),
    ],
)
def test_what_follows_from_an_error_is_none(text: str, expected: list[tuple[str, str]]) -> None:
    assert errors(text) == expected


def test_a_fuzzy_union_leaves_out_a_table_and_says_no_more() -> None:
    query = compile_query("union isfuzzy=true T, (Missing | where x == 1)", TABLES, now=NOW)
    assert [finding.code for finding in query.warnings] == ["WRN0001"]


def test_errors_are_counted_to_a_limit() -> None:
    assert len(errors("T | where " + " and ".join(f"x{number} == 1" for number in range(100)))) == 20
