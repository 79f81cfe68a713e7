"""The resources of the estate as policies look at them, and those that an effect asks for beside one."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from vedette.arm.context import Context
from vedette.arm.resource import RESOURCE_GROUP, SUBSCRIPTION
from vedette.arm.resource_ids import ResourcePath, parse_id
from vedette.policy.compliance import Wanted
from vedette.policy.scene import Facts
from vedette.policy.target import Target
from vedette.sentinel.chosen_pages import documents_behind
from vedette.sentinel.other_resources import held_types
from vedette.sentinel.policies.types import ASSIGNMENT, DEFINITION, SET_DEFINITION, SET_VERSION, VERSION
from vedette.sentinel.subscriptions import SUBSCRIPTION_NAME
from vedette.sentinel.tags import tags_of
from vedette.state.documents import Document

Json = dict[str, Any]
_SHOWN_GROUP: Final = "Microsoft.Resources/resourceGroups"
_NOT_EVALUATED: Final = ("microsoft.resources/", "vedette")
_OWN: Final = frozenset(each.lower() for each in (DEFINITION, SET_DEFINITION, ASSIGNMENT, VERSION, SET_VERSION))
"""What policies are made of: no policy can lock out who wants to change it."""

_EVALUATED: Final = frozenset({RESOURCE_GROUP.lower(), SUBSCRIPTION.lower()})


def is_evaluated(type: str) -> bool:
    """Whether policies look at resources of a type: of ARM's own only at groups and subscriptions.

    https://learn.microsoft.com/azure/governance/policy/overview#resources-covered-by-azure-policy
    """
    folded = type.lower()
    return folded in _EVALUATED or not (folded.startswith(_NOT_EVALUATED) or folded in _OWN)


def target_of(document: Document) -> Target:
    """A stored resource."""
    path = parse_id(document.id)
    type = RESOURCE_GROUP if document.type == _SHOWN_GROUP else document.type
    return Target(document.id, type, document.name, "/".join(path.names), document.body)


def target_at(path: ResourcePath, type: str, body: Json) -> Target:
    """A resource that a request is about."""
    return Target(path.id, type, path.name, "/".join(path.names), body)


def subscription_target(context: Context) -> Target:
    """The subscription."""
    estate = context.estate
    id, name = estate.subscription_resource_id, estate.subscription_id
    body = {"tags": tags_of(context, id), "properties": {"displayName": SUBSCRIPTION_NAME, "state": "Enabled"}}
    return Target(id, SUBSCRIPTION, name, name, body)


def find_target(context: Context, id: str) -> Target | None:
    """The resource of an id that policies look at; None where there is none."""
    if id.lower() == context.estate.subscription_resource_id.lower():
        return subscription_target(context)
    document = context.state.get(id)
    if document is None:
        return None
    found = target_of(document)
    return found if is_evaluated(found.type) else None


def facts_of(context: Context, target_id: str, request: Json | None = None, action: str = "") -> Facts:
    """What is around a resource."""
    estate = context.estate
    id = estate.subscription_resource_id
    group = parse_id(target_id).resource_group if target_id.strip("/") else None
    document = context.state.get(f"{id}/resourceGroups/{group}") if group else None
    return Facts(
        context.clock.now(),
        {
            "id": id,
            "subscriptionId": estate.subscription_id,
            "displayName": SUBSCRIPTION_NAME,
            "tenantId": estate.tenant_id,
            "tags": tags_of(context, id),
        },
        None if document is None else {"id": document.id, "name": document.name, "type": _SHOWN_GROUP, **document.body},
        {},
        request or {},
        action,
    )


def targets_of(context: Context, types: frozenset[str] | None, scope: str) -> Iterator[Target]:
    """The resources below a scope of some types, folded; or without them of all types that an estate is made of."""
    subscription = context.estate.subscription_resource_id
    inside = scope if scope.lower().startswith(subscription.lower()) else subscription
    wanted = types if types is not None else frozenset(each.lower() for each in estate_types(context))
    if SUBSCRIPTION.lower() in wanted and inside.lower() == subscription.lower():
        yield subscription_target(context)
    for type in sorted(wanted - {SUBSCRIPTION.lower()}):
        if not is_evaluated(type):
            continue
        kept = _SHOWN_GROUP if type == RESOURCE_GROUP.lower() else type
        own = context.state.get(inside) if inside.lower() != subscription.lower() else None
        if own is not None and own.type.lower() == kept.lower():
            yield target_of(own)
        yield from map(target_of, documents_behind(context.state, kept, inside, None))


def estate_types(context: Context) -> Iterator[str]:
    """The subscription, resource groups, the types with a location and tags, and those of other providers."""
    yield from (SUBSCRIPTION, RESOURCE_GROUP)
    if context.management is not None:
        served = context.management.types.all()
        yield from (each.document_type for each in served if each.tracked and each.source is None)
    yield from held_types(context.state)


def related(context: Context, target: Target, wanted: Wanted) -> Sequence[Target]:
    """`compliance.Related`: what is below the resource, else in its group, another one, or the subscription."""
    found = _below(context, target, wanted)
    return [each for each in found if each.is_named(wanted.name)]


def _below(context: Context, target: Target, wanted: Wanted) -> list[Target]:
    state, type = context.state, wanted.type
    if type.lower() == target.folded_type:
        return [target_of(each) for each in _around(context, target, wanted)]
    if type.lower().startswith(f"{target.folded_type}/"):
        return [target_of(each) for each in state.list(type, target.id, below=True)]
    if type.lower() not in (SUBSCRIPTION.lower(), RESOURCE_GROUP.lower()) and target.folded_type not in _EVALUATED:
        directly = state.list(type, target.id)
        if directly or _extends(context, type):
            return [target_of(each) for each in directly]
    return [target_of(each) for each in _around(context, target, wanted)]


def _around(context: Context, target: Target, wanted: Wanted) -> list[Document]:
    """Those of a resource group, or of the subscription."""
    subscription = context.estate.subscription_resource_id
    kept = _SHOWN_GROUP if wanted.type.lower() == RESOURCE_GROUP.lower() else wanted.type
    group = wanted.resource_group or parse_id(target.id).resource_group
    if wanted.in_subscription or not group or kept == _SHOWN_GROUP:
        return context.state.list(kept, subscription, below=True)
    return context.state.list(kept, f"{subscription}/resourceGroups/{group}", below=True)


def _extends(context: Context, type: str) -> bool:
    served = context.management.types.get(type) if context.management is not None else None
    return served is not None and served.extends_any
