"""An assignment of a definition or an initiative to a scope, and an exemption from it.

https://learn.microsoft.com/azure/governance/policy/concepts/assignment-structure
https://learn.microsoft.com/azure/governance/policy/concepts/exemption-structure
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from vedette.access.scopes import covers
from vedette.core.instants import instant_of
from vedette.policy.effects import effect_named
from vedette.policy.errors import invalid_parameters
from vedette.policy.limits import MOST_NOT_SCOPES
from vedette.policy.selectors import Selector, chosen, read_selectors
from vedette.policy.target import Target
from vedette.policy.values import Json

_MODES: Final = {"default": "Default", "donotenforce": "DoNotEnforce", "enroll": "Enroll"}


@dataclass(frozen=True, slots=True)
class Override:
    """Another effect for some definitions or resources."""

    effect: str
    selectors: tuple[Selector, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """An assignment. `given` are the values of parameters as they were sent; `resource_selectors` are several sets, of
    which a resource must be chosen by one; `messages` are pairs of a reference id, "" for all, and a text. `identity`
    is the object id of who acts for it."""

    id: str
    name: str
    display_name: str
    scope: str
    definition_id: str
    given: Any
    not_scopes: tuple[str, ...]
    is_enforced: bool
    overrides: tuple[Override, ...]
    resource_selectors: tuple[tuple[Selector, ...], ...]
    messages: tuple[tuple[str, str], ...]
    identity: str
    location: str

    def is_about(self, id: str) -> bool:
        """Whether an id lies in its scope and not in one that is excluded."""
        return covers(self.scope or "/", id) and not any(covers(each, id) for each in self.not_scopes)

    def message(self, reference_id: str) -> str:
        """What is said of a resource that is not compliant."""
        folded = reference_id.lower()
        own = next((text for of, text in self.messages if of and of.lower() == folded), "")
        return own or next((text for of, text in self.messages if not of), "")


def read_assignment(id: str, name: str, scope: str, body: Json) -> Assignment:
    """The assignment of a body. Raises InvalidInput (InvalidPolicyParameters, InvalidPolicyRule)."""
    held = {key.lower(): each for key, each in cast("Json", body.get("properties") or {}).items()}
    definition_id = held.get("policydefinitionid")
    if not isinstance(definition_id, str) or not definition_id.startswith("/"):
        raise invalid_parameters("An assignment has 'policyDefinitionId', the id of a definition or an initiative.")
    mode = _MODES.get(str(held.get("enforcementmode") or "default").lower())
    if mode is None:
        raise invalid_parameters("'enforcementMode' is Default or DoNotEnforce.")
    excluded = _texts(held.get("notscopes"), "notScopes")
    if len(excluded) > MOST_NOT_SCOPES:
        raise invalid_parameters(f"'notScopes' has at most {MOST_NOT_SCOPES} ids.")
    for each in excluded:
        if not covers(scope or "/", each):
            raise invalid_parameters(f"The excluded scope '{each[:300]}' is not below the assignment's, '{scope}'.")
    return Assignment(
        id,
        name,
        str(held.get("displayname") or ""),
        scope,
        definition_id.rstrip("/"),
        held.get("parameters"),
        excluded,
        mode == "Default",
        tuple(_override(each) for each in _objects(held.get("overrides"), "overrides")),
        tuple(
            read_selectors(each.get("selectors"), "resourceSelectors")
            for each in _objects(held.get("resourceselectors"), "resourceSelectors")
        ),
        tuple(
            (str(each.get("policydefinitionreferenceid") or ""), str(each.get("message") or ""))
            for each in _objects(held.get("noncompliancemessages"), "nonComplianceMessages")
        ),
        _identity(body.get("identity")),
        str(body.get("location") or ""),
    )


def _texts(value: Any, name: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, str) for each in cast("list[Any]", value)):
        raise invalid_parameters(f"'{name}' is an array of ids.")
    return tuple(cast("list[str]", value))


def _objects(value: Any, name: str) -> list[Json]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in cast("list[Any]", value)):
        raise invalid_parameters(f"'{name}' is an array of objects.")
    return [{key.lower(): one for key, one in each.items()} for each in cast("list[Json]", value)]


def _override(held: Json) -> Override:
    if str(held.get("kind", "")).lower() != "policyeffect":
        raise invalid_parameters("The 'kind' of an override is policyEffect; versions are not overridden here.")
    return Override(effect_named(held.get("value")), read_selectors(held.get("selectors"), "overrides"))


def _identity(value: Any) -> str:
    """The object id of the identity that an assignment has, its own or the one that is assigned to it."""
    held = cast("Json", value) if isinstance(value, dict) else {}
    if held.get("principalId"):
        return str(held["principalId"])
    assigned = held.get("userAssignedIdentities")
    each = next(iter(cast("Json", assigned).values()), None) if isinstance(assigned, dict) else None
    return str(cast("Json", each).get("principalId") or "") if isinstance(each, dict) else ""


@dataclass(frozen=True, slots=True)
class Exemption:
    """What an assignment, or some definitions of its initiative, is not held against; None ends never."""

    id: str
    scope: str
    assignment_id: str
    references: frozenset[str]
    category: str
    expires: datetime | None
    resource_selectors: tuple[tuple[Selector, ...], ...]

    def holds(self, assignment_id: str, reference_id: str, target: Target, now: datetime) -> bool:
        """Whether a resource is exempt now."""
        return (
            self.assignment_id == assignment_id.lower()
            and (not self.references or reference_id.lower() in self.references)
            and (self.expires is None or now < self.expires)
            and covers(self.scope or "/", target.id)
            and selected(self.resource_selectors, target)
        )


def selected(sets: tuple[tuple[Selector, ...], ...], target: Target) -> bool:
    """Whether a resource is chosen by one of several sets of selectors; without any all are."""
    return not sets or any(chosen(one, target) for one in sets)


def read_exemption(id: str, scope: str, properties: Json) -> Exemption:
    """The exemption of these properties. Raises InvalidInput (InvalidPolicyParameters)."""
    held = {key.lower(): each for key, each in properties.items()}
    assignment_id = held.get("policyassignmentid")
    if not isinstance(assignment_id, str) or not assignment_id.startswith("/"):
        raise invalid_parameters("An exemption has 'policyAssignmentId', the id of an assignment.")
    category = {"waiver": "Waiver", "mitigated": "Mitigated"}.get(str(held.get("exemptioncategory", "")).lower())
    if category is None:
        raise invalid_parameters("'exemptionCategory' is Waiver or Mitigated.")
    expires = held.get("expireson")
    try:
        until = None if not expires else instant_of(str(expires))
    except ValueError as error:
        raise invalid_parameters("'expiresOn' is a date and time.") from error
    return Exemption(
        id,
        scope,
        assignment_id.rstrip("/").lower(),
        frozenset(
            each.lower() for each in _texts(held.get("policydefinitionreferenceids"), "policyDefinitionReferenceIds")
        ),
        category,
        until,
        tuple(
            read_selectors(each.get("selectors"), "resourceSelectors")
            for each in _objects(held.get("resourceselectors"), "resourceSelectors")
        ),
    )
