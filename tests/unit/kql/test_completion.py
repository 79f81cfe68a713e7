"""What may be written at the cursor, which is shown as `▮`, and what the word there means."""

from datetime import UTC, datetime

import pytest
from tests.spec.kql.running import TablesInMemory

from vedette.kql.catalog import Column, Table
from vedette.kql.completion import complete
from vedette.kql.hover import hover
from vedette.kql.types import ScalarType

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
TABLES = TablesInMemory(
    [
        Table("Logons", (Column("Account", ScalarType.string, "a"), Column("Bytes", ScalarType.long, "b"))),
        Table("Devices", (Column("Device name", ScalarType.string, "d"),)),
    ]
)


def offered(text: str) -> list[tuple[str, str]]:
    offset = text.index("▮")
    return [(each.text, each.kind) for each in complete(text.replace("▮", ""), offset, TABLES, now=NOW)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Log▮", ("Logons", "table")),
        ("let x = 5; Log▮", ("Logons", "table")),
        ("let Few = Logons | take 5; Fe▮", ("Few", "variable")),
        ("let twice = (n:long) { n * 2 }; Logons | extend a = twi▮", ("twice", "function")),
        ("Logons | summ▮", ("summarize", "operator")),
        ("Logons | where Acc▮", ("Account", "column")),
        ("Logons | where strlen(Acc▮", ("Account", "column")),
        ("Logons | extend Accent = 1 | project Acce▮", ("Accent", "column")),
        ("Logons | summarize Total = sum(Bytes) by Account | where Tot▮", ("Total", "column")),
        ("Logons | summarize dc▮", ("dcount", "aggregate")),
        ("Logons | join kind=inner (Dev▮", ("Devices", "table")),
        ("Logons | join kind=inner (Devices | where Dev▮", ("['Device name']", "column")),
        ("Logons | where Account in (Dev▮", ("Devices", "table")),
        ("Logons | render time▮", ("timechart", "keyword")),
        ("Logons | nonsense nope | where strl▮", ("strlen", "function")),
    ],
)
def test_the_first_completion(text: str, first: tuple[str, str]) -> None:
    assert offered(text)[0] == first


def test_a_bar_is_followed_by_operators_only() -> None:
    assert {kind for _, kind in offered("Logons | ▮")} == {"operator"}


def test_nothing_is_offered_that_does_not_fit() -> None:
    assert offered("Logons | where Zzzz▮") == []


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("Log▮ons", "Logons: a table"),
        ("Logons | where Acc▮ount == 'x'", "Account: string"),
        ("Logons | extend Twice = Bytes * 2 | where Twi▮ce > 1", "Twice: long"),
        ("Logons | mv-exp▮and x", "T | mv-expand Name = Array to typeof(type), ..."),
        ("let few = 5; Logons | take fe▮w", "few"),
    ],
)
def test_what_a_word_means(text: str, heading: str) -> None:
    told = hover(text.replace("▮", ""), text.index("▮"), TABLES, now=NOW)
    assert told is not None
    assert told.heading == heading


def test_an_offset_anywhere_is_answered() -> None:
    body = "T | where a == x | join (U | where [' b'] in ('c')) on $left.a == $right.b"
    text = f"let f = (T:(*), x:long = 5) {{ {body} }};\nf(Logons)"
    for offset in range(len(text) + 1):
        complete(text, offset, TABLES, now=NOW)
        hover(text, offset, TABLES, now=NOW)
