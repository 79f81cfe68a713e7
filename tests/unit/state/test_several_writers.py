"""Several stores over one PostgreSQL database, as several processes have them."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from tests.postgresql import PASSWORD, Cluster

from vedette.core.clock import VirtualClock
from vedette.core.errors import Conflict, InvalidInput, Unavailable, VedetteError
from vedette.core.ids import new_id
from vedette.state.store import StateStore

END_CONNECTIONS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
NOW = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def url(postgresql: Cluster) -> str:
    return postgresql.schema_url()


@pytest.fixture
def stores(url: str) -> Iterator[list[StateStore]]:
    opened: list[StateStore] = []
    run_together([lambda: opened.append(StateStore(url, VirtualClock(NOW), new_id))] * 3)
    yield opened
    for store in opened:
        store.close()


def run_together(works: list[Callable[[], object]]) -> list[BaseException]:
    failures: list[BaseException] = []

    def guarded(work: Callable[[], object]) -> None:
        try:
            work()
        except VedetteError as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def put(store: StateStore, etag: str | None = None, value: int = 0) -> str:
    with store.transaction() as transaction:
        document, _ = transaction.put(id="/x", type="T", scope="", name="x", body={"value": value}, etag=etag)
    return document.etag


def test_numbers_sequences_and_counts_hold(stores: list[StateStore]) -> None:
    numbers: list[int] = []

    def work(store: StateStore) -> None:
        for _ in range(8):
            with store.transaction() as transaction:
                numbers.append(transaction.next_number("/w", "incident"))
                found = transaction.get("/x")
                value = found.body["value"] if found else 0
                transaction.put(id="/x", type="T", scope="", name="x", body={"value": value + 1})
                transaction.emit("w", "T", {"n": numbers[-1]})

    assert run_together([lambda store=store: work(store) for store in stores for _ in range(2)]) == []
    assert sorted(numbers) == list(range(1, 49))
    found = stores[0].get("/x")
    assert found is not None
    assert found.body == {"value": 48}
    pending = stores[1].pending()
    assert [row.sequence for row in pending] == list(range(1, 49))
    assert [row.row["n"] for row in pending] == list(range(1, 49))


def test_who_lost_the_state_to_another_server_writes_no_more(postgresql: Cluster, stores: list[StateStore]) -> None:
    first, second, _ = stores
    first.claim()
    put(first)
    postgresql.execute(END_CONNECTIONS)  # the claim is gone, and the first has not looked yet
    second.claim()
    with pytest.raises(Unavailable, match="taken this state over"):
        put(first, value=1)
    put(second, value=2)


def test_one_of_many_wins_an_etag(stores: list[StateStore]) -> None:
    etag = put(stores[0])
    failures = run_together([lambda store=store, n=n: put(store, etag, n) for n, store in enumerate(stores * 3)])
    assert len(failures) == 8
    assert all(isinstance(each, Conflict) for each in failures)


def test_a_version_counts_what_others_commit(stores: list[StateStore]) -> None:
    one, other, _ = stores
    before = other.version("T"), other.version("U")
    put(one)
    assert other.version("t") > before[0]
    assert other.version("U") == before[1]
    with one.transaction() as transaction:
        transaction.delete_below("/")
    assert other.version("U") > before[1]


def test_one_server_at_a_time(url: str, stores: list[StateStore]) -> None:
    one, other, _ = stores
    one.claim()
    with pytest.raises(Conflict) as refused:
        other.claim()
    assert refused.value.code == "StateInUse"
    one.close()
    other.claim()
    put(other)


def test_a_lost_connection_is_taken_up_again(postgresql: Cluster, stores: list[StateStore], monkeypatch) -> None:
    monkeypatch.setattr("vedette.state.claim._LOOK_SECONDS", 0.0)
    one, other, _ = stores
    one.claim()
    put(one)
    postgresql.execute(END_CONNECTIONS)
    put(one)
    with pytest.raises(Conflict):
        other.claim()
    postgresql.execute(END_CONNECTIONS)
    other.claim()
    with pytest.raises(Unavailable) as refused:
        put(one)
    assert refused.value.code == "StateInUse"
    assert one.get("/x") is not None


@pytest.mark.parametrize(
    "url", ["postgresql://vedette:sesame@127.0.0.1:1/x", "mysql://u:sesame@h/x", "sesame", "://sesame"]
)
def test_what_cannot_be_reached_is_said_without_the_password(url: str) -> None:
    with pytest.raises((InvalidInput, Unavailable)) as refused:
        StateStore(url, VirtualClock(NOW), new_id)
    assert "sesame" not in refused.value.message


def test_a_wrong_password_is_not_shown(postgresql: Cluster, stores: list[StateStore]) -> None:
    with pytest.raises(Unavailable, match="authentication failed") as refused:
        StateStore(postgresql.url.replace(PASSWORD, "sesame"), VirtualClock(NOW), new_id)
    assert "sesame" not in refused.value.message
    assert PASSWORD not in stores[0].place
    assert "127.0.0.1" in stores[0].place
