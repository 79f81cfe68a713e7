"""Which resources, and which definitions of an initiative, selectors choose.

https://learn.microsoft.com/azure/governance/policy/concepts/assignment-structure#resource-selectors
"""

from dataclasses import dataclass
from typing import Any, Final, cast

from vedette.policy.errors import invalid_parameters
from vedette.policy.target import Target
from vedette.policy.values import Json

_KINDS: Final = {
    each.lower(): each
    for each in (
        "resourceLocation",
        "resourceType",
        "resourceWithoutLocation",
        "policyDefinitionReferenceId",
        "userPrincipalId",
        "groupPrincipalId",
    )
}


@dataclass(frozen=True, slots=True)
class Selector:
    """A property, with the values that it may have, or may not."""

    kind: str
    within: frozenset[str] | None
    without: frozenset[str]

    def chooses(self, value: str) -> bool:
        """Whether a folded value is chosen."""
        return value not in self.without and (self.within is None or value in self.within)


def read_selectors(value: Any, place: str) -> tuple[Selector, ...]:
    """The selectors of an array. Raises InvalidInput (InvalidPolicyParameters)."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise invalid_parameters(f"'{place}' is an array of selectors.")
    return tuple(_read(each, place) for each in cast("list[Any]", value))


def _read(value: Any, place: str) -> Selector:
    held = {name.lower(): each for name, each in cast("Json", value).items()} if isinstance(value, dict) else {}
    kind = _KINDS.get(str(held.get("kind", "")).lower())
    if kind is None:
        raise invalid_parameters(f"The 'kind' of a selector in '{place}' is one of {', '.join(_KINDS.values())}.")
    if kind in ("userPrincipalId", "groupPrincipalId"):
        raise invalid_parameters(f"The selector '{kind}' in '{place}' is not served here: callers are not told apart.")
    within, without = held.get("in"), held.get("notin")
    if (within is None) == (without is None):
        raise invalid_parameters(f"A selector in '{place}' has 'in' or 'notIn'.")
    return Selector(kind, None if within is None else _folded(within), _folded(without))


def _folded(values: Any) -> frozenset[str]:
    listed = cast("list[Any]", values) if isinstance(values, list) else []
    return frozenset(str(each).replace(" ", "").lower() for each in listed)


def chosen(selectors: tuple[Selector, ...], target: Target, reference_id: str = "") -> bool:
    """Whether all selectors choose a resource, and the definition of an initiative that it is held against."""
    return all(each.chooses(_value(each.kind, target, reference_id)) for each in selectors)


def _value(kind: str, target: Target, reference_id: str) -> str:
    match kind:
        case "resourceLocation":
            return target.location.replace(" ", "").lower()
        case "resourceType":
            return target.folded_type
        case "resourceWithoutLocation":
            return "subscriptionlevelresources" if not target.location else ""
        case _:
            return reference_id.lower()
