"""Which kind of content a resource type is, in every spelling that templates and answers have for it."""

from collections.abc import Mapping
from typing import Any

from vedette.content.kinds import (
    HUNTING_QUERY,
    KINDS,
    PARSER,
    SAVED_SEARCH,
    Kind,
    Scope,
)
from vedette.content.plain_values import mapping_of

HUNTING_CATEGORY = "Hunting Queries"
_SENTINEL = "microsoft.securityinsights/"
_WORKSPACE = "microsoft.operationalinsights/workspaces/"
_PREFIXES = (f"{_WORKSPACE}providers/{_SENTINEL}", f"{_WORKSPACE}providers/", _SENTINEL, _WORKSPACE, "")


def full_type(kind: Kind) -> str:
    """The type as a resource has it: `Microsoft.SecurityInsights/alertRules/actions`."""
    parent = next((f"{each.type}/" for each in KINDS if each.name == kind.parent), "")
    match kind.scope:
        case Scope.SENTINEL:
            return f"Microsoft.SecurityInsights/{parent}{kind.type}"
        case Scope.WORKSPACE:
            return f"Microsoft.OperationalInsights/workspaces/{parent}{kind.type}"
        case Scope.RESOURCE_GROUP | Scope.ASSIGNED:
            return f"{kind.type}"


def _short(kind: Kind) -> str:
    return full_type(kind).lower().removeprefix(_SENTINEL).removeprefix(_WORKSPACE)


_KINDS: Mapping[str, Kind] = {_short(kind): kind for kind in KINDS}


def kind_of_type(type: str, body: Mapping[str, Any]) -> Kind | None:
    """The kind, or None for a type that is no content. What a saved search is for is in its body."""
    folded = type.lower()
    rest = next(folded.removeprefix(prefix) for prefix in _PREFIXES if folded.startswith(prefix))
    found = _KINDS.get(rest)
    return kind_of_search(body.get("properties")) if found is not None and found.type == SAVED_SEARCH.type else found


def kind_of_search(properties: Any) -> Kind:
    """A saved search's kind: one with an alias is a function, and hunting queries have a category of their own."""
    told = mapping_of(properties)
    if told.get("functionAlias"):
        return PARSER
    category = str(told.get("category") or "")
    return HUNTING_QUERY if category.casefold() == HUNTING_CATEGORY.casefold() else SAVED_SEARCH
