"""Random concurrent PUTs, GETs and DELETEs with etags are linearizable for each resource, on both databases."""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from tests.clients.sdk import bearer, web
from tests.durability.linearizable import Operation, first_impossible
from tests.postgresql import Cluster

VERSION = {"api-version": "2024-03-01"}
PROPERTIES: Mapping[str, Any] = {
    "enabled": False, "severity": "Low", "query": "Heartbeat", "queryFrequency": "PT1H", "queryPeriod": "PT1H",
    "triggerOperator": "GreaterThan", "triggerThreshold": 0, "suppressionDuration": "PT5H", "suppressionEnabled": False,
}  # fmt: skip


def etag_of(answer: Any) -> str:
    return answer.json()["etag"].strip('"')


class Worker(threading.Thread):
    """Asks one thing after another of a few resources, and remembers what it was answered."""

    def __init__(self, ready: Mapping[str, str], paths: list[str], seed: int, requests: int) -> None:
        super().__init__()
        self.history: dict[str, list[Operation]] = defaultdict(list)
        self.failure: BaseException | None = None
        self._ready, self._paths, self._requests = ready, paths, requests
        self._random = random.Random(seed)
        self._seed = seed
        self._etags: dict[str, str] = {}

    def run(self) -> None:
        try:
            headers = bearer(self._ready)
            with web(self._ready) as client:
                for number in range(self._requests):
                    path = self._random.choice(self._paths)
                    self.history[path].append(self._ask(client, headers, path, f"{self._seed}-{number}"))
        except BaseException as error:
            self.failure = error

    def _ask(self, client: Any, headers: dict[str, str], path: str, value: str) -> Operation:
        kind = self._random.choices(["put", "get", "delete"], [5, 4, 2])[0]
        condition, sent = "", dict(headers)
        if kind != "get" and path in self._etags and self._random.random() < 0.5:
            condition = self._etags[path]
            sent["If-Match"] = f'"{condition}"'
        elif kind == "put" and self._random.random() < 0.2:
            condition, sent["If-None-Match"] = "none", "*"
        body = {"kind": "Scheduled", "properties": {**PROPERTIES, "displayName": value}}
        called = time.monotonic()
        answer = client.request(kind.upper(), path, params=VERSION, headers=sent, json=body if kind == "put" else None)
        returned = time.monotonic()
        assert answer.status_code in (200, 201, 204, 404, 412), answer.text
        etag = shown = ""
        if answer.status_code in (200, 201) and kind != "delete":
            etag, shown = etag_of(answer), answer.json()["properties"]["displayName"]
            assert kind == "get" or shown == value
            self._etags[path] = etag
        return Operation(kind, called, returned, answer.status_code, shown, etag, condition)


def check(ready: Mapping[str, str], *, workers: int, requests: int, resources: int) -> None:
    workspace = (
        f"/subscriptions/{ready['subscription_id']}/resourceGroups/{ready['resource_group']}"
        f"/providers/Microsoft.OperationalInsights/workspaces/{ready['workspace_name']}"
    )
    paths = [f"{workspace}/providers/Microsoft.SecurityInsights/alertRules/l{n}" for n in range(resources)]
    seed = random.randrange(2**32)
    threads = [Worker(ready, paths, seed + number, requests) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [thread.failure for thread in threads if thread.failure] == []
    refused = 0
    for path in paths:
        history = [operation for thread in threads for operation in thread.history[path]]
        refused += sum(operation.status == 412 for operation in history)
        assert first_impossible(history) is None, f"seed {seed}, {path}"
    assert refused, "no condition ever failed: the test asks for too little"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_short_while(start_server: Callable[..., Any], request: pytest.FixtureRequest, kind: str) -> None:
    with start_server(*state_of(request, kind)) as ready:
        check(ready, workers=6, requests=25, resources=2)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_long_while(start_server: Callable[..., Any], request: pytest.FixtureRequest, kind: str) -> None:
    with start_server(*state_of(request, kind)) as ready:
        check(ready, workers=12, requests=400, resources=4)


def state_of(request: pytest.FixtureRequest, kind: str) -> tuple[str, ...]:
    if kind == "sqlite":
        return ()
    cluster: Cluster = request.getfixturevalue("postgresql")
    return ("--state", cluster.schema_url())


@pytest.mark.parametrize(
    ("history", "possible"),
    [
        ([], True),
        ([("put", 0, 1, 201, "a", "1"), ("get", 2, 3, 200, "a", "1")], True),
        ([("put", 0, 1, 201, "a", "1"), ("get", 2, 3, 404)], False),  # a write that was lost
        ([("put", 0, 5, 201, "a", "1"), ("get", 1, 2, 404), ("get", 3, 4, 200, "a", "1")], True),
        ([("put", 0, 5, 201, "a", "1"), ("get", 1, 2, 200, "a", "1"), ("get", 3, 4, 404)], False),  # back in time
        ([("put", 0, 1, 201, "a", "1"), ("put", 2, 9, 200, "b", "2", "1"), ("put", 3, 9, 412, "", "", "1")], True),
        # two that replaced the same state
        ([("put", 0, 1, 201, "a", "1"), ("put", 2, 9, 200, "b", "2", "1"), ("put", 3, 9, 200, "c", "3", "1")], False),
        ([("put", 0, 9, 201, "a", "1"), ("put", 0, 9, 201, "b", "2")], False),  # two that made it
        ([("put", 0, 1, 201, "a", "1"), ("delete", 2, 9, 200), ("delete", 3, 9, 200)], False),
        ([("put", 0, 1, 201, "a", "1"), ("delete", 2, 9, 200), ("delete", 3, 9, 204)], True),
        ([("put", 0, 1, 412, "", "", "none")], False),
        ([("put", 0, 1, 201, "a", "1"), ("put", 2, 3, 412, "", "", "none")], True),
    ],
)
def test_the_checker(history: list[tuple[Any, ...]], possible: bool) -> None:
    assert (first_impossible([Operation(*each) for each in history]) is None) is possible
