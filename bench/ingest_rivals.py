"""What do other stores take of the same events, each answer after fsync? ClickHouse in this process (`chdb`), which has
no network to cross, and PostgreSQL with four clients over a local socket. Both are given the JSON and type it."""

import math
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from chdb.session import Session

from bench.ingest import BURST_POSTS, CLIENTS, EVENTS, burst
from bench.ingest_events import COLUMNS, bodies
from bench.question import Finding

_COUNT = CLIENTS * BURST_POSTS * EVENTS
_CLICKHOUSE = {
    "timestamptz": "DateTime64(3)",
    "text": "String",
    "double precision": "Float64",
    "boolean": "Bool",
    "uuid": "UUID",
}
_POSTGRES = Path("/usr/lib/postgresql")


def ask() -> list[Finding]:
    """Events a second and bytes an event of each store, Vedette's own figures of this very run beside them."""
    ours, our_bytes = burst()
    findings = [_finding("Vedette, over HTTPS", ours, our_bytes, ours)]
    findings.append(_finding("ClickHouse, in process", *_clickhouse(), ours))
    if not list(_POSTGRES.glob("*/bin/initdb")):
        note = "left out: PostgreSQL is not installed (apt-get install postgresql)"
        return [*findings, Finding("ingest: PostgreSQL", math.nan, math.inf, "", note)]
    return [*findings, _finding("PostgreSQL, four clients", *_postgres(), ours)]


def _finding(name: str, rate: float, size: float, ours: float) -> Finding:
    note = f"{rate:,.0f} events/s, {size:.0f} bytes an event on disk; {_COUNT:,} events, {EVENTS} at a time"
    return Finding(f"ingest: {name}", rate / ours, math.inf, "× ours", note)


def _clickhouse() -> tuple[float, float]:
    fields = ", ".join(f"{name} {_CLICKHOUSE[type]}" for name, type in COLUMNS)
    made = [body.decode() for body in bodies(CLIENTS * BURST_POSTS, EVENTS, 9)]
    with TemporaryDirectory() as folder, Session(folder) as session:
        session.query(
            f"CREATE TABLE default.events ({fields}) ENGINE = MergeTree ORDER BY Time "
            "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"
        )
        session.query("SET date_time_input_format = 'best_effort'")
        began = time.perf_counter()
        for body in made:
            session.query(f"INSERT INTO default.events FORMAT JSONEachRow {body}")
        seconds = time.perf_counter() - began
        session.query("OPTIMIZE TABLE default.events FINAL")
        told = session.query(
            "SELECT sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'events' AND database = "
            "'default'",
            "CSV",
        )
        rows, size = (int(word) for word in str(told).strip().split(","))
    if rows != _COUNT:
        raise AssertionError(f"ClickHouse has {rows} of {_COUNT} events")
    return _COUNT / seconds, size / _COUNT


def _postgres() -> tuple[float, float]:
    fields = ", ".join(f'"{name}" {type}' for name, type in COLUMNS)
    with TemporaryDirectory() as folder, _server(Path(folder)) as psql:
        _sql(psql, f"CREATE TABLE events ({fields})")
        scripts: list[Path] = []
        for client in range(CLIENTS):
            script = Path(folder) / f"{client}.sql"
            script.write_text(
                "".join(
                    f"INSERT INTO events SELECT * FROM json_to_recordset($json${body.decode()}$json$) AS e({fields});\n"
                    for body in bodies(BURST_POSTS, EVENTS, client)
                )
            )
            scripts.append(script)
        began = time.perf_counter()
        clients = [subprocess.Popen([*psql, "-q", "-v", "ON_ERROR_STOP=1", "-f", str(each)]) for each in scripts]
        if any(client.wait() for client in clients):
            raise RuntimeError("psql failed")
        seconds = time.perf_counter() - began
        told = _sql(psql, "SELECT count(*), pg_total_relation_size('events') FROM events")
        rows, size = (int(word) for word in told.strip().split("|"))
    if rows != _COUNT:
        raise AssertionError(f"PostgreSQL has {rows} of {_COUNT} events")
    return _COUNT / seconds, size / _COUNT


@contextmanager
def _server(folder: Path) -> Iterator[list[str]]:
    """The command that speaks to a PostgreSQL of our own, set as it is after installation: it syncs each commit."""
    programs = max(_POSTGRES.glob("*/bin"))
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    data = folder / "pg"
    data.mkdir()
    if os.geteuid() == 0:
        shutil.chown(data, user)
        folder.chmod(0o755)
    become = ["runuser", "-u", user, "--"] if os.geteuid() == 0 else []
    subprocess.run([*become, str(programs / "initdb"), "-D", str(data), "-A", "trust"], check=True, capture_output=True)
    command = [*become, str(programs / "postgres"), "-D", str(data), "-k", str(data), "-c", "listen_addresses="]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        psql = [shutil.which("psql") or "psql", "-X", "-t", "-A", "-h", str(data), "-U", user, "-d", "postgres"]
        try:
            while subprocess.run([*psql, "-c", "SELECT 1"], capture_output=True, check=False).returncode:
                if process.poll() is not None:
                    raise RuntimeError("PostgreSQL did not start")
                time.sleep(0.1)
            yield psql
        finally:
            process.terminate()
            process.wait()


def _sql(psql: list[str], text: str) -> str:
    return subprocess.run([*psql, "-c", text], check=True, capture_output=True, text=True).stdout
