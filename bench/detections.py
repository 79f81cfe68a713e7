"""What do a thousand enabled rules cost over ten million events, and how soon do their alerts come?

The rules have ten shapes of published ones, with frequencies as published rules have them: half of them each hour, a
quarter each day, the rest from five minutes to six hours. First all runs that fall due in an hour are done at once, as
after an hour of standstill; then rules are run as they fall due, and an alert's latency is from the end of its window.
"""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from bench import security_data
from bench.question import Finding
from vedette.access.workspaces import Workspace, Workspaces
from vedette.core.clock import VirtualClock
from vedette.core.ids import new_id
from vedette.core.settings import RuleSettings
from vedette.detect.engine import ALERT_RULE, Detections
from vedette.engine.duckdb import DuckDBEngine
from vedette.logs.store import LogStore
from vedette.state.store import StateStore

RULES = 1000
CORES = 2
_HOUR = timedelta(hours=1)
_SHARE = 0.1
_LIVE_SECONDS = 60.0
_SPEED = 10
_RESOURCE = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/bench"
_WORKSPACE = Workspace("22222222-2222-2222-2222-222222222222", "bench", _RESOURCE, "", "")
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=28)

_FREQUENCIES = ("PT1H",) * 10 + ("P1D",) * 5 + ("PT5M", "PT10M", "PT15M", "PT2H", "PT6H")
"""Of twenty rules; as often as in published ones."""

_SHAPES = (
    "EventID == 4625 | summarize Failures = count() by Account | where Failures > {high}",
    'EventID == 4688 and CommandLine has "mimikatz" and Computer == "host-{number}"',
    'Port == 3389 and Action == "Allow" | summarize Hosts = dcount(Computer) by SourceIp | where Hosts > {high}',
    'CommandLine has_all ("powershell", "-enc") | project TimeGenerated, Computer, Account, CommandLine',
    'Account == "user{number}@contoso.example" and EventID == 4672',
    'Action == "Deny" | summarize Denied = count() by SourceIp, bin(TimeGenerated, 5m) | where Denied > {high}',
    'Url contains "export" and Bytes > 999000 | summarize Sent = sum(Bytes) by Account | top 5 by Sent',
    'SourceIp startswith "10.{small}." and Port == 22 | summarize arg_max(TimeGenerated, *) by Computer',
    'tostring(Details.geo.country) == "CN" and EventID == 4624 and Account startswith "user{number}"',
    (
        "EventID == 4624 | join kind=inner (Events_CL | where EventID == 4625 | summarize Failures = count() by Account"
        " | where Failures > {high}) on Account | summarize count() by Account"
    ),
)
"""What stands behind `Events_CL | where`."""


def ask(rows: int = security_data.ROWS) -> list[Finding]:
    """The share of an hour that its runs take, rules per second and core, and the latency of alerts."""
    with TemporaryDirectory() as folder, _stage(Path(folder), rows) as stage:
        _put_rules(stage)
        runs, seconds = _hour_at_once(stage)
        latencies = _as_they_fall_due(stage)
    share = seconds / _HOUR.total_seconds()
    note = f"{RULES:,} rules over {rows:,} events: {runs:,} runs in {seconds:.1f} s on {CORES} cores"
    per_core = f"{runs / seconds / CORES:.1f} rules/s and core"
    alerts = f"{len(latencies):,} alerts while {RULES:,} rules run as they fall due, in a tenth of the time"
    return [
        Finding("all due runs of an hour, part of the hour", share, _SHARE, "h", note),
        Finding(
            "time of a run and core",
            seconds * CORES / runs * 1000,
            math.inf,
            "ms",
            per_core,
        ),
        Finding("from the end of a window to its alert, p50", _quantile(latencies, 0.50), math.inf, "s", alerts),
        Finding("from the end of a window to its alert, p99", _quantile(latencies, 0.99), 5.0, "s", alerts),
    ]


