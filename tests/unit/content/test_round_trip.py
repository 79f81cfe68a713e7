"""Every body of every kind comes back from its text as it was, and canonical text comes back as it stands."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.content.test_yaml import KEYS, VALUES

from vedette.content.forms.rule import RULE_KINDS
from vedette.content.item import SERVER_OWNED, Item
from vedette.content.kinds import ALERT_RULE, HUNTING_QUERY, KINDS, PARSER, SAVED_SEARCH, Kind
from vedette.content.reading import read_text
from vedette.content.writing import write, write_all

NAMES = st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9_. -]{0,20}[a-zA-Z0-9]", fullmatch=True)
OF_RULES = [
    *("displayName", "description", "enabled", "severity", "query", "queryFrequency", "queryPeriod", "tactics"),
    *("triggerOperator", "triggerThreshold", "techniques", "subTechniques", "suppressionDuration", "tags", "id"),
    *("suppressionEnabled", "incidentConfiguration", "alertRuleTemplateName", "templateVersion", "version", "name"),
    *("functionAlias", "functionParameters", "category", "relevantTechniques", "status", "kind", "properties", "type"),
]
WORDS = st.sampled_from(["PT5H", "P1D", "PT60M", "24h", "GreaterThan", "gt", "T1078.004", "Hunting Queries", "", " x"])
LIKELY = (
    WORDS
    | st.sampled_from([2, 2.0, True, None, ["T1078", "T1078.001"], ["Initial Access"], "A,B"])
    | st.lists(
        st.fixed_dictionaries({"name": st.sampled_from(["description", "tactics", "techniques", "x"]), "value": WORDS}),
        max_size=4,
    )
    | st.builds(lambda text: {"groupingConfiguration": {"lookbackDuration": text}}, WORDS)
    | VALUES
)
PROPERTIES = st.dictionaries(st.sampled_from(OF_RULES) | KEYS, LIKELY, max_size=12)
SEARCHES = {
    HUNTING_QUERY: st.just({"category": "Hunting Queries", "displayName": "a", "query": "T", "version": 2}),
    PARSER: st.just({"category": "x", "displayName": "a", "query": "T", "functionAlias": "f", "version": 2}),
    SAVED_SEARCH: st.just({"category": "x", "displayName": "a", "query": "T", "version": 2}),
}


@st.composite
def items(draw: st.DrawFn, kind: Kind) -> Item:
    properties = draw(PROPERTIES)
    body: dict[str, Any] = {"properties": properties}
    if kind in SEARCHES:
        properties |= draw(SEARCHES[kind])
        if kind is not PARSER:
            properties.pop("functionAlias", None)
    if kind is ALERT_RULE:
        body["kind"] = draw(st.sampled_from(RULE_KINDS))
    more = draw(st.dictionaries(KEYS, VALUES, max_size=1))
    left_out = SERVER_OWNED | {"properties", "kind", "apiVersion", "scope", "dependsOn", "condition", "copy"}
    body |= {name: each for name, each in more.items() if name not in left_out}
    return Item(kind, draw(NAMES), body, draw(NAMES) if kind.parent else "")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("format", ["yaml", "json"])
@given(data=st.data())
def test_each_kind(kind: Kind, format: str, data: st.DataObject) -> None:
    item = data.draw(items(kind))
    text = write(item, format)
    read = read_text(Path(f"a.{format}"), text)
    assert read.items == (item,)
    assert write(read.items[0], format) == text


def test_several_in_one_file() -> None:
    both = [Item(ALERT_RULE, name, {"kind": "Fusion", "properties": {"enabled": True}}) for name in ("a", "b")]
    for format in ("yaml", "json"):
        assert read_text(Path(f"a.{format}"), write_all(both, format)).items == tuple(both)
