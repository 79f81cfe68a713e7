"""Whatever is in a file, reading and linting it ends with items and problems, and never with an exception."""

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.content.test_yaml import VALUES

from vedette.content.document import document_of
from vedette.content.lint.linting import lint
from vedette.content.problem import Unreadable
from vedette.content.reading import ReadResult, read_document, read_text
from vedette.content.writing import json_text
from vedette.content.yaml_text import yaml_text

NAMES = [
    *("id", "name", "kind", "type", "properties", "query", "queryFrequency", "tactics", "relevantTechniques", "tags"),
    *("Function", "FunctionName", "FunctionQuery", "ParserName", "ParserQuery", "ParserParams", "displayName"),
    *("Scheduled", "Fusion", "Hunting", "analytics", "Office365", "AzureActivityLog", "resources", "parameters"),
    *("watchlistAlias", "itemsSearchKey", "rawContent", "value", "variables", "severity", "entityMappings"),
    *("customDetails", "alertDetailsOverride", "incidentConfiguration", "groupingConfiguration", "version"),
    *("techniques", "subTechniques", "functionAlias", "functionParameters", "category", "apiVersion", "dependsOn"),
    *("playbookName", "copy", "condition", "scope", "fieldMappings", "columnName", "entityType", "lookbackDuration"),
]
WORDS = st.sampled_from([
    *("Scheduled", "NRT", "Fusion", "Microsoft.SecurityInsights/alertRules", "savedSearches", "T1078", "Impact"),
    *("Microsoft.OperationalInsights/workspaces/savedSearches", "SigninLogs | take 1", "T |", "5h"),
    *("Microsoft.SecurityInsights/alertRules/actions", "Microsoft.Insights/workbooks", "a/b", "/", "PT1H", "{{a}}"),
])  # fmt: skip
FILES = st.recursive(
    WORDS | VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=8),
    max_leaves=20,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), FILES, min_size=1, max_size=8)


def looked_at(result: ReadResult) -> None:
    assert all(item.source is not None for item in result.items)
    lint(result)


@given(OBJECTS)
def test_objects_of_any_shape(value: dict[str, Any]) -> None:
    looked_at(read_text(Path("a.yaml"), yaml_text(value)))
    looked_at(read_text(Path("a.json"), json_text(value)))


@given(st.binary(max_size=60), st.sampled_from(["a.yaml", "a.json"]))
def test_any_bytes(data: bytes, name: str) -> None:
    try:
        document = document_of(Path(name), data)
    except Unreadable as error:
        line, column = error.problem.line, error.problem.column
    else:
        line, column = 1, 1
        looked_at(read_document(document))
    assert min(line, column) >= 1


@given(st.text(alphabet="ab:-[]{}&*!|>#'\"\n \t,?%@`\\0\u2028", max_size=60))
def test_any_text(text: str) -> None:
    looked_at(read_text(Path("a.yaml"), text))
    looked_at(read_text(Path("a.json"), text))


RULE = {
    "id": "a",
    "name": "A",
    "kind": "Scheduled",
    "severity": "High",
    "queryFrequency": "1h",
    "queryPeriod": "1h",
    "triggerOperator": "gt",
    "triggerThreshold": 0,
    "tactics": ["Impact"],
    "relevantTechniques": ["T1485"],
    "query": "SigninLogs | where TimeGenerated > ago(1h)",
    "entityMappings": [{"entityType": "IP", "fieldMappings": [{"identifier": "Address", "columnName": "IPAddress"}]}],
    "customDetails": {"a": "IPAddress"},
    "alertDetailsOverride": {"alertDisplayNameFormat": "{{a}}", "alertDynamicProperties": [{"value": "x"}]},
    "incidentConfiguration": {"createIncident": True, "groupingConfiguration": {"lookbackDuration": "5h"}},
}


@given(st.sampled_from(list(RULE)), VALUES | WORDS, st.booleans())
def test_a_rule_with_anything_for_one_property(name: str, value: Any, inside: bool) -> None:
    told: Any = dict(RULE)
    if inside and isinstance(told[name], dict):
        told[name] = dict.fromkeys(told[name], value)
    elif inside and isinstance(told[name], list):
        told[name] = [value]
    else:
        told[name] = value
    looked_at(read_text(Path("a.yaml"), yaml_text(told)))
