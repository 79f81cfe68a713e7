"""The virtual clock over HTTP."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.unit.api.callers import service_principal
from tests.unit.api.conftest import BASE

from vedette.access.addresses import Addresses
from vedette.api.app import make_app
from vedette.api.clock import moved
from vedette.api.services import Services
from vedette.core.errors import InvalidInput
from vedette.core.settings import Settings
from vedette.server.composition import compose

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "target"),
    [
        (b'{"advance": "PT5M"}', NOW + timedelta(minutes=5)),
        (b'{"advance": "PT0S"}', NOW),
        (b'{"set": "2026-01-02T00:00:00Z"}', NOW + timedelta(days=1)),
        (b'{"set": "2026-01-02T01:00:00+01:00"}', NOW + timedelta(days=1)),
        (b'{"set": "2026-01-02T00:00:00"}', NOW + timedelta(days=1)),
    ],
)
def test_where_the_clock_goes(body: bytes, target: datetime) -> None:
    assert moved(body, NOW) == target


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "InvalidRequestContent"),
        (b"[]", "InvalidRequestContent"),
        (b"{}", "InvalidRequestContent"),
        (b'{"advance": 5}', "InvalidRequestContent"),
        (b'{"advance": "PT5M", "set": "2026-01-02T00:00:00Z"}', "InvalidRequestContent"),
        (b'{"advance": "5 minutes"}', "InvalidDuration"),
        (b'{"advance": "-PT5M"}', "InvalidDuration"),
        (b'{"advance": "P9999999D"}', "InvalidDuration"),
        (b'{"set": "tomorrow"}', "InvalidInstant"),
        (b'{"set": "2025-12-31T23:59:59Z"}', "InvalidInstant"),
    ],
)
def test_where_it_does_not_go(body: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        moved(body, NOW)
    assert refused.value.code == code


def test_without_the_flag_there_is_no_clock(owner: TestClient) -> None:
    for answer in (owner.get("/vedette/clock"), owner.post("/vedette/clock", json={"advance": "PT5M"})):
        assert answer.status_code == 404
        assert "--virtual-clock" in answer.json()["error"]["message"]


def test_the_clock_stands_still_until_it_is_moved(
    virtual_services: Services, signed_in: Callable[[Services], TestClient]
) -> None:
    client = signed_in(virtual_services)
    before = client.get("/vedette/clock").json()["now"]
    assert client.get("/vedette/clock").json()["now"] == before
    after = client.post("/vedette/clock", json={"advance": "PT1H"}).json()["now"]
    assert datetime.fromisoformat(after) - datetime.fromisoformat(before) == timedelta(hours=1)
    assert virtual_services.clock.now() == datetime.fromisoformat(after)


def test_tokens_go_by_the_machines_clock(
    virtual_services: Services, signed_in: Callable[[Services], TestClient]
) -> None:
    client = signed_in(virtual_services)
    assert client.post("/vedette/clock", json={"advance": "P30D"}).status_code == 200
    assert client.get("/vedette/clock").status_code == 200


def test_a_restart_does_not_turn_the_clock_back(
    tmp_path: Path, own_addresses: Addresses, signed_in: Callable[[Services], TestClient]
) -> None:
    settings = Settings(tmp_path, virtual_clock=True)
    with compose(settings, own_addresses) as services:
        client = signed_in(services)
        stood = client.post("/vedette/clock", json={"advance": "P10D"}).json()["now"]
    with compose(settings, own_addresses) as services:
        assert services.clock.now() == datetime.fromisoformat(stood)


def test_a_body_that_is_too_large(virtual_services: Services, signed_in: Callable[[Services], TestClient]) -> None:
    assert signed_in(virtual_services).post("/vedette/clock", content=b" " * 2_000_000).status_code == 413


def test_any_caller_may_read_the_clock_and_only_some_move_it(virtual_services: Services) -> None:
    stranger = service_principal(virtual_services, "clock-stranger")
    token = virtual_services.tokens.issue(stranger, BASE, base=BASE).text
    client = TestClient(make_app(virtual_services), base_url=BASE)
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/vedette/clock").status_code == 401
    assert client.get("/vedette/clock", headers=headers).status_code == 200
    assert client.post("/vedette/clock", headers=headers, json={"advance": "PT5M"}).status_code == 403
