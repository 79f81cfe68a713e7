"""Each rule finds what it is for, where it is, and nothing in what is right."""

from pathlib import Path

import pytest

from vedette.content.lint.catalog import read_schema
from vedette.content.lint.linted import Linted
from vedette.content.lint.linting import lint
from vedette.content.lint.rules import rules
from vedette.content.reading import read, read_text

RULE = """id: 00000000-0000-4000-8000-000000000000
name: Many failures
description: They fail.
kind: Scheduled
severity: High
queryFrequency: 1h
queryPeriod: 1d
triggerOperator: gt
triggerThreshold: 0
tactics:
  - CredentialAccess
relevantTechniques:
  - T1110.001
query: |
  SigninLogs
  | where ResultType != "0"
  | summarize Failures = count() by UserPrincipalName, IPAddress
entityMappings:
  - entityType: Account
    fieldMappings:
      - identifier: FullName
        columnName: UserPrincipalName
customDetails:
  Failures: Failures
alertDetailsOverride:
  alertDisplayNameFormat: "{{UserPrincipalName}} fails"
"""
HUNTING = "name: A\nquery: |\n  SigninLogs\n  | where TimeGenerated > ago(1d)\n"


def linted(text: str, name: str = "a.yaml") -> Linted:
    return lint(read_text(Path(name), text))


def told(text: str, name: str = "a.yaml") -> list[str]:
    return [f"{each.code}:{each.line}:{each.column}" for each in linted(text, name).findings]


def test_what_is_right_has_no_findings() -> None:
    assert told(RULE) == []
    assert told(HUNTING) == []


def test_unknown_properties_of_a_saved_search() -> None:
    assert told(f"descripton: a\n{HUNTING}") == ["VED103:1:13"]


@pytest.mark.parametrize(
    ("was", "becomes", "finding"),
    [
        ("severity: High", "severity: Huge", "VED101:5:11"),
        ("triggerThreshold: 0", "triggerThreshold: some", "VED101:9:19"),
        ("queryPeriod: 1d", "queryPeriod: 30m", "VED102:1:1"),
        ("queryFrequency: 1h", "queryFrequency: 1m", "VED102:6:17"),
        ("queryPeriod: 1d", "queryPeriod: 15d", "VED102:7:14"),
        ("identifier: FullName", "identifier: Nonsense", "VED102:19:5"),
        ("description:", "descripton:", "VED103:3:13"),
        ("| where ResultType", "| wher ResultType", "VED201:16:5"),
        ("| where ResultType", "| where ResultTyp", "VED202:16:11"),
        ("  SigninLogs", "  Mine_CL", "VED203:15:3"),
        ("count()", "argmax(TimeGenerated, *)", "VED204:17:26"),
        ("columnName: UserPrincipalName", "columnName: UPN", "VED301:22:21"),
        ("  Failures: Failures", "  Failures: Fails", "VED302:24:13"),
        ("{{UserPrincipalName}}", "{{Upn}}", "VED303:26:27"),
        ("  - CredentialAccess", "  - CredentialAcces", "VED401:11:5"),
        ("  - T1110.001", "  - T111", "VED402:13:5"),
        ("  - T1110.001", "  - T1999", "VED402:13:5"),
        ("  - T1110.001", "  - T1190", "VED403:13:5"),
    ],
)
def test_a_rule_with_one_thing_wrong(was: str, becomes: str, finding: str) -> None:
    assert was in RULE
    assert finding in told(RULE.replace(was, becomes, 1))


@pytest.mark.parametrize(
    ("query", "finding"),
    [
        ("SigninLogs", "VED601:2:8"),
        ("SigninLogs | where TimeGenerated > ago(1d) | sort by TimeGenerated", "VED602:2:53"),
        ("search 'x' | where TimeGenerated > ago(1d)", "VED603:2:8"),
        ("union * | where TimeGenerated > ago(1d)", "VED603:2:8"),
        ("SigninLogs | where TimeGenerated > ago(1d) | where AppId contains 'office'", "VED604:2:65"),
        ("SigninLogs | where TimeGenerated > ago(1d) | join kind=inner AuditLogs on CorrelationId", "VED605:2:69"),
        (
            "SigninLogs | where TimeGenerated > ago(1d) | join (AuditLogs | where TimeGenerated > ago(1d)) on Id",
            "VED606:2:53",
        ),
        ("SigninLogs | where TimeGenerated > ago(1d) and tolower(AppId) == 'x'", "VED607:2:55"),
        ("SigninLogs | where bin(TimeGenerated, 1d) > ago(1d)", "VED608:2:27"),
        ("SigninLogs | where AppId matches regex 'a.*b' and TimeGenerated > ago(1d)", "VED609:2:21"),
        ("SigninLogs | where TimeGenerated > ago(1d) | where * has 'x'", "VED610:2:59"),
        ("SigninLogs | union AuditLogs | where TimeGenerated > ago(1d)", "VED611:2:39"),
        ("SigninLogs | where TimeGenerated > ago(1d) | summarize make_set(AppId)", "VED612:2:63"),
        ("SigninLogs | where TimeGenerated > ago(1d) | distinct *", "VED613:2:53"),
    ],
)
def test_what_costs(query: str, finding: str) -> None:
    assert finding in told(f"name: A\nquery: {query}\n")


