import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from vedette.core.clock import VirtualClock
from vedette.core.errors import Conflict, Unavailable, Unsupported
from vedette.core.ids import new_id
from vedette.state.conditions import And, AnyElement, Compare, Condition, In, Match, Not, Or, Order
from vedette.state.databases import database_of
from vedette.state.migrations import FORMAT_VERSION
from vedette.state.store import StateStore

RULES = "Microsoft.SecurityInsights/alertRules"
WORKSPACE = "/subscriptions/S/resourceGroups/RG/workspaces/WS"
START = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def store(each_state_url: str, clock: VirtualClock):
    store = StateStore(each_state_url, clock, new_id)
    yield store
    store.close()


def put(store: StateStore, name: str, properties: dict | None = None, etag: str | None = None, type: str = RULES):
    with store.transaction() as tx:
        return tx.put(
            id=f"{WORKSPACE}/alertRules/{name}",
            type=type,
            scope=WORKSPACE,
            name=name,
            body={"kind": "Scheduled", "properties": properties or {}},
            etag=etag,
        )


def names(store: StateStore, where: Condition | None = None, order: list[Order] | None = None, **more) -> list[str]:
    return [each.name for each in store.list(RULES, WORKSPACE, where=where, order=order or (), **more)]


def test_a_document_comes_back_whole(store: StateStore) -> None:
    written, created = put(store, "R1", {"title": "Ünïcode 🛡 \u0000 'quoted'", "n": 1.5, "none": None, "list": [1]})
    assert created
    assert store.get(written.id) == written
    assert written.created == written.modified == START
    assert written.scope == WORKSPACE.lower()


def test_any_text_can_be_a_name(store: StateStore) -> None:
    written, _ = put(store, "a\x00b\x01c")
    again, created = put(store, "A\x00B\x01c", {"n": 1})
    assert not created
    assert names(store) == [written.name] == ["a\x00b\x01c"]
    assert store.get(written.id) == again
    with store.transaction() as transaction:
        assert transaction.delete(written.id)
    assert names(store) == []


def test_ids_match_in_any_case_and_keep_the_first(store: StateStore, clock: VirtualClock) -> None:
    first, _ = put(store, "Rule-A", {"n": 1})
    clock.advance(timedelta(minutes=1))
    second, created = put(store, "RULE-a", {"n": 2})
    assert not created
    assert (second.id, second.name) == (first.id, "Rule-A")
    assert second.etag != first.etag
    assert second.created == START
    assert second.modified == START + timedelta(minutes=1)
    found = store.get(first.id.upper())
    assert found is not None
    assert found.body["properties"] == {"n": 2}
    assert store.count(RULES.upper(), WORKSPACE.upper()) == 1


def test_a_document_is_changed_where_it_stands(store: StateStore, clock: VirtualClock) -> None:
    before, _ = put(store, "Rule1")
    clock.advance(timedelta(seconds=1))
    with store.transaction() as tx:
        after = tx.change(before, {"kind": "Fusion"})
    assert store.get(before.id) == after
    assert (after.id, after.type, after.scope, after.name) == (before.id, before.type, before.scope, before.name)
    assert (after.body, after.created, after.modified) == ({"kind": "Fusion"}, before.created, clock.now())
    assert after.etag != before.etag


def test_an_etag_must_be_the_present_one(store: StateStore) -> None:
    first, _ = put(store, "r", etag="ignored, there is nothing to compare it with")
    second, _ = put(store, "r", {"n": 2}, etag=first.etag)
    with pytest.raises(Conflict, match=first.etag):
        put(store, "r", {"n": 3}, etag=first.etag)
    assert store.get(first.id) == second
    put(store, "r", {"n": 4}, etag="*")
    with store.transaction() as tx, pytest.raises(Conflict):
        tx.delete(first.id, etag=first.etag)
    with store.transaction() as tx:
        assert tx.delete(first.id)
        assert not tx.delete(first.id)
        assert tx.get(first.id) is None


def test_a_rollback_leaves_nothing_behind(store: StateStore) -> None:
    delivered: list[int] = []
    store.deliver = lambda: delivered.append(1)

    def fail() -> None:
        with store.transaction() as tx:
            tx.put(id="/x", type=RULES, scope=WORKSPACE, name="x", body={})
            tx.emit("w", "SecurityAlert", {"AlertName": "x"})
            tx.set_value("k", 1)
            assert tx.next_number(WORKSPACE, "incident") == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert store.get("/x") is None
    assert store.pending() == []
    assert delivered == []
    with store.transaction() as tx:
        assert tx.get_value("k") is None
        assert tx.next_number(WORKSPACE, "incident") == 1
    assert delivered == []


