"""A look at all that lies in a scope: once a day, after a change of what is assigned, and when it is asked for.

https://learn.microsoft.com/azure/governance/policy/how-to/get-compliance-data#evaluation-triggers
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from vedette.access.scopes import folded
from vedette.arm.context import Context
from vedette.arm.operations import Running
from vedette.arm.resource_ids import parse_id
from vedette.core.instants import arm_time
from vedette.policy.scene import Facts
from vedette.policy.target import Target
from vedette.sentinel.policies.catalog import Catalog
from vedette.sentinel.policies.states import Found, differs, look, note
from vedette.sentinel.policies.targets import facts_of, targets_of
from vedette.sentinel.policies.types import EVENT, STATE
from vedette.state.conditions import Compare

if TYPE_CHECKING:
    from vedette.sentinel.policies.engine import PolicyEngine

_BATCH: Final = 200
_KEPT: Final = timedelta(days=90)
LAST: Final = "policy evaluation"
"""The fact that says when everything was looked at last."""


def evaluate(engine: "PolicyEngine", running: Running) -> None:
    """The work of an evaluation that was asked for."""
    sweep(engine, running.subject)


def sweep(engine: "PolicyEngine", scope: str) -> int:
    """Look at every resource below a scope. How many there were."""
    context, catalog = engine.context, engine.catalogs.now()
    below = catalog.below(scope)
    began = context.clock.now()
    seen: set[str] = set()
    for batch in _batches(_targets(context, below, scope)):
        around: dict[str, Facts] = {}
        found = [look(context, below, each, _facts(context, each, around)) for each in batch]
        _keep(context, found, began)
        seen.update(each.target.id.lower() for each in found if each.judgements)
    _forget_others(context, catalog, scope, seen)
    with context.state.transaction() as transaction:
        if folded(scope) == folded(context.estate.subscription_resource_id):
            transaction.set_value(LAST, arm_time(began, "microseconds"))
        _trim(transaction, began)
    return len(seen)


def _targets(context: Context, catalog: Catalog, scope: str) -> Iterator[Target]:
    """All that a use can be about: what any type may be, and types that rules name."""
    if not catalog.uses:
        return
    seen: set[str] = set()
    for types in (frozenset(catalog.by_type),) if not catalog.any_type else (None, frozenset(catalog.by_type)):
        for target in targets_of(context, types, scope):
            if target.id.lower() not in seen:
                seen.add(target.id.lower())
                yield target


def _batches(targets: Iterator[Target]) -> Iterator[list[Target]]:
    while batch := list(islice(targets, _BATCH)):
        yield batch


def _facts(context: Context, target: Target, around: dict[str, Facts]) -> Facts:
    group = parse_id(target.id).resource_group or ""
    if group.lower() not in around:
        around[group.lower()] = facts_of(context, target.id)
    return around[group.lower()]


def _keep(context: Context, found: list[Found], now: datetime) -> None:
    held = {each.scope: each for each in context.state.list(STATE, [each.target.id for each in found])}
    new = [each for each in found if differs(held.get(each.target.id.lower()), each)]
    if new:
        with context.state.transaction() as transaction:
            for each in new:
                note(transaction, each, now, is_written=False)


def _forget_others(context: Context, catalog: Catalog, scope: str, seen: set[str]) -> None:
    """States of resources that nothing is about any more."""
    held = [*context.state.list(STATE, scope, below=True)]
    gone = [each for each in held if each.scope not in seen]
    if gone:
        with context.state.transaction() as transaction:
            for each in gone:
                transaction.delete(each.id)


def _trim(transaction: Any, now: datetime) -> None:
    old = Compare(("at",), "lt", now - _KEPT)
    transaction.delete_all(transaction.list(EVENT, where=old))
