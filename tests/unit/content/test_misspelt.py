"""A name that is misspelt in a file must never end in a rule that is deleted."""

from pathlib import Path

import pytest

from vedette.cli.content_files import ContentFiles
from vedette.cli.content_targets import Target
from vedette.content.applying import apply_plan
from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE
from vedette.content.planning import Action, make_plan
from vedette.content.reading import read, read_text
from vedette.core.errors import InvalidInput

from .memory_endpoint import WORKSPACE, MemoryEndpoint

RULE = """\
id: 11111111-0000-4000-8000-000000000001
name: Many failures
kind: Scheduled
severity: High
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
query: SecurityEvent
"""


@pytest.mark.parametrize(
    ("was", "is_", "told"),
    [
        ("kind: Scheduled\n", "kind: Scheduledd\n", "did you mean 'Scheduled'"),
        ("name: ", "nmae: ", ""),
        ("query: ", "qurey: ", ""),
        ("kind: Scheduled\n", "kind: X\n", "look for a name that is misspelt"),
    ],
)
def test_content_that_is_misspelt_is_an_error_in_a_folder_too(tmp_path: Path, was: str, is_: str, told: str) -> None:
    (tmp_path / "rule.yaml").write_text(RULE.replace(was, is_))
    found = read([tmp_path])
    assert not found.errors if not told else told in str(found.errors[0])
    assert found.errors or found.items[0].kind is ALERT_RULE


def test_other_files_of_a_folder_are_none(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "a", "version": "1.0.0"}')
    (tmp_path / "pipeline.yml").write_text("name: deploy\non: [push]\njobs: {}\n")
    assert not read([tmp_path]).errors


def test_a_rule_without_kind_whose_schedule_is_misspelt_is_no_search() -> None:
    text = "id: a\nname: A\nqueryfrequncy: 1h\nquery: T\n"
    (problem,) = read_text(Path("a.yaml"), text).problems
    assert str(problem) == (
        "a.yaml:3:16: 'queryfrequncy' is nothing that a saved search has; a rule has 'queryFrequency', and a kind"
    )


def _applied(endpoint: MemoryEndpoint, *items: Item) -> None:
    client = endpoint.client()
    apply_plan(client, make_plan(client, WORKSPACE, items, set="default"))


def test_what_is_in_a_file_as_another_kind_is_not_pruned() -> None:
    endpoint = MemoryEndpoint()
    (rule,) = read_text(Path("a.yaml"), RULE).items
    _applied(endpoint, rule)
    (search,) = read_text(Path("a.yaml"), f"id: {rule.name}\nname: Many failures\nquery: SecurityEvent\n").items
    client = endpoint.client()
    with pytest.raises(InvalidInput, match="is a HuntingQuery here, and the AlertRule 'Many failures'"):
        make_plan(client, WORKSPACE, [search], set="default", prune=True)
    made = make_plan(client, WORKSPACE, [search], set="default")
    assert [each.action for each in made.changed] == [Action.CREATE]


def test_what_an_unread_file_speaks_of_is_not_pruned(tmp_path: Path) -> None:
    endpoint = MemoryEndpoint()
    (rule,) = read_text(Path("a.yaml"), RULE).items
    _applied(endpoint, rule)
    (tmp_path / "rule.yaml").write_text("rules:\n  first:\n    name: Many failures\n")
    (tmp_path / "other.yaml").write_text("id: b\nname: B\nquery: T\n")
    content = ContentFiles([tmp_path])
    target = Target(WORKSPACE, endpoint.client())
    made = make_plan(target.client, WORKSPACE, content.items_for(target), set="default", prune=True)
    with pytest.raises(InvalidInput, match=r"rule\.yaml is in no form that is read"):
        content.check_deleted(made)
    (tmp_path / "rule.yaml").write_text("rules: {}\n")
    content = ContentFiles([tmp_path])
    content.items_for(target)
    content.check_deleted(made)
