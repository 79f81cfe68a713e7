"""kill -9 in the middle of deployments: the next start goes on, and what they come to is as if nothing had been."""

import time
from pathlib import Path
from typing import Any

import httpx
from tests.clients import sdk
from tests.durability import serving

PACKS = "Microsoft.OperationalInsights/queryPacks"
RESOURCES = 80
KILLS = 2
VERSION = {"api-version": "2025-04-01"}


def template(**parameters: Any) -> dict[str, Any]:
    """Packs in two chains, one of them in a deployment inside; each has the value that a default made once. With
    further `parameters` only the chain outside, of other names."""
    pack = {
        "type": PACKS,
        "apiVersion": "2019-09-01",
        "location": "eastus",
        "tags": {"once": "[parameters('once')]"},
        "properties": {},
    }
    chain = {"name": "chain", "count": RESOURCES // 2, "mode": "serial", "batchSize": 1}
    once = {"once": {"type": "string", "defaultValue": "[newGuid()]"}}
    inner = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": once,
        "resources": [pack | {"name": "[concat('inner-', copyIndex())]", "copy": chain}],
    }
    nested = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2022-09-01",
        "name": "inner",
        "properties": {
            "mode": "Incremental",
            "expressionEvaluationOptions": {"scope": "inner"},
            "template": inner,
        },
    }
    outer = pack | {"name": "[concat('outer-', copyIndex())]", "copy": chain}
    if parameters:
        other = outer | {"type": "Microsoft.Web/customApis", "apiVersion": "2016-06-01"}
        return inner | {"parameters": once | parameters, "resources": [other]}
    return inner | {"resources": [outer, nested]}


def test_kill_in_the_middle(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    process, ready = serving.start(data)
    group = f"/subscriptions/{ready['subscription_id']}/resourceGroups/{ready['resource_group']}"
    deployment = f"{group}/providers/Microsoft.Resources/deployments/killed"
    with client(ready) as api:
        properties = {"mode": "Incremental", "template": template()}
        begun = api.put(deployment, params=VERSION, json={"properties": properties})
        assert begun.status_code == 201, begun.text
        properties["template"] = template(key={"type": "securestring"})
        properties["parameters"] = {"key": {"value": "kept nowhere"}}
        begun = api.put(f"{deployment}-secret", params=VERSION, json={"properties": properties})
        assert begun.status_code == 201, begun.text
    done = 0
    for _ in range(KILLS):
        with client(ready) as api:
            done = wait_for_more(api, deployment, done)
        process.kill()
        process.wait()
        process, ready = serving.start(data)
    with client(ready) as api:
        deadline = time.monotonic() + 60
        while (told := api.get(deployment, params=VERSION).json()["properties"])["provisioningState"] in (
            "Accepted",
            "Running",
        ):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert told["provisioningState"] == "Succeeded", told
        secret = api.get(f"{deployment}-secret", params=VERSION).json()["properties"]
        assert (secret["provisioningState"], secret["error"]["code"]) == ("Failed", "DeploymentInterrupted")
        states = [path for path in data.rglob("*") if path.is_file() and b"kept nowhere" in path.read_bytes()]
        assert states == []
        packs = api.get(f"{group}/providers/{PACKS}", params={"api-version": "2019-09-01"}).json()["value"]
    serving.stop(process)
    assert done > 0
    assert len(packs) == len(told["outputResources"]) == RESOURCES
    by_kind = {each["name"].partition("-")[0]: set[str]() for each in packs}
    for each in packs:
        by_kind[each["name"].partition("-")[0]].add(each["tags"]["once"])
    assert {kind: len(values) for kind, values in by_kind.items()} == {"inner": 1, "outer": 1}


def wait_for_more(api: httpx.Client, deployment: str, done: int) -> int:
    """How many operations of the deployment are done, once that is more than before."""
    deadline = time.monotonic() + 30
    while True:
        operations = api.get(f"{deployment}/operations", params=VERSION).json()["value"]
        now = sum(each["properties"]["provisioningState"] == "Succeeded" for each in operations)
        if now > done:
            return now
        assert time.monotonic() < deadline
        time.sleep(0.005)


def client(ready: sdk.Ready) -> httpx.Client:
    api = sdk.web(ready)
    api.headers.update(sdk.bearer(ready))
    return api
