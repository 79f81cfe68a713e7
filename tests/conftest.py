"""Fixtures that tests of several folders share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgresql import Cluster, cluster, programs


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--state",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="what the documents of tests that take `state_url` are kept in",
    )


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A PostgreSQL server of the session's own."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with cluster() as running:
        yield running


@pytest.fixture
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty state store, in what `--state` says."""
    return new_state_url(request, tmp_path, request.config.getoption("--state"))


def new_state_url(request: pytest.FixtureRequest, directory: Path, kind: str) -> str:
    if kind == "sqlite":
        return f"sqlite:///{directory}/state.db"
    running: Cluster = request.getfixturevalue("postgresql")
    return running.schema_url()


@pytest.fixture(params=["sqlite", "postgresql"])
def each_state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty state store, in SQLite and then in PostgreSQL."""
    return new_state_url(request, tmp_path, request.param)
