"""The whole application over a new data directory, without its listeners."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.postgresql import Cluster

from vedette.access.addresses import Addresses, make_addresses
from vedette.api.app import make_app
from vedette.api.services import Services
from vedette.core.settings import Settings
from vedette.server.composition import compose

BASE = "https://127.0.0.1:8443"


@pytest.fixture(scope="session")
def own_addresses() -> Addresses:
    """Where the composed server would answer."""
    return make_addresses("127.0.0.1", https_port=8443, http_port=8080, proxy_port=3128)


@pytest.fixture(scope="session")
def services(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, own_addresses: Addresses
) -> Iterator[Services]:
    """A composed server; tests that share it leave what they make behind."""
    settings = Settings(tmp_path_factory.mktemp("data"), query_rate=0, state=state_of(request))
    with compose(settings, own_addresses) as composed:
        yield composed


@pytest.fixture
def virtual_services(request: pytest.FixtureRequest, tmp_path: Path, own_addresses: Addresses) -> Iterator[Services]:
    """A composed server of its own, on a virtual clock."""
    settings = Settings(tmp_path, virtual_clock=True, query_rate=0, state=state_of(request))
    with compose(settings, own_addresses) as composed:
        yield composed


def state_of(request: pytest.FixtureRequest) -> str:
    """What `--state` says: nothing for a file, or the URL of an empty schema."""
    if request.config.getoption("--state") == "sqlite":
        return ""
    cluster: Cluster = request.getfixturevalue("postgresql")
    return cluster.schema_url()


@pytest.fixture(scope="session")
def anonymous(services: Services) -> TestClient:
    """A client without a token."""
    return TestClient(make_app(services), base_url=BASE)


@pytest.fixture(scope="session")
def signed_in() -> Callable[[Services], TestClient]:
    """Makes a client with the first principal's token."""

    def make(services: Services) -> TestClient:
        principal = services.directory.service_principal(services.estate.client_id)
        assert principal is not None
        token = services.tokens.issue(principal, BASE, base=BASE).text
        return TestClient(make_app(services), base_url=BASE, headers={"Authorization": f"Bearer {token}"})

    return make


@pytest.fixture(scope="session")
def owner(services: Services, signed_in: Callable[[Services], TestClient]) -> TestClient:
    """A client with the first principal's token."""
    return signed_in(services)
