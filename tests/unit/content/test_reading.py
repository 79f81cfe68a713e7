"""Files in every form become items; what is wrong is told with its place, and the rest is read all the same."""

import json
from pathlib import Path
from typing import Any

import pytest

from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE, ALERT_RULE_ACTION, HUNTING_QUERY, PARSER, SAVED_SEARCH, WATCHLIST
from vedette.content.reading import read, read_text
from vedette.content.stable_names import stable_name
from vedette.content.target import Target
from vedette.content.writing import from_resource, write, write_all
from vedette.core.errors import InvalidInput


def one(text: str | Any, name: str = "a.yaml") -> Item:
    text = text if isinstance(text, str) else json.dumps(text)
    result = read_text(Path(name), text)
    assert not result.problems, [str(each) for each in result.problems]
    assert len(result.items) == 1
    return result.items[0]


def told(text: str | Any, name: str = "a.yaml") -> str:
    text = text if isinstance(text, str) else json.dumps(text)
    return "\n".join(str(each) for each in read_text(Path(name), text).problems)


RULE = """
id: 00000000-0000-4000-8000-000000000000
name: Many failures
version: 1.10
kind: Scheduled
alertRuleTemplateName: 11111111-0000-4000-8000-000000000000
requiredDataConnectors: []
status: Available
queryFrequency: 60m
queryPeriod: 14d
triggerOperator: GT
tactics: [Credential Access]
relevantTechniques: [T1110, T1110.001, T1078]
incidentConfiguration:
  groupingConfiguration: {lookbackDuration: 5h}
query: SigninLogs
custom: {a: 1}
"""


def test_a_rule_of_the_repository() -> None:
    item = one(RULE)
    assert (item.kind, item.name, item.title) == (ALERT_RULE, "00000000-0000-4000-8000-000000000000", "Many failures")
    assert item.body["kind"] == "Scheduled"
    assert item.body["properties"] == {
        "enabled": True,
        "severity": "Medium",
        "suppressionDuration": "PT5H",
        "suppressionEnabled": False,
        "triggerOperator": "GreaterThan",
        "triggerThreshold": 0,
        "displayName": "Many failures",
        "alertRuleTemplateName": "11111111-0000-4000-8000-000000000000",
        "templateVersion": "1.10",
        "queryFrequency": "PT1H",
        "queryPeriod": "P14D",
        "tactics": ["CredentialAccess"],
        "techniques": ["T1110", "T1078"],
        "subTechniques": ["T1110.001"],
        "incidentConfiguration": {"groupingConfiguration": {"lookbackDuration": "PT5H"}},
        "query": "SigninLogs",
        "custom": {"a": 1},
    }


def test_a_name_that_is_not_there_is_derived_from_the_title() -> None:
    unnamed = RULE.replace("id: 00000000-0000-4000-8000-000000000000", "")
    assert one(unnamed).name == stable_name(ALERT_RULE, " many failures") == "e3582542-fd83-529f-914b-6de6378f0a97"


def test_hunting_queries_and_other_searches() -> None:
    item = one("name: A\ndescription: d\ntactics: [Initial Access]\nrelevantTechniques: [T1, T2.1]\nquery: T\n")
    assert item.kind == HUNTING_QUERY
    assert item.body["properties"] == {
        "category": "Hunting Queries",
        "displayName": "A",
        "query": "T",
        "version": 2,
        "tags": [
            {"name": "description", "value": "d"},
            {"name": "tactics", "value": "InitialAccess"},
            {"name": "techniques", "value": "T1,T2.1"},
        ],
    }
    assert one("name: A\nquery: T\ncategory: Mine\n").kind == SAVED_SEARCH
    assert one("name: A\nkind: HuntingQuery\nquery: T\n").kind == HUNTING_QUERY
    assert "none of the forms" in told("name: A\nkind: Sheduled\nquery: T\nqueryFrequency: 1h\n")


