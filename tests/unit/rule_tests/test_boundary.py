"""Files that tests and content name stay in the repository that they are in."""

import json
from pathlib import Path

import pytest
from tests.unit.rule_tests.conftest import RULE, Bench

from vedette.content.reading import read
from vedette.content.workspaces_file import read_workspaces
from vedette.core.errors import InvalidInput
from vedette.rule_tests.functions import FunctionFiles
from vedette.rule_tests.node import WrongTestFile
from vedette.rule_tests.session import Session
from vedette.rule_tests.test_file import read_test_file

OUTSIDE = {
    "a rule": "rule: {path}\ntests: [{{name: a, expect: none}}]",
    "content": "rule: rule.yaml\ncontent: ['{path}']\ntests: [{{name: a, expect: none}}]",
    "events": "rule: rule.yaml\nevents: {{SigninLogs: '{path}'}}\ntests: [{{name: a, expect: none}}]",
    "rows of a case": "rule: rule.yaml\ntests: [{{name: a, expect: 0, events: {{SigninLogs: [{{file: '{path}'}}]}}}}]",
    "a schema": "rule: rule.yaml\ntables: {{Own_CL: '{path}'}}\ntests: [{{name: a, expect: none}}]",
    "a watchlist": "rule: rule.yaml\nwatchlists: {{a: {{file: '{path}'}}}}\ntests: [{{name: a, expect: none}}]",
}


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "outside.yaml"
    path.write_text(RULE, encoding="utf-8")
    return path


@pytest.fixture
def inside(tmp_path: Path, outside: Path, session: Session) -> Bench:
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    return Bench(folder, session)


@pytest.mark.parametrize("text", OUTSIDE.values(), ids=list(OUTSIDE))
@pytest.mark.parametrize("way", ["up", "absolute", "link"])
def test_what_a_test_names_outside_of_its_repository_is_refused_with_its_line(
    inside: Bench, outside: Path, text: str, way: str
) -> None:
    (inside.folder / "link.yaml").symlink_to(outside)
    name = {"up": "../outside.yaml", "absolute": str(outside), "link": "link.yaml"}[way]
    with pytest.raises(WrongTestFile, match=r"rule\.test\.yaml:\d: .*--allow-outside"):
        inside.cases(text.format(path=name))


def test_what_is_outside_may_be_allowed(inside: Bench, outside: Path) -> None:
    path = inside.write("rule.test.yaml", OUTSIDE["a rule"].format(path="../outside.yaml"))
    (case,) = read_test_file(path, allow_outside=True)
    assert case.rule.resolve() == outside


def test_folders_beside_in_the_repository_are_within(inside: Bench) -> None:
    inside.write("events/rows.json", "[]")
    path = inside.write(
        "tests/a.test.yaml",
        "rule: ../rule.yaml\nevents: {SigninLogs: ../events/rows.json}\ntests: [{name: a, expect: none}]",
    )
    assert len(read_test_file(path)) == 1


def test_a_test_file_or_the_rule_beside_it_is_no_link_out(inside: Bench, outside: Path) -> None:
    (inside.folder / "a.test.yaml").symlink_to(outside)
    with pytest.raises(WrongTestFile, match="a link that leads out"):
        read_test_file(inside.folder / "a.test.yaml")
    (inside.folder / "b.yaml").symlink_to(outside)
    with pytest.raises(WrongTestFile, match=r"'b\.yaml' is outside"):
        read_test_file(inside.write("b.test.yaml", "tests: [{name: a, expect: none}]"))


def test_content_that_is_a_link_out_of_the_repository_is_refused(inside: Bench, outside: Path) -> None:
    (inside.folder / "within.yaml").symlink_to(inside.folder / "rule.yaml")
    found = read([inside.folder])
    assert "already in" in str(found.errors[0])  # a link within is followed
    (inside.folder / "within.yaml").unlink()
    (inside.folder / "link.yaml").symlink_to(outside)
    found = read([inside.folder])
    assert [each.source.path.name for each in found.items if each.source] == ["rule.yaml"]
    assert "leads out of the repository" in str(found.errors[0])


def test_rows_of_a_watchlist_are_no_link_out(inside: Bench, outside: Path) -> None:
    inside.write("w/assets.yaml", "watchlistAlias: assets\ndisplayName: Assets\nitemsSearchKey: Host\n")
    (inside.folder / "w/assets.csv").symlink_to(outside)
    found = read([inside.folder / "w"])
    assert not found.items
    assert "leads out of the repository" in str(found.errors[0])


def test_links_that_lead_nowhere_or_out_give_no_functions_and_end_nothing(inside: Bench, outside: Path) -> None:
    outside.write_text("FunctionAlias: Theirs\nFunctionName: Theirs\nFunctionQuery: print 1\n", encoding="utf-8")
    (inside.folder / "dangling.yaml").symlink_to(inside.folder / "nowhere.yaml")
    (inside.folder / "round.yaml").symlink_to(inside.folder / "round.yaml")
    (inside.folder / "out.yaml").symlink_to(outside)
    inside.write("own.yaml", "FunctionAlias: Ours\nFunctionName: Ours\nFunctionQuery: print 1\n")
    files = FunctionFiles(inside.folder)
    assert files.named("Ours") is not None
    assert files.named("Theirs") is None


@pytest.mark.parametrize("label", ["../../evil", "..", "a/b", "a\\b", "/etc", ".hidden", "a\x1b[31m", "a."])
def test_a_label_that_is_no_name_of_a_folder_is_refused(tmp_path: Path, label: str) -> None:
    path = tmp_path / "workspaces.yaml"
    path.write_text(f"workspaces:\n  {json.dumps(label)}: {{name: law}}\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"workspaces\.yaml:2:"):
        read_workspaces(path)


@pytest.mark.parametrize("label", ["soc-eu", "SOC Europe", "a", "1.2_b", "Übersicht"])
def test_other_labels_are_read(tmp_path: Path, label: str) -> None:
    path = tmp_path / "workspaces.yaml"
    path.write_text(f"workspaces:\n  {label}: {{name: law}}\n", encoding="utf-8")
    assert [each.workspace.label for each in read_workspaces(path)] == [label]
