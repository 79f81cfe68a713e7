"""How deployments end: where the server fails or stops, where the group goes, and what is kept of them."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.sentinel.deploying import Deploying, nested, pack, template
from tests.unit.sentinel.whole import whole_server

from vedette.core.errors import NotFound
from vedette.sentinel.deployments import carrying, records


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploying]:
    with whole_server(tmp_path_factory.mktemp("ends")) as whole:
        yield Deploying(whole)


def chain(most: int) -> dict[str, Any]:
    """A template whose resources come one after another, which takes a while."""
    loop = {"name": "chain", "count": most, "mode": "serial", "batchSize": 1}
    return template(pack("[concat('link-', copyIndex())]", copy=loop))


def test_what_a_resource_says_of_its_own_state_is_not_believed(server: Deploying) -> None:
    metadata = {
        "type": "Microsoft.OperationalInsights/workspaces/providers/metadata",
        "apiVersion": "2023-02-01",
        "name": f"{server.whole.services.estate.workspace_name}/Microsoft.SecurityInsights/ready",
        "properties": {
            "parentId": f"{server.whole.sentinel}/alertRules/x",
            "kind": "AnalyticsRule",
            "contentId": "x",
            "provisioningState": "Creating",
        },
    }
    done = server.deploy("ready", template(metadata))
    assert done["provisioningState"] == "Succeeded", done
    kept = server.whole.send("GET", "metadata/ready", None, "2023-02-01").body["properties"]
    assert "provisioningState" not in kept


def test_a_deployment_sees_itself_the_same_everywhere(server: Deploying) -> None:
    spec = f"{server.group}/providers/Microsoft.Resources/templateSpecs/itself"
    server.whole.send("PUT", spec, {"location": "eastus", "properties": {}}, "2021-05-01")
    itself = "deployment().properties"
    main = template(
        parameters={
            "a": {"type": "string", "defaultValue": "not-given"},
            "b": {"type": "string"},
            "key": {"type": "securestring"},
        },
        outputs={
            "id": {"type": "string", "value": f"[{itself}.templateLink.id]"},
            "given": {"type": "string", "value": f"[string({itself}.parameters)]"},
            "mode": {"type": "string", "value": f"[concat({itself}.mode, {itself}.provisioningState)]"},
        },
        resources=[pack("[concat('itself-', length(string(deployment().properties.parameters)))]")],
    )
    body = {"location": "eastus", "properties": {"mainTemplate": main}}
    server.whole.send("PUT", f"{spec}/versions/1", body, "2021-05-01")
    sent = {
        "templateLink": {"id": f"{spec}/versions/1"},
        "parameters": {"B": {"value": "given"}, "key": {"value": "hidden-value"}},
    }
    for name, properties in (
        ("itself", {"mode": "Incremental", **sent}),
        (
            "around",
            {"mode": "Incremental", "template": template(nested("itself-in", None, properties={"template": None}))},
        ),
    ):
        if name == "around":
            del properties["template"]["resources"][0]["properties"]["template"]
            properties["template"]["resources"][0]["properties"] |= sent
        wanted = {"properties": properties}
        checked = server.send("POST", f"{server.address(name)}/validate", wanted).body["properties"]
        done = server.finish(server.send("PUT", server.address(name), wanted))
        assert done["provisioningState"] == "Succeeded", done
        assert checked["validatedResources"] == done["outputResources"]
        seen = server.send("GET", server.address("itself" if name == "itself" else "itself-in")).body["properties"]
        assert {name: each["value"] for name, each in seen["outputs"].items()} == {
            "id": f"{spec}/versions/1",
            "given": '{"B":{"value":"given"}}',
            "mode": "IncrementalAccepted",
        }


def test_threads_do_not_grow_with_the_depth(server: Deploying) -> None:
    def pair(name: str) -> dict[str, Any]:
        return template(
            *(nested(each, pair(each) if len(each) < 8 else template()) for each in (f"{name}a", f"{name}b"))
        )

    most = 0
    begun = server.begin("deep", pair("deep"))
    operation = server.operation("deep")
    while not server.whole.services.operations.wait(operation, 0.01):
        most = max(most, sum(each.name.startswith("deployment") for each in threading.enumerate()))
    assert server.finish(begun)["provisioningState"] == "Succeeded"
    assert most <= 4 + 4 * 2


def test_a_group_that_is_deleted_meanwhile(server: Deploying) -> None:
    group = f"{server.group.rpartition('/')[0]}/vanishing"
    server.send("PUT", group, {"location": "eastus"})
    state = server.whole.services.state
    begun = server.begin("lost", chain(60), scope=group)
    operation = begun.headers["Azure-AsyncOperation"].partition("?")[0].rpartition("/")[2]
    while not server.ids(group):
        time.sleep(0.01)
    server.send("DELETE", group)
    assert server.whole.services.operations.wait(operation, 30)
    over = server.whole.services.operations.find(operation)
    assert over is not None
    assert (over.body["status"], over.body["error"]["code"]) == ("Failed", "ResourceGroupNotFound")
    assert state.get(server.address("lost", group)) is None
    assert not state.list("Microsoft.Resources/deployments/operations", server.address("lost", group))


def test_an_error_of_the_server_ends_all_that_are_inside(server: Deploying, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("broken")

    wanted = template(nested("child", template(nested("grandchild", template(pack("unmade"))))))
    carry_out = carrying.carry_out
    monkeypatch.setattr(
        carrying,
        "carry_out",
        lambda deployment, step: broken() if step.name == "unmade" else carry_out(deployment, step),
    )
    done = server.deploy("broken", wanted)
    assert (done["provisioningState"], done["error"]["code"]) == ("Failed", "InternalServerError")
    for name in ("child", "grandchild"):
        properties = server.send("GET", server.address(name)).body["properties"]
        assert (properties["provisioningState"], properties["error"]["code"]) == ("Failed", "InternalServerError")


def test_all_that_are_inside_end_where_they_were_interrupted(server: Deploying) -> None:
    wanted = template(nested("outer-part", template(nested("inner-part", template(pack("part"))))))
    server.deploy("cut", wanted)
    state, operations = server.whole.services.state, server.whole.services.operations
    for name in ("cut", "outer-part", "inner-part"):
        records.change_properties(state, server.address(name), {"provisioningState": "Running"})
    run = records.run_of(state, server.address("cut"))
    assert run is not None
    with state.transaction() as transaction:
        operation = operations.record(transaction, "deployment", server.address("cut"), {})
        records.put_run(transaction, server.address("cut"), run | {"operation": operation, "secure": ["key"]})
        for name, parent in (("outer-part", operation), ("inner-part", None)):
            kept = records.run_of(transaction, server.address(name))
            assert kept is not None
            records.put_run(transaction, server.address(name), kept | ({"parent": parent} if parent else {}))
    operations.start(operation)
    assert operations.wait(operation, 30)
    for name in ("cut", "outer-part", "inner-part"):
        properties = server.send("GET", server.address(name)).body["properties"]
        assert (properties["provisioningState"], properties["error"]["code"]) == ("Failed", "DeploymentInterrupted")


def test_no_template_with_secret_values_is_kept(server: Deploying) -> None:
    inner = template(
        pack("[concat('of-', parameters('plain'))]", tags={"k": "[parameters('key')]"}),
        nested("own", template(), properties={"expressionEvaluationOptions": {"scope": "inner"}}),
    )
    wanted = template(
        nested("filled", template(nested("filled-deeper", inner))),
        parameters={"key": {"type": "securestring"}, "plain": {"type": "string"}},
    )
    given = {"key": {"value": "hidden-value"}, "plain": {"value": "x"}}
    assert server.deploy("secrets", wanted, parameters=given)["provisioningState"] == "Succeeded"
    for name in ("filled", "filled-deeper"):
        with pytest.raises(NotFound, match="not kept"):
            server.send("POST", f"{server.address(name)}/exportTemplate")
    assert server.send("POST", f"{server.address('own')}/exportTemplate").body == {"template": template()}
    for name in ("secrets", "filled", "filled-deeper", "own"):
        assert "hidden-value" not in str(records.run_of(server.whole.services.state, server.address(name)))


def test_going_on_with_a_resource_that_is_still_at_work(server: Deploying) -> None:
    watchlist = f"{server.whole.sentinel}/watchlists/going-on"
    wanted = {
        "type": "Microsoft.OperationalInsights/workspaces/providers/watchlists",
        "apiVersion": "2023-02-01",
        "name": f"{server.whole.services.estate.workspace_name}/Microsoft.SecurityInsights/going-on",
        "properties": {
            "displayName": "W",
            "provider": "P",
            "source": "w.csv",
            "itemsSearchKey": "a",
            "rawContent": "a,b\r\n1,2",
            "contentType": "text/csv",
        },
    }
    assert server.deploy("uploading", template(wanted))["provisioningState"] == "Succeeded"
    state, operations = server.whole.services.state, server.whole.services.operations
    deployment = server.address("uploading")
    run = records.run_of(state, deployment)
    assert run is not None
    records.change_properties(state, watchlist, {"provisioningState": "InProgress"})
    records.change_properties(state, deployment, {"provisioningState": "Running"})
    with state.transaction() as transaction:
        operation = operations.record(transaction, "deployment", deployment, {})
        records.put_run(transaction, deployment, run | {"operation": operation})
        step = {"provisioningState": "Running", "trackingId": operation, "targetResource": {"id": watchlist}}
        records.put_operation(transaction, deployment, records.operation_name(operation, watchlist), step)
    operations.start(operation)
    assert not operations.wait(operation, 0.5)
    records.change_properties(state, watchlist, {"provisioningState": "Succeeded"})
    assert operations.wait(operation, 30)
    assert server.send("GET", deployment).body["properties"]["provisioningState"] == "Succeeded"
    assert server.whole.send("GET", "watchlists/going-on").body["properties"]["provisioningState"] == "Succeeded"
