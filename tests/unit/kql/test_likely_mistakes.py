"""What runs and is probably not meant."""

import pytest
from tests.spec.kql.running import TablesInMemory

from vedette.kql.catalog import Column, Table
from vedette.kql.likely_mistakes import likely_mistakes
from vedette.kql.types import ScalarType

_COLUMNS = (Column("TimeGenerated", ScalarType.datetime, "t"), Column("a", ScalarType.long, "a"))
TABLES = TablesInMemory([Table("T", _COLUMNS), Table("Dimension", _COLUMNS[1:])])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("T | where a == 1", [("WRN0004", "T")]),
        ("T | where TimeGenerated > ago(1d) | join (T | where a > 1) on a", [("WRN0004", "T")]),
        ("T | summarize max(TimeGenerated) by a | where max_TimeGenerated > ago(1h)", [("WRN0004", "T")]),
        ("T | where ingestion_time() > ago(5m)", []),
        ("T | take 10", []),
        ("Dimension | where a == 1", []),
        ("let T = datatable(a:long)[1]; T | where a == 1", []),
        ("Dimension | sort by a asc", [("WRN0005", "sort by a asc")]),
        ("Dimension | sort by a asc | where a > 1 | take 5", []),
        ("Dimension | summarize count() by a | sort by count_", []),
        (
            "Dimension | extend x = parsejson('1') | summarize makeset(a)",
            [("WRN0003", "parsejson"), ("WRN0003", "makeset")],
        ),
        ("let parsejson = (x:string) { x }; Dimension | extend x = parsejson('1')", []),
    ],
)
def test_warnings(text: str, expected: list[tuple[str, str]]) -> None:
    found = likely_mistakes(text, TABLES)
    assert [(each.code, text[each.span.start : each.span.end]) for each in found] == expected
    assert all(each.severity == "warning" and each.hint for each in found)


def test_a_caller_that_confines_the_time_is_not_warned_of_it() -> None:
    assert likely_mistakes("T | where a == 1", TABLES, has_timespan=True) == ()
