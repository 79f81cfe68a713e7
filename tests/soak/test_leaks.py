"""Does a server that works for minutes keep to its memory and its files?

`make soak` asks. The load is mixed and over HTTPS: posts, queries that succeed and that fail, management calls, tokens,
and the server's own query log. Every other second the resident set and the open files are read from the server's own
metrics. What fills in the first WARM_UP minutes are caches: plans (more texts are sent than are kept), pages of
the database, the allocators' pools. Over the ten minutes after it (VEDETTE_SOAK_MINUTES: another number, no less than
ten for a verdict) the median of the slopes between any two samples must be flat: it overlooks that memory rises between
two checkpoints of the database and falls with them.
"""

import os
import threading
import time
from collections.abc import Callable
from itertools import combinations, count
from pathlib import Path
from statistics import median

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.clients.conftest import running
from tests.clients.sdk import Ready, bearer, collect, web
from vedette.logs.plan_cache import CAPACITY

WARM_UP = 10.0  # minutes
MINUTES = float(os.environ.get("VEDETTE_SOAK_MINUTES", "10"))
MEMORY = "128MB"  # the pages that the log tables keep in memory are at their limit soon
MEGABYTES_PER_MINUTE = 1.5
FILES_PER_MINUTE = 0.2

_EVERY = 2.0  # seconds
_PAUSE = 0.1  # seconds between posts: many requests, and few rows, for pages of what is queried are kept in memory
_TEXTS = CAPACITY + 50  # different queries: the plan cache is full after as many, and forgets some from then on
_RULE = {
    "kind": "Scheduled",
    "properties": {
        "displayName": "soak",
        "enabled": False,
        "severity": "Low",
        "query": "Heartbeat | take 1",  # a table that is there before the first post
        "queryFrequency": "PT5M",
        "queryPeriod": "PT5M",
        "triggerOperator": "GreaterThan",
        "triggerThreshold": 0,
        "suppressionEnabled": False,
        "suppressionDuration": "PT1H",
    },
}

Step = Callable[[int], None]


@pytest.mark.slow
def test_memory_and_files_stay_flat_under_mixed_load(tmp_path: Path) -> None:
    with running(tmp_path, "--metrics", "127.0.0.1:0", "--memory-limit", MEMORY) as ready, web(ready) as client:
        stop = threading.Event()
        failures: list[BaseException] = []
        rounds = [0, 0, 0]
        _fill_plan_cache(ready, client)
        workers = [
            threading.Thread(target=_repeat, args=(step, stop, failures, rounds, position))
            for position, step in enumerate((_posts(ready), _queries(ready, client), _management(ready, client)))
        ]
        for worker in workers:
            worker.start()
        samples = _samples(ready["metrics"], 60 * (WARM_UP + MINUTES))
        stop.set()
        for worker in workers:
            worker.join(60)
        assert not failures, failures[0]
        later = [each for each in samples if each[0] >= WARM_UP]
        memory = _slope([(at, resident / 1e6) for at, resident, _ in later])
        files = _slope([(at, files) for at, _, files in later])
        first, warm, last = samples[0], later[0], later[-1]
        most = max(resident for _, resident, _ in later)
        print(
            f"\n{MINUTES:.0f} minutes after {WARM_UP:.0f}: resident {first[1] / 1e6:.0f} MB at first, "
            f"{warm[1] / 1e6:.0f} MB warm, {last[1] / 1e6:.0f} MB at last, {most / 1e6:.0f} MB at most, "
            f"{memory:+.2f} MB a minute; open files {warm[2]:.0f} and {last[2]:.0f}, {files:+.2f} a minute; "
            f"posts, rounds of queries and of management calls: {', '.join(map(str, rounds))}"
        )
        assert min(rounds) > 60 * MINUTES / 10, "the server hardly worked"
    assert memory < MEGABYTES_PER_MINUTE
    assert files < FILES_PER_MINUTE


def _repeat(step: Step, stop: threading.Event, failures: list[BaseException], rounds: list[int], position: int) -> None:
    try:
        for number in count():
            if stop.is_set():
                return
            step(number)
            rounds[position] = number + 1
    except BaseException as error:  # carried to the test, which says it
        failures.append(error)


def _posts(ready: Ready) -> Step:
    def step(number: int) -> None:
        records = [{"n": n, "user": f"user{n % 50}", "text": "x" * 200, "nested": {"a": n}} for n in range(20)]
        collect(ready, f"Soak{number % 4}", records)
        time.sleep(_PAUSE)

    return step


def _queries(ready: Ready, client: httpx.Client) -> Step:
    path = f"/v1/workspaces/{ready['workspace_id']}/query"

    def step(number: int) -> None:
        texts = (
            f"Soak{number % 4}_CL | where TimeGenerated > ago(10m) | summarize count() by user_s",
            f"Heartbeat | extend n = {number % _TEXTS} | take 5",
            f"NoSuchTable{number % 7} | take 1",
            "range i from 1 to 20000 step 1 | project i, s = tostring(i)",
        )
        for text in texts:
            answer = client.post(path, headers=_token(ready, number), json={"query": text})
            assert answer.status_code in (200, 400, 429), answer.text

    return step


def _fill_plan_cache(ready: Ready, client: httpx.Client) -> None:
    path = f"/v1/workspaces/{ready['workspace_id']}/query"
    for number in range(_TEXTS):
        text = f"Heartbeat | extend n = {number} | take 5"
        client.post(path, headers=_token(ready, number), json={"query": text}).raise_for_status()


def _management(ready: Ready, client: httpx.Client) -> Step:
    workspace = (
        f"/subscriptions/{ready['subscription_id']}/resourceGroups/{ready['resource_group']}"
        f"/providers/Microsoft.OperationalInsights/workspaces/{ready['workspace_name']}"
    )
    rules = f"{workspace}/providers/Microsoft.SecurityInsights/alertRules"
    version = {"api-version": "2024-03-01"}

    def step(number: int) -> None:
        headers = _token(ready, number)
        path = f"{rules}/soak{number % 20}"
        made = client.put(path, params=version, headers=headers, json=_RULE)
        assert made.status_code in (200, 201), made.text
        client.get(rules, params=version, headers=headers).raise_for_status()
        client.get("/vedette/status", headers=headers).raise_for_status()
        if number % 3 == 0:
            client.delete(path, params=version, headers=headers).raise_for_status()

    return step


_tokens: dict[str, dict[str, str]] = {}


def _token(ready: Ready, number: int) -> dict[str, str]:
    """A token, a new one now and then."""
    if number % 50 == 0 or ready["client_id"] not in _tokens:
        _tokens[ready["client_id"]] = bearer(ready)
    return _tokens[ready["client_id"]]


def _samples(url: str, seconds: float) -> list[tuple[float, float, float]]:
    """Minutes since the start, resident bytes and open files, until so many seconds have passed."""
    began = time.monotonic()
    samples: list[tuple[float, float, float]] = []
    while (passed := time.monotonic() - began) < seconds:
        families = {each.name: each for each in text_string_to_metric_families(httpx.get(url, timeout=30).text)}
        resident = families["process_resident_memory_bytes"].samples[0].value
        samples.append((passed / 60, resident, families["process_open_fds"].samples[0].value))
        time.sleep(_EVERY)
    return samples


def _slope(points: list[tuple[float, float]]) -> float:
    """The median of the rises for each unit between two points (Theil and Sen's estimate)."""
    return median((y - other) / (x - at) for (at, other), (x, y) in combinations(points, 2))
