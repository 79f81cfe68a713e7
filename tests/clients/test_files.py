"""`vedette ingest` and `vedette tail`: every format into its table, once, however often it is interrupted."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.clients.command import VEDETTE, environment, vedette
from tests.clients.event_log_file import Element, evtx_file
from tests.clients.sdk import Ready, rows

LOGON = (
    '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="P"/><EventID>4624'
    "</EventID><TimeCreated SystemTime='2026-11-26T14:30:01Z'/><Channel>{channel}</Channel><Computer>{computer}"
    "</Computer></System><EventData><Data Name='TargetUserName'>ana</Data></EventData></Event>"
)


def done(told: subprocess.CompletedProcess[str]) -> str:
    assert told.returncode == 0, told.stderr
    return told.stdout


def test_syslog_and_cef_files(server: Ready, tmp_path: Path) -> None:
    (tmp_path / "auth.log").write_text(
        "Nov 20 10:00:00 files01 sshd[7]: Failed password\n\n"
        "<134>Nov 20 10:00:01 files01 CEF:0|V|P|1|id|name|3|src=10.0.0.1 end=Nov 20 2025 10:00:00 dpt=22\n"
        "<134>Nov 20 10:00:01 files01 LEEF:1.0|V|P|1|id|src=10.0.0.2\n"
    )
    os.utime(tmp_path / "auth.log", (1764600000, 1764600000))  # 2025-12-01
    assert done(vedette(server, tmp_path, "ingest", "Syslog", "auth.log")) == "3 rows stored in Syslog.\n"
    query = (
        "Syslog | where Computer == 'files01' | project TimeGenerated, EventTime, ProcessName, ProcessID, SyslogMessage"
    )
    then = datetime(2025, 11, 20, 10, tzinfo=UTC)
    assert rows(server, query) == [[then, then, "sshd", 7, "Failed password"]]
    query = (
        "CommonSecurityLog | where Computer == 'files01' | order by SourceIP asc "
        "| project SourceIP, DestinationPort, EndTime"
    )
    assert rows(server, query) == [["10.0.0.1", 22, then], ["10.0.0.2", None, None]]
    wrong = vedette(server, tmp_path, "ingest", "SigninLogs", "auth.log")
    assert wrong.returncode == 1
    assert "syslog goes into Syslog and CommonSecurityLog" in wrong.stderr


def test_parquet_into_a_custom_and_a_built_in_table(server: Ready, tmp_path: Path) -> None:
    when = datetime(2026, 11, 26, 10, 30, tzinfo=UTC)
    table = pa.table(
        {
            "when": pa.array([when, when], pa.timestamp("us", "UTC")),
            "n": pa.array([1, 2], pa.int32()),
            "price": pa.array([Decimal("1.50"), None], pa.decimal128(10, 2)),
            "raw": pa.array([b"bytes", b"\xff"], pa.binary()),
            "tags": pa.array([["a"], []], pa.list_(pa.string())),
        }
    )
    pq.write_table(table, tmp_path / "x.parquet", row_group_size=1)
    assert "2 rows stored in Files_CL" in done(vedette(server, tmp_path, "ingest", "Files", "x.parquet"))
    assert rows(server, "Files_CL | order by n_d asc | project when_t, n_d, raw_s, tags_s") == [
        [when, 1.0, "bytes", '["a"]'],
        [when, 2.0, "\\xff", "[]"],
    ]
    csl = pa.table({"at": [when], "DeviceVendor": ["Parquet"], "SourcePort": [443], "SentBytes": [2**40]})
    pq.write_table(csl, tmp_path / "csl.parquet")
    arguments = (
        "ingest",
        "CommonSecurityLog",
        "csl.parquet",
        "--time-field",
        "at",
        "--resource-id",
        "/Subscriptions/S",
    )
    done(vedette(server, tmp_path, *arguments))
    query = (
        "CommonSecurityLog | where DeviceVendor == 'Parquet' "
        "| project TimeGenerated, SourcePort, SentBytes, _ResourceId"
    )
    assert rows(server, query) == [[when, 443, 2**40, "/subscriptions/s"]]
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 no")
    assert "cannot be read as Parquet" in vedette(server, tmp_path, "ingest", "Files", "bad.parquet").stderr


def test_an_event_log_file(server: Ready, tmp_path: Path) -> None:
    events: list[Element] = [
        (
            "Event",
            {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"},
            [
                (
                    "System",
                    {},
                    [
                        ("Provider", {"Name": "Example"}, ""),
                        ("EventID", {}, "4624"),
                        ("TimeCreated", {"SystemTime": "2026-11-26T14:30:01.250000Z"}, ""),
                        ("Channel", {}, channel),
                        ("Computer", {}, "evtx01"),
                    ],
                ),
                ("EventData", {}, [("Data", {"Name": "TargetUserName"}, "ana"), ("Data", {"Name": "LogonGuid"}, "")]),
            ],
        )
        for channel in ("Security", "Application", "Security")
    ]
    (tmp_path / "log.evtx").write_bytes(evtx_file(events))
    assert "3 rows" in done(vedette(server, tmp_path, "ingest", "SecurityEvent", "log.evtx"))
    query = "SecurityEvent | where Computer == 'evtx01' | project TimeGenerated, TargetUserName, LogonGuid, EventData"
    assert rows(server, query) == [[datetime(2026, 11, 26, 14, 30, 1, 250000, UTC), "ana", "", ""]] * 2
    query = "Event | where Computer == 'evtx01' | project EventLog, ParameterXml"
    assert rows(server, query) == [["Application", "<Param>ana</Param><Param></Param>"]]


def test_windows_events_and_what_is_no_evtx(server: Ready, tmp_path: Path) -> None:
    xml = "".join(LOGON.format(channel=channel, computer="files-xml") for channel in ("Security", "System"))
    (tmp_path / "events.xml").write_text(f"<Events>{xml}</Events>")
    assert "2 rows" in done(vedette(server, tmp_path, "ingest", "SecurityEvent", "events.xml"))
    query = "union SecurityEvent, Event | where Computer == 'files-xml' | summarize count() by Type"
    assert sorted(rows(server, query)) == [["Event", 1], ["SecurityEvent", 1]]
    (tmp_path / "bad.evtx").write_bytes(b"no event log" * 1000)
    told = vedette(server, tmp_path, "ingest", "SecurityEvent", "bad.evtx")
    assert told.returncode == 1
    assert "cannot be read as EVTX" in told.stderr


def test_as_of_moves_all_times_alike(server: Ready, tmp_path: Path) -> None:
    events = [
        {"TimeGenerated": "2020-01-01T10:00:00Z", "AppDisplayName": "AsOf", "CreatedDateTime": "2020-01-01T09:59:00Z"},
        {"TimeGenerated": "2020-01-01T11:00:00Z", "AppDisplayName": "AsOf", "CreatedDateTime": "2020-01-01T10:58:00Z"},
    ]
    (tmp_path / "a.json").write_text(json.dumps(events))
    done(vedette(server, tmp_path, "ingest", "SigninLogs", "a.json", "--as-of", "2026-11-26T12:00:00Z"))
    query = (
        "SigninLogs | where AppDisplayName == 'AsOf' | order by TimeGenerated asc "
        "| project TimeGenerated, CreatedDateTime"
    )
    assert [[str(cell)[:16] for cell in row] for row in rows(server, query)] == [
        ["2026-11-26 11:00", "2026-11-26 10:59"],
        ["2026-11-26 12:00", "2026-11-26 11:58"],
    ]
    (tmp_path / "none.json").write_text('{"a": 1}')
    told = vedette(server, tmp_path, "ingest", "Timeless", "none.json", "--as-of", "now")
    assert "no time in any field" in told.stderr
    assert vedette(server, tmp_path, "ingest", "Timeless", "none.json", "--as-of", "soon").returncode == 2


@pytest.mark.parametrize("table", ["Resumed", "CommonSecurityLog"])
def test_an_ingest_that_is_killed_goes_on_where_it_was(server: Ready, tmp_path: Path, table: str) -> None:
    """Killed again and again at any moment, and at last run to its end: each row is there once."""
    count = 80_000
    with (tmp_path / "big.jsonl").open("w") as file:
        for number in range(count):
            file.write(json.dumps({"Message": f"resumed-{table}-{number}", "SourceHostName": "x" * 200}) + "\n")
    command = [*VEDETTE, "ingest", table, "big.jsonl", "--resume", "state.json"]
    state = tmp_path / "state.json"
    for delay in (0.0, 0.15):  # after the first batch is known to be stored, and in the middle of the next
        before = state.read_bytes() if state.exists() else b""
        process = subprocess.Popen(command, cwd=tmp_path, env=environment(server, tmp_path), stderr=subprocess.PIPE)
        while process.poll() is None and (
            not state.exists() or state.read_bytes() in (before, b"") or b"rows" not in state.read_bytes()
        ):
            time.sleep(0.005)
        time.sleep(delay)
        assert process.poll() is None, "it came to its end before it was killed"
        process.send_signal(signal.SIGKILL)
        process.wait()
    left = json.loads(done(vedette(server, tmp_path, *command[3:], "--json")))["rows"]
    assert 0 < left < count
    stored = "Resumed_CL" if table == "Resumed" else table
    query = f"{stored} | where Message startswith 'resumed-{table}-' | summarize count(), count_distinct(Message)"
    assert rows(server, query) == [[count, count]]
    assert (
        json.loads(done(vedette(server, tmp_path, "ingest", table, "big.jsonl", "--resume", "state.json", "--json")))[
            "rows"
        ]
        == 0
    )
    (tmp_path / "big.jsonl").write_text("{}\n")
    assert (
        "its beginning has changed"
        in vedette(server, tmp_path, "ingest", table, "big.jsonl", "--resume", "state.json").stderr
    )


def test_tail_through_rotation_and_kills(server: Ready, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    command = [*VEDETTE, "tail", "Tailed", "app.log", "--state", "tail.state"]
    count = 0

    def write(lines: int) -> None:
        nonlocal count
        with log.open("a") as file:
            for _ in range(lines):
                file.write(f"line {count}\n")
                count += 1

    for round in range(3):
        process = subprocess.Popen(command, cwd=tmp_path, env=environment(server, tmp_path))
        deadline = time.monotonic() + 1.5 + round
        while time.monotonic() < deadline:
            write(200)
            time.sleep(0.05)
        if round == 1:
            log.rename(tmp_path / "app.log.1")
            write(5)
        process.send_signal(signal.SIGKILL)
        process.wait()
    write(3)
    done(vedette(server, tmp_path, *command[3:], "--once"))
    assert rows(server, "Tailed_CL | summarize count(), count_distinct(RawData)") == [[count, count]]
    ((path, computer),) = rows(server, "Tailed_CL | distinct FilePath, Computer")
    assert path == str(log)
    assert computer


def test_tail_of_json_and_of_syslog_and_a_stop_by_ctrl_c(server: Ready, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"n": 1}\n{"n": 2}\n')
    (tmp_path / "b.log").write_text("<13>Nov 20 10:00:00 tailed01 app[3]: hello\n")
    done(vedette(server, tmp_path, "tail", "TailedJson", "a.json", "--format", "json", "--state", "a.state", "--once"))
    assert rows(server, "TailedJson_CL | summarize sum(n_d)") == [[3.0]]
    done(vedette(server, tmp_path, "tail", "Syslog", "b.log", "--format", "syslog", "--state", "b.state", "--once"))
    assert rows(server, "Syslog | where Computer == 'tailed01' | project ProcessID, SyslogMessage") == [[3, "hello"]]
    assert vedette(server, tmp_path, "tail", "Syslog", "b.log", "--state", "c.state").returncode == 1
    command = [*VEDETTE, "tail", "TailedJson", "a.json", "--format", "json", "--state", "a.state"]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment(server, tmp_path))
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert rows(server, "TailedJson_CL | count") == [[2]]


def test_a_tail_waits_for_a_server_that_is_away(start_server: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("one\n")
    with start_server() as ready:
        done(vedette(ready, tmp_path, "tail", "Away", "a.log", "--state", "a.state", "--once"))
        first = dict(ready)
    with (tmp_path / "a.log").open("a") as file:
        file.write("two\n")
    command = [*VEDETTE, "tail", "Away", "a.log", "--state", "a.state", "--once"]
    port = first["https"].rpartition(":")[2]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment(first, tmp_path), stderr=subprocess.PIPE)
    time.sleep(1.0)
    assert process.poll() is None
    with start_server("--port", port) as ready:
        assert process.wait(20) == 0
        assert rows(ready, "Away_CL | order by RawData asc | project RawData") == [["one"], ["two"]]
