"""What transformations may say, where they are refused, and what they make of records."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.diagnostics import KqlError, line_and_column
from vedette.kql.types import ScalarType as T
from vedette.logs.stream_records import stream_table
from vedette.logs.transformation import compile_transformation, transform

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
COLUMNS: Mapping[str, T] = {"Time": T.datetime, "Text": T.string, "Number": T.long, "Bag": T.dynamic, "it's [x]": T.int}
CEF = (
    r"CEF:0|Ven\|dor|Product|1.0|100|Some name|5|src=10.0.0.1 msg=two words a\=b c:\\d "
    r'cs1Label=the "label" cs1=x\ny last=end'
)


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(None)
    yield engine
    engine.close()


def run(engine: DuckDBEngine, text: str, *records: dict[str, Any]) -> list[dict[str, Any]]:
    transformation = compile_transformation(text, COLUMNS, now=NOW)
    assert transformation is not None
    rows = transform(engine, transformation, stream_table(records, COLUMNS), {"now": NOW, "start": None, "end": None})
    assert rows.column_names == list(transformation.gives)
    return rows.to_pylist()


@pytest.mark.parametrize("text", ["source", "  source\n", ""])
def test_one_that_changes_nothing_is_none(text: str) -> None:
    assert compile_transformation(text, COLUMNS, now=NOW) is None


def test_records_are_filtered_and_shaped(engine: DuckDBEngine) -> None:
    text = """
        let threshold = 2;
        source
        | where Number >= threshold
        | parse Text with * 'user=' User ' ' *
        | extend Level = toint(Bag.level), It = ['it\\'s [x]']
        | project TimeGenerated = now(), User, Level, It, Bag
    """
    records = [
        {"Number": 1, "Text": "user=a "},
        {"Number": "3", "Text": "x user=bob y", "Bag": {"level": 7}, "it's [x]": 5},
    ]
    assert run(engine, text, *records) == [
        {"TimeGenerated": datetime(2024, 5, 1, 12), "User": "bob", "Level": 7, "It": 5, "Bag": '{"level":7}'}
    ]


def test_a_batch_of_none_gives_none(engine: DuckDBEngine) -> None:
    assert run(engine, "source | extend TimeGenerated = Time") == []


def test_functions_of_their_own(engine: DuckDBEngine) -> None:
    text = """
        source | extend cef = parse_cef_dictionary(Text), place = geo_location('10.0.0.1')
        | project Vendor = tostring(cef.DeviceVendor), Message = tostring(cef.Extension.msg),
            Label = tostring(cef.Extension.cs1Label), Lines = tostring(cef.Extension.cs1),
            Last = tostring(cef.Extension['last']), IsNull = isnull(cef), Name = tostring(cef.Name)
    """
    found = run(engine, text, {"Text": CEF}, {"Text": "no CEF"})
    assert found[0] == {
        "Vendor": "Ven|dor",
        "Message": r"two words a=b c:\d",
        "Label": 'the "label"',
        "Lines": "x\ny",
        "Last": "end",
        "IsNull": False,
        "Name": "Some name",
    }
    assert found[1]["IsNull"] is True


REFUSED = [
    ("source | summarize count() by Text", 10, "summarize"),
    ("source | take 5", 10, "take"),
    ("source | project-keep Text", 10, "project-keep"),
    ("source | mv-expand Bag", 10, "mv-expand"),
    ("source | join (source) on Text", 10, "join"),
    ("source | parse-where Text with 'x' y", 10, "parse-where"),
    ("source | where Text in~ ('a')", 21, "in~"),
    ("source | where Text has_any ('a')", 21, "has_any"),
    ("source | where Text hasprefix 'a'", 21, "hasprefix"),
    ("source | where Number between (1 .. 2)", 16, "between"),
    ("source | where Text in (source | project Text)", 21, "source"),
    ("source | extend x = coalesce(Text, 'a')", 21, "coalesce"),
    ("source | extend x = column_ifexists('Text', '')", 21, "columnifexists"),
    ("source | extend x = toscalar(source | count)", 21, "toscalar"),
    ("SecurityEvent | project Text", 1, "source"),
    ("workspace('other').SecurityEvent | project Text", 1, "workspace"),
    ("print x = 1", 1, "source"),
    ("datatable(a:int)[1]", 1, "source"),
    ("source; source", 9, "source"),
    ("set notruncation; source | extend a = 1", 1, "statement"),
    ("source | extend a = NoColumn", 21, "NoColumn"),
    ("source | project a b", 20, "b"),
    ("let f = (T: (x: string)) { T }; source | extend a = 1", 9, "tables"),
    ("source | parse Text with a 'x' b 'x' c 'x' d 'x' e 'x' f 'x' g 'x' h 'x' i 'x' j 'x' k", 10, "10"),
]


@pytest.mark.parametrize(("text", "column", "named"), REFUSED)
def test_refused_where_it_stands(text: str, column: int, named: str) -> None:
    with pytest.raises(KqlError) as refused:
        compile_transformation(text, COLUMNS, now=NOW)
    first = next(finding for finding in refused.value.diagnostics if finding.severity == "error")
    assert line_and_column(text, first.span.start) == (1, column)
    assert named in f"{first.message} {first.hint}"
