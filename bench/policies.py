"""How long does a look at an estate take under many assignments, and what do they add to a write?

A whole server without HTTP holds synthetic resources of a hundred types; half of its assignments name a type, the
others look at tags of all. One server has few resources and one has many, so that growth is seen.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from bench.question import Finding
from vedette.access.addresses import make_addresses
from vedette.access.principals import Principal
from vedette.api.arm_context import arm_context
from vedette.api.services import Services
from vedette.arm.call import Call
from vedette.arm.controller import answer
from vedette.arm.resource_ids import parse_id
from vedette.core.settings import Settings
from vedette.sentinel.policies.sweeping import sweep
from vedette.sentinel.resources import RESOURCE_TYPES
from vedette.server.composition import compose

FEW, MANY = 1_000, 10_000
ASSIGNMENTS = 30
WRITES = 101
TYPES = 100
SWEEP_TARGET = 2.0  # milliseconds a resource
GROWTH_TARGET = 1.5
WRITE_TARGET = 2.0  # times as long as without an assignment


def ask() -> list[Finding]:
    """A look at everything, then one at what has not changed since; medians of WRITES writes."""
    few, many = _measured(FEW), _measured(MANY)
    note = f"{MANY:,} resources, {ASSIGNMENTS} assignments: {many.first:.1f} s, then {many.again:.1f} s for the same"
    growth = (many.first / MANY) / (few.first / FEW)
    writes = f"{many.plain * 1e3:.1f} ms without an assignment, {many.under * 1e3:.1f} ms under {ASSIGNMENTS}"
    return [
        Finding("policies: a look at an estate", many.first / MANY * 1e3, SWEEP_TARGET, "ms a resource", note),
        Finding("policies: growth of that", growth, GROWTH_TARGET, "x", f"{FEW:,} resources beside {MANY:,}, each"),
        Finding("policies: a write under them", many.under / many.plain, WRITE_TARGET, "x", writes),
        Finding("policies: growth of that", many.under / few.under, GROWTH_TARGET, "x", "the same writes, per estate"),
    ]


@dataclass(frozen=True, slots=True)
class _Times:
    """Seconds: of the first look and the next, of a write without assignments and under them."""

    first: float
    again: float
    plain: float
    under: float


def _measured(resources: int) -> _Times:
    with TemporaryDirectory() as folder, _served(Path(folder)) as (services, owner):
        group = f"{services.estate.subscription_resource_id}/resourceGroups/bench"
        _send(services, owner, group, {"location": "eastus"})
        _make(services, group, resources)
        plain = _writes(services, owner, group)
        _assign(services, owner)
        scope = services.estate.subscription_resource_id
        began = perf_counter()
        sweep(services.policies, scope)
        first = perf_counter()
        sweep(services.policies, scope)
        again = perf_counter()
        return _Times(first - began, again - first, plain, _writes(services, owner, group))


@contextmanager
def _served(folder: Path) -> Iterator[tuple[Services, Principal]]:
    addresses = make_addresses("127.0.0.1", https_port=8443, http_port=8080, proxy_port=3128)
    with compose(Settings(folder, virtual_clock=True), addresses) as services:
        owner = services.directory.service_principal(services.estate.client_id)
        assert owner is not None
        yield services, owner


def _send(services: Services, owner: Principal, id: str, body: Any) -> None:
    call = Call("PUT", parse_id(id), owner, {"api-version": "2024-01-01"}, "https://localhost:8443", body)
    answer(arm_context(services), RESOURCE_TYPES, call)


def _make(services: Services, group: str, number: int) -> None:
    """Resources as they are stored; one of each type is put, which makes the type known."""
    owner = services.directory.service_principal(services.estate.client_id)
    assert owner is not None
    for type in range(TYPES):
        _send(services, owner, f"{group}/providers/Bench.Things/type{type}/first", {"location": "eastus"})
    for type in range(TYPES):
        noun = f"Bench.Things/type{type}"
        ids = [f"{group}/providers/{noun}/thing{each}" for each in range(type, number, TYPES)]
        bodies = [
            {"location": "eastus", "tags": {"owner": "me"} if each % 3 else {}, "properties": {"size": each % 7}}
            for each in range(len(ids))
        ]
        with services.state.transaction() as transaction:
            transaction.create_all(type=noun, scope=group, ids=ids, bodies=bodies)


def _assign(services: Services, owner: Principal) -> None:
    place = f"{services.estate.subscription_resource_id}/providers/Microsoft.Authorization"
    for number in range(ASSIGNMENTS):
        named = {"field": "type", "equals": f"Bench.Things/type{number}"}
        size = {"field": f"Bench.Things/type{number}/size", "greater": 3}
        tagged = {"field": "tags['owner']", "exists": False}
        condition = {"allOf": [named, size]} if number % 2 else tagged
        rule = {"if": condition, "then": {"effect": "audit"}}
        definition = f"{place}/policyDefinitions/bench{number}"
        _send(services, owner, definition, {"properties": {"mode": "Indexed", "policyRule": rule}})
        assigned = {"properties": {"policyDefinitionId": definition}}
        _send(services, owner, f"{place}/policyAssignments/bench{number}", assigned)
    services.policies.settle(f"{services.estate.subscription_resource_id}/vedette/scope", 600)


def _writes(services: Services, owner: Principal, group: str) -> float:
    taken: list[float] = []
    for number in range(WRITES):
        body = {"location": "eastus", "tags": {"owner": "me"}, "properties": {"size": number % 3}}
        began = perf_counter()
        _send(services, owner, f"{group}/providers/Bench.Things/type1/write{number}", body)
        taken.append(perf_counter() - began)
    return median(taken)
