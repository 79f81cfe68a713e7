"""A changed item goes back into its file, where everything else stays as it is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vedette.content.document import document_of
from vedette.content.exporting import export
from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE
from vedette.content.reading import read_document, read_text
from vedette.content.rewriting import rewrite
from vedette.core.errors import InvalidInput

TEXT = """# Ours: do not touch.
id: 1
name:   'Many  failures'   # the title
version: 1.0.0
requiredDataConnectors: []

kind: Scheduled
severity: High  # as agreed with Ärzte
queryFrequency: PT1H
queryPeriod: P1D
# what it is about
tactics: [ CredentialAccess ]   # flow
query: |
    SigninLogs
    // a comment of KQL's
    | take 1

# who
entityMappings:
    - entityType: Account
      fieldMappings:
          # the name
          - identifier: FullName
            columnName: "Upn"
          - {identifier: Sid, columnName: Sid}
customDetails: {}
triggerThreshold: 0
"""


def changed(change: Callable[[dict[str, Any]], None], text: str = TEXT) -> str:
    document = document_of(Path("a.yaml"), text.encode())
    item = read_document(document).items[0]
    properties = read_text(Path("a.yaml"), text).items[0].body["properties"]
    change(properties)
    return rewrite(document, Item(item.kind, item.name, {**item.body, "properties": properties}))


def mapping(properties: dict[str, Any]) -> dict[str, Any]:
    return properties["entityMappings"][0]["fieldMappings"][0]


@pytest.mark.parametrize(
    ("change", "was", "becomes"),
    [
        (lambda p: None, "", ""),
        (lambda p: p.update(severity="Low"), "severity: High  #", "severity: Low  #"),
        (lambda p: p.update(displayName="Some: failures"), "'Many  failures'   #", '"Some: failures"   #'),
        (lambda p: p.update(queryPeriod="P2D"), "queryPeriod: P1D", "queryPeriod: 2d"),
        (
            lambda p: p.update(query="A\n| take 2\n"),
            "    SigninLogs\n    // a comment of KQL's\n    | take 1\n",
            "  A\n  | take 2\n",
        ),
        (lambda p: p.update(tactics=["Impact"]), "tactics: [ CredentialAccess ]   #", "tactics:\n  - Impact   #"),
        (lambda p: mapping(p).update(columnName="User"), '"Upn"', "User"),
        (lambda p: p.pop("customDetails"), "customDetails: {}\n", ""),
        (lambda p: p.update(customDetails={"A": "b"}), "customDetails: {}", "customDetails:\n  A: b"),
        (
            lambda p: p.update(enabled=False),
            "kind: Scheduled\n",
            "kind: Scheduled\nenabled: false\n",
        ),
        (lambda p: p.update(zeta=1), "customDetails: {}\n", "customDetails: {}\nzeta: 1\n"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_only_what_changed_is_touched(
    change: Callable[[dict[str, Any]], None], was: str, becomes: str, line_end: str
) -> None:
    expected = TEXT.replace(was, becomes) if was else TEXT
    assert changed(change, TEXT.replace("\n", line_end)) == expected.replace("\n", line_end)


def test_other_documents_of_the_file_stay() -> None:
    text = "name: A\nquery: T\n---\n# second\nname: B\nquery: U # x\n"
    document = document_of(Path("a.yaml"), text.encode())
    first, second = read_document(document).items
    properties = {**second.body["properties"], "query": "V"}
    told = rewrite(document, Item(second.kind, second.name, {"properties": properties}))
    assert told == text.replace("U #", "V #")
    assert first in read_text(Path("a.yaml"), told).items


def test_what_cannot_be_said_there_is_refused() -> None:
    document = document_of(Path("a.yaml"), TEXT.encode())
    with pytest.raises(InvalidInput, match="has no AlertRule 'x'"):
        rewrite(document, Item(ALERT_RULE, "x", {}))
    with pytest.raises(InvalidInput, match="cannot be changed in"):
        rewrite(document, Item(ALERT_RULE, "1", {"kind": "Scheduled", "properties": {"version": 1}}))


def test_an_export_changes_in_a_file_only_what_the_workspace_has_otherwise(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(TEXT)
    (item,) = read_text(Path("a.yaml"), TEXT).items
    properties = {**item.body["properties"], "severity": "Low"}
    exported = export([Item(item.kind, item.name, {**item.body, "properties": properties})], tmp_path, "yaml")
    assert exported.files == {tmp_path / "mine.yaml": TEXT.replace("severity: High  #", "severity: Low  #")}
