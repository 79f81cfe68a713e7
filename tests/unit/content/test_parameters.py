from pathlib import Path

import pytest

from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE
from vedette.content.parameters import filled_items
from vedette.content.workspaces_file import chosen, read_workspaces
from vedette.core.errors import InvalidInput

RULE = Item(
    ALERT_RULE,
    "x",
    {
        "properties": {
            "displayName": "In <<region>>",
            "triggerThreshold": "<<threshold>>",
            "alertDetailsOverride": {"alertDisplayNameFormat": "{{Account}} << 3"},
        }
    },
)


def test_placeholders_are_filled_with_values_of_their_types() -> None:
    (filled,) = filled_items([RULE], {"region": "eu", "threshold": 5}, ())
    assert filled.body["properties"] == {
        "displayName": "In eu",
        "triggerThreshold": 5,
        "alertDetailsOverride": {"alertDisplayNameFormat": "{{Account}} << 3"},
    }


def test_texts_are_left_alone_where_nothing_is_declared() -> None:
    assert filled_items([RULE], {}, ()) == [RULE]


def test_a_placeholder_without_a_value_is_refused() -> None:
    with pytest.raises(InvalidInput, match="'region' of 'In <<region>>' has no value for this workspace"):
        filled_items([RULE], {"threshold": 1}, ["region"])
    with pytest.raises(InvalidInput, match="'region' of 'In <<region>>' is not declared"):
        filled_items([RULE], {"threshold": 1}, [])


FILE = """\
endpoint: azure
tenant: t
subscription: s
resourceGroup: g
parameters: {a: 1, b: 1, c: 1}
groups:
  one: {parameters: {b: 2, c: 2}}
  two: {parameters: {c: 3}, tenant: t2}
workspaces:
  first: {groups: [one, two], name: law-first}
  second: {groups: [one], parameters: {a: 9}}
  third: {endpoint: vedette}
"""


def test_what_is_nearest_counts(tmp_path: Path) -> None:
    (tmp_path / "w.yaml").write_text(FILE)
    first, second, third = read_workspaces(tmp_path / "w.yaml")
    assert first.parameters == {"a": 1, "b": 2, "c": 3}
    assert second.parameters == {"a": 9, "b": 2, "c": 2}
    assert (first.workspace.name, first.workspace.tenant, first.workspace.label) == ("law-first", "t2", "first")
    assert first.workspace.endpoint == "https://management.azure.com"
    assert third.workspace.endpoint == ""
    listed = [first, second, third]
    assert chosen(listed, (), ("one",)) == [first, second]
    assert chosen(listed, ("third",), ("two",)) == [first, third]
    assert chosen(listed, (), ()) == listed
    with pytest.raises(InvalidInput, match="no group with workspaces 'x'"):
        chosen(listed, (), ("x",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("workspaces: {}", "it lists no 'workspaces'"),
        ("workspaces:\n  a: {nmae: x}\n", r"w.yaml:2:\d+: 'nmae' is none of"),
        ("workspaces:\n  a: {groups: [x]}\n", "there is no group 'x'"),
        ("workspaces:\n  a: {endpoint: 'http://x'}\n", "is no https address"),
        ("workspaces:\n  a: {endpoint: azure}\n", "has a 'subscription' and a 'resourceGroup'"),
        ("workspaces: [", "this is not YAML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "w.yaml").write_text(text)
    with pytest.raises(InvalidInput, match=said):
        read_workspaces(tmp_path / "w.yaml")
