"""The commands as a shell sees them, where no server is needed: output, messages, exit codes."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

READY_VARIABLE = "VEDETTE_READY_FILE"
PROGRAM = (sys.executable, "-c", "from vedette.cli.main import main; main()")


def run(
    *arguments: str | Path, folder: Path, stdin: str = "", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != READY_VARIABLE}
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env=inherited | dict(environment or {}),
        timeout=60,
    )


def test_no_server_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    for command in (["status"], ["env"], ["exec", "--", "true"], ["query", "print 1"], ["ingest", "T", "x.json"]):
        done = run(*command, folder=tmp_path)
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr == (
            "vedette: No server is running on the data directory '.vedette'. Start one with: vedette up\n"
        )


def test_a_ready_file_left_by_a_killed_server_is_said(ready_file: Path, tmp_path: Path) -> None:
    ready = json.loads(ready_file.read_text()) | {"ca": os.environ.get("SSL_CERT_FILE") or _system_ca()}
    ready_file.write_text(json.dumps(ready))
    done = run("status", "--server-data", ready_file.parent, folder=tmp_path)
    assert done.returncode == 1
    assert "No server answers at https://127.0.0.1:1" in done.stderr
    assert "cut off rather than stopped" in done.stderr


def _system_ca() -> str:
    import certifi  # noqa: PLC0415 (only where the machine's own is not named)

    return certifi.where()


def test_env_prints_lines_that_a_shell_reads_back(ready_file: Path, tmp_path: Path) -> None:
    script = run("env", "--data", ready_file.parent, folder=tmp_path).stdout + 'printf %s "$AZURE_CLIENT_SECRET"'
    read_back = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert read_back.stdout == "a'b c"


def test_env_as_json(ready_file: Path, tmp_path: Path) -> None:
    told = json.loads(run("env", "--json", "--data", ready_file.parent, folder=tmp_path).stdout)
    assert told["VEDETTE_WORKSPACE_ID"] == "33333333-3333-3333-3333-333333333333"
    assert told[READY_VARIABLE] == str(ready_file)


def test_exec_passes_arguments_environment_and_exit_code_through(ready_file: Path, tmp_path: Path) -> None:
    script = "import os, sys; print(os.environ['HTTPS_PROXY'], sys.argv[1:]); sys.exit(7)"
    arguments = ["exec", "--server-data", ready_file.parent, "--", sys.executable, "-c", script, "--json", "a b"]
    done = run(*arguments, folder=tmp_path, environment={"NO_PROXY": "*"})
    assert done.stdout == "http://127.0.0.1:3 ['--json', 'a b']\n"
    assert done.returncode == 7


def test_exec_passes_signals_through(ready_file: Path, tmp_path: Path) -> None:
    script = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(5)); print('on'); signal.pause()"
    command = [*PROGRAM, "exec", "--data", str(ready_file.parent), "--", sys.executable, "-uc", script]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "on\n"
        process.terminate()
        assert process.wait(10) == 5


def test_exec_says_what_it_cannot_run(ready_file: Path, tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_text("not a program")
    for program, code in (("no-such-program", 127), ("./plain.txt", 126)):
        done = run("exec", "--data", ready_file.parent, "--", program, folder=tmp_path)
        assert done.returncode == code
        assert program in done.stderr


@pytest.fixture
def logons(tmp_path: Path) -> Path:
    path = tmp_path / "logons.csv"
    path.write_text("User,Result,Count\nann,ok,1\nbob,fail,20\n")
    return path


def test_query_over_files_prints_json(logons: Path, tmp_path: Path) -> None:
    done = run("query", "logons | where Result == 'fail'", "--data", logons, "--format", "json", folder=tmp_path)
    assert done.stderr == ""
    assert json.loads(done.stdout) == [{"User": "bob", "Result": "fail", "Count": 20}]


def test_query_over_a_folder_reads_the_text_from_standard_input(logons: Path, tmp_path: Path) -> None:
    text = "logons\n| summarize Total = sum(Count)"
    done = run("query", "-", "--data", logons.parent, "--format", "csv", folder=tmp_path, stdin=text)
    assert done.stdout == "Total\n21\n"


def test_query_prints_a_table_that_is_not_cut_and_counts_the_rows(logons: Path, tmp_path: Path) -> None:
    long = "x" * 300
    done = run("query", f"logons | extend Long = '{long}', Esc = '\\u001b[2J'", "--data", logons, folder=tmp_path)
    assert long in done.stdout
    assert "\x1b" not in done.stdout
    assert r"\x1b[2J" in done.stdout
    assert done.stderr == "2 rows\n"


def test_query_writes_a_file_and_prints_nothing(logons: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    done = run("query", "logons | project User", "--data", logons, "--output", out, folder=tmp_path)
    assert (done.stdout, done.stderr) == ("", "")
    assert json.loads(out.read_text()) == [{"User": "ann"}, {"User": "bob"}]


def test_query_refuses_an_output_format_before_it_runs(tmp_path: Path) -> None:
    done = run("query", "print 1", "--output", "x.doc", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("vedette: 'x.doc' does not end in a format that can be written: .arrow, .parquet")


def test_query_shows_a_mistake_with_line_column_and_caret(logons: Path, tmp_path: Path) -> None:
    done = run("query", "logons\n| where Usr == 'ann'", "--data", logons, folder=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "at 2:9" in done.stderr.splitlines()[0]
    assert "2 | | where Usr == 'ann'\n  |         ^^^" in done.stderr


def test_query_does_not_take_a_servers_directory_for_files(tmp_path: Path) -> None:
    (tmp_path / "estate.json").write_text("{}")
    done = run("query", "print 1", "--data", tmp_path, folder=tmp_path)
    assert done.returncode == 1
    assert f"--server-data {tmp_path}" in done.stderr


def test_explain_shows_the_plan_and_a_cte_for_each_step(logons: Path, tmp_path: Path) -> None:
    query = "logons | where User == 'ann' | summarize count() by User"
    done = run("explain", query, "--data", logons, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    plan, sql = done.stdout.split("\n\n", 1)
    assert [line.strip().split(" ")[0] for line in plan.splitlines()] == ["summarize", "filter", "scan"]
    for number, step in enumerate(("scan", "filter", "summarize"), 1):
        assert f"step{number}_{step} AS" in sql
    folded = run("explain", query, "--data", logons, "--show", "sql", folder=tmp_path)
    assert "step1" not in folded.stdout
    assert "GROUP BY" in folded.stdout


def test_explain_shows_a_mistake_with_a_caret(logons: Path, tmp_path: Path) -> None:
    done = run("explain", "logons | where Usr == 'ann'", "--data", logons, folder=tmp_path)
    assert done.returncode == 1
    assert "^^^" in done.stderr
    assert "User" in done.stderr


def test_a_file_that_cannot_be_written_is_one_line(ready_file: Path, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")
    for command in (
        ("backup", "none/x.tar", "--server-data", ready_file.parent),
        ("ingest", "T", "x.json", "--resume", "none/state", "--data", ready_file.parent),
    ):
        done = run(*command, folder=tmp_path)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("vedette: 'none/")
        assert done.stderr.endswith("cannot be written: No such file or directory.\n")


def test_what_only_a_workspace_is_restored_with_is_refused_of_a_server(tmp_path: Path) -> None:
    (tmp_path / "server.tar").write_bytes(b"")
    for options, named in (
        (["--plan"], "--plan"),
        (["--yes", "--keep-going"], "--yes, --keep-going"),
        (["--principal", "a=b", "--without", "Playbook"], "--principal, --without"),
    ):
        done = run("restore", "server.tar", "--data", "data", *options, folder=tmp_path)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.rstrip().endswith(f"with --workspace go {named}.")
        assert not (tmp_path / "data").exists()
