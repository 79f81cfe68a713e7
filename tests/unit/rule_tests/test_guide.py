"""The guide's examples and the GitHub Action do what they say."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from tests.unit.rule_tests.conftest import Bench

from vedette.cli.main import COMMANDS
from vedette.rule_tests.case import Case
from vedette.rule_tests.test_file import CASE_KEYS, read_test_file

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "rule-tests.md").read_text(encoding="utf-8")
ACTION: Mapping[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


def written(folder: Path) -> list[Case]:
    """The cases of the guide's files, once they are in a folder."""
    files = re.findall(r"```yaml (\S+)\n(.*?)```", GUIDE, re.DOTALL)
    assert len(files) == 2
    for name, text in files:
        (folder / name).write_text(text, encoding="utf-8")
    return read_test_file(folder / "many-failures.test.yaml")


def test_the_first_test_of_the_guide_passes(bench: Bench) -> None:
    cases = written(bench.folder)
    assert len(cases) == 5
    assert [bench.outcome(case) for case in cases] == [""] * 5


def test_a_failure_looks_as_the_guide_shows_it(bench: Bench) -> None:
    written(bench.folder)
    path = bench.folder / "many-failures.test.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("$times: 5", "$times: 4"), encoding="utf-8")
    told = bench.outcome(read_test_file(path)[0]).replace(f"{bench.folder}/", "")
    shown = GUIDE.partition("did not hold for them:")[2].partition("```\n")[2].partition("```")[0]
    there = re.sub(r"\(20.*?\)", "(…)", told)
    assert [line.rstrip() for line in there.splitlines()] == [line.rstrip() for line in shown.splitlines()]


def test_the_guide_knows_every_key() -> None:
    assert [key for key in CASE_KEYS if f"`{key}`" not in GUIDE and key != "description"] == []


def _script(name: str) -> tuple[str, Mapping[str, str]]:
    (step,) = (each for each in ACTION["runs"]["steps"] if each.get("name") == name)
    assert step["shell"] == "bash"
    return step["run"], step["env"]


def _run(script: str, env: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    tools = folder / "bin"
    tools.mkdir(exist_ok=True)
    (tools / "vedette").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m vedette.cli.main "$@"\n', encoding="utf-8")
    (tools / "vedette").chmod(0o755)
    own = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(
        command, cwd=folder, env=os.environ | own | dict(env), capture_output=True, text=True, check=False
    )


def test_the_action_is_whole() -> None:
    assert ACTION["runs"]["using"] == "composite"
    used = set(re.findall(r"\$\{\{ inputs\.([\w-]+)", (ROOT / "action.yml").read_text(encoding="utf-8")))
    assert used == set(ACTION["inputs"])
    assert all(each.get("description") for each in ACTION["inputs"].values())
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", ""), "what is typed into an input must not become part of a script"


def test_the_action_tests_a_repository(tmp_path: Path) -> None:
    written(tmp_path)
    script, env = _script("Test")
    assert set(env) == {"PATHS", "ARGUMENTS", "COVERAGE_MIN", "JUNIT", "NAVIGATOR"}
    given = {"PATHS": ".", "ARGUMENTS": "-q", "COVERAGE_MIN": "100", "JUNIT": "r.xml", "NAVIGATOR": "layer.json"}
    done = _run(script, given, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "output").read_text(encoding="utf-8") == "junit=r.xml\n"
    assert "5 passed" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert ElementTree.parse(tmp_path / "r.xml").getroot()[0].get("tests") == "5"
    assert (tmp_path / "layer.json").exists()
    (tmp_path / "many-failures.test.yaml").write_text("tests: [{name: a, expect: fires}]", encoding="utf-8")
    assert _run(script, given | {"COVERAGE_MIN": "", "NAVIGATOR": ""}, tmp_path).returncode == 1


@pytest.mark.skipif("lint" not in COMMANDS, reason="this release has no 'vedette lint'")
def test_the_action_lints_a_repository(tmp_path: Path) -> None:
    written(tmp_path)
    script, env = _script("Lint")
    assert set(env) == {"PATHS", "ARGUMENTS", "SARIF"}
    done = _run(script, {"PATHS": ".", "ARGUMENTS": "", "SARIF": "l.sarif"}, tmp_path)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert '"version": "2.1.0"' in (tmp_path / "l.sarif").read_text(encoding="utf-8").replace('":"', '": "')