def test_functions() -> None:
    plain = "Function: {Title: Parser for A}\nCategory: Mine\nFunctionName: A\nFunctionQuery: |\n  T\n"
    properties = one(plain).body["properties"]
    assert (one(plain).name, properties["displayName"], properties["query"]) == ("A", "Parser for A", "T\n")
    asim = """
Parser: {Title: DNS filtering parser}
ParserName: vimDns
EquivalentBuiltInParser: _Im_Dns
ParserParams:
  - {Name: starttime, Type: datetime, Default: datetime(null)}
  - {Name: domain_has_any, Type: dynamic, Default: 'dynamic([])'}
  - {Name: eventtype, Type: string, Default: Query}
  - {Name: pack, Type: bool, Default: False}
  - {Name: T, Type: 'table:(*)'}
  - {Name: U, Type: table}
ParserQuery: T
"""
    item = one(asim)
    assert item.kind == PARSER
    assert item.body["properties"]["functionParameters"] == (
        "starttime:datetime=datetime(null),domain_has_any:dynamic=dynamic([]),eventtype:string='Query',pack:bool=false,"
        "T:(*),U:(*)"
    )


AZSENTINEL: dict[str, Any] = {
    "Scheduled": [
        {
            "DisplayName": "A",
            "AlertRuleTemplateName": "",
            "severity": "Low",
            "query": "T",
            "queryFrequency": "5H",
            "queryPeriod": "P1D",
            "triggerOperator": "lt",
            "triggerThreshold": 5,
            "tactics": ["Impact"],
            "aggregationKind": "AlertPerResult",
            "playbookName": "p",
            "createIncident": False,
            "groupingConfiguration": {"enabled": True, "entitiesMatchingMethod": "Custom", "lookbackDuration": "1D"},
        }
    ],
    "fusion": [{"displayName": "F", "enabled": False, "alertRuleTemplateName": "t"}],
    "Hunting": [{"displayName": "H", "description": "d", "query": "T", "tactics": ["A", "B"]}],
}


def test_azsentinel() -> None:
    rule, action, fusion, hunting = read_text(Path("a.json"), json.dumps(AZSENTINEL)).items
    properties = rule.body["properties"]
    assert (properties["queryFrequency"], properties["queryPeriod"], properties["suppressionDuration"]) == (
        *("PT5H", "P1D", "PT1H"),
    )
    assert properties["triggerOperator"] == "LessThan"
    assert properties["eventGroupingSettings"] == {"aggregationKind": "AlertPerResult"}
    assert properties["incidentConfiguration"] == {
        "createIncident": False,
        "groupingConfiguration": {
            "enabled": True,
            "reopenClosedIncident": False,
            "lookbackDuration": "P1D",
            "matchingMethod": "Selected",
            "groupByEntities": ["Account", "IP", "Host", "URL", "FileHash"],
        },
    }
    assert "alertRuleTemplateName" not in properties
    assert (action.kind, action.parent) == (ALERT_RULE_ACTION, rule.name)
    assert action.body["properties"]["logicAppResourceId"] == "p"
    assert fusion.body == {"kind": "Fusion", "properties": {"enabled": False, "alertRuleTemplateName": "t"}}
    assert hunting.body["properties"]["tags"][1] == {"name": "tactics", "value": "A,B"}


def test_azsentinels_other_roots() -> None:
    flat = AZSENTINEL["Scheduled"][0]
    rule = one({**flat, "playbookName": ""}, "a.json")
    assert one({"analytics": {**flat, "playbookName": None}}, "a.json") == rule
    legacy = {"analytics": [{"displayName": "H", "query": "T"}]}
    assert one(legacy, "a.json").kind == HUNTING_QUERY
    exported = {
        "id": f"/subscriptions/x/alertRules/{rule.name}",
        "name": rule.name,
        "lastModifiedUtc": "x",
        "kind": "x",
    }
    assert one({"Scheduled": [{**flat, "playbookName": "", **exported}]}, "a.json") == rule
    connectors = {"Office365": [{"tenantId": "t", "teams_state": "Enabled"}], "AzureActivityLog": [{"x": "y"}]}
    assert "a.json:1:83: warning: 'AzureActivityLog' sets up a data source" in told(connectors, "a.json")
    assert "a 'displayName'" in told({"Scheduled": [{"query": "T", "severity": "Low"}]}, "a.json")


