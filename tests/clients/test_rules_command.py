"""`vedette backtest` and `vedette rules explain`, against a live server with the demo."""

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from tests.clients.command import vedette
from tests.clients.sdk import Ready, rows

RULE = """
name: Failed sign-ins
severity: High
queryFrequency: 5m
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
tactics: [CredentialAccess]
kind: Scheduled
query: |
  SigninLogs | where ResultType != "0" | summarize Failures = count() by UserPrincipalName | where Failures > 3
"""
LEAST_WINDOWS_PER_SECOND = 50
RULES_OF_THE_DEMO = 5


def test_a_rule_of_a_file_and_one_of_the_server(
    start_server: Callable[..., AbstractContextManager[Ready]], tmp_path: Path
) -> None:
    with start_server("--demo") as ready:
        _wait_for_the_first_runs(ready)
        before = rows(ready, "SecurityAlert | count")
        (tmp_path / "rule.yaml").write_text(RULE, encoding="utf-8")
        told = json.loads(vedette(ready, tmp_path, "backtest", "rule.yaml", "--from", "1d", "--json").stdout)
        assert (told["displayName"], told["windows"], told["failedWindows"]) == ("Failed sign-ins", 288, [])
        assert told["alertsCount"] == told["incidentsCount"] > 0
        assert told["windowsPerSecond"] > LEAST_WINDOWS_PER_SECOND
        spray = "Password spray followed by a sign-in"
        shown = vedette(ready, tmp_path, "backtest", spray, "--from", "2d").stdout
        assert "1 alerts, 1 incidents" in shown
        assert rows(ready, "SecurityAlert | count") == before
        why = vedette(ready, tmp_path, "rules", "explain", spray).stdout
        assert "it fires" in why
        assert "Next run: " in why
        refused = vedette(ready, tmp_path, "backtest", "no such rule")
        assert (refused.returncode, refused.stderr.count("no such rule")) == (1, 1)
        assert vedette(ready, tmp_path, "backtest", spray, "--from", "soon").returncode == 2


def _wait_for_the_first_runs(ready: Ready) -> None:
    deadline = time.monotonic() + 30
    while rows(ready, "SentinelHealth | where OperationName startswith 'Scheduled' | count") != [[RULES_OF_THE_DEMO]]:
        assert time.monotonic() < deadline, "the rules of the demo do not run"
        time.sleep(0.2)