def test_the_outbox_keeps_order_and_types(store: StateStore) -> None:
    row = {
        "TimeGenerated": datetime(2024, 1, 1, 1, 2, 3, 4, tzinfo=UTC),
        "Naive": datetime(2024, 1, 1),
        "Guid": UUID(int=5),
        "Amount": Decimal("1.10"),
        "Took": timedelta(microseconds=7),
        "Bag": {"a": [1, None, "x"]},
        "Nothing": None,
        "Flag": True,
    }
    delivered: list[list[int]] = []
    store.deliver = lambda: delivered.append([each.sequence for each in store.pending()])
    with store.transaction() as tx:
        tx.emit("w1", "SecurityAlert", row)
        tx.emit("w2", "SecurityIncident", {"Title": "two"})
        assert delivered == []
    assert delivered == [[1, 2]]
    first, second = store.pending()
    assert (first.workspace_id, first.table, first.row) == ("w1", "SecurityAlert", row)
    assert [each.sequence for each in store.pending(limit=1)] == [1]
    store.discard(1)
    assert store.pending() == [second]
    store.discard(2)
    with store.transaction() as tx:
        tx.emit("w1", "SecurityAlert", {})
    assert delivered[-1] == [3], "a sequence number is never used again"


def test_delivery_may_discard(store: StateStore) -> None:
    store.deliver = lambda: store.discard(store.pending()[-1].sequence)
    with store.transaction() as tx:
        tx.emit("w", "T", {"a": 1})
    assert store.pending() == []


def test_a_transaction_sees_its_own_writes_and_others_do_not(store: StateStore) -> None:
    with store.transaction() as tx:
        tx.put(id="/x", type=RULES, scope=WORKSPACE, name="x", body={})
        assert [each.name for each in tx.list(RULES)] == ["x"]
        assert tx.count(RULES) == 1
        assert store.get("/x") is None
    assert store.get("/x") is not None


def test_a_transaction_inside_another_is_refused_and_not_waited_for(store: StateStore) -> None:
    with store.transaction(), pytest.raises(RuntimeError), store.transaction():
        pass
    put(store, "still works")


def test_facts(store: StateStore) -> None:
    with store.transaction() as tx:
        tx.set_value("ledger", {"r": ["2024"]})
        tx.set_value("ledger", {"r": ["2025"]})
    with store.transaction() as tx:
        assert tx.get_value("ledger") == {"r": ["2025"]}
        tx.set_value("ledger", None)
        assert tx.get_value("ledger") is None


def test_many_threads_write_one_after_the_other(store: StateStore) -> None:
    numbers: list[int] = []
    wins = count()

    def work() -> None:
        for _ in range(5):
            with store.transaction() as tx:
                numbers.append(tx.next_number(WORKSPACE, "incident"))
                document = tx.get("/counter")
                value = document.body["value"] if document else 0
                tx.put(id="/counter", type="T", scope="", name="counter", body={"value": value + 1})
            seen = store.get("/counter")
            assert seen is not None
            assert seen.body["value"] >= 1

    def race(etag: str) -> None:
        try:
            put(store, "raced", etag=etag)
            next(wins)
        except Conflict:
            pass

    run_together([work] * 8)
    assert sorted(numbers) == list(range(1, 41))
    final = store.get("/counter")
    assert final is not None
    assert final.body == {"value": 40}
    etag = put(store, "raced")[0].etag
    run_together([lambda: race(etag)] * 8)
    assert next(wins) == 1


def run_together(works: list) -> None:
    failures: list[BaseException] = []

    def guarded(work) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


RULE_PROPERTIES = {
    "a": {"status": "New", "n": 1, "at": "2024-01-01T00:00:00Z", "on": True, "labels": [{"labelName": "red"}]},
    "b": {"status": "Closed", "n": 10, "at": "2024-01-01T00:00:00.5Z", "on": False, "labels": []},
    "c": {
        "status": "new",
        "n": 2.5,
        "at": "2024-01-01T02:00:00.1234567+01:00",
        "tags": ["x", "y'z"],
        "deep": [{"in": [{"n": 3}]}],
    },
    "d": {
        "n": "2",
        "status": None,
        "labels": [{"labelName": "blue"}, {"labelName": "100%_"}],
        "deep": [{}, {"in": [{"n": 2}, {"n": 1}]}],
    },
}


