"""`vedette lint` as people and machines call it."""

import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from tests.unit.content.lint.test_rules import RULE

from vedette.cli.commands.lint import lint


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(lint, [str(each) for each in arguments])


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "r ä.yaml"
    path.write_text(RULE.replace("columnName: UserPrincipalName", "columnName: UPN").replace("T1110", "T1190"))
    return path


def test_text_shows_the_line(wrong: Path) -> None:
    result = run(wrong)
    assert result.exit_code == 1
    assert f"{wrong}:22:21: error VED301: the query gives no column 'UPN'" in result.output
    assert "  22 |         columnName: UPN\n     |                     ^\n" in result.output
    assert result.output.endswith("1 item in 1 file: 1 error, 1 warning, 0 notes\n")


def test_exit_codes(wrong: Path, tmp_path: Path) -> None:
    assert run(wrong, "--ignore", "VED3").exit_code == 0
    assert run(wrong, "--ignore", "VED301", "--strict").exit_code == 1
    assert run(wrong, "--select", "VED6,VED5").exit_code == 0
    assert run().exit_code == 2
    assert run(wrong, "--since", "HEAD").exit_code == 2
    assert run(wrong, "--schema", tmp_path / "none.json").exit_code == 2
    assert run(wrong, "--baseline", tmp_path / "none.json").exit_code == 2
    assert run("--explain", "VED000").exit_code == 2
    assert run(tmp_path / "none.yaml").exit_code == 1


def test_placeholders_are_filled(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(RULE.replace('"0"', "<<code>>").replace("severity: High", "severity: <<severity>>"))
    assert run(path).exit_code == 1
    assert run(path, "--parameter", "code='0'", "--parameter", "severity=Low").exit_code == 0
    assert run(path, "--parameter", "code='0'").exit_code == 2
    assert run(path, "--parameter", "code").exit_code == 2


def test_a_pipeline_of_no_such_name_is_refused(wrong: Path) -> None:
    assert run(wrong, "--sigma-pipeline", "azure").exit_code == 2


def test_explain() -> None:
    assert run("--explain", "ved604").output.startswith("VED604 contains (note)\n\n`contains` where `has` would do.\n")


def test_a_baseline_is_written_and_used(wrong: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    assert run(wrong, "--write-baseline", baseline).exit_code == 0
    result = run(wrong, "--baseline", baseline)
    assert result.exit_code == 0
    assert result.output == "1 item in 1 file: 0 errors, 0 warnings, 0 notes (2 in the baseline)\n"


@pytest.mark.parametrize("option", ["--output", "--write-baseline"])
def test_a_file_that_cannot_be_written_is_told(wrong: Path, tmp_path: Path, option: str) -> None:
    result = run(wrong, option, tmp_path / "none" / "x")
    assert result.exit_code == 2
    assert "none/x' cannot be written: No such file or directory." in " ".join(result.output.split())


def test_a_report_goes_into_a_pipe_too(wrong: Path) -> None:
    assert run(wrong, "--output", "/dev/null").exit_code == 1
    assert Path("/dev/null").is_char_device()


def test_json_and_junit(wrong: Path, tmp_path: Path) -> None:
    told = json.loads(run(wrong, "--format", "json").output)
    assert told["counts"] == {"error": 1, "warning": 1, "note": 0}
    assert told["findings"][0] | {"message": "", "fingerprint": ""} == {
        "code": "VED403",
        "name": "technique-of-tactic",
        "level": "warning",
        "message": "",
        "file": str(wrong),
        "line": 13,
        "column": 5,
        "item": "Many failures",
        "fingerprint": "",
    }
    output = tmp_path / "junit.xml"
    assert "1 error," in run(wrong, "--format", "junit", "--output", output).output
    suite = ElementTree.parse(output).getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    assert "VED301" in (suite[0].findtext("failure") or "")


def test_sarif_has_what_the_standard_asks_for(wrong: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(wrong.parent)
    told = json.loads(run(wrong.name, "--format", "sarif").output)
    assert (told["version"], told["$schema"]) == ("2.1.0", "https://json.schemastore.org/sarif-2.1.0.json")
    (one,) = told["runs"]
    ids = [each["id"] for each in one["tool"]["driver"]["rules"]]
    for result in one["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        (place,) = result["locations"]
        physical = place["physicalLocation"]
        assert physical["artifactLocation"]["uri"] == "r%20%C3%A4.yaml"
        assert physical["region"]["startLine"] >= 1


def test_a_change_asks_for_a_higher_version(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    path = tmp_path / "r.yaml"
    path.write_text(f"{RULE}version: 1.9.0\n")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "a")
    assert run(path, "--since", "HEAD").exit_code == 0
    path.write_text(f"# a comment\n{RULE}version: 1.9.0\n")
    assert run(path, "--since", "HEAD").exit_code == 0
    path.write_text(f"{RULE.replace('High', 'Low')}version: 1.9.0\n")
    result = run(path, "--since", "HEAD")
    assert result.exit_code == 1
    assert f"{path}:27:10: error VED501" in result.output
    path.write_text(f"{RULE.replace('High', 'Low')}version: 1.10.0\n")
    assert run(path, "--since", "HEAD").exit_code == 0
    assert run(path, "--since", "--output=x").exit_code == 2
