"""What is to be looked at again after a commit, and the look itself.

A resource that was put is held against everything over it, and what is missing is deployed for it; of one below which
something changed only the states are told again. A change of an assignment has its whole scope looked at.
"""

from typing import Any, Final

from vedette.arm.operations import Running
from vedette.arm.resource import RESOURCE_GROUP, SUBSCRIPTION
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import Conflict
from vedette.policy.effects import DEPLOY_IF_NOT_EXISTS
from vedette.policy.use import Use
from vedette.sentinel.policies.catalog import Catalog
from vedette.sentinel.policies.deploying import deploy as deploy_use
from vedette.sentinel.policies.engine import DEPLOYING, PolicyEngine, task_id
from vedette.sentinel.policies.states import look, note_deployment, states_id
from vedette.sentinel.policies.states import note as note_states
from vedette.sentinel.policies.sweeping import sweep
from vedette.sentinel.policies.targets import find_target, is_evaluated
from vedette.sentinel.policies.types import ASSIGNMENT, DEFINITION, EXEMPTION, SET_DEFINITION, TASK
from vedette.sentinel.tags import TAGS
from vedette.state.changes import Change, ManyChanges
from vedette.state.documents import Document
from vedette.state.store import Transaction

_OF_POLICY: Final = frozenset(each.lower() for each in (ASSIGNMENT, EXEMPTION, DEFINITION, SET_DEFINITION))
_SHOWN_GROUP: Final = "microsoft.resources/resourcegroups"
Json = dict[str, Any]


def note(engine: PolicyEngine, transaction: Transaction) -> bool:
    """Note what a transaction's changes give to look at. Whether that is anything."""
    catalog = engine.catalogs.now()
    noted = False
    for change in list(transaction.changes):
        if isinstance(change, ManyChanges):
            noted |= _note_many(engine, transaction, catalog, change)
        elif change.type.lower() in _OF_POLICY:
            noted |= _note_scope(engine, transaction, _scope_of_policy(engine, change.document))
        else:
            noted |= _note_resource(engine, transaction, catalog, change)
    return noted


def _scope_of_policy(engine: PolicyEngine, document: Document) -> str:
    subscription = engine.context.estate.subscription_resource_id
    if document.type.lower() in (ASSIGNMENT.lower(), EXEMPTION.lower()):
        scope = document.id.rpartition("/providers/")[0]
        return scope if scope.lower().startswith(subscription.lower()) else subscription
    return subscription


def _note_scope(_engine: PolicyEngine, transaction: Transaction, scope: str) -> bool:
    _put(transaction, f"{scope}/vedette/scope", {"id": scope, "scope": True, "written": False})
    return True


def _note_many(engine: PolicyEngine, transaction: Transaction, catalog: Catalog, change: ManyChanges) -> bool:
    """Documents that were made or deleted together: the states below go with them, those above are told again."""
    if not any(concerns(engine, catalog, each) for each in change.types):
        return False
    scope = change.scope or engine.context.estate.subscription_resource_id
    if not scope.lower().startswith(engine.context.estate.subscription_resource_id.lower()):
        return False
    return _note_scope(engine, transaction, scope) | _note_above(engine, transaction, catalog, scope)


def _note_resource(engine: PolicyEngine, transaction: Transaction, catalog: Catalog, change: Change) -> bool:
    document = change.document
    id, type = document.id, document.type
    if type.lower() == TAGS.lower():  # those of the subscription, which keeps its tags beside itself
        id, type = id.rpartition("/providers/")[0], SUBSCRIPTION
    noted = False
    if change.after is None and type != SUBSCRIPTION:
        transaction.delete(states_id(id))
    elif concerns(engine, catalog, RESOURCE_GROUP if type.lower() == _SHOWN_GROUP else type):
        _put(transaction, id, {"id": id, "scope": False, "written": True})
        noted = True
    return _note_above(engine, transaction, catalog, id) or noted


def _note_above(engine: PolicyEngine, transaction: Transaction, catalog: Catalog, id: str) -> bool:
    """What is above is told again, where a rule could ask for what is below it."""
    noted = False
    for above in parse_id(id).lineage if id.startswith("/") else ():
        uses = catalog.of_type(above.type.lower()) if above.is_item else ()
        if any(each.definition.details.existence is not None for each in uses):
            _put(transaction, above.id, {"id": above.id, "scope": False, "written": False})
            noted = True
    return noted


def _put(transaction: Transaction, id: str, body: Json) -> None:
    existing = transaction.get(task_id(id))
    if existing is not None:
        body = body | {"written": body["written"] or existing.body["written"]}
    transaction.put(id=task_id(id), type=TASK, scope="", name="task", body=body)


def concerns(engine: PolicyEngine, catalog: Catalog, type: str) -> bool:
    """Whether resources of a type have states: where a rule names the type, or for rules about all, where it is one
    that an estate is made of."""
    if type.lower() in catalog.by_type:
        return True
    if not catalog.any_type or not is_evaluated(type):
        return False
    served = engine.context.management.types.get(type) if engine.context.management is not None else None
    return served is None or served.tracked or type in (RESOURCE_GROUP, SUBSCRIPTION)


def do(engine: PolicyEngine, task: Document) -> None:
    """Look at what a task names, and forget it, unless it was noted anew meanwhile."""
    if task.body["scope"]:
        sweep(engine, task.body["id"])
    else:
        _look_at(engine, task.body["id"], is_written=task.body["written"])
    try:
        with engine.context.state.transaction() as transaction:
            transaction.delete(task.id, etag=task.etag)
    except Conflict:
        return


def _look_at(engine: PolicyEngine, id: str, *, is_written: bool) -> None:
    context, catalog = engine.context, engine.catalogs.now()
    target = find_target(context, id)
    if target is None:
        return
    found = look(context, catalog, target)
    missing = found.missing(DEPLOY_IF_NOT_EXISTS) if is_written else []
    begun: list[str] = []
    with context.state.transaction() as transaction:
        note_states(transaction, found, context.clock.now(), is_written=is_written)
        for use in missing:
            if not _is_deploying(engine, id, use):
                begun.append(context.operations.record(transaction, DEPLOYING, target.id, _named(use)))
    for each in begun:
        context.operations.start(each)


def _named(use: Use) -> Json:
    return {"assignment": use.assignment.id, "reference": use.reference_id}


def _is_deploying(engine: PolicyEngine, id: str, use: Use) -> bool:
    going_on = engine.context.operations.in_progress(DEPLOYING, id)
    return any(
        each.body["parameters"] == _named(use) and each.body["subject"].lower() == id.lower() for each in going_on
    )


def deploy(engine: PolicyEngine, running: Running) -> None:
    """The work of a deployment that a write asked for; its outcome is in the state of the resource."""
    context = engine.context
    target = find_target(context, running.subject)
    use = find_use(engine, running.parameters["assignment"], running.parameters["reference"])
    if target is None or use is None:
        return
    found = look(context, engine.catalogs.now(), target)
    if use not in found.missing(DEPLOY_IF_NOT_EXISTS):
        return
    outcome = deploy_use(context, engine.directory, use, target, running)
    _look_at(engine, target.id, is_written=False)
    note_deployment(context, target.id, (use.assignment.id, use.reference_id), outcome.told)


def find_use(engine: PolicyEngine, assignment_id: str, reference_id: str) -> Use | None:
    """The use of an assignment, and of a definition of its initiative."""
    return next(
        (
            each
            for each in engine.catalogs.now().uses
            if each.assignment.id.lower() == assignment_id.lower() and each.reference_id.lower() == reference_id.lower()
        ),
        None,
    )
