"""Tells files that are something else from content that was misspelt, which nobody wants to find deleted."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from vedette.content.forms.rule import RULE_KINDS
from vedette.content.plain_values import mapping_of

NOT_CONTENT = (
    "this is none of the forms that are read: a rule, hunting query or function of the Azure-Sentinel repository, "
    "AZSentinel's settings, a resource with type and properties, an ARM template, a Sigma rule"
)

_OF_RULES = frozenset({"queryfrequency", "queryperiod", "triggeroperator", "triggerthreshold", "functionquery"})
_KINDS = (*RULE_KINDS, "HuntingQuery")
_NAMES = frozenset({"name", "id", "displayname", "title"})


def told_of(value: Mapping[str, Any]) -> str:
    """What is said of a mapping in none of the forms: NOT_CONTENT alone only of what does not look like content."""
    kind = next((each for name, each in value.items() if name.lower() == "kind" and isinstance(each, str)), "")
    near = get_close_matches(kind, _KINDS, n=1, cutoff=0.75) if kind else []
    if near and kind.lower() not in {each.lower() for each in _KINDS}:
        return f"{NOT_CONTENT}. '{kind}' is no kind; did you mean '{near[0]}'?"
    if looks_like_content(value) or looks_like_content(mapping_of(value.get("properties"))):
        return f"{NOT_CONTENT}. It looks like a rule or a query; look for a name that is misspelt"
    return NOT_CONTENT


def looks_like_content(value: Mapping[str, Any]) -> bool:
    """Whether there are names that only rules have, or a query with a name, or a Sigma rule's."""
    names = {name.lower(): each for name, each in value.items() if not isinstance(each, Mapping)}
    if names.keys() & _OF_RULES or (isinstance(names.get("query"), str) and names.keys() & _NAMES):
        return True
    if "severity" in names and "id" in names and names.keys() & {"name", "displayname"}:
        return True
    return "title" in names and not {"detection", "logsource"}.isdisjoint(each.lower() for each in value)
