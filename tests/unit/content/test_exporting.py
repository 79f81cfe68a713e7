"""An export into a folder that has files overwrites nothing that people wrote."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vedette.content.exporting import Export, export
from vedette.content.item import Item
from vedette.content.reading import read, read_text
from vedette.content.writing import write_all
from vedette.core.errors import Conflict

RULE = """\
# why
id: r1
name: Many failures
kind: Scheduled
severity: High
queryFrequency: PT1H
queryPeriod: 1h
query: SecurityEvent
"""


def rule(text: str = RULE, **properties: Any) -> Item:
    (item,) = read_text(Path("a.yaml"), text).items
    return replace(item, body={**item.body, "properties": {**item.body["properties"], **properties}})


def exported(folder: Path, *items: Item, values: Mapping[str, Any] | None = None) -> Export:
    return export(items, folder, "yaml", read([folder]), values, values or ())


def test_placeholders_stay_where_the_workspace_says_their_values(tmp_path: Path) -> None:
    text = RULE.replace("High", "<<sev>>").replace("PT1H", "<<every>>").replace("SecurityEvent", "<<t>> | take 1")
    (tmp_path / "r.yaml").write_text(text)
    values = {"sev": "High", "every": "PT60M", "t": "SecurityEvent"}
    same = rule(query="SecurityEvent | take 1")
    assert exported(tmp_path, same, values=values) == Export({}, 1)
    renamed = rule(query="SecurityEvent | take 1", displayName="Some failures")
    done = exported(tmp_path, renamed, values=values)
    assert done.files == {tmp_path / "r.yaml": text.replace("Many", "Some")}


@pytest.mark.parametrize("values", [{"sev": "Low"}, None])
def test_a_text_with_a_placeholder_is_never_overwritten(tmp_path: Path, values: Mapping[str, Any] | None) -> None:
    (tmp_path / "r.yaml").write_text(RULE.replace("High", "<<sev>>"))
    with pytest.raises(Conflict, match=r"r\.yaml:2: 'severity' of 'Many failures' has a placeholder"):
        exported(tmp_path, rule(), values=values)


def test_a_folder_with_a_file_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "AnalyticsRules").mkdir()
    (tmp_path / "AnalyticsRules" / "Many_failures.yaml").write_text(f"<<<<<<< HEAD\n{RULE}=======\n")
    with pytest.raises(Conflict, match=r"nothing was written.\n.*Many_failures\.yaml:\d+:\d+: this is not YAML"):
        exported(tmp_path, rule())


def test_a_path_that_another_item_has_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "AnalyticsRules").mkdir()
    taken = tmp_path / "AnalyticsRules" / "Many_failures.yaml"
    taken.write_text(RULE.replace("r1", "r0"))
    assert list(exported(tmp_path, rule()).files) == [taken.with_name("Many_failures-r1.yaml")]
    taken.with_name("Many_failures-r1.yaml").write_text("just: notes\n")
    with pytest.raises(Conflict, match="holds something else than 'Many failures'"):
        exported(tmp_path, rule())


def test_a_file_of_json_stays_one(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(write_all([rule()], "json"))
    ((path, text),) = exported(tmp_path, rule(severity="Low")).files.items()
    assert path == tmp_path / "r.json"
    assert json.loads(text)["properties"]["severity"] == "Low"


def test_only_an_exports_own_template_is_written_anew(tmp_path: Path) -> None:
    own = write_all([rule()], "arm")
    (tmp_path / "r.json").write_text(own)
    ((_, text),) = exported(tmp_path, rule(severity="Low")).files.items()
    assert text == own.replace("High", "Low")
    (tmp_path / "r.json").write_text(own.replace("{", "{ ", 1))
    with pytest.raises(Conflict, match="only people can change a file of this form"):
        exported(tmp_path, rule(severity="Low"))
