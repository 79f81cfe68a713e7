"""Suffixes, conversions, well-known names and limits of Data Collector rows."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import InvalidInput
from vedette.kql.types import ScalarType
from vedette.logs.custom_log import TABLE_COLUMNS, VALUE_BYTES, generated_at, type_rows
from vedette.logs.values import arrow_table

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
CORPUS = Path(os.environ.get("VEDETTE_CORPUS", Path(__file__).parents[4] / "shared" / "corpus"))


def one(row: dict[str, Any], existing: dict[str, ScalarType] | None = None) -> dict[str, Any]:
    return type_rows([row], existing or {}).rows[0]


@pytest.mark.parametrize(
    ("value", "column", "stored"),
    [
        ("text", "p_s", "text"),
        ("", "p_s", ""),
        (True, "p_b", True),
        (7, "p_d", 7.0),
        (-0.5, "p_d", -0.5),
        (2**63, "p_d", float(2**63)),
        ("2024-01-01T00:00:00Z", "p_t", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01T01:00:00.1234567+01:00", "p_t", datetime(2024, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)),
        ("2020-01-31 23:59:58", "p_t", datetime(2020, 1, 31, 23, 59, 58, tzinfo=UTC)),
        ("2024-01-01T00:00", "p_t", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-13-01T00:00:00Z", "p_s", "2024-13-01T00:00:00Z"),
        ("0001-01-01T00:00:00+10:00", "p_s", "0001-01-01T00:00:00+10:00"),
        ("2024-01-01", "p_s", "2024-01-01"),
        ("2024-01-01T00:00:00 and more", "p_s", "2024-01-01T00:00:00 and more"),
        ("8145D822-13A7-44AD-859C-36F31A84F6DD", "p_g", "8145d822-13a7-44ad-859c-36f31a84f6dd"),
        ("8145d82213a744ad859c36f31a84f6dd", "p_g", "8145d822-13a7-44ad-859c-36f31a84f6dd"),
        ("{EB79061A-A566-4698-9119-3ED2807060E7}", "p_g", "eb79061a-a566-4698-9119-3ed2807060e7"),
        ("8145d822-13a7-44ad-859c36f31a84f6dd", "p_s", "8145d822-13a7-44ad-859c36f31a84f6dd"),
        ("{8145d822-13a7-44ad-859c-36f31a84f6dd", "p_s", "{8145d822-13a7-44ad-859c-36f31a84f6dd"),
        ({"a": [1, None]}, "p_s", '{"a":[1,null]}'),
        ([], "p_s", "[]"),
    ],
)
def test_a_first_value_decides_the_suffix(value: Any, column: str, stored: Any) -> None:
    assert one({"p": value}) == {column: stored}


def test_nulls_are_left_out() -> None:
    assert type_rows([{"p": None}, {}], {}).columns == {}


def test_the_documented_sequence_of_conversions() -> None:
    first = type_rows([{"number": 42.5, "boolean": True, "string": "text"}], {})
    assert first.columns == {
        "number_d": ScalarType.real,
        "boolean_b": ScalarType.bool,
        "string_s": ScalarType.string,
    }
    as_text = type_rows([{"number": "42.5", "boolean": "False", "string": "text"}], first.columns)
    assert as_text.columns == {}
    assert as_text.rows == [{"number_d": 42.5, "boolean_b": False, "string_s": "text"}]
    mixed = type_rows([{"number": 1, "boolean": 1, "string": 1}], first.columns)
    assert mixed.columns == {"boolean_d": ScalarType.real, "string_d": ScalarType.real}
    assert mixed.rows == [{"number_d": 1.0, "boolean_d": 1.0, "string_d": 1.0}]
    fresh = type_rows([{"number": "42.5", "boolean": "False", "string": "text"}], {})
    assert set(fresh.columns) == {"number_s", "boolean_s", "string_s"}


def test_dates_and_guids_become_the_text_that_a_column_already_holds() -> None:
    existing = {"when_s": ScalarType.string, "id_s": ScalarType.string}
    guid = "8145D822-13A7-44AD-859C-36F31A84F6DD"
    typed = type_rows([{"when": "2024-01-01T00:00:00Z", "id": guid}] * 2, existing)
    assert typed.columns == {}
    assert typed.rows == [{"when_s": "2024-01-01T00:00:00Z", "id_s": guid}] * 2


def test_what_is_no_date_gets_a_column_of_its_own() -> None:
    typed = type_rows([{"p": "2024-01-01T00:00:00Z"}, {"p": "never"}, {"p": 5}], {})
    assert typed.rows == [{"p_t": datetime(2024, 1, 1, tzinfo=UTC)}, {"p_s": "never"}, {"p_d": 5.0}]


def test_rows_of_one_post_are_typed_in_order() -> None:
    typed = type_rows([{"p": 1}, {"p": "2"}, {"p": "x"}, {"p": "3"}], {})
    assert typed.rows == [{"p_d": 1.0}, {"p_d": 2.0}, {"p_s": "x"}, {"p_s": "3"}]


@pytest.mark.parametrize("text", ["nan", "inf", "1_000", " 1", "0x10", "", "1e", "1e999", "١"])
def test_only_plain_decimal_text_becomes_a_number(text: str) -> None:
    assert one({"p": text}, {"p_d": ScalarType.real}) == {"p_s": text}


@pytest.mark.parametrize(
    ("row", "stored"),
    [
        ({"ipAddress": "10.0.0.1"}, {"IPAddress": "10.0.0.1"}),
        ({"computer": "c"}, {"Computer": "c"}),
        ({"Severity": 3}, {"Severity": 3}),
        ({"Severity": "High"}, {"Severity_s": "High"}),
        ({"Severity": 2.5}, {"Severity_d": 2.5}),
        ({"Severity": 2**40}, {"Severity_d": float(2**40)}),
        ({"Category": 5}, {"Category_d": 5.0}),
        ({"Message": "2024-01-01T00:00:00Z"}, {"Message": "2024-01-01T00:00:00Z"}),
        ({"ipAddress": "8145d82213a744ad859c36f31a84f6dd"}, {"ipAddress_g": "8145d822-13a7-44ad-859c-36f31a84f6dd"}),
        ({"CorrelationId": "8145d82213a744ad859c36f31a84f6dd"}, {"CorrelationId": "8145d82213a744ad859c36f31a84f6dd"}),
        ({"Type": "x"}, {"Type_s": "x"}),
        ({"Policy Identity": "x", "a-b": 1}, {"Policy_Identity_s": "x", "a_b_d": 1.0}),
        ({"é": "x"}, {"__s": "x"}),
    ],
)
def test_names(row: dict[str, Any], stored: dict[str, Any]) -> None:
    assert one(row) == stored


def test_severity_keeps_to_its_column_after_a_fraction() -> None:
    typed = type_rows([{"Severity": 1}, {"Severity": 1.5}, {"Severity": 2}], {})
    assert typed.rows == [{"Severity": 1}, {"Severity_d": 1.5}, {"Severity": 2}]


def test_a_well_known_column_of_another_type_is_respected() -> None:
    assert one({"Severity": "High"}, {"Severity": ScalarType.string}) == {"Severity": "High"}
    assert one({"Severity": 1.5}, {"Severity": ScalarType.real}) == {"Severity": 1.5}


@pytest.mark.parametrize("name", ["tenant", "TimeGenerated", "RawData"])
def test_reserved_names_are_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"'{name}' is reserved") as refusal:
        type_rows([{"ok": 1}, {name: "x"}], {})
    assert refusal.value.code == "InvalidDataFormat"


@pytest.mark.parametrize("rows", [[1], [[]], [None], ["x"], [{"": 1}], [{"n" * 501: 1}]])
def test_what_cannot_be_a_row_is_refused(rows: list[Any]) -> None:
    with pytest.raises(InvalidInput):
        type_rows(rows, {})


def test_deep_nesting_is_refused() -> None:
    value: Any = 1
    for _ in range(300):
        value = [value]
    with pytest.raises(InvalidInput, match="nested too deeply"):
        type_rows([{"p": value}], {})


@pytest.mark.parametrize("column", ["p", "Message"])
def test_long_values_are_cut_between_characters(column: str) -> None:
    (stored,) = one({column: "a" + "é" * 20_000}).values()
    assert len(stored.encode()) == VALUE_BYTES - 1
    assert set(stored[1:]) == {"é"}


def test_a_value_of_the_limit_is_kept() -> None:
    assert one({"p": "x" * VALUE_BYTES}) == {"p_s": "x" * VALUE_BYTES}


def test_properties_beyond_the_last_column_go_into_additional_fields() -> None:
    existing = {f"c{index}_s": ScalarType.string for index in range(TABLE_COLUMNS - 1)}
    typed = type_rows([{"first": 1, "second": 2, "third": "x", "c1": "y"}] * 2, existing)
    assert typed.columns == {"first_d": ScalarType.real, "AdditionalFields": ScalarType.dynamic}
    row = {"first_d": 1.0, "AdditionalFields": {"second_d": 2, "third_s": "x"}, "c1_s": "y"}
    assert typed.rows == [row, row]


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        ("2024-05-01T11:00:00Z", datetime(2024, 5, 1, 11, tzinfo=UTC)),
        ("2024-04-29T12:00:00Z", NOON - timedelta(days=2)),
        ("2024-04-29T11:59:59Z", NOON),
        ("2024-05-02T12:00:00Z", NOON + timedelta(days=1)),
        ("2024-05-02T12:00:01Z", NOON),
        ("yesterday", NOON),
        (1714561200, NOON),
        (None, NOON),
    ],
)
def test_only_a_believable_time_is_taken(value: Any, taken: datetime) -> None:
    assert generated_at({"when": value}, "when", NOON) == taken


def test_without_the_named_field_the_time_is_that_of_arrival() -> None:
    assert generated_at({"when": "2024-05-01T11:00:00Z"}, "other", NOON) == NOON
    assert generated_at({"when": "2024-05-01T11:00:00Z"}, None, NOON) == NOON


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.sampled_from(["true", "7", "2024-01-01T00:00:00Z", "8145d82213a744ad859c36f31a84f6dd"]),
    st.lists(st.integers(0, 9), max_size=2),
)
ROWS = st.lists(
    st.dictionaries(st.sampled_from(["p", "q", "Severity", "message", "CorrelationId"]), VALUES), max_size=8
)


@given(first=ROWS, second=ROWS)
def test_every_value_fits_the_column_it_is_given(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> None:
    before = type_rows(first, {})
    after = type_rows(second, before.columns)
    assert not before.columns.keys() & after.columns.keys()
    assert arrow_table(before.rows, before.columns).num_columns == len(before.columns)
    arrow_table(after.rows, before.columns | after.columns)
    for row, typed in zip(second, after.rows, strict=True):
        assert len(typed) == sum(value is not None for value in row.values())


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
def test_published_umbrella_events_get_the_columns_of_the_published_table() -> None:
    events = json.loads((CORPUS / "samples/Custom/Cisco_Umbrella_proxy_CL.json").read_text(encoding="utf-8-sig"))
    published = json.loads((CORPUS / "tables/table_schemas.json").read_text())["Cisco_Umbrella_proxy_CL"]
    typed = type_rows(events, {})
    assert len(typed.rows) == len(events)
    shared = published.keys() & typed.columns.keys()
    assert len(shared) >= 12
    assert {name: typed.columns[name].value for name in shared} == {name: published[name] for name in shared}
