"""A state store for the parts that keep documents."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from vedette.core.clock import SystemClock
from vedette.core.ids import new_id
from vedette.state.store import StateStore


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore(f"sqlite:///{tmp_path / 'state.db'}", SystemClock(), new_id)
    yield store
    store.close()
