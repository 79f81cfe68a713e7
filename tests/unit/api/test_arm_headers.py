import re
from datetime import UTC, datetime, timedelta

from starlette.testclient import TestClient

from vedette.api.arm_headers import Budget, Budgets
from vedette.api.services import Services
from vedette.core.clock import VirtualClock

VERSION = {"api-version": "2022-12-01"}


def test_a_budget_is_spent_and_refilled() -> None:
    clock = VirtualClock(datetime(2024, 1, 1, tzinfo=UTC))
    budgets = Budgets(clock)
    budget = Budget(3, 2)
    assert [budgets.spend("a", "reads", budget) for _ in range(5)] == [2, 1, 0, 0, 0]
    assert budgets.spend("b", "reads", budget) == 2
    assert budgets.spend("a", "writes", budget) == 2
    clock.set(clock.now() + timedelta(seconds=1))
    assert budgets.spend("a", "reads", budget) == 1
    clock.set(clock.now() + timedelta(hours=1))
    assert budgets.spend("a", "reads", budget) == 2


def test_the_headers_of_an_answer(owner: TestClient, anonymous: TestClient, services: Services) -> None:
    place = services.estate.subscription_resource_id
    first = owner.get(place, params=VERSION).headers
    assert re.fullmatch(rf"LOCAL:\d{{8}}T\d{{6}}Z:{first['x-ms-request-id']}", first["x-ms-routing-request-id"])
    assert 0 <= int(first["x-ms-ratelimit-remaining-subscription-reads"]) < 250
    missing = owner.delete(f"{place}/resourcegroups/nothing", params=VERSION)
    assert missing.status_code == 404
    assert int(missing.headers["x-ms-ratelimit-remaining-subscription-deletes"]) < 200
    assert "x-ms-ratelimit-remaining-tenant-reads" in owner.get("/tenants", params=VERSION).headers
    assert not any("ratelimit" in name for name in anonymous.get(place, params=VERSION).headers)
