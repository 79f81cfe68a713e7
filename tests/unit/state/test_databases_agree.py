"""The same documents, conditions and orders give the same answers in SQLite and in PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.postgresql import Cluster

from vedette.core.clock import VirtualClock
from vedette.core.ids import new_id
from vedette.state.conditions import And, AnyElement, Compare, Condition, In, Match, Not, Or, Order
from vedette.state.instants import instant_of_text
from vedette.state.store import StateStore

TYPE, SCOPE = "Test/things", "/scope"
NOW = datetime(2024, 1, 1, tzinfo=UTC)

KEYS = st.sampled_from(["a", "b", "Ä b", "0", "c'd", "$", "x.y"])
TEXTS = st.one_of(
    st.sampled_from(
        ["", "New", "new", "ÄÖ", "z", "Z", "\U0001f6e1", "\uffee", "a%_b", "true", "1", "\x01\x02", "a\nb"]
    ),
    st.sampled_from(["2024-01-01T00:00:00Z", "2024-01-01T02:00:00.1234567+01:00", "2024-02-30T00:00:00Z"]),
    st.sampled_from(
        ["2024-01-01 00:00:00", "0000-01-01T00:00:00Z", "2024-02-29T23:59:59.5-23:59", "2024-01-01T24:00:00"]
    ),
    st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"]), max_size=5),
)
NUMBERS = st.one_of(
    st.integers(-(2**53), 2**53),
    st.sampled_from([0, 1, -1, 0.1, 1e300, -1e-300, 9007199254740993, 2**63 - 1, 0.30000000000000004]),
    st.floats(allow_nan=False, allow_infinity=False),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
BODIES = st.dictionaries(KEYS, VALUES, max_size=4)
PATHS = st.lists(KEYS, min_size=1, max_size=2).map(tuple)
OWN = st.sampled_from([("id",), ("name",), ("etag",), ("created",), ("modified",)])
INSTANTS = st.datetimes(datetime(1960, 1, 1), datetime(2030, 1, 1)) | st.just(NOW)
SOUGHT = SCALARS | INSTANTS
COMPARES = st.builds(Compare, PATHS, st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"]), SOUGHT)
LEAVES = st.one_of(
    COMPARES,
    st.builds(Match, PATHS, st.sampled_from(["contains", "startswith", "endswith"]), TEXTS),
    st.builds(In, PATHS, st.lists(SOUGHT, max_size=3).map(tuple)),
    st.builds(Compare, st.just(("name",)), st.sampled_from(["eq", "ne", "gt", "le"]), TEXTS),
    st.builds(Compare, st.just(("created",)), st.sampled_from(["eq", "gt", "le"]), INSTANTS),
)
IN_ELEMENTS = st.one_of(
    COMPARES, st.builds(Compare, st.just(()), st.sampled_from(["eq", "ne", "gt"]), SOUGHT), st.none()
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    LEAVES | st.builds(AnyElement, PATHS, IN_ELEMENTS),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyElement, PATHS, inner),
    ),
    max_leaves=4,
)
ORDERS = st.lists(st.builds(Order, PATHS | OWN.filter(lambda path: path != ("etag",)), st.booleans()), max_size=2)


@pytest.fixture(scope="module")
def stores(postgresql: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[StateStore, StateStore]]:
    file: Path = tmp_path_factory.mktemp("agree") / "state.db"
    clocks = VirtualClock(NOW), VirtualClock(NOW)
    one = StateStore(f"sqlite:///{file}", clocks[0], new_id)
    other = StateStore(postgresql.schema_url(), clocks[1], new_id)
    yield one, other
    one.close()
    other.close()


def fill(store: StateStore, bodies: list[dict[str, Any]]) -> None:
    with store.transaction() as transaction:
        for document in transaction.list(TYPE):
            transaction.delete(document.id)
        for number, body in enumerate(bodies):
            transaction.put(id=f"{SCOPE}/{number}", type=TYPE, scope=SCOPE, name=str(number), body=body)


def found(store: StateStore, where: Condition | None, order: list[Order]) -> list[tuple[str, dict[str, Any]]]:
    assert store.count(TYPE, SCOPE, where=where) == len(store.list(TYPE, SCOPE, where=where))
    return [(each.name, each.body) for each in store.list(TYPE, SCOPE, where=where, order=order)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    st.lists(BODIES, min_size=1, max_size=6),
    st.lists(st.tuples(CONDITIONS | st.none(), ORDERS), min_size=6, max_size=12),
)
def test_conditions_and_orders(
    stores: tuple[StateStore, StateStore],
    bodies: list[dict[str, Any]],
    questions: list[tuple[Condition | None, list[Order]]],
) -> None:
    one, other = stores
    fill(one, bodies)
    fill(other, bodies)
    for where, order in questions:
        assert found(one, where, order) == found(other, where, order)


def test_strings_with_the_character_zero(stores: tuple[StateStore, StateStore]) -> None:
    bodies = [{"a": "x\x00y", "k\x00": 1}, {"a": "x\x01\x00\x01y"}, {"a": "x"}, {"a": ["\x00"]}]
    for store in stores:
        fill(store, bodies)
        assert [body for _, body in found(store, None, [])] == bodies
        assert store.get("/scope/\x00") is None
        assert store.list(TYPE, "/sco\x00pe") == []
    _, other = stores  # SQLite's functions for JSON end a string there
    assert [name for name, _ in found(other, Compare(("a",), "eq", "x\x00y"), [])] == ["0"]
    assert [name for name, _ in found(other, Compare(("a",), "gt", "x"), [])] == ["0", "1"]


@given(
    st.one_of(
        st.text(max_size=30),
        st.from_regex(
            r"[0-9]{4}-[0-3][0-9]-[0-3][0-9][Tt ][0-9]{2}:[0-9]{2}:[0-6][0-9]"
            r"([.,][0-9]{1,13})?(Z|z|[+-][0-2][0-9]:[0-7][0-9])?\n?"
        ),
        st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
        st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(lambda at: f"{at.isoformat()}+23:59"),
    )
)
@settings(max_examples=150, deadline=None)
def test_instants(stores: tuple[StateStore, StateStore], text: str) -> None:
    _, other = stores
    with other._database.reading.connect() as connection:  # what SQL says of it
        told = connection.exec_driver_sql("SELECT vedette_instant(%s)", (text.replace("\x00", ""),)).scalar_one()
    assert told == instant_of_text(text.replace("\x00", ""))


def test_instants_are_microseconds() -> None:
    assert instant_of_text("1970-01-01T00:00:01.5Z") == 1_500_000
    assert instant_of_text("1970-01-01T01:00:00+01:00") == 0
    assert instant_of_text("1969-12-31T23:59:59") == -1_000_000
    assert instant_of_text("2024-01-01T00:00:00.1234567Z") == instant_of_text("2024-01-01T00:00:00.123456")
    assert instant_of_text((NOW + timedelta(days=1)).isoformat()) is not None
    assert [instant_of_text(each) for each in ("2024-W01-1T00:00:00", "2024-13-01T00:00:00Z", 5, None)] == [None] * 4