class _Stage:
    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock(_BEGIN)
        self.state = StateStore(f"sqlite:///{folder}/state.db", self.clock, new_id)
        self.engine = DuckDBEngine(folder / "logs.duckdb", threads=CORES)
        self.logs = LogStore(self.engine, self.clock, self.state)
        self.logs.create_workspace(_WORKSPACE.id, _WORKSPACE.name, _RESOURCE)
        self.state.deliver = self.logs.apply_outbox
        self.detections = Detections(
            self.state, self.logs, self.clock, Workspaces([_WORKSPACE]), settings=RuleSettings()
        )

    def close(self) -> None:
        self.detections.close()
        self.logs.close()
        self.engine.close()
        self.state.close()


@contextmanager
def _stage(folder: Path, rows: int) -> Iterator[_Stage]:
    with closing(_Stage(folder)) as stage:
        click.echo(f"  loading {rows:,} events …", err=True)
        for chunk in security_data.chunks(rows):
            stage.logs.append_arrow(_WORKSPACE.id, "Events_CL", chunk, columns=security_data.COLUMNS).result()
        yield stage


def _put_rules(stage: _Stage) -> None:
    """Rules made one after another within an hour, the first windows of each done; then the next hour begins."""
    stage.detections.run_due(stage.clock.now())
    with stage.state.transaction() as transaction:
        for number in range(RULES):
            stage.clock.set(_BEGIN + _HOUR * number / RULES)
            name = f"rule-{number}"
            id = f"{_RESOURCE}/providers/{ALERT_RULE}/{name}"
            body = {"kind": "Scheduled", "properties": _properties(number)}
            transaction.put(id=id, type=ALERT_RULE, scope=_RESOURCE, name=name, body=body)
    stage.clock.set(_BEGIN + _HOUR)
    _until_idle(stage)


def _properties(number: int) -> dict[str, Any]:
    frequency = _FREQUENCIES[number % len(_FREQUENCIES)]
    query = f"Events_CL | where {_SHAPES[number // len(_FREQUENCIES) % len(_SHAPES)]}"
    for name, value in {"high": 40 + number % 60, "number": number % 5000, "small": number % 16}.items():
        query = query.replace(f"{{{name}}}", str(value))
    return {
        "displayName": f"Rule {number}",
        "enabled": True,
        "severity": "Medium",
        "query": query,
        "queryFrequency": frequency,
        "queryPeriod": frequency,
        "triggerOperator": "GreaterThan",
        "triggerThreshold": 0,
        "suppressionDuration": "PT5H",
        "suppressionEnabled": False,
        "entityMappings": [],
    }


def _hour_at_once(stage: _Stage) -> tuple[int, float]:
    stage.clock.set(stage.clock.now() + _HOUR)
    before = _runs(stage)
    began = time.perf_counter()
    _until_idle(stage)
    seconds = time.perf_counter() - began
    return _runs(stage) - before, seconds


def _until_idle(stage: _Stage) -> None:
    """Serve until nothing is due at the clock's instant."""
    with _serving(stage):
        while (due := stage.detections.next_due()) is not None and due <= stage.clock.now():
            time.sleep(0.02)


@contextmanager
def _serving(stage: _Stage) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=stage.detections.serve, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _as_they_fall_due(stage: _Stage) -> list[float]:
    """Seconds of real time from the end of each window that raised an alert until the alert could be queried.

    The clock goes ten times as fast as time, so that there is ten times the work, and enough alerts."""
    began, start = time.perf_counter(), stage.clock.now()
    with _serving(stage):
        while (passed := time.perf_counter() - began) < _LIVE_SECONDS:
            stage.clock.set(start + _SPEED * timedelta(seconds=passed))
            time.sleep(0.005)
    found = stage.logs.query(
        _WORKSPACE.id,
        "SecurityAlert | extend End = todatetime(parse_json(ExtendedProperties)['Query End Time UTC'])"
        f" | where End > datetime({start.isoformat()})"
        f" | project Seconds = (ingestion_time() - End) / {_SPEED}s",
    )
    return sorted(row[0] for row in found.rows())


def _runs(stage: _Stage) -> int:
    ((count,),) = stage.logs.query(_WORKSPACE.id, "SentinelHealth | count").rows()
    return count


def _quantile(values: list[float], part: float) -> float:
    return values[min(len(values) - 1, int(len(values) * part))] if values else math.nan
