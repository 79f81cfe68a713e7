"""Up to when everything that came is on the disk."""

from concurrent.futures import Future
from datetime import UTC, datetime, timedelta

import pytest

from vedette.logs.receiving import Receiving

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_batch_holds_the_instant_back_until_it_is_stored() -> None:
    receiving, stored = Receiving(), Future[None]()
    with receiving.batch(NOW) as batch:
        assert receiving.settled(NOW + SECOND) == NOW
        batch.until(stored)
    assert receiving.settled(NOW + SECOND) == NOW
    stored.set_result(None)
    assert receiving.settled(NOW + SECOND) == NOW + SECOND


def test_the_oldest_of_several_counts() -> None:
    receiving, first, second = Receiving(), Future[None](), Future[None]()
    for at, stored in ((NOW, first), (NOW + SECOND, second)):
        with receiving.batch(at) as batch:
            batch.until(stored)
    first.set_exception(RuntimeError("disk"))
    assert receiving.settled(NOW + 9 * SECOND) == NOW + SECOND


def test_a_batch_that_is_refused_holds_nothing_back() -> None:
    receiving = Receiving()
    with pytest.raises(ValueError, match="no"), receiving.batch(NOW):
        raise ValueError("no")
    assert receiving.settled(NOW + SECOND) == NOW + SECOND
