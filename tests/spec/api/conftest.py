"""The whole application over a new data directory, and the published examples of the management API."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from vedette.access.addresses import make_addresses
from vedette.access.estate import Estate
from vedette.api.app import make_app
from vedette.api.services import Services
from vedette.core.settings import Settings
from vedette.server.composition import compose

BASE = "https://127.0.0.1:8443"
CORPUS = Path(os.environ.get("VEDETTE_CORPUS", Path(__file__).parents[4] / "shared" / "corpus"))


@pytest.fixture(scope="session")
def examples() -> Path:
    folder = CORPUS / "api" / "examples"
    if not folder.is_dir():
        pytest.skip(f"the published examples are not in {folder}")
    return folder


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    addresses = make_addresses("127.0.0.1", https_port=8443, http_port=8080, proxy_port=3128)
    with compose(Settings(tmp_path_factory.mktemp("data"), virtual_clock=True, query_rate=0), addresses) as composed:
        yield composed


@pytest.fixture(scope="module")
def estate(services: Services) -> Estate:
    return services.estate


@pytest.fixture(scope="module")
def owner(services: Services) -> TestClient:
    principal = services.directory.service_principal(services.estate.client_id)
    assert principal is not None
    token = services.tokens.issue(principal, "https://management.azure.com/", base=BASE).text
    return TestClient(make_app(services), base_url=BASE, headers={"Authorization": f"Bearer {token}"})
