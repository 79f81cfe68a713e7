"""The body of an item held against what the management API publishes, and what the service refuses of rules."""

from collections.abc import Iterator
from functools import lru_cache

from vedette.arm.published_body import published_body
from vedette.arm.published_shapes import Definition, Shapes, nearest
from vedette.arm.resource_ids import ResourcePath, parse_id
from vedette.content.item import Item
from vedette.content.kind_of_type import full_type
from vedette.content.kinds import KINDS, SAVED_SEARCH, Scope
from vedette.content.lint.finding import Finding
from vedette.content.lint.subject import Subject
from vedette.core.errors import InvalidInput
from vedette.detect.rule import parse_nrt_rule, parse_rule
from vedette.detect.rule_limits import rule_problems

_GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/group"
_WORKSPACE = f"{_GROUP}/providers/Microsoft.OperationalInsights/workspaces/workspace"
_FILLED_IN = frozenset({"location"})
"""What is filled in for the target when the item is applied."""

_OF_SEARCHES = frozenset({"category", "displayname", "query", "functionalias", "functionparameters", "version", "tags"})
"""https://learn.microsoft.com/rest/api/loganalytics/saved-searches/create-or-update"""


def check_body(subject: Subject) -> Iterator[Finding]:
    """Findings about the form of properties, and about a rule as a whole."""
    found = list(_shape_findings(subject))
    yield from found
    yield from _unknown(subject)
    if subject.is_rule and not found:
        yield from _refused(subject)


def _shape_findings(subject: Subject) -> Iterator[Finding]:
    try:
        published_body(_path(subject.item), "PUT", subject.item.kind.version, dict(subject.item.body))
    except InvalidInput as error:
        for detail in error.details.get("details", ()):
            if detail["target"] not in _FILLED_IN:
                yield subject.finding("VED101", detail["message"].rstrip("."), detail["target"])


def _refused(subject: Subject) -> Iterator[Finding]:
    kind = subject.rule_kind
    properties = dict(subject.properties)
    try:
        rule = parse_nrt_rule(properties) if kind == "NRT" else parse_rule(properties)
    except InvalidInput as error:
        text = error.message.removeprefix("Invalid properties for alert rule: ").rstrip(".")
        for each in text.split("; '"):
            message = each if each.startswith("'") else f"'{each}"
            yield subject.finding("VED102", message, message[1:].partition("'")[0] or "properties")
        return
    for message in rule_problems(rule, kind):
        yield subject.finding("VED102", message, message[1:].partition("'")[0])


def _unknown(subject: Subject) -> Iterator[Finding]:
    """Properties of a rule or a saved search that no version publishes."""
    if subject.item.kind.type == SAVED_SEARCH.type:
        for name in subject.properties:
            if name.lower() not in _OF_SEARCHES:
                told = f"'{name}' is no property of a saved search that is known"
                yield subject.finding("VED103", told, f"properties.{name}")
    if subject.item.kind.name != "AlertRule":
        return
    known = _known_properties(subject.rule_kind)
    for name in subject.properties if known else ():
        if name.lower() not in known:
            yield subject.finding("VED103", f"'{name}' is no property of a rule that is known", f"properties.{name}")


@lru_cache(maxsize=16)
def _known_properties(kind: str) -> frozenset[str]:
    """The folded names of the properties of a kind of rule, in every version that has the kind."""
    names: set[str] = set()
    for shapes in nearest("Microsoft.SecurityInsights", "2025-01-01-preview"):
        base = shapes.definition("AlertRule")
        ref = base.kinds.get(kind) if base else None
        definition = shapes.definition(ref) if ref else None
        if definition is not None:
            names |= _own(shapes, definition)
    return frozenset(names | {"subtechniques", "sentinelentitiesmappings", "starttimeutc"} if names else names)


def _own(shapes: Shapes, definition: Definition) -> set[str]:
    schema = definition.properties.get("properties", ("", None))[1]
    inner = shapes.definition(schema.ref) if schema is not None and schema.ref else None
    return set(inner.properties) if inner else set()


def _path(item: Item) -> ResourcePath:
    type = full_type(item.kind)
    if item.kind.scope is Scope.RESOURCE_GROUP:
        return parse_id(f"{_GROUP}/providers/{type}/name")
    if item.kind.scope is Scope.WORKSPACE:
        return parse_id(f"{_WORKSPACE}/{item.kind.type}/name")
    parent = next((each.type for each in KINDS if each.name == item.kind.parent), "")
    nested = f"{parent}/parent/{item.kind.type}" if parent else type.partition("/")[2]
    return parse_id(f"{_WORKSPACE}/providers/{type.partition('/')[0]}/{nested}/name")
