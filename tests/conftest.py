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


_ON_BOTH = ("tests/unit/sentinel/test_incidents", "tests/unit/arm/test_controller")
"""Modules whose documents are always kept in both, one after the other."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have tests with a `state_url` run on what `--state` says, and some of them on both databases."""
    if "state_url" not in metafunc.fixturenames:
        return
    both = any(name in str(metafunc.module.__file__).replace("\\", "/") for name in _ON_BOTH)
    chosen = [metafunc.config.getoption("--state")]
    metafunc.parametrize("state_url", ["sqlite", "postgresql"] if both else chosen, indirect=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A PostgreSQL server of the session's own."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with cluster() as running:
        yield running


@pytest.fixture
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty state store, in what `--state` says; see `pytest_generate_tests`."""
    return new_state_url(request, tmp_path, request.param)


def new_state_url(request: pytest.FixtureRequest, directory: Path, kind: str) -> str:
    if kind == "sqlite":
        return f"sqlite:///{directory}/state.db"
    running: Cluster = request.getfixturevalue("postgresql")
    return running.schema_url()


@pytest.fixture(params=["sqlite", "postgresql"])
def each_state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty state store, in SQLite and then in PostgreSQL."""
    return new_state_url(request, tmp_path, request.param)
