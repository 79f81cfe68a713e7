from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.logs.running_store import Running, running_in


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with running_in(tmp_path) as running:
        yield running
