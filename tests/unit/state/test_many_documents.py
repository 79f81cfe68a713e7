"""Many documents and rows in few statements are as good as one by one."""

from datetime import UTC, datetime

from vedette.core.clock import VirtualClock
from vedette.core.ids import new_id
from vedette.state.store import StateStore

SCOPE = "/subscriptions/S"


def test_many_documents_and_rows(each_state_url: str) -> None:
    state = StateStore(each_state_url, VirtualClock(datetime(2024, 1, 1, tzinfo=UTC)), new_id)
    version = state.version("T")
    names = [f"N{9 - number}" for number in range(5)]
    with state.transaction() as transaction:
        transaction.emit("w", "T", {"n": -1})
        for first in (0, 3):
            part = names[first : first + 3]
            transaction.create_all(
                type="T", scope=SCOPE, ids=[f"{SCOPE}/T/{name}" for name in part], bodies=[{}] * len(part), first=first
            )
        transaction.emit_all("w", "T", [{"n": number} for number in range(3)])
        transaction.emit_all("w", "T", [])
        transaction.emit("w", "T", {"n": 3})
    listed = state.list("T", SCOPE)
    assert [each.name for each in listed] == names
    assert len({each.etag for each in listed}) == 5
    assert [row.row["n"] for row in state.pending()] == [-1, 0, 1, 2, 3]
    assert state.version("T") > version
    with state.transaction() as transaction:
        transaction.delete_all(listed[1:4])
        transaction.delete_all([])
    assert [each.name for each in state.list("T", SCOPE)] == [names[0], names[4]]
    assert state.get(f"{SCOPE}/t/n9") is not None
    state.close()
