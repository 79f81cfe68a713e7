from datetime import UTC, datetime

import pytest

from vedette.arm.odata import parse_filter, parse_order
from vedette.core.errors import InvalidInput
from vedette.state.conditions import And, AnyElement, Compare, Condition, In, Match, Not, Or, Order

STATUS = ("properties", "status")
TITLE = ("properties", "title")
LABELS = ("properties", "labels")
NEW = Compare(STATUS, "eq", "New")
CREATED = ("properties", "createdTimeUtc")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("properties/status eq 'New'", NEW),
        ("(properties/status eq 'New')", NEW),
        ("  properties/status   EQ 'New' ", NEW),
        ("properties/title eq 'it''s'", Compare(TITLE, "eq", "it's")),
        ("properties/incidentNumber eq 5", Compare(("properties", "incidentNumber"), "eq", 5)),
        ("properties/x lt -2.5", Compare(("properties", "x"), "lt", -2.5)),
        ("properties/on eq true", Compare(("properties", "on"), "eq", True)),
        ("properties/owner/email ne null", Compare(("properties", "owner", "email"), "ne", None)),
        ("properties/createdTimeUtc gt 2020-01-02", Compare(CREATED, "gt", datetime(2020, 1, 2, tzinfo=UTC))),
        (
            "properties/createdTimeUtc ge 2020-01-02T03:04:05.1234567Z",
            Compare(CREATED, "ge", datetime(2020, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)),
        ),
        (
            "properties/createdTimeUtc le '2020-01-02T03:04:05Z'",
            Compare(CREATED, "le", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ),
        (
            "name eq 73e01a99-5cd7-4139-a149-9f2736ff2ab5",
            Compare(("name",), "eq", "73e01a99-5cd7-4139-a149-9f2736ff2ab5"),
        ),
        ("contains(properties/title,'x')", Match(TITLE, "contains", "x")),
        ("startswith(properties/title, '2020-01-02') eq true", Match(TITLE, "startswith", "2020-01-02")),
        ("endswith(properties/title,'x') eq false", Not(Match(TITLE, "endswith", "x"))),
        (
            "not contains(properties/title,'x') and properties/status eq 'New'",
            And((Not(Match(TITLE, "contains", "x")), NEW)),
        ),
        ("not (properties/status eq 'New')", Not(NEW)),
        ("properties/status in ('New', 'Active')", In(STATUS, ("New", "Active"))),
        (
            "properties/status eq 'New' or properties/x eq 1 and properties/y eq 2",
            Or((NEW, And((Compare(("properties", "x"), "eq", 1), Compare(("properties", "y"), "eq", 2))))),
        ),
        (
            "properties/labels/any(l: l/labelName eq 'x' or contains(l/labelName,'y'))",
            AnyElement(LABELS, Or((Compare(("labelName",), "eq", "x"), Match(("labelName",), "contains", "y")))),
        ),
        ("properties/labels/any()", AnyElement(LABELS, None)),
        ("properties/tactics/any(t:t eq 'Impact')", AnyElement(("properties", "tactics"), Compare((), "eq", "Impact"))),
        (
            "properties/tactics/all(t: t ne 'Impact')",
            Not(AnyElement(("properties", "tactics"), Not(Compare((), "ne", "Impact")))),
        ),
    ],
)
def test_filters(text: str, condition: Condition) -> None:
    assert parse_filter(text) == condition


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("properties/status", 18),
        ("properties/status is 'x'", 19),
        ("properties/status eq", 21),
        ("properties/status eq New", 22),
        ("properties/status eq 'New", 22),
        ("properties/status eq 'New' properties/x", 28),
        ("(properties/status eq 'New'", 28),
        ("tolower(properties/status) eq 'new'", 1),
        ("contains(properties/title, 5)", 28),
        ("contains(properties/title,'x') eq 'y'", 35),
        ("properties/labels/any(l: x/labelName eq 'y')", 26),
        ("properties/createdTimeUtc gt 2020-13-01", 30),
        ("properties/n eq 5abc", 17),
        ("a eq ;", 6),
        ("", 1),
    ],
)
def test_errors_say_where(text: str, position: int) -> None:
    with pytest.raises(InvalidInput, match=rf"\(position {position} of ") as refused:
        parse_filter(text)
    assert refused.value.code == "InvalidFilter"


def test_depth_and_length_are_limited() -> None:
    with pytest.raises(InvalidInput, match="nested deeper"):
        parse_filter("(" * 500 + "a eq 1" + ")" * 500)
    with pytest.raises(InvalidInput, match="longer than"):
        parse_filter("a eq 1 or " * 1000)


@pytest.mark.parametrize(
    "text",
    ["a eq 99999999999999999999", f"a eq {'9' * 5000}", "a eq 1e999", "a in (1,-9223372036854775809)"],
)
def test_numbers_that_no_database_holds_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="number that is too large") as refused:
        parse_filter(text)
    assert refused.value.code == "InvalidFilter"
    assert parse_filter(f"a eq {2**63 - 1}") == Compare(("a",), "eq", 2**63 - 1)


def test_conditions_and_keys_are_limited() -> None:
    assert parse_filter(" or ".join(["a eq 1"] * 200))
    with pytest.raises(InvalidInput, match="more than 200 conditions"):
        parse_filter(" or ".join(["a eq 1"] * 201))
    with pytest.raises(InvalidInput, match="more than 16 keys") as refused:
        parse_order(",".join(["a"] * 17))
    assert refused.value.code == "InvalidOrderBy"


def test_orders() -> None:
    assert parse_order("properties/createdTimeUtc desc") == (Order(CREATED, True),)
    assert parse_order("properties/status asc, name") == (Order(STATUS), Order(("name",)))
    with pytest.raises(InvalidInput, match="position 6") as refused:
        parse_order("name down")
    assert refused.value.code == "InvalidOrderBy"
