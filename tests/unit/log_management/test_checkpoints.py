"""The head that is noted beside the database: it goes on with the chain, and stays where the chain was cut."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vedette.core.clock import VirtualClock
from vedette.core.ids import new_id
from vedette.log_management.checkpoints import Checkpoints, noted_heads
from vedette.state.audit_chain import AuditChain, Entry
from vedette.state.store import StateStore

CHAIN = AuditChain(b"k" * 32)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateStore]:
    state = StateStore(f"sqlite:///{tmp_path}/state.db", VirtualClock(datetime(2024, 1, 1, tzinfo=UTC)), new_id)
    yield state
    state.close()


def append(state: StateStore, **content: object) -> None:
    with state.transaction() as transaction:
        transaction.append_audit(CHAIN, Entry(dict(content)))


def cut(path: Path, where: str) -> None:
    with closing(sqlite3.connect(path / "state.db")) as connection:
        connection.execute(f"DELETE FROM audit WHERE {where}")
        connection.commit()


@pytest.mark.parametrize("restarted", [True, False])
@pytest.mark.parametrize("appended", [0, 1, 2])
def test_a_cut_chain_does_not_replace_what_was_noted(
    state: StateStore, tmp_path: Path, restarted: bool, appended: int
) -> None:
    file = tmp_path / "audit.head"
    checkpoints = Checkpoints(file, state, CHAIN)
    checkpoints.note()
    assert noted_heads(file) == []
    for number in range(4):
        append(state, n=number)
        checkpoints.note()
        assert noted_heads(file) == [state.audit_head()]
    noted = noted_heads(file)
    cut(tmp_path, "sequence > 2")
    for number in range(appended):
        append(state, m=number)
    again = Checkpoints(file, state, CHAIN) if restarted else checkpoints
    again.note()
    append(state, n=9)
    again.note()
    assert noted_heads(file) == noted
    assert CHAIN.verify(state.all_audit_records(), noted_heads(file)).broken == 4


def test_the_end_of_a_pruned_record_is_no_cut(state: StateStore, tmp_path: Path) -> None:
    file = tmp_path / "audit.head"
    append(state, n=1)
    Checkpoints(file, state, CHAIN).note()
    append(state, n=2)
    (first, _) = state.audit_records(oldest_first=True, limit=2)
    append(state, pruned={"sequence": 1, "seal": first.seal})
    cut(tmp_path, "sequence = 1")
    Checkpoints(file, state, CHAIN).note()
    assert noted_heads(file) == [state.audit_head()]


def test_without_a_prune_record_it_is(state: StateStore, tmp_path: Path) -> None:
    file = tmp_path / "audit.head"
    append(state, n=1)
    Checkpoints(file, state, CHAIN).note()
    noted = noted_heads(file)
    append(state, n=2)
    cut(tmp_path, "sequence = 1")
    Checkpoints(file, state, CHAIN).note()
    assert noted_heads(file) == noted
