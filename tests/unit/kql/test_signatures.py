"""Overloads: which entry a call means, and what its arguments become."""

from typing import Any

import pytest

from vedette.kql.functions.entry import Function
from vedette.kql.plan import Constant, Field, Reference
from vedette.kql.signatures import choose, common_type, parse_parameters
from vedette.kql.types import ScalarType, type_named

T = ScalarType


def entry(params: str, returns: str) -> Function:
    return Function("f", params, returns, "", "", [])


def column(type: ScalarType) -> Reference:
    return Reference(Field(1, "x", type))


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ([T.int, T.long], T.long),
        ([T.long, T.real], T.real),
        ([T.string, T.dynamic], T.dynamic),
        ([T.string, T.long], None),
        ([T.datetime, T.datetime], T.datetime),
    ],
)
def test_common_type(types: list[ScalarType], expected: ScalarType | None) -> None:
    assert common_type(types) is expected


def test_the_nearest_overload_wins() -> None:
    entries = (entry("a: real, b: real", "real"), entry("a: long, b: long", "long"))
    chosen = choose(entries, (column(T.int), column(T.long)))
    assert chosen is not None
    assert chosen[1].returns is T.long
    assert chosen[1].targets == (T.long, T.long)


def test_a_type_variable_takes_the_common_type_and_null_fits_any() -> None:
    chosen = choose((entry("a: T, b: T", "T"),), (Constant(None, T.long), column(T.string)))
    assert chosen is not None
    assert chosen[1].targets == (T.string, T.string)


def test_a_variable_without_a_common_type_does_not_match() -> None:
    assert choose((entry("a: T, b: T", "T"),), (column(T.string), column(T.long))) is None


@pytest.mark.parametrize(("count", "fits"), [(0, False), (1, True), (2, True), (3, False)])
def test_defaults_may_be_left_out(count: int, fits: bool) -> None:
    arguments = tuple(column(T.string) for _ in range(count))
    assert (choose((entry("a: string, b: string = 'x'", "long"),), arguments) is not None) is fits


def test_a_rest_parameter_takes_any_number() -> None:
    chosen: Any = choose((entry("*values: any", "string"),), (column(T.long), column(T.string)))
    assert chosen[1].targets == (T.long, T.string)


def test_a_constant_parameter_refuses_a_column() -> None:
    assert choose((entry("a!: string", "string"),), (column(T.string),)) is None


def test_reading_parameters() -> None:
    first, second, rest = parse_parameters("text: string, start!: long = 0, *more: any")
    assert (first.name, first.type, first.default) == ("text", "string", None)
    assert (second.name, second.is_constant, second.default) == ("start", True, "0")
    assert rest.is_rest


def test_type_names_have_aliases() -> None:
    assert type_named("double") is T.real
    assert type_named("Date") is T.datetime
    assert type_named("text") is None
