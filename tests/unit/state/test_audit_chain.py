"""The audit's chain: whole as it is written, broken by whatever is done to the database beside it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from vedette.core.clock import VirtualClock
from vedette.core.ids import new_id
from vedette.state.audit_chain import AuditChain, Entry, Head, Verdict
from vedette.state.changes import ManyChanges
from vedette.state.databases import database_of
from vedette.state.store import StateStore

CHAIN = AuditChain(b"k" * 32)
START = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def store(each_state_url: str, clock: VirtualClock) -> Iterator[StateStore]:
    store = StateStore(each_state_url, clock, new_id)
    yield store
    store.close()


def append(store: StateStore, number: int, **content: object) -> None:
    with store.transaction() as transaction:
        transaction.append_audit(CHAIN, Entry({"n": number, **content}, f"/s/{number}", "p", "c"))


@pytest.fixture
def five(store: StateStore, clock: VirtualClock) -> StateStore:
    for number in range(1, 6):
        append(store, number, text="a\x00b 'ü'")
        clock.advance(timedelta(days=1))
    return store


def tamper(url: str, *statements: str) -> None:
    database = database_of(url)
    with database.engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()
    database.close()


def verify(store: StateStore, *heads: Head, chain: AuditChain = CHAIN) -> Verdict:
    return chain.verify(store.all_audit_records(), heads)


def test_a_chain_that_nobody_touched_is_whole(five: StateStore) -> None:
    head = five.audit_head()
    assert head.sequence == 5
    assert verify(five, head) == Verdict(5, head)
    assert [record.content["n"] for record in five.audit_records(limit=2)] == [5, 4]
    assert [record.sequence for record in five.audit_records(after=1, before=4, oldest_first=True, limit=9)] == [2, 3]


def test_an_empty_chain_is_whole(store: StateStore) -> None:
    assert verify(store) == Verdict(0, Head())
    assert store.audit_head() == Head()


@pytest.mark.parametrize(
    ("statements", "broken"),
    [
        (["UPDATE audit SET record = replace(record, 'b', 'c') WHERE sequence = 3"], 3),
        (["UPDATE audit SET record = '{}' WHERE sequence = 1"], 1),
        (["UPDATE audit SET record = 'no JSON' WHERE sequence = 2"], 2),
        (["UPDATE audit SET at = at + 1 WHERE sequence = 5"], 5),
        (["UPDATE audit SET subject = '/other' WHERE sequence = 4"], 4),
        (["UPDATE audit SET provider = '' WHERE sequence = 4"], 4),
        (["UPDATE audit SET correlation = '' WHERE sequence = 4"], 4),
        (["UPDATE audit SET seal = previous WHERE sequence = 4"], 4),
        (["UPDATE audit SET previous = seal WHERE sequence = 4"], 4),
        (["DELETE FROM audit WHERE sequence = 3"], 4),
        (["DELETE FROM audit WHERE sequence <= 2"], 2),
        (["DELETE FROM audit WHERE sequence = 3", "UPDATE audit SET sequence = sequence - 1 WHERE sequence > 3"], 3),
        (
            [
                (
                    "INSERT INTO audit SELECT 6, at, subject, provider, correlation, record, seal, seal FROM audit "
                    "WHERE sequence = 5"
                )
            ],
            6,
        ),
    ],
)
def test_what_is_tampered_with_is_found(
    five: StateStore, each_state_url: str, statements: list[str], broken: int
) -> None:
    tamper(each_state_url, *statements)
    verdict = verify(five)
    assert verdict.broken == broken
    assert verdict.problem
    assert verdict.records == broken - 1 or statements[0].startswith("DELETE")


def test_an_end_that_was_cut_off_is_found_by_a_head(five: StateStore, each_state_url: str) -> None:
    head = five.audit_head()
    tamper(each_state_url, "DELETE FROM audit WHERE sequence = 5")
    assert verify(five).broken is None
    assert verify(five, head).broken == 5
    tamper(each_state_url, "DELETE FROM audit")
    assert verify(five, head).broken == 5


def test_a_chain_that_was_written_anew_is_found_without_the_key(five: StateStore, each_state_url: str) -> None:
    tamper(each_state_url, "DELETE FROM audit WHERE sequence > 2")
    forger = AuditChain(b"f" * 32)
    with five.transaction() as transaction:
        transaction.append_audit(forger, Entry({"n": 3}))
    verdict = verify(five)
    assert verdict.broken == 3
    assert forger.key_id in verdict.problem


def test_records_that_were_removed_for_their_age_leave_the_chain_whole(five: StateStore, clock: VirtualClock) -> None:
    early = five.audit_records(oldest_first=True, limit=1)[0]
    with five.transaction() as transaction:
        removed = transaction.remove_audit(START + timedelta(days=2))
        assert removed is not None
        pruned = {"sequence": removed.sequence, "seal": removed.seal}
        transaction.append_audit(CHAIN, Entry({"pruned": pruned}))
    assert removed.sequence == 2
    assert [record.sequence for record in five.all_audit_records()] == [3, 4, 5, 6]
    assert verify(five, Head(early.sequence, early.seal)) == Verdict(4, five.audit_head())
    with five.transaction() as transaction:
        assert transaction.remove_audit(START) is None
        last = transaction.remove_audit(START + timedelta(days=400))
    assert last is not None
    assert [record.sequence for record in five.all_audit_records()] == [6]
    assert verify(five).broken == 5, "no record says that these were removed"


def test_records_that_are_pruned_while_they_are_read_are_no_alarm(
    five: StateStore, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vedette.state.audit_reading._PAGE", 2)
    noted = next(iter(five.audit_records(after=2, oldest_first=True, limit=1)))
    records = five.all_audit_records()
    seen = [next(records), next(records)]
    with five.transaction() as transaction:
        removed = transaction.remove_audit(clock.now() - timedelta(hours=36))
        assert removed is not None
        assert removed.sequence == 4
        transaction.append_audit(CHAIN, Entry({"pruned": {"sequence": removed.sequence, "seal": removed.seal}}))
    seen += list(records)
    assert [each.sequence for each in seen] == [1, 2, 5, 6]
    assert CHAIN.verify(seen, [Head(noted.sequence, noted.seal)]).broken is None
    assert CHAIN.verify(seen[:-1]).broken == 5


def test_a_mass_deletion_is_counted_by_type(store: StateStore) -> None:
    digests: list[bytes] = []
    for name in ("x", "y"):
        with store.transaction() as transaction:
            for at, type in enumerate(("Test/a", "Test/a", "Test/b", "vedette/own")):
                transaction.put(id=f"/s/{name}{at}", type=type, scope="/s", name=f"{name}{at}", body={})
            transaction.changes.clear()
            assert transaction.delete_below("/s") == 4
            (change,) = transaction.changes
            assert isinstance(change, ManyChanges)
            assert (change.deleted, change.types) == (3, {"Test/a": 2, "Test/b": 1})
            digests.append(change.states)
    assert digests[0] != digests[1]
