"""Where no credential is checked, a web page under a rebound name gets nothing."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from vedette.access.addresses import Addresses
from vedette.api.app import make_app
from vedette.api.services import Services
from vedette.core.settings import IdentitySettings, Settings
from vedette.server.composition import compose

BASE = "https://127.0.0.1:8443"


@pytest.fixture(scope="module")
def open_services(tmp_path_factory: pytest.TempPathFactory, own_addresses: Addresses) -> Iterator[Services]:
    settings = Settings(tmp_path_factory.mktemp("open"), identity=IdentitySettings(accept_any_credential=True))
    with compose(settings, own_addresses) as composed:
        yield composed


@pytest.fixture
def anybody(open_services: Services) -> TestClient:
    return TestClient(make_app(open_services), base_url=BASE, headers={"Authorization": "Bearer whatever"})


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8443", 200),
        ("localhost:9000", 200),
        ("LOCALHOST", 200),
        ("[::1]:8443", 200),
        ("management.azure.com", 200),
        ("rebound.example:8443", 400),
        ("localhost.rebound.example", 400),
        ("rebound.example", 400),
        ("", 400),
    ],
)
def test_hosts(anybody: TestClient, open_services: Services, host: str, status: int) -> None:
    answer = anybody.get("/v1.0/users", headers={"Host": host})
    assert answer.status_code == status
    token = anybody.post(
        f"/{open_services.estate.tenant_id}/oauth2/v2.0/token",
        data={"grant_type": "client_credentials", "scope": "https://management.azure.com/.default"},
        headers={"Host": host},
    )
    assert token.status_code == status


def test_a_disabled_object_is_nobody(anybody: TestClient, open_services: Services) -> None:
    found = open_services.directory.get(open_services.estate.client_object_id)
    assert found is not None
    with open_services.state.transaction() as transaction:
        open_services.directory.save(transaction, found.with_shown(accountEnabled=False))
    assert anybody.get("/v1.0/users").status_code == 401
    form = {"grant_type": "client_credentials", "scope": "https://management.azure.com/.default"}
    assert anybody.post(f"/{open_services.estate.tenant_id}/oauth2/v2.0/token", data=form).status_code == 400