def p(*keys: str) -> tuple[str, ...]:
    return ("properties", *keys)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Compare(p("status"), "eq", "New"), "a"),
        (Compare(p("status"), "ne", "New"), "bcd"),
        (Compare(p("status"), "eq", None), "d"),
        (Compare(p("missing"), "eq", None), "abcd"),
        (Compare(p("status"), "ne", None), "abc"),
        (Compare(p("status"), "gt", None), ""),
        (Compare(p("n"), "eq", 1), "a"),
        (Compare(p("n"), "gt", 1), "bc"),
        (Compare(p("n"), "ge", 1.0), "abc"),
        (Compare(p("n"), "lt", 10), "ac"),
        (Compare(p("n"), "eq", "2"), "d"),
        (Compare(p("on"), "eq", True), "a"),
        (Compare(p("on"), "eq", False), "b"),
        (Compare(p("on"), "eq", 1), ""),
        (Compare(p("at"), "gt", START), "bc"),
        (Compare(p("at"), "eq", START), "a"),
        (Compare(p("at"), "le", datetime(2024, 1, 1, 0, 0, 0, 500000)), "ab"),
        (Not(Compare(p("status"), "eq", "New")), "bcd"),
        (Not(Compare(p("n"), "gt", 1)), "ad"),
        (In(p("status"), ("New", "Closed")), "ab"),
        (In(p("status"), ()), ""),
        (Match(p("status"), "contains", "ew"), "ac"),
        (Match(p("status"), "startswith", "N"), "a"),
        (Match(p("status"), "endswith", "sed"), "b"),
        (Match(p("status"), "endswith", "longer than Closed"), ""),
        (Match(p("status"), "contains", "%"), ""),
        (AnyElement(p("labels"), Compare(("labelName",), "eq", "red")), "a"),
        (AnyElement(p("labels"), Match(("labelName",), "contains", "%_")), "d"),
        (AnyElement(p("labels"), None), "ad"),
        (AnyElement(p("tags"), Compare((), "eq", "y'z")), "c"),
        (AnyElement(p("deep"), AnyElement(("in",), Compare(("n",), "eq", 1))), "d"),
        (AnyElement(p("deep"), AnyElement(("in",), Compare(("n",), "eq", 3))), "c"),
        (Compare(p("on"), "gt", False), "a"),
        (Compare(p("on"), "le", False), "b"),
        (Not(AnyElement(p("labels"), Compare(("labelName",), "eq", "red"))), "bcd"),
        (And((Compare(p("n"), "ge", 1), Compare(p("status"), "ne", "Closed"))), "ac"),
        (Or((Compare(p("n"), "eq", 1), Compare(p("n"), "eq", 10))), "ab"),
        (And(()), "abcd"),
        (Or(()), ""),
        (Compare(("name",), "gt", "b"), "cd"),
        (Compare(("kind",), "eq", "Scheduled"), "abcd"),
        (Compare(("created",), "ge", START + timedelta(seconds=2)), "cd"),
        (Compare(p('sta"tus'), "eq", "New"), ""),
        (Compare(p("status"), "eq", "x' OR 1=1 --"), ""),
    ],
)
def test_conditions(store: StateStore, clock: VirtualClock, where: Condition, expected: str) -> None:
    for name, properties in RULE_PROPERTIES.items():
        put(store, name, properties)
        clock.advance(timedelta(seconds=1))
    assert names(store, where) == list(expected)
    assert store.count(RULES, WORKSPACE, where=where) == len(expected)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([], "abcd"),
        ([Order(("created",), descending=True)], "dcba"),
        ([Order(p("n"))], "acbd"),
        ([Order(p("at"))], "dabc"),
        ([Order(p("at"), descending=True)], "cbad"),
        ([Order(p("missing")), Order(("name",), descending=True)], "dcba"),
    ],
)
def test_orders(store: StateStore, clock: VirtualClock, order: list[Order], expected: str) -> None:
    for name, properties in RULE_PROPERTIES.items():
        put(store, name, properties)
        clock.advance(timedelta(seconds=1))
    assert names(store, order=order) == list(expected)
    assert names(store, order=order, limit=2, offset=1) == list(expected)[1:3]
    assert names(store, order=order, offset=3) == list(expected)[3:]


def test_lists_keep_types_and_scopes_apart(store: StateStore) -> None:
    put(store, "rule")
    put(store, "other", type="Microsoft.SecurityInsights/incidents")
    assert names(store) == ["rule"]
    assert store.list(RULES, "/somewhere/else") == []
    assert [each.name for each in store.list(RULES)] == ["rule"]


def test_everything_is_there_after_reopening(each_state_url: str, clock: VirtualClock) -> None:
    url = each_state_url
    store = StateStore(url, clock, new_id)
    written, _ = put(store, "kept")
    with store.transaction() as tx:
        tx.emit("w", "T", {"a": 1})
    store.close()
    again = StateStore(url, clock, new_id)
    assert again.get(written.id) == written
    assert [each.row for each in again.pending()] == [{"a": 1}]
    again.close()


def test_a_newer_format_is_refused_by_name(each_state_url: str, clock: VirtualClock) -> None:
    url = each_state_url
    StateStore(url, clock, new_id).close()
    engine = database_of(url).engine
    with engine.connect() as connection:
        connection.execute(text("UPDATE format_version SET version = version + 1"))
        connection.commit()
    engine.dispose()
    with pytest.raises(Unsupported, match=f"format {FORMAT_VERSION + 1}") as refused:
        StateStore(url, clock, new_id)
    assert refused.value.code == "StateFormatTooNew"


def test_a_database_that_cannot_be_written_says_so(tmp_path: Path, clock: VirtualClock) -> None:
    with pytest.raises(Unavailable, match="state cannot be written"):
        StateStore(f"sqlite:///{tmp_path}/no/such/folder/state.db", clock, new_id)


def test_a_file_of_another_kind_is_left_alone(tmp_path: Path, clock: VirtualClock) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"not a database, but somebody's file" * 100)
    before = path.read_bytes()
    with pytest.raises(Unavailable, match="not a database"):
        StateStore(f"sqlite:///{path}", clock, new_id)
    assert path.read_bytes() == before
