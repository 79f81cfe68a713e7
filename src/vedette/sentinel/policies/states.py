"""The states of resources with what is assigned over them, as they were found last: one document a resource.

A resource takes its states along when it is deleted, for their document is below it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from vedette.arm.context import Context
from vedette.arm.templates.context import Budget
from vedette.core.ids import derived_id
from vedette.core.instants import arm_time
from vedette.policy.compliance import EXEMPT, NON_COMPLIANT, Judgement, judged
from vedette.policy.scene import Facts
from vedette.policy.target import Target
from vedette.policy.use import Use
from vedette.sentinel.policies.catalog import Catalog
from vedette.sentinel.policies.requests import is_exempt
from vedette.sentinel.policies.targets import facts_of, related
from vedette.sentinel.policies.types import EVENT, STATE
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

Json = dict[str, Any]
_SAME: Final = ("assignment", "reference", "definition", "effect", "state", "error")


def states_id(resource_id: str) -> str:
    """The id of the document of a resource's states, which is no address."""
    return f"{resource_id}/vedette/policyStates"


def states_of(state: StateStore | Transaction, resource_id: str) -> Document | None:
    """The states of a resource: its body has `resource` and `states`."""
    return state.get(states_id(resource_id))


@dataclass(frozen=True, slots=True)
class Found:
    """What came of all uses on a resource: those that are about it, exempt ones too."""

    target: Target
    judgements: tuple[Judgement, ...]

    def missing(self, effect: str) -> list[Use]:
        """The uses with an effect that the resource does not comply with, and that are enforced."""
        return [
            each.use
            for each in self.judgements
            if each.effect == effect and each.state == NON_COMPLIANT and each.use.assignment.is_enforced
        ]


def look(context: Context, catalog: Catalog, target: Target, facts: Facts | None = None) -> Found:
    """Hold a resource against everything that is assigned over it."""
    known = facts or facts_of(context, target.id)
    found: list[Judgement] = []
    budget = Budget()
    for use in catalog.of_type(target.folded_type):
        judgement = judged(use, target, known, lambda of, wanted: related(context, of, wanted), budget)
        if judgement is None:
            continue
        if is_exempt(catalog.exemptions, use, target, known):
            judgement = replace(judgement, state=EXEMPT, error="")
        found.append(judgement)
    return Found(target, tuple(found))


def differs(document: Document | None, found: Found) -> bool:
    """Whether what was found is not what is kept."""
    if document is None:
        return bool(found.judgements)
    kept = [tuple(each.get(name) for name in _SAME) for each in document.body["states"]]
    return kept != [_facts_of(each) for each in found.judgements] or document.body["resource"] != _shown(found.target)


def _facts_of(judgement: Judgement) -> tuple[str | None, ...]:
    use = judgement.use
    return (
        use.assignment.id,
        use.reference_id,
        use.definition.id,
        judgement.effect,
        judgement.state,
        judgement.error or None,
    )


def note(transaction: Transaction, found: Found, now: datetime, *, is_written: bool) -> bool:
    """Keep what was found, and an event of each state that is another one than before, or that a write brought.
    Whether anything changed."""
    document = states_of(transaction, found.target.id)
    before = {_key(each): each for each in document.body["states"]} if document else {}
    after = [_record(each, now) for each in found.judgements]
    kept = [_kept(before.get(_key(each)), each) for each in after]
    for each in kept:
        was = before.get(_key(each))
        if is_written or (was is not None and was is not each):
            _tell(transaction, found.target, each, now)
    resource = _shown(found.target)
    body = {"resource": resource, "states": kept}
    if document is not None and document.body == body:
        return False
    if not kept:
        return transaction.delete(states_id(found.target.id))
    transaction.put(id=states_id(found.target.id), type=STATE, scope=found.target.id, name="policyStates", body=body)
    return True


def _key(record: Json) -> tuple[str, str]:
    return record["assignment"].lower(), record["reference"].lower()


def _kept(before: Json | None, after: Json) -> Json:
    """The earlier record where nothing is new: it says since when that is so, and what was deployed."""
    if before is not None and all(before.get(name) == after.get(name) for name in _SAME):
        return before
    deployment = (before or {}).get("deployment")
    return after | ({"deployment": deployment} if deployment and after["state"] != NON_COMPLIANT else {})


def _record(judgement: Judgement, now: datetime) -> Json:
    use = judgement.use
    return {
        "assignment": use.assignment.id,
        "reference": use.reference_id,
        "definition": use.definition.id,
        "effect": judgement.effect,
        "state": judgement.state,
        "since": arm_time(now, "microseconds"),
        **({"error": judgement.error} if judgement.error else {}),
    }


def _shown(target: Target) -> Json:
    return {
        "id": target.id,
        "type": target.type,
        "location": target.location,
        **({"tags": dict(target.tags)} if target.tags else {}),
    }


def _tell(transaction: Transaction, target: Target, record: Json, now: datetime) -> None:
    """One event of a state; made again after a crash it is the same one."""
    instant = arm_time(now, "microseconds")
    name = derived_id("policy event", target.id.lower(), *_key(record), record["state"], instant)
    id = f"/vedette/policyEvents/{name}"
    body = {"resource": _shown(target), "at": instant, **record}
    transaction.put(id=id, type=EVENT, scope=target.id, name=name, body=body)


def note_denial(transaction: Transaction, target: Target, use: Use, now: datetime) -> None:
    """Keep the event of a request that was denied."""
    record = _record(Judgement(use, "deny", NON_COMPLIANT), now)
    _tell(transaction, target, record, now)


def note_deployment(context: Context, resource_id: str, use_key: tuple[str, str], told: Json) -> None:
    """Keep what came of a deployment for a state: `{id, state, error?}`."""
    with context.state.transaction() as transaction:
        document = states_of(transaction, resource_id)
        if document is None:
            return
        states = [
            each | {"deployment": told} if _key(each) == (use_key[0].lower(), use_key[1].lower()) else each
            for each in document.body["states"]
        ]
        transaction.change(document, document.body | {"states": states})
