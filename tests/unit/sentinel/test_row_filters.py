"""Filters of purge and Delete Data as KQL conditions."""

from typing import Any

import pytest

from vedette.core.errors import InvalidInput
from vedette.kql.types import ScalarType
from vedette.sentinel.row_filters import condition

COLUMNS = {
    "Name": ScalarType.string,
    "At": ScalarType.datetime,
    "Many": ScalarType.long,
    "Share": ScalarType.real,
    "On": ScalarType.bool,
    "Bag": ScalarType.dynamic,
    "Odd name": ScalarType.string,
}


@pytest.mark.parametrize(
    ("column", "operator", "value", "expected"),
    [
        ("Name", "==", 'a"b\\c', '["Name"] == "a\\"b\\\\c"'),
        ("Name", "=~", "a", '["Name"] =~ "a"'),
        ("Name", "in~", ["a", "b"], '["Name"] in~ ("a", "b")'),
        ("Odd name", "==", "a", '["Odd name"] == "a"'),
        ("At", ">", "2017-09-01T00:00:00", '["At"] > datetime(2017-09-01T00:00:00+00:00)'),
        (
            "At",
            "between",
            ["2017-09-01", "2017-09-02"],
            '["At"] between (datetime(2017-09-01T00:00:00+00:00) .. datetime(2017-09-02T00:00:00+00:00))',
        ),
        ("Many", ">=", "100", '["Many"] >= long(100)'),
        ("Many", "==", 2**53 + 1, '["Many"] == long(9007199254740993)'),
        ("Many", "==", "9007199254740993", '["Many"] == long(9007199254740993)'),
        ("Many", "==", 3.0, '["Many"] == long(3)'),
        ("Share", "<", 0.5, '["Share"] < real(0.5)'),
        ("On", "==", True, '["On"] == bool(true)'),
        ("Bag", "==", "x", 'tostring(["Bag"]) == "x"'),
    ],
)
def test_a_filter_means_what_it_would_in_a_query(column: str, operator: str, value: Any, expected: str) -> None:
    assert condition([{"column": column, "operator": operator, "value": value}], COLUMNS) == f"({expected})"


def test_filters_hold_together_and_a_key_is_a_property() -> None:
    filters = [
        {"column": "Bag", "key": "user", "operator": "in", "value": ["a"]},
        {"column": "Many", "operator": "==", "value": 1},
    ]
    assert condition(filters, COLUMNS) == '(tostring(["Bag"]["user"]) in ("a")) and (["Many"] == long(1))'


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        ([], "every row would be deleted"),
        (None, "every row would be deleted"),
        (["x"], "must be an object"),
        ([{"column": "Nothing", "operator": "==", "value": 1}], "no column 'Nothing'"),
        ([{"column": "Name", "operator": "contains", "value": "a"}], "'contains' is not supported"),
        ([{"column": "Many", "operator": "=~", "value": 1}], "for strings"),
        ([{"column": "Many", "operator": "==", "value": "many"}], "does not fit"),
        ([{"column": "Many", "operator": "==", "value": 1.5}], "does not fit"),
        ([{"column": "Many", "operator": "==", "value": float("nan")}], "does not fit"),
        ([{"column": "At", "operator": "<", "value": "yesterday"}], "does not fit"),
        ([{"column": "Name", "operator": "in", "value": []}], "list of 1 to"),
        ([{"column": "At", "operator": "between", "value": ["2017-09-01"]}], "list of 2 values"),
        ([{"column": "Name", "key": "k", "operator": "==", "value": "a"}], "'key' names a property"),
        ([{"column": "Name", "operator": "==", "value": {"a": 1}}], "does not fit"),
    ],
)
def test_what_is_no_filter(filters: Any, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        condition(filters, COLUMNS)