def test_azsentinels_settings_are_written_for_what_they_have_a_place_for() -> None:
    items = read_text(Path("a.json"), json.dumps(AZSENTINEL)).items
    text = write_all(items, "azsentinel")
    assert read_text(Path("a.json"), text).items == items
    with pytest.raises(InvalidInput, match="no place for the Watchlist 'w'"):
        write_all([Item(WATCHLIST, "w", {"properties": {}})], "azsentinel")


PORTAL: dict[str, Any] = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {"workspace": {"type": "String"}},
    "variables": {"rule": "22222222-0000-4000-8000-000000000000"},
    "resources": [
        {
            "id": "[concat(resourceId('Microsoft.OperationalInsights/workspaces/providers', parameters('workspace'), "
            "'Microsoft.SecurityInsights'),'/alertRules/', variables('rule'))]",
            "name": "[concat(parameters('workspace'),'/Microsoft.SecurityInsights/', variables('rule'))]",
            "type": "Microsoft.OperationalInsights/workspaces/providers/alertRules",
            "kind": "NRT",
            "apiVersion": "2023-12-01-preview",
            "properties": {
                "displayName": "A",
                "query": "[[a of {w}]",
                "customDetails": None,
                "enabled": True,
                "severity": "Low",
                "suppressionDuration": "PT5H",
                "suppressionEnabled": False,
                "lastModifiedUtc": "2024-01-01T00:00:00Z",
            },
        },
        {
            "scope": "[concat('Microsoft.OperationalInsights/workspaces/', parameters('workspace'))]",
            "name": "r2",
            "type": "Microsoft.SecurityInsights/automationRules",
            "apiVersion": "2023-12-01-preview",
            "properties": {"displayName": "[parameters('workspace')]"},
        },
        {"type": "Microsoft.Storage/storageAccounts", "name": "s", "apiVersion": "2023-01-01"},
    ],
}


def test_a_template_is_read_for_its_workspace() -> None:
    result = read_text(Path("a.json"), json.dumps(PORTAL), Target(workspace="soc"))
    rule, automation = result.items
    assert (rule.kind, rule.name) == (ALERT_RULE, "22222222-0000-4000-8000-000000000000")
    assert rule.body["properties"]["query"] == "[a of {w}]"
    assert (automation.kind.name, automation.name, automation.title) == ("AutomationRule", "r2", "soc")
    assert [each.is_warning for each in result.problems] == [True]
    assert "'Microsoft.Storage/storageAccounts' is no content" in str(result.problems[0])
    assert "customDetails" not in rule.body["properties"]  # null counts as absent
    assert write(rule).startswith('id: "22222222-0000-4000-8000-000000000000"\nname: A\nkind: NRT\n')
    text = write_all((rule, automation), "arm")
    assert read_text(Path("b.json"), text).items == (rule, automation)


def test_what_a_template_needs_can_be_in_a_file_beside(tmp_path: Path) -> None:
    template = PORTAL | {"parameters": {"workspace": {"type": "String"}, "who": {"type": "String"}}}
    (tmp_path / "t.json").write_text(json.dumps(template))
    assert "t.json:1:1: the template cannot be evaluated" in str(read([tmp_path]).problems[0])
    (tmp_path / "t.parameters.json").write_text(json.dumps({"parameters": {"who": {"value": "me"}}}))
    assert len(read([tmp_path / "t.json"]).items) == 2


def test_resources_as_the_api_answers_them() -> None:
    answer = {
        "id": "/subscriptions/x/resourceGroups/y/providers/Microsoft.OperationalInsights/workspaces/z/providers/"
        "Microsoft.SecurityInsights/alertRules/r",
        "name": "r",
        "etag": '"1"',
        "type": "Microsoft.SecurityInsights/alertRules",
        "kind": "Fusion",
        "properties": {"enabled": True, "alertRuleTemplateName": "t", "displayName": "F", "lastModifiedUtc": "x"},
    }
    item = from_resource(ALERT_RULE, answer)
    assert item == Item(
        ALERT_RULE, "r", {"kind": "Fusion", "properties": {"enabled": True, "alertRuleTemplateName": "t"}}
    )
    assert one(answer, "a.json") == item
    listed = read_text(Path("a.json"), json.dumps({"value": [answer, answer | {"name": "s", "id": ""}]}))
    assert [each.name for each in listed.items] == ["r", "s"]


