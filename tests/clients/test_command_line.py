"""The commands against a live server: a newcomer's first hour, typed."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from tests.clients.command import VEDETTE, environment, vedette
from tests.clients.sdk import Ready

from vedette.cli.welcome import SDK_SNIPPET


@pytest.fixture
def table() -> str:
    return f"Cli{uuid4().hex}"


def test_files_of_each_format_go_in_and_come_back(server: Ready, tmp_path: Path, table: str) -> None:
    (tmp_path / "a.json").write_text('[{"user": "ann", "n": 1}, {"user": "bob", "n": 2}]')
    (tmp_path / "b.jsonl").write_text('{"user": "cid", "n": 3}\n{"user": "dan", "n": 4}\n')
    (tmp_path / "c.csv").write_text("user,n\neve,5\n")
    files = ["a.json", "b.jsonl", "c.csv"]
    sent = vedette(server, tmp_path, "ingest", f"{table}_CL", *files, "--number", "n", "--json")
    assert json.loads(sent.stdout) == {"table": f"{table}_CL", "rows": 5, "files": 3}
    assert sent.stderr == ""
    text = f"{table}_CL | project user_s, n_d | sort by n_d asc"
    back = vedette(server, tmp_path, "query", text, "--format", "csv")
    assert back.stdout == "user_s,n_d\nann,1.0\nbob,2.0\ncid,3.0\ndan,4.0\neve,5.0\n"


def test_a_batch_that_the_server_refuses_is_named_with_its_rows(server: Ready, tmp_path: Path, table: str) -> None:
    (tmp_path / "good.jsonl").write_text('{"user": "ann"}\n')
    (tmp_path / "bad.jsonl").write_text('{"user": "bob"}\n{"tenant": "x"}\n')
    done = vedette(server, tmp_path, "ingest", table, "good.jsonl", "bad.jsonl")
    assert done.returncode == 1
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert first == f"1 rows were stored in {table}_CL before the failure."
    assert second.startswith("vedette: bad.jsonl: rows 1 to 2 were not stored: The property name 'tenant' is reserved")
    count = vedette(server, tmp_path, "query", f"{table}_CL | count", "--format", "csv")
    assert count.stdout == "Count\n1\n"


def test_large_files_go_in_several_batches(server: Ready, tmp_path: Path, table: str) -> None:
    with (tmp_path / "large.jsonl").open("w") as file:
        file.writelines(json.dumps({"n": number, "text": "x" * 1000}) + "\n" for number in range(12_000))
    done = vedette(server, tmp_path, "ingest", table, "large.jsonl")
    assert done.stdout == f"12,000 rows stored in {table}_CL.\n"
    text = f"{table}_CL | summarize count(), dcount(n_d), max(n_d)"
    assert vedette(server, tmp_path, "query", text, "--format", "csv").stdout.splitlines()[1].startswith("12000,")


def test_the_time_field_becomes_the_time_of_the_record(server: Ready, tmp_path: Path, table: str) -> None:
    text = "print strcat(format_datetime(ago(1h), 'yyyy-MM-dd'), 'T', format_datetime(ago(1h), 'HH:mm:ss'), 'Z')"
    now = vedette(server, tmp_path, "query", text, "--format", "csv")
    when = now.stdout.splitlines()[1]
    (tmp_path / "x.jsonl").write_text(json.dumps({"when": when}))
    vedette(server, tmp_path, "ingest", table, "x.jsonl", "--time-field", "when")
    told = vedette(server, tmp_path, "query", f"{table}_CL | project TimeGenerated", "--format", "json")
    assert json.loads(told.stdout)[0]["TimeGenerated"] == when
    confined = vedette(server, tmp_path, "query", f"{table}_CL", "--timespan", "PT5M", "--format", "json")
    assert json.loads(confined.stdout) == []


def test_a_mistake_is_shown_where_it_is(server: Ready, tmp_path: Path) -> None:
    done = vedette(server, tmp_path, "query", "-", stdin="print x = 1\n| where y > 0\n")
    assert done.returncode == 1
    assert done.stdout == ""
    heading, _, line, carets = done.stderr.splitlines()[:4]
    assert heading.startswith("error SEM")
    assert "at 2:9:" in heading
    assert line == "2 | | where y > 0"
    assert carets == "  |         ^"


def test_a_result_that_is_cut_off_says_so_with_its_own_exit_code(server: Ready, tmp_path: Path) -> None:
    out = tmp_path / "numbers.parquet"
    done = vedette(server, tmp_path, "query", "range x from 1 to 500001 step 1", "--output", out)
    assert done.returncode == 3
    assert "not the whole result" in done.stderr
    assert out.exists()


def test_status_says_what_the_server_holds(server: Ready, tmp_path: Path, table: str) -> None:
    (tmp_path / "x.json").write_text('[{"a": 1}, {"a": 2}]')
    vedette(server, tmp_path, "ingest", table, "x.json")
    told = json.loads(vedette(server, tmp_path, "status", "--json").stdout)
    assert (f"{table}_CL", 2) in {(each["name"], each["rows"]) for each in told["workspaces"][0]["tables"]}
    shown = vedette(server, tmp_path, "status", COLUMNS="200").stdout
    assert server["https"] in shown
    assert f"{table}_CL" in shown


def test_a_terminal_gets_a_progress_bar(server: Ready, tmp_path: Path, table: str) -> None:
    (tmp_path / "x.jsonl").write_text('{"a": 1}\n' * 100)
    screen, terminal = pty.openpty()
    command = [*VEDETTE, "ingest", table, "x.jsonl"]
    surroundings = environment(server, tmp_path) | {"TERM": "xterm", "COLUMNS": "100"}
    done = subprocess.run(
        command, cwd=tmp_path, env=surroundings, stderr=terminal, stdout=subprocess.PIPE, text=True, check=True
    )
    os.close(terminal)
    shown = os.read(screen, 65536).decode()
    os.close(screen)
    assert "x.jsonl" in shown
    assert "900/900" in shown
    assert done.stdout == f"100 rows stored in {table}_CL.\n"


def test_the_snippet_that_up_prints_runs_as_it_stands(server: Ready, tmp_path: Path) -> None:
    shell = f'eval "$({" ".join(VEDETTE)} env)" && exec {sys.executable} -'
    done = subprocess.run(
        ["sh", "-c", shell],
        env=environment(server, tmp_path),
        input=SDK_SNIPPET,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[[")