@pytest.mark.parametrize(
    "query",
    [
        "SigninLogs | where TimeGenerated > ago(1d) | where AppId contains 'off ice'",
        "SigninLogs | where TimeGenerated > ago(1d) | lookup AuditLogs on CorrelationId",
        "SigninLogs | where TimeGenerated > ago(1d) | where hourofday(TimeGenerated) > 7",
        "SigninLogs | where TimeGenerated > ago(1d) | where AppId has 'x' and AppId matches regex 'a.*b'",
        "search in (SigninLogs) 'x' | where TimeGenerated > ago(1d)",
        "SigninLogs | where TimeGenerated > ago(1d) | summarize make_set(AppId, 10)",
    ],
)
def test_what_does_not_cost(query: str) -> None:
    assert [each for each in told(f"name: A\nquery: {query}\n") if each.startswith("VED6")] == []


def test_functions_and_schemas_of_the_files_are_known(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text("FunctionName: Mine\nFunctionQuery: Mine_CL | project TimeGenerated, Who_s\n")
    (tmp_path / "h.yaml").write_text("name: A\nquery: Mine | where TimeGenerated > ago(1d) | where Who_s == 'x'\n")
    result = read([tmp_path])
    assert [each.code for each in lint(result).findings] == ["VED203"]
    (tmp_path / "schema.txt").write_text("")
    schema = tmp_path / "schema.json"
    schema.write_text('{"tables": {"Mine_CL": {"Who_s": "string"}}}')
    assert lint(result, read_schema(schema)).findings == ()
    schema.write_text('{"Mine_CL": {"Other": "long"}}')
    assert [each.code for each in lint(result, read_schema(schema)).findings] == ["VED202"]


def test_columns_that_depend_on_data_are_not_judged() -> None:
    query = "  SigninLogs\n  | extend bag = parse_json(AppId)\n  | evaluate bag_unpack(bag)\n"
    assert "VED301" not in " ".join(told(RULE.replace(RULE[RULE.index("  SigninLogs") : RULE.index("entity")], query)))


def test_a_finding_in_json_points_at_the_query() -> None:
    text = '{"kind": "NRT", "properties": {\n "displayName": "A", "enabled": true, "severity": "Low",\n'
    text += ' "suppressionDuration": "PT5H", "suppressionEnabled": false,\n "query": "SigninLogs | where Nope == 1"}}'
    assert "VED202:4:31" in told(text, "a.json")


def test_what_cannot_be_read_is_found_too(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: [")
    (tmp_path / "b.yaml").write_text("name: A\nquery: T(\n")
    assert [each.code for each in lint(read([tmp_path])).findings] == ["VED001", "VED201"]


def test_duplicates_have_rules_of_their_own(tmp_path: Path) -> None:
    for name, text in (("a", "id: x\nname: A"), ("b", "id: x\nname: B"), ("c", "id: y\nname: A")):
        (tmp_path / f"{name}.yaml").write_text(f"{text}\nquery: SigninLogs | where TimeGenerated > ago(1d)\n")
    assert [each.code for each in lint(read([tmp_path])).findings] == ["VED004", "VED005"]


SUPPRESSED = """name: A
query: |
  SigninLogs // vedette-disable VED601 only the newest are kept
  | distinct * {0}
"""


@pytest.mark.parametrize(
    ("comment", "codes"),
    [
        ("// vedette-disable VED613 all of them are meant", []),
        ("// vedette-disable VED613, VED602 all", ["VED003"]),
        ("// vedette-disable VED613", ["VED003"]),
        ("// vedette-disable VED999 x", ["VED003", "VED613"]),
        ("// vedette-disable", ["VED003", "VED613"]),
        ("", ["VED613"]),
    ],
)
def test_suppressions(comment: str, codes: list[str]) -> None:
    result = linted(SUPPRESSED.format(comment))
    assert sorted(each.code for each in result.findings) == codes
    assert result.suppressed == 2 - codes.count("VED613")


def test_a_comment_of_its_own_line_holds_for_its_item() -> None:
    two = "# vedette-disable VED601 hunts have a time\nname: A\nquery: SigninLogs\n---\nname: B\nquery: AuditLogs\n"
    assert told(two) == []
    inside = "name: A\n# vedette-disable VED601 as above\nquery: SigninLogs\n---\nname: B\nquery: AuditLogs\n"
    assert told(inside) == ["VED601:6:8"]


def test_a_baseline_knows_findings_as_often_as_they_were_there() -> None:
    first = linted("name: A\nquery: union SigninLogs, (AuditLogs | distinct *)\n")
    known = {each.fingerprint: 1 for each in first.findings}
    later = read_text(Path("a.yaml"), "name: A\n\nquery: union (SigninLogs | distinct *), (AuditLogs | distinct *)\n")
    again = lint(later, baseline=known)
    assert again.known == len(first.findings)
    assert [each.code for each in again.findings if each.code == "VED613"] == ["VED613"]


def test_every_rule_explains_itself() -> None:
    assert all(rule.summary.endswith(".") and rule.why and code == rule.code for code, rule in rules().items())


def test_the_page_has_every_rule() -> None:
    page = (Path(__file__).parents[4] / "docs" / "lint.md").read_text(encoding="utf-8")
    assert all(f"| {rule.code} | {rule.level.value} | {rule.summary} |" in page for rule in rules().values())


QUERY = RULE[RULE.index("  SigninLogs") : RULE.index("entityMappings")]


@pytest.mark.parametrize(
    ("query", "findings"),
    [
        ("SlackAudit | where Action == 'x'", ["VED203"]),
        ("GCP_IAM | where Action == 'x'", ["VED203"]),
        ("SlackAudit() | where Action == 'x'", ["VED203"]),
        ("SigninLogs | join (CiscoISEEvent | extend a = 1) on IPAddress", ["VED203"]),
        ("union SigninLogs, Own(1)", ["VED203"]),
        ("SigninLogs | invoke Own()", ["VED203"]),
        ("let x = SlackAudit; x | take 1", ["VED203"]),
        ("let x = materialize(SlackAudit | take 1); x", ["VED203"]),
        ("let x = () { SlackAudit | take 1 }; x()", ["VED203"]),
        ("SlackAudit | summarize by A, B | join (SlackAudit | summarize by A) on A", ["VED203"]),
        ("SigninLog | take 1", ["VED202"]),
        ("SecurityEvents | take 1", ["VED202"]),
        ("signinlogs | take 1", ["VED202"]),
        ("SigninLogs | extend a = fooo(1)", ["VED202"]),
        ("SigninLogs | where UserId == Own", ["VED202"]),
        ("SigninLogs | where TimeGenerated > 5", ["VED202"]),
    ],
)
def test_a_table_or_parser_that_is_not_known_is_a_warning_and_what_follows_from_it_is_none(
    query: str, findings: list[str]
) -> None:
    found = linted(RULE.replace(QUERY, f"  {query}\n")).findings
    assert [each.code for each in found if each.code.startswith("VED2")] == findings


def test_the_kind_of_a_rule_is_read_whatever_its_letter_case() -> None:
    text = RULE.replace("columnName: UserPrincipalName", "columnName: UPN")
    assert "VED301:22:21" in told(text.replace("kind: Scheduled", "kind: scheduled"))
    resource = """
type: Microsoft.SecurityInsights/alertRules
name: 00000000-0000-4000-8000-000000000000
kind: nrt
properties:
  displayName: A
  enabled: true
  severity: High
  suppressionEnabled: false
  suppressionDuration: PT5H
  query: SigninLogs | project UserId
  entityMapings: []
"""
    assert {each.code for each in linted(resource).findings} >= {"VED103", "VED304"}


def test_unknown_properties_are_told_beside_what_is_wrong() -> None:
    text = RULE.replace("severity: High", "severity: Huge").replace("description:", "descripton:")
    assert {"VED101:5:11", "VED103:3:13"} <= set(told(text))
