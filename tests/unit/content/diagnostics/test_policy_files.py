"""Definitions as files: three of each, read again as they were, in UTF-16 too, and out of templates."""

import json
from pathlib import Path
from typing import Any

import pytest

from vedette.content.diagnostics.choices import Choices
from vedette.content.diagnostics.definition import Made, make_definition
from vedette.content.diagnostics.policy_files import file_texts, json_text, read_policies
from vedette.content.diagnostics.policy_template import policy_template
from vedette.content.diagnostics.sinks import LOG_ANALYTICS
from vedette.core.errors import InvalidInput
from vedette.log_management.resource_log_types import known_types


def made(number: int = 3) -> list[Made]:
    types = sorted(known_types().values(), key=lambda each: each.key)[:number]
    return [make_definition(each, Choices()) for each in types]


def write(folder: Path, encoding: str = "utf-8") -> None:
    for each in made():
        for path, text in file_texts(each):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(text.encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_is_written_is_read(tmp_path: Path, encoding: str) -> None:
    write(tmp_path, encoding)
    assert len(list(tmp_path.rglob("*.json"))) == 9
    assert read_policies(tmp_path) == made()


def test_files_of_the_other_tool_have_no_names(tmp_path: Path) -> None:
    """They are UTF-16 with a mark, and say what they are by their title alone."""
    (one,) = made(1)
    folder = tmp_path / one.folder
    folder.mkdir()
    (folder / "azurepolicy.json").write_bytes(
        b"\xff\xfe" + json.dumps({"properties": one.properties}).encode("utf-16-le")
    )
    (read,) = read_policies(tmp_path)
    assert (read.folder, read.properties) == (one.folder, one.properties)
    assert read.name.startswith("vedette-diagnostics-")
    assert read_policies(tmp_path) == [read]


def test_a_template_is_read(tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text(json_text(policy_template(made(), LOG_ANALYTICS, "", of_group=False)))
    assert [(each.name, each.properties) for each in read_policies(path)] == [
        (each.name, each.properties) for each in made()
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [("[]", "is no policy definition"), ("{", "is no JSON"), ('{"properties": {}}', "has no 'policyRule'")],
)
def test_what_is_no_definition_is_refused(tmp_path: Path, content: Any, reason: str) -> None:
    path = tmp_path / "azurepolicy.json"
    path.write_text(content)
    with pytest.raises(InvalidInput, match=reason):
        read_policies(path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no policy definition in"):
        read_policies(tmp_path)
