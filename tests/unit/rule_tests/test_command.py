"""`vedette test` and the pytest plugin, as processes that somebody starts."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
import yaml
from tests.unit.rule_tests.conftest import RULE

from vedette.rule_tests.schema import schema
from vedette.rule_tests.watch import concerned_by, watched

TESTS = """
tests:
  - name: it fires
    tags: [sprays]
    events: {SigninLogs: [{ResultType: 50126, IPAddress: 203.0.113.9, $times: 3}]}
    expect: fires
  - name: it stays quiet
    events: {SigninLogs: [{ResultType: 0}]}
    expect: none
"""
FAILS = """
  - name: it cannot
    events: {SigninLogs: [{ResultType: 0}]}
    expect: fires
  - name: a gap that is known
    xfail: nobody has written it yet
    expect: fires
  - name: one for later
    skip: true
    expect: none
"""


def _run(folder: Path, *arguments: str, module: tuple[str, ...] = ("vedette.cli.main", "test")) -> tuple[int, str]:
    command = [sys.executable, "-m", module[0], *module[1:], *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "spray.yaml").write_text(RULE, encoding="utf-8")
    (tmp_path / "spray.test.yaml").write_text(TESTS, encoding="utf-8")
    (tmp_path / "test_other.py").write_text("raise SystemExit(9)", encoding="utf-8")
    (tmp_path / "conftest.py").write_text("raise SystemExit(9)", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", encoding="utf-8")
    return tmp_path


def test_a_run_with_everything_that_is_written(folder: Path) -> None:
    code, told = _run(
        folder,
        *(".", "--junitxml", "results.xml", "--coverage", "mitre", "--coverage", "lines", "--navigator", "layer.json"),
    )
    assert code == 0, told
    assert "2 passed" in told
    assert "T1110.003   fires     CredentialAccess  Many failures" in told
    assert 'it stopped no row: IPAddress != "10.0.0.1"' in told
    suite = ElementTree.parse(folder / "results.xml").getroot()[0]
    assert [case.get("name") for case in suite] == ["it fires", "it stays quiet"]
    layer = json.loads((folder / "layer.json").read_text(encoding="utf-8"))
    assert {each["techniqueID"]: each["score"] for each in layer["techniques"]} == {"T1110": 1, "T1110.003": 1}
    assert "No such" not in told


def test_failures_choices_and_exit_codes(folder: Path) -> None:
    (folder / "spray.test.yaml").write_text(TESTS + FAILS, encoding="utf-8")
    other = RULE.replace("T1110, T1110.003", "T1486").replace("Many failures", "Nobody tests me")
    (folder / "other.yaml").write_text(other.replace("11111111", "22222222"), encoding="utf-8")
    code, told = _run(folder, "--coverage", "mitre")
    assert code == 1
    assert "T1486       unproven  CredentialAccess  Nobody tests me" in told
    assert "no test: Nobody tests me" in told
    assert "1 failed, 2 passed, 1 skipped, 1 xfailed" in told
    assert "Traceback" not in told
    assert "site-packages" not in told
    assert "FAILED spray.test.yaml::it cannot" in told
    assert "1 failed, 1 skipped" not in told
    code, told = _run(folder, "--lf")
    assert (code, "1 failed in" in told) == (1, True), told
    code, told = _run(folder, "-k", "sprays", "-v")
    assert code == 0
    assert "spray.test.yaml::it fires PASSED" in told
    assert _run(folder, "-k", "nobody")[0] == 5
    assert _run(folder, "--no-such-option")[0] == 4


def test_many_files_are_run_by_several_processes(folder: Path) -> None:
    for number in range(8):
        quiet = "".join(f"  - {{name: quiet {each}, expect: none}}\n" for each in range(9))
        last = "fires" if number == 6 else "none"
        text = f"rule: spray.yaml\ntests:\n{quiet}  - {{name: last, expect: {last}}}\n"
        (folder / f"many{number}.test.yaml").write_text(text, encoding="utf-8")
    code, told = _run(folder, "-q")
    assert code == 1
    assert "1 failed, 81 passed" in told
    assert "many6.test.yaml:12: last" in told
    assert "SigninLogs in line 13 has no rows at all." in told
    assert "Traceback" not in told


def test_watching_runs_again_what_a_change_concerns(folder: Path) -> None:
    ran: list[list[str]] = []
    test_file = folder / "spray.test.yaml"

    def run(paths: Sequence[str]) -> int:
        ran.append(list(paths))
        if len(ran) == 1:
            test_file.write_text(TESTS + FAILS, encoding="utf-8")
        return 0

    watched(run, [folder], looks=2)
    assert ran == [[], [str(test_file)]]


def test_a_coverage_that_is_too_low_fails(folder: Path) -> None:
    code, told = _run(folder, "--coverage-min", "95")
    assert code == 1
    assert "60% of the rules' lines decided; 95% are asked for" in told
    assert _run(folder, "--coverage-min", "60")[0] == 0


def test_a_broken_file_is_an_error_with_its_line(folder: Path) -> None:
    (folder / "spray.test.yaml").write_text("tests:\n  - nmae: x\n", encoding="utf-8")
    code, told = _run(folder)
    assert code == 2
    assert "spray.test.yaml:2: there is no 'nmae' in item 1 of 'tests'. Did you mean 'name'?" in told
    assert "Traceback" not in told


def test_files_that_cannot_be_read_are_told_and_the_others_are_run(folder: Path) -> None:
    (folder / "bad.csv").write_bytes(b"Host\n\xff\xfe\n")
    text = "rule: spray.yaml\nwatchlists:\n  assets: {file: bad.csv}\ntests: [{name: a, expect: none}]\n"
    (folder / "watchlist.test.yaml").write_text(text, encoding="utf-8")
    code, told = _run(folder)
    assert code == 2
    assert "watchlist.test.yaml:3: " in told
    assert "is not UTF-8 text" in told
    assert "2 passed, 1 error" in told


def test_an_expected_failure_does_not_hide_what_cannot_be_run(folder: Path) -> None:
    text = "rule: broken.yaml\ntests: [{name: a gap, xfail: later, expect: fires}]\n"
    (folder / "broken.yaml").write_text("name: not a rule\n", encoding="utf-8")
    (folder / "spray.test.yaml").write_text(text, encoding="utf-8")
    code, told = _run(folder)
    assert code == 1
    assert "xfailed" not in told
    assert "broken.yaml:1:1" in told


def test_names_and_failures_cannot_steer_the_terminal(folder: Path) -> None:
    text = '{name: "a \\e[2J", events: {SigninLogs: [{ResultType: "\\e]0;x"}]}, expect: {alerts: [{title: "\\e[1m"}]}}'
    (folder / "spray.test.yaml").write_text(f"tests: [{text}]\n", encoding="utf-8")
    code, told = _run(folder, "-v")
    assert code == 1
    assert r"a \x1b[2J" in told
    assert "\x1b" not in told


def test_plain_pytest_collects_test_files_too(folder: Path) -> None:
    for name in ("pytest.ini", "conftest.py", "test_other.py"):
        (folder / name).unlink()
    plugin = () if _is_installed() else ("-p", "vedette.rule_tests.pytest_plugin")
    code, told = _run(folder, *plugin, "-q", module=("pytest",))
    assert code == 0, told
    assert "2 passed" in told


def _is_installed() -> bool:
    return any(each.name == "vedette" for each in entry_points(group="pytest11"))


def test_the_schema_agrees_with_the_reader() -> None:
    told = schema()
    jsonschema.Draft202012Validator.check_schema(told)
    checker = jsonschema.Draft202012Validator(told)
    assert not list(checker.iter_errors(yaml.safe_load(TESTS + FAILS)))
    for wrong in (
        {"tests": [{"name": "a"}]},
        {"tests": [{"name": "a", "expect": {"alerts": [{"sevrity": "Low"}]}}]},
        {"tests": [{"name": "a", "expect": "none", "events": {"T": [{"$time": 1}]}}]},
        {"tests": [], "rule": "a.yaml"},
    ):
        assert list(checker.iter_errors(wrong)), wrong


def test_what_a_change_concerns(tmp_path: Path) -> None:
    x, y = tmp_path / "x.test.yaml", tmp_path / "y.test.yaml"
    x.write_text("events: {T: events.json}", encoding="utf-8")
    y.write_text("rule: ../rules/z.yaml", encoding="utf-8")
    there = dict.fromkeys([x, y, *(tmp_path / name for name in ("x.yaml", "events.json", "parser.yaml"))], 1)
    assert concerned_by([tmp_path / "x.yaml"], there) == [x]
    assert concerned_by([y], there) == [y]
    assert concerned_by([tmp_path / "events.json"], there) == [x]
    assert concerned_by([tmp_path.parent / "rules" / "z.yaml"], there) == [y]
    assert concerned_by([tmp_path / "parser.yaml"], there) == [x, y]
