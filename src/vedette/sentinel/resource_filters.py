"""What lists of resources and of resource groups are filtered by: names, types, places and tags, in any letter case.

https://learn.microsoft.com/rest/api/resources/resources/list
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from vedette.arm.odata import parse_filter
from vedette.core.errors import InvalidInput
from vedette.state.conditions import And, AnyElement, Compare, Condition, In, Match, Not, Or, Path, Scalar
from vedette.state.documents import Document

_TAG_NAME, _TAG_VALUE = "tagname", "tagvalue"


@dataclass(frozen=True, slots=True)
class ResourceFilter:
    """A filter that was read; `types` are the lower-case types that it leaves, None for any."""

    condition: Condition | None
    types: frozenset[str] | None

    def holds(self, document: Document) -> bool:
        """Whether a resource is among those that were asked for."""
        return self.condition is None or _holds(self.condition, document)

    @property
    def is_by_tag(self) -> bool:
        """Whether it asks for a tag's name and value; then Azure leaves the tags out of what it lists."""
        named = {_folded(each.path) for each in _conjuncts(self.condition) if isinstance(each, Compare)}
        return {_TAG_NAME, _TAG_VALUE} <= named


def read_filter(text: str | None) -> ResourceFilter:
    """The filter of a `$filter`. Raises InvalidInput (InvalidFilter)."""
    condition = parse_filter(text) if text and text.strip() else None
    if condition is not None:
        _check(condition)
    types = [
        frozenset({str(each.value).lower()})
        for each in _conjuncts(condition)
        if isinstance(each, Compare) and _folded(each.path) == "resourcetype" and each.operator == "eq"
    ]
    return ResourceFilter(condition, frozenset.intersection(*types) if types else None)


def _conjuncts(condition: Condition | None) -> Iterable[Condition]:
    if isinstance(condition, And):
        for each in condition.conditions:
            yield from _conjuncts(each)
    elif condition is not None:
        yield condition


def _check(condition: Condition) -> None:
    match condition:
        case And(inner) | Or(inner):
            for each in inner:
                _check(each)
        case Not(inner):
            _check(inner)
        case Compare(path, operator, _):
            if operator not in ("eq", "ne"):
                raise InvalidInput("InvalidFilter", "Resources are compared with 'eq' and 'ne' only.")
            _check_path(path)
        case Match(path, _, _) | In(path, _):
            _check_path(path)
        case AnyElement():
            raise InvalidInput("InvalidFilter", "Resources are not filtered by 'any' or 'all'.")


def _check_path(path: Path) -> None:
    name = _folded(path)
    if name not in _FACTS and name not in (_TAG_NAME, _TAG_VALUE):
        raise InvalidInput(
            "InvalidFilter",
            f"Resources are not filtered by '{'/'.join(path)[:60]}'; they are by name, resourceType, resourceGroup, "
            "location, kind, identity, tagName and tagValue.",
        )


def _holds(condition: Condition, document: Document) -> bool:
    match condition:
        case And(inner):
            return _all_hold(inner, document)
        case Or(inner):
            return any(_holds(each, document) for each in inner)
        case Not(inner):
            return not _holds(inner, document)
        case Compare(path, operator, value):
            wanted = _wanted(path, value)
            same = any(each == wanted for each in _values(path, document))
            return same if operator == "eq" else not same
        case Match(path, operator, text):
            return any(_matches(operator, each, text.lower()) for each in _values(path, document))
        case In(path, values):
            one_of = {_wanted(path, value) for value in values}
            return any(each in one_of for each in _values(path, document))
        case AnyElement():
            return False


def _all_hold(conditions: Iterable[Condition], document: Document) -> bool:
    """A tag's name and its value, asked for together, are of one tag."""
    by_tag: list[Condition] = []
    others: list[Condition] = []
    for each in conditions:
        of_tag = isinstance(each, Compare | Match | In) and _folded(each.path) in (_TAG_NAME, _TAG_VALUE)
        (by_tag if of_tag else others).append(each)
    if not all(_holds(each, document) for each in others):
        return False
    single = (_with_tags(document, {name: value}) for name, value in _tags(document).items())
    return not by_tag or any(all(_holds(each, one) for each in by_tag) for one in single)


def _with_tags(document: Document, tags: dict[str, Any]) -> Document:
    return Document(
        document.id,
        document.type,
        document.scope,
        document.name,
        document.etag,
        {"tags": tags},
        document.created,
        document.modified,
    )


def _values(path: Path, document: Document) -> list[str]:
    name = _folded(path)
    if name == _TAG_NAME:
        return [each.lower() for each in _tags(document)]
    if name == _TAG_VALUE:
        return [str(each).lower() for each in _tags(document).values()]
    found = _FACTS[name](document)
    return [] if found is None else [str(found).lower()]


def _wanted(path: Path, value: Scalar) -> str:
    """`East US` is the location `eastus`."""
    text = str(value).lower()
    return text.replace(" ", "") if _folded(path) == "location" else text


def _matches(operator: str, value: str, text: str) -> bool:
    match operator:
        case "contains":
            return text in value
        case "startswith":
            return value.startswith(text)
        case _:
            return value.endswith(text)


def group_of(document: Document) -> str | None:
    """The name of the resource group that a resource is in."""
    parts = document.id.split("/")
    return parts[4] if len(parts) > 4 and parts[3].lower() == "resourcegroups" else None


def _tags(document: Document) -> dict[str, Any]:
    return document.body.get("tags") or {}


def _location(document: Document) -> Any:
    location = document.body.get("location")
    return location.replace(" ", "") if isinstance(location, str) else None


def _identity(document: Document) -> dict[str, Any]:
    return document.body.get("identity") or {}


_FACTS: dict[str, Callable[[Document], Any]] = {
    "name": lambda document: document.name,
    "resourcetype": lambda document: document.type,
    "resourcegroup": group_of,
    "location": _location,
    "kind": lambda document: document.body.get("kind"),
    "identity": lambda document: _identity(document).get("type"),
    "identity/principalid": lambda document: _identity(document).get("principalId"),
    "plan": lambda _document: None,
    "plan/publisher": lambda _document: None,
    "plan/product": lambda _document: None,
    "plan/name": lambda _document: None,
    "plan/version": lambda _document: None,
    "plan/promotioncode": lambda _document: None,
}


def _folded(path: Path) -> str:
    return "/".join(path).lower()
