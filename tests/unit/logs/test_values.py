"""Values and types: what fits, what is refused, and by which name."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from vedette.core.errors import InvalidInput
from vedette.kql.types import ScalarType
from vedette.logs.values import arrow_table, check_name

GUID = "6a3f2a52-6a1e-4a63-9a3b-9e0c4b8f7d11"
DEEP: Any = []
for _ in range(100_000):
    DEEP = [DEEP]


def stored(type: ScalarType, value: Any) -> Any:
    return arrow_table([{"x": value}, {"x": None}], {"x": type})["x"].to_pylist()[0]


@pytest.mark.parametrize(
    ("type", "value", "expected"),
    [
        (ScalarType.bool, True, True),
        (ScalarType.int, -(2**31), -(2**31)),
        (ScalarType.long, 2**63 - 1, 2**63 - 1),
        (ScalarType.real, 1, 1.0),
        (ScalarType.real, float("inf"), float("inf")),
        (ScalarType.real, 2**60 + 1, float(2**60)),
        (ScalarType.decimal, Decimal("1.5"), Decimal("1.50000000000000000")),
        (ScalarType.decimal, 7, Decimal(7)),
        (ScalarType.string, "zażółć\0🛡", "zażółć\0🛡"),
        (ScalarType.datetime, datetime(2024, 1, 1, 12, tzinfo=UTC), datetime(2024, 1, 1, 12)),
        (ScalarType.datetime, datetime(2024, 1, 1, 12), datetime(2024, 1, 1, 12)),
        (ScalarType.datetime, datetime(2024, 1, 1, 12, tzinfo=timezone(timedelta(hours=2))), datetime(2024, 1, 1, 10)),
        (ScalarType.datetime, "2024-01-01T12:00:00.1234567Z", datetime(2024, 1, 1, 12, 0, 0, 123456)),
        (ScalarType.timespan, -5, -5),
        (ScalarType.timespan, timedelta(seconds=1), 10_000_000),
        (ScalarType.guid, UUID(GUID), GUID),
        (ScalarType.guid, "{6A3F2A526A1E4A639A3B9E0C4B8F7D11}", GUID),
        (ScalarType.dynamic, {"b": [1, None, "é"]}, '{"b":[1,null,"é"]}'),
        (ScalarType.dynamic, "text", '"text"'),
        (ScalarType.dynamic, 2**80, str(2**80)),
        (ScalarType.dynamic, None, None),
    ],
)
def test_a_value_that_fits(type: ScalarType, value: Any, expected: Any) -> None:
    assert stored(type, value) == expected


def test_not_a_number_is_a_real() -> None:
    assert str(stored(ScalarType.real, float("nan"))) == "nan"


@pytest.mark.parametrize(
    ("type", "value"),
    [
        (ScalarType.bool, 1),
        (ScalarType.bool, "true"),
        (ScalarType.int, 2**31),
        (ScalarType.int, True),
        (ScalarType.int, 1.0),
        (ScalarType.long, 2**63),
        (ScalarType.long, "1"),
        (ScalarType.real, "1.5"),
        (ScalarType.real, True),
        (ScalarType.real, 10**400),
        (ScalarType.decimal, 1.5),
        (ScalarType.decimal, Decimal("NaN")),
        (ScalarType.decimal, Decimal("1e-18")),
        (ScalarType.decimal, Decimal("1e21")),
        (ScalarType.string, 1),
        (ScalarType.string, b"bytes"),
        (ScalarType.string, "\ud800"),
        (ScalarType.datetime, "yesterday"),
        (ScalarType.datetime, 1704067200),
        (ScalarType.datetime, datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))),
        (ScalarType.timespan, "00:05:00"),
        (ScalarType.timespan, 2**63),
        (ScalarType.guid, "not-a-guid"),
        (ScalarType.dynamic, {"x": object()}),
        (ScalarType.dynamic, ["\ud800"]),
        (ScalarType.dynamic, DEEP),
    ],
)
def test_a_value_that_does_not_fit_is_named(type: ScalarType, value: Any) -> None:
    with pytest.raises(InvalidInput, match=f"Field 'x' of row 2 does not fit its column's type {type.value}") as raised:
        arrow_table([{"x": None}, {"x": value}], {"x": type})
    assert raised.value.details == {"field": "x", "row": 1}
    assert len(raised.value.message) < 200


@pytest.mark.parametrize("name", ["y", "X", "", 5])
def test_an_unknown_field_is_named(name: Any) -> None:
    with pytest.raises(InvalidInput, match="has no column") as raised:
        arrow_table([{name: 1}], {"x": ScalarType.long})
    assert raised.value.details["field"] == name
    assert ("Did you mean 'x'?" in raised.value.message) is (name == "X")


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 501, "\ud800"])
def test_names_that_nothing_can_have(name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be a name"):
        check_name(name)
