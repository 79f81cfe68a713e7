"""`vedette test --record` against a live server with the demo: what is written passes, without the server."""

import json
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from tests.clients.conftest import running

from vedette.cli.main import vedette
from vedette.core.errors import InvalidInput
from vedette.rule_tests.session import Session
from vedette.rule_tests.test_file import read_test_file

RULES = files("vedette.demo") / "rules"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("demo")
    with running(folder, "--demo"):
        yield folder / "data"


def _record(data: Path, folder: Path, rule: str, *options: str) -> tuple[str, Path]:
    shutil.copy(str(RULES / f"{rule}.yaml"), folder / f"{rule}.yaml")
    asked = ["test", "--record", str(folder / f"{rule}.yaml"), "--data", str(data), *options]
    done = CliRunner().invoke(vedette, asked, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output, folder / f"{rule}.test.yaml"


def _passes(path: Path) -> None:
    session = Session(path.parent)
    try:
        for case in read_test_file(path):
            session.check(case)
    finally:
        session.close()


@pytest.mark.parametrize(
    ("rule", "alerts", "most"),
    [("03-encoded-powershell", 1, 20), ("05-large-transfer", 1, 200)],
)
def test_what_is_recorded_passes_and_is_small(data: Path, tmp_path: Path, rule: str, alerts: int, most: int) -> None:
    told, path = _record(data, tmp_path, rule)
    assert f"{alerts} alert" in told
    assert "the query gives" not in told
    (case,) = yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]
    assert len(case["expect"]["alerts"]) == alerts
    assert sum(len(rows) for rows in case["events"].values()) <= most
    assert "_ItemId" not in path.read_text(encoding="utf-8")
    _passes(path)


def test_a_recording_without_names(data: Path, tmp_path: Path) -> None:
    _, plain = _record(data, tmp_path, "01-password-spray")
    real = yaml.safe_load(plain.read_text(encoding="utf-8"))["tests"][0]["events"]["SigninLogs"]
    plain.unlink()
    _, path = _record(data, tmp_path, "01-password-spray", "--redact", "--name", "a spray")
    text = path.read_text(encoding="utf-8")
    assert "example.com" in text
    for row in real:
        assert row["UserPrincipalName"] not in text
        assert row["IPAddress"] not in text
    (case,) = read_test_file(path)
    assert case.name == "a spray"
    _passes(path)


def test_a_window_in_which_nothing_fired(data: Path, tmp_path: Path) -> None:
    told, path = _record(data, tmp_path, "04-dns-tunnel", "--at", "-3d", "--near-misses", "0")
    assert "0 alerts of no rows" in told
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["tests"][0]["expect"] == "none"
    _passes(path)


def test_a_folder_that_is_missing_is_told(data: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"none/a.test.yaml' cannot be written: No such file"):
        _record(data, tmp_path, "03-encoded-powershell", "--output", str(tmp_path / "none" / "a.test.yaml"))


def test_a_file_that_is_there_is_left_alone(data: Path, tmp_path: Path) -> None:
    (tmp_path / "01-password-spray.test.yaml").write_text("mine", encoding="utf-8")
    shutil.copy(str(RULES / "01-password-spray.yaml"), tmp_path)
    asked = ["test", "--record", str(tmp_path / "01-password-spray.yaml"), "--data", str(data)]
    done = CliRunner().invoke(vedette, asked)
    assert "is there already; name another file with --output" in str(done.exception)
    assert (tmp_path / "01-password-spray.test.yaml").read_text(encoding="utf-8") == "mine"


def test_functions_and_tables_of_the_workspace_come_along(data: Path, tmp_path: Path) -> None:
    run = CliRunner()
    events = tmp_path / "doors.jsonl"
    events.write_text("".join(json.dumps({"Host": f"door{n}", "State": "open"}) + "\n" for n in range(3)), "utf-8")
    done = run.invoke(vedette, ["ingest", "Doors_CL", str(events), "--data", str(data)])
    assert done.exit_code == 0, done.output
    (tmp_path / "doors.yaml").write_text(
        "id: doors\nname: Doors\nkind: Scheduled\nqueryFrequency: 5m\nqueryPeriod: 1h\nquery: |\n"
        "  Doors_CL | where State_s == 'open' and Host_s endswith '1' | project TimeGenerated, Host_s\n",
        encoding="utf-8",
    )
    asked = ["test", "--record", str(tmp_path / "doors.yaml"), "--data", str(data), "--at", "+1m"]
    done = run.invoke(vedette, asked, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    (case,) = yaml.safe_load((tmp_path / "doors.test.yaml").read_text(encoding="utf-8"))["tests"]
    assert case["tables"]["Doors_CL"]["Host_s"] == "string"
    assert {row["Host_s"] for row in case["events"]["Doors_CL"]} == {"door0", "door1", "door2"}
    assert len(case["expect"]["alerts"]) == 1
    _passes(tmp_path / "doors.test.yaml")


def test_a_parser_in_a_folder_beside_is_found_as_a_test_run_finds_it(data: Path, tmp_path: Path) -> None:
    for folder in (".git", "Parsers", "Rules"):
        (tmp_path / folder).mkdir()
    (tmp_path / "Parsers" / "imAnybody.yaml").write_text(
        "FunctionName: imAnybody\nFunctionAlias: imAnybody\nFunctionQuery: SigninLogs | take 1\n", encoding="utf-8"
    )
    rule = tmp_path / "Rules" / "anybody.yaml"
    rule.write_text(
        "id: anybody\nname: Anybody\nkind: Scheduled\nqueryFrequency: 1d\nqueryPeriod: 1d\nquery: imAnybody\n",
        encoding="utf-8",
    )
    asked = ["test", "--record", str(rule), "--data", str(data), "--near-misses", "0"]
    done = CliRunner().invoke(vedette, asked, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "1 alert of 1 of SigninLogs" in done.output
    assert "the workspace has no function imAnybody, so the query as a whole was not run there" in done.output
    _passes(tmp_path / "Rules" / "anybody.test.yaml")