def test_watchlists_have_their_rows_beside(tmp_path: Path) -> None:
    (tmp_path / "vips.yaml").write_text("watchlistAlias: vips\nitemsSearchKey: User\n")
    (tmp_path / "vips.csv").write_text("User,Tag\nann,a\n")
    (item,) = read([tmp_path]).items
    assert (item.kind, item.name) == (WATCHLIST, "vips")
    assert item.body["properties"]["rawContent"] == "User,Tag\nann,a\n"
    assert read_text(Path("a.yaml"), write(item)).items == (item,)


def test_encodings_and_line_ends(tmp_path: Path) -> None:
    text = "name: Ä\nquery: |\n  T\n  | take 1\n"
    for number, data in enumerate(
        (
            text.encode("utf-8-sig"),
            text.encode("utf-16"),
            text.encode("utf-16-le"),
            text.replace("\n", "\r\n").encode(),
        )
    ):
        path = tmp_path / f"{number}.yaml"
        path.write_bytes(data)
        (item,) = read([path]).items
        assert (item.title, item.body["properties"]["query"]) == ("Ä", "T\n| take 1\n")


def test_folders_patterns_and_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.yaml").write_text("a: [")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "r.yml").write_text("name: A\nquery: T\n")
    (tmp_path / "package.json").write_text('{"name": "x"}')
    (tmp_path / "b.yaml").write_text("a: 1\nb: [\n")
    result = read([tmp_path, tmp_path / "a", str(tmp_path / "*" / "*.yml"), tmp_path / "no", str(tmp_path / "*.txt")])
    assert [each.title for each in result.items] == ["A"]
    lines = [str(each).removeprefix(f"{tmp_path}/") for each in result.problems]
    assert lines[0].startswith("b.yaml:3:1: this is not YAML")
    assert lines[1].startswith("package.json:1:1: warning: this is none of the forms")
    assert lines[2:] == ["no:1:1: there is no such file or folder", "*.txt:1:1: no file has a name of this pattern"]
    assert len(result.errors) == 3


def test_duplicates(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("id: x\nname: A\nquery: T\n")
    (tmp_path / "b.yaml").write_text("id: X\nname: B\nquery: T\n")
    (tmp_path / "c.yaml").write_text("id: y\nname: a\nquery: T\n")
    same, titled = read([tmp_path]).problems
    assert (same.path.name, same.is_warning) == ("b.yaml", False)
    assert str(same).endswith(f"the HuntingQuery 'X' is already in {tmp_path / 'a.yaml'}:1")
    assert (titled.path.name, titled.is_warning) == ("c.yaml", True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# nothing\n", "a.yaml:1:1: warning: the file is empty"),
        ("name: A\nquery:\n  - x\n", "a.yaml:3:3: 'query' must be a text"),
        ("query: T\nkind: Scheduled\ntactics: {a: 1}\n", "a.yaml:3:10: 'tactics' must be a list of texts"),
        ("type: Microsoft.Storage/x\nname: a\nproperties: {}\n", "a.yaml:1:7: a resource of type"),
        (
            "ParserName: a\nParserQuery: T\nParserParams:\n  - Name: x\n",
            "a.yaml:4:5: a parameter has a Name and a Type",
        ),
        ("- 1\n- name: A\n  query: T\n", "a.yaml:1:3: content is an object"),
        (
            "type: Microsoft.SecurityInsights/alertRules/actions\nname: a\nproperties: {}\n",
            "the name of a AlertRuleAction",
        ),
    ],
)
def test_what_is_wrong_has_its_place(text: str, message: str) -> None:
    assert message in told(text)
