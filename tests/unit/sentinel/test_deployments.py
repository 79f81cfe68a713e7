"""Deployments: carried out in order, told of, refused, canceled, and in a mode that deletes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.sentinel.deploying import PACKS, Deploying, nested, pack, template
from tests.unit.sentinel.whole import whole_server

from vedette.access.role_definitions import OWNER
from vedette.core.clock import VirtualClock
from vedette.core.errors import Conflict, Forbidden, InvalidInput, NotFound, VedetteError
from vedette.core.ids import new_id
from vedette.sentinel.deployments import records

OFF = {"suppressionDuration": "PT1H", "suppressionEnabled": False}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploying]:
    data: Path = tmp_path_factory.mktemp("deployments")
    with whole_server(data) as whole:
        yield Deploying(whole)


def test_a_template_is_carried_out(server: Deploying) -> None:
    wanted = template(
        pack("second", dependsOn=["first"]),
        pack("first"),
        parameters={"suffix": {"type": "string"}, "key": {"type": "securestring"}},
        outputs={
            "id": {"type": "string", "value": f"[resourceId('{PACKS}', 'first')]"},
            "where": {"type": "string", "value": "[reference('first', '2019-09-01', 'Full').location]"},
            "secret": {"type": "securestring", "value": "[parameters('key')]"},
        },
    )
    begun = server.begin("whole", wanted, parameters={"suffix": {"value": "x"}, "key": {"value": "hidden-value"}})
    assert begun.status == 201
    assert begun.body["properties"]["provisioningState"] == "Accepted"
    done = server.finish(begun)
    assert done["provisioningState"] == "Succeeded", done
    assert done["parameters"] == {"suffix": {"type": "String", "value": "x"}, "key": {"type": "SecureString"}}
    assert done["outputs"] == {
        "id": {"type": "String", "value": f"{server.group}/providers/{PACKS}/first"},
        "where": {"type": "String", "value": "eastus"},
        "secret": {"type": "SecureString"},
    }
    assert done["outputResources"] == [
        {"id": f"{server.group}/providers/{PACKS}/{name}"} for name in ("first", "second")
    ]
    assert done["dependencies"][0]["resourceName"] == "second"
    assert set(server.ids()) >= {"first", "second"}
    operations = server.send("GET", f"{server.address('whole')}/operations").body["value"]
    told = [each["properties"].get("targetResource", {}).get("resourceName") for each in operations]
    assert sorted(map(str, told)) == ["None", "first", "second"]
    assert {each["properties"]["provisioningState"] for each in operations} == {"Succeeded"}
    assert server.send("GET", f"{server.address('whole')}/operations/{operations[0]['operationId']}").status == 200
    assert server.send("POST", f"{server.address('whole')}/exportTemplate").body == {"template": wanted}


def test_both_spellings_of_what_hangs_on_a_workspace(server: Deploying) -> None:
    workspace = server.whole.services.estate.workspace_name
    kept = {"kind": "Scheduled", "apiVersion": "2023-02-01"}
    rule = {
        "displayName": "Rule",
        "severity": "Low",
        "enabled": True,
        "query": "Heartbeat",
        "queryFrequency": "PT1H",
        "queryPeriod": "PT1H",
        "triggerOperator": "GreaterThan",
        "triggerThreshold": 0,
    } | OFF
    done = server.deploy(
        "spellings",
        template(
            kept
            | {
                "type": "Microsoft.OperationalInsights/workspaces/providers/alertRules",
                "name": f"{workspace}/Microsoft.SecurityInsights/spelled-one",
                "properties": rule,
            },
            kept
            | {
                "type": "Microsoft.SecurityInsights/alertRules",
                "name": "spelled-two",
                "scope": f"Microsoft.OperationalInsights/workspaces/{workspace}",
                "properties": rule,
            },
        ),
    )
    assert done["provisioningState"] == "Succeeded", done
    names = {each["name"] for each in server.send("GET", f"{server.whole.sentinel}/alertRules").body["value"]}
    assert names >= {"spelled-one", "spelled-two"}


def test_a_rule_waits_for_the_function_that_its_query_names(server: Deploying) -> None:
    workspace = server.whole.services.estate.workspace_name
    rule = {
        "type": "Microsoft.OperationalInsights/workspaces/providers/alertRules",
        "apiVersion": "2023-02-01",
        "name": f"{workspace}/Microsoft.SecurityInsights/of-a-function",
        "kind": "NRT",
        "properties": {
            "displayName": "R",
            "severity": "Low",
            "enabled": True,
            "query": "Deployed_Function",
            "suppressionDuration": "PT1H",
            "suppressionEnabled": False,
        },
    }
    function = {
        "type": "Microsoft.OperationalInsights/workspaces/savedSearches",
        "apiVersion": "2020-08-01",
        "name": f"{workspace}/deployed-function",
        "properties": {"category": "F", "displayName": "F", "query": "Heartbeat", "functionAlias": "Deployed_Function"},
    }
    done = server.deploy("unsaid", template(rule, function))
    assert done["provisioningState"] == "Succeeded", done
    again = server.deploy("unsaid", template(rule, function))
    assert again["provisioningState"] == "Succeeded", again


def test_deployments_inside_one_another(server: Deploying) -> None:
    other = f"{server.group.rpartition('/')[0]}/elsewhere"
    server.send("PUT", other, {"location": "westus"})
    told = {"value": {"type": "string", "value": "[concat(parameters('name'), '-', resourceGroup().location)]"}}
    inner = template(
        pack("[parameters('name')]"),
        parameters={"name": {"type": "string"}, "id": {"type": "string", "defaultValue": "[newGuid()]"}},
        outputs=told,
    )
    done = server.deploy(
        "outer",
        template(
            nested(
                "inner",
                inner,
                properties={
                    "expressionEvaluationOptions": {"scope": "inner"},
                    "parameters": {"name": {"value": "[parameters('inside')]"}},
                },
                resourceGroup="elsewhere",
            ),
            parameters={"inside": {"type": "string"}},
            outputs={"told": {"type": "string", "value": "[reference('inner').outputs.value.value]"}},
        ),
        parameters={"inside": {"value": "in-there"}},
    )
    assert done["provisioningState"] == "Succeeded", done
    assert done["outputs"]["told"]["value"] == "in-there-westus"
    assert [each["id"] for each in done["outputResources"]] == [f"{other}/providers/{PACKS}/in-there"]
    child = server.send("GET", server.address("inner", other)).body["properties"]
    assert (child["provisioningState"], child["correlationId"]) == ("Succeeded", done["correlationId"])


def test_a_failure_is_nested_as_azure_nests_it(server: Deploying) -> None:
    inner = template(
        pack("wrong", location=f"[reference(resourceId('{PACKS}', 'nobody'), '2019-09-01').x]"),
        pack("beside"),
        pack("behind", dependsOn=["wrong"]),
    )
    own = {"expressionEvaluationOptions": {"scope": "inner"}}
    done = server.deploy("failing", template(nested("within", inner, properties=own)))
    assert done["provisioningState"] == "Failed"
    error = done["error"]
    assert (error["code"], error["target"]) == ("DeploymentFailed", server.address("failing"))
    (within,) = error["details"]
    assert (within["code"], within["target"]) == ("ResourceDeploymentFailure", server.address("within"))
    (inner,) = within["details"]
    assert inner["code"] == "DeploymentFailed"
    assert [each["code"] for each in inner["details"]] == ["ResourceNotFound"]
    assert "beside" in server.ids()
    assert "behind" not in server.ids()
    operations = server.send("GET", f"{server.address('within')}/operations").body["value"]
    states = {each["properties"]["targetResource"]["resourceName"]: each["properties"] for each in operations}
    assert states["wrong"]["statusCode"] == "NotFound"
    assert states["wrong"]["statusMessage"]["error"]["code"] == "ResourceNotFound"
    status = server.send("GET", f"{server.address('failing')}/operationStatuses/{server.operation('failing')}").body
    assert (status["status"], status["error"]["code"]) == ("Failed", "DeploymentFailed")


def test_nothing_is_done_of_a_template_that_cannot_be(server: Deploying) -> None:
    vault = {"type": "Microsoft.Authorization/vaults", "apiVersion": "2023-07-01", "name": "v", "location": "eastus"}
    for wanted, code in (
        (template(pack("early"), vault), "InvalidResourceType"),
        (template(pack("early"), pack("bad", location=None)), "InvalidTemplateDeployment"),
        (template(pack("early"), pack("bad", location=None, tags={"a": "[[text]"})), "InvalidTemplateDeployment"),
        (template(pack("early", dependsOn=["late"]), pack("late", dependsOn=["early"])), "InvalidTemplate"),
        (template(pack("early"), pack("[unknown('x')]")), "InvalidTemplate"),
        ("text", "InvalidTemplate"),
    ):
        for send in (server.begin, server.validate):
            with pytest.raises(VedetteError) as refused:
                send("impossible", wanted)
            assert refused.value.code == code, refused.value.message
    with pytest.raises(NotFound):
        server.send("GET", server.address("impossible"))
    assert "early" not in server.ids()


def test_only_the_outermost_is_deployed_in_the_mode_complete(server: Deploying) -> None:
    wanted = template(nested("in", template(), properties={"mode": "complete"}))
    by_expression = template(
        nested("in", template(), properties={"mode": "[toUpper('complete')]", "template": template()})
    )
    for each in (wanted, by_expression):
        for send in (server.begin, server.validate):
            with pytest.raises(InvalidInput, match="'Complete' is not supported for nested deployment"):
                send("emptying", each)


def test_validate(server: Deploying) -> None:
    told = server.validate("only-checked", template(pack("checked"), nested("n", template(pack("deep")))))
    assert told.status == 200
    properties = told.body["properties"]
    assert properties["provisioningState"] == "Succeeded"
    assert [each["id"].rpartition("/")[2] for each in properties["validatedResources"]] == ["checked", "deep"]
    assert properties["providers"][0]["namespace"] == "Microsoft.OperationalInsights"
    assert "checked" not in server.ids()


def test_the_caller_needs_every_permission(server: Deploying) -> None:
    services = server.whole.services
    stranger = services.directory.ensure_service_principal(
        application_id=new_id(), object_id=new_id(), name="deployer", secret="s"
    )
    services.roles.assign(stranger, "392ae280-861d-42bd-9ea5-08ee6d83b80e", server.group)  # Template Spec Reader
    as_stranger = Deploying(replace(server.whole, principal=stranger))
    with pytest.raises(Forbidden) as refused:
        as_stranger.begin("not-mine", template(pack("not-mine")))
    assert refused.value.code == "AuthorizationFailed"
    services.roles.assign(stranger, "8d289c81-5878-46d4-8554-54e1e3d8b5cb", server.group)  # Sentinel Reader may deploy
    with pytest.raises(Forbidden) as refused:
        as_stranger.begin("not-mine", template(pack("not-mine")))
    assert refused.value.code == "InvalidTemplateDeployment"
    assert "Authorization failed for template resource 'not-mine' of type" in refused.value.message
    assert "Microsoft.OperationalInsights/queryPacks/write" in refused.value.message
    assert as_stranger.deploy("nothing", template())["provisioningState"] == "Succeeded"


def test_nothing_is_deployed_for_somebody_who_was_disabled_meanwhile(
    server: Deploying, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = server.whole.services
    leaver = services.directory.ensure_service_principal(
        application_id=str(new_id()), object_id=str(new_id()), name="leaver"
    )
    services.roles.assign(leaver, OWNER, services.estate.subscription_resource_id)
    as_leaver = Deploying(replace(server.whole, principal=leaver))
    server.deploy("to-go-back-to", template(pack("gone-since")))
    server.send("DELETE", f"{server.group}/providers/{PACKS}/gone-since")
    back = {"type": "SpecificDeployment", "deploymentName": "to-go-back-to"}
    with monkeypatch.context() as held:
        held.setattr(services.operations, "start", lambda _name: None)  # as a restart leaves it
        begun = as_leaver.begin("left", template(pack("of-a-leaver")), onErrorDeployment=back)
    object = services.directory.get(leaver.object_id)
    assert object is not None
    with services.state.transaction() as transaction:
        services.directory.save(transaction, replace(object, shown={**object.shown, "accountEnabled": False}))
    services.operations.start(as_leaver.operation("left"))
    done = server.finish(begun)
    assert (done["provisioningState"], done["error"]["code"]) == ("Failed", "AuthorizationFailed")
    assert done["onErrorDeployment"]["provisioningState"] == "Failed"
    assert {"of-a-leaver", "gone-since"}.isdisjoint(server.ids())


def test_the_mode_complete_deletes_what_the_template_has_not(server: Deploying) -> None:
    group = f"{server.group.rpartition('/')[0]}/whole"
    server.send("PUT", group, {"location": "eastus"})
    server.deploy("first", template(pack("stays"), pack("goes"), pack("locked")), scope=group)
    lock = f"{group}/providers/{PACKS}/locked/providers/Microsoft.Authorization/locks/keep"
    server.send("PUT", lock, {"properties": {"level": "CanNotDelete"}})
    wanted = template(pack("stays"), nested("in", template(pack("inside"))))
    failed = server.deploy("second", wanted, scope=group, mode="Complete")
    assert failed["provisioningState"] == "Failed"
    assert [each["code"] for each in failed["error"]["details"]] == ["ScopeLocked"]
    assert set(server.ids(group)) == {"stays", "locked", "inside"}
    server.send("DELETE", lock)
    assert server.deploy("second", wanted, scope=group, mode="Complete")["provisioningState"] == "Succeeded"
    assert set(server.ids(group)) == {"stays", "inside"}
    with pytest.raises(InvalidInput, match="resource groups only"):
        server.begin("x", template(), scope=group.rpartition("/resourceGroups")[0], mode="Complete")


def test_going_back_after_a_failure(server: Deploying) -> None:
    group = f"{server.group.rpartition('/')[0]}/back"
    server.send("PUT", group, {"location": "eastus"})
    server.deploy("good", template(pack("good", tags={"v": "1"})), scope=group)
    asking = "[reference(resourceId('Microsoft.OperationalInsights/queryPacks', 'nobody'), '2019-09-01').x]"
    bad = template(pack("good", tags={"v": "2"}), pack("new"), pack("bad", location=asking, dependsOn=["good", "new"]))
    done = server.deploy("bad", bad, scope=group, onErrorDeployment={"type": "LastSuccessful"})
    assert done["provisioningState"] == "Failed"
    assert done["onErrorDeployment"] == {
        "type": "LastSuccessful",
        "deploymentName": "good",
        "provisioningState": "Succeeded",
    }
    assert server.ids(group) == ["good"]
    assert server.send("GET", f"{group}/providers/{PACKS}/good").body["tags"] == {"v": "1"}
    named = {"type": "SpecificDeployment", "deploymentName": "nothing"}
    done = server.deploy("bad", bad, scope=group, onErrorDeployment=named)
    assert done["onErrorDeployment"]["provisioningState"] == "Failed"
    assert done["error"]["details"][-1]["code"] == "RollbackDeploymentNotFound"


def test_a_subscription_gets_a_group_and_what_is_in_it(server: Deploying) -> None:
    subscription = server.whole.services.estate.subscription_resource_id
    group = {
        "type": "Microsoft.Resources/resourceGroups",
        "apiVersion": "2022-09-01",
        "name": "made",
        "location": "eastus",
    }
    inside = nested("in-it", template(pack("made-inside")), resourceGroup="made", dependsOn=["made"])
    done = server.deploy("from-above", template(group, inside), scope=subscription)
    assert done["provisioningState"] == "Succeeded", done
    assert server.ids(f"{subscription}/resourceGroups/made") == ["made-inside"]
    listed = server.send("GET", f"{subscription}/providers/Microsoft.Resources/deployments").body["value"]
    assert [(each["name"], each["location"]) for each in listed] == [("from-above", "eastus")]
    with pytest.raises(InvalidInput) as refused:
        server.send(
            "PUT", server.address("x", subscription), {"properties": {"mode": "Incremental", "template": template()}}
        )
    assert refused.value.code == "LocationRequired"


def test_lists_heads_and_deletions(server: Deploying) -> None:
    server.deploy("listed", template())
    address = server.address("listed")
    assert server.send("HEAD", address).status == 204
    failed = server.send("GET", address.rpartition("/")[0], filter="provisioningState eq 'Failed'").body["value"]
    assert "listed" not in [each["name"] for each in failed]
    page = server.send("GET", address.rpartition("/")[0], top="1").body
    assert (len(page["value"]), "skipToken" in page["nextLink"]) == (1, True)
    bare = address.replace("/providers/Microsoft.Resources", "").replace("resourceGroups", "resourcegroups")
    assert server.send("GET", f"{bare}/operations").body == {"value": []}
    deleted = server.send("DELETE", address)
    assert deleted.status == 202
    assert server.send("DELETE", address).status == 204
    with pytest.raises(NotFound):
        server.send("HEAD", address)
    server.deploy("over", template())
    with pytest.raises(Conflict) as refused:
        server.send("POST", f"{server.address('over')}/cancel")
    assert refused.value.code == "DeploymentCannotBeCancelled"


def test_the_oldest_go(server: Deploying, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_KEPT", 3)
    group = f"{server.group.rpartition('/')[0]}/many"
    server.send("PUT", group, {"location": "eastus"})
    clock = server.whole.services.clock
    assert isinstance(clock, VirtualClock)
    for name in ("a", "b", "c", "d", "e"):
        clock.advance(timedelta(seconds=1))
        server.deploy(name, template(), scope=group)
    kept = server.send("GET", server.address("", group).rstrip("/")).body["value"]
    assert [each["name"] for each in kept] == ["e", "d", "c"]


def chain(most: int) -> dict[str, Any]:
    """A template whose resources come one after another, which takes a while."""
    loop = {"name": "chain", "count": most, "mode": "serial", "batchSize": 1}
    return template(pack("[concat('link-', copyIndex())]", copy=loop))


def test_a_deployment_that_goes_on(server: Deploying) -> None:
    group = f"{server.group.rpartition('/')[0]}/going-on"
    server.send("PUT", group, {"location": "eastus"})
    begun = server.begin("long", chain(300), scope=group)
    for again in (
        lambda: server.begin("long", template(), scope=group),
        lambda: server.send("DELETE", begun.body["id"]),
    ):
        with pytest.raises(Conflict) as refused:
            again()
        assert refused.value.code == "DeploymentActive"
    assert server.send("POST", f"{begun.body['id']}/cancel").status == 204
    done = server.finish(begun)
    assert (done["provisioningState"], done["error"]["code"]) == ("Canceled", "DeploymentCanceled")
    assert len(server.ids(group)) < 300
    assert server.deploy("long", template(), scope=group)["provisioningState"] == "Succeeded"


def test_a_saved_search_as_solutions_spell_it(server: Deploying) -> None:
    search = {
        "type": "Microsoft.OperationalInsights/savedSearches",
        "apiVersion": "2020-08-01",
        "name": "Solution_Hunting_Query_1",
        "properties": {"category": "Hunting Queries", "displayName": "Hunt", "query": "Heartbeat"},
    }
    workspace = server.whole.services.estate.workspace_name
    done = server.deploy(
        "solution",
        template(search, parameters={"workspace": {"type": "string"}}),
        parameters={"workspace": {"value": workspace}},
    )
    assert done["provisioningState"] == "Succeeded", done
    whole = f"{server.whole.services.estate.workspace_resource_id}/savedSearches/Solution_Hunting_Query_1"
    assert server.send("GET", whole).body["properties"]["displayName"] == "Hunt"
    with pytest.raises(InvalidInput) as refused:
        server.begin("solution", template(search))
    assert refused.value.code == "InvalidResourceType"


def test_above_the_subscription(server: Deploying) -> None:
    services = server.whole.services
    services.roles.assign(server.whole.principal, OWNER, "/")
    group = pack("from-the-top", type="Microsoft.Resources/resourceGroups", apiVersion="2022-09-01")
    deep = nested("deep", template(pack("deepest")), resourceGroup="from-the-top", dependsOn=["from-the-top"])
    below = {"subscriptionId": services.estate.subscription_id, "location": "eastus"}
    inner = nested("below", template(group, deep), **below)
    told = {"tenant": {"type": "string", "value": "[tenant().tenantId]"}}
    management_group = f"/providers/Microsoft.Management/managementGroups/{services.estate.tenant_id}"
    for scope in (management_group, ""):
        done = server.deploy("top", template(inner, outputs=told), scope=scope)
        assert done["provisioningState"] == "Succeeded", done
        assert done["outputs"]["tenant"]["value"] == services.estate.tenant_id
        assert [each["id"].rpartition("/")[2] for each in done["outputResources"]] == ["from-the-top", "deepest"]
        address = server.address("top", scope)
        assert server.send("POST", f"{address}/exportTemplate").body["template"]["outputs"] == told
        assert [each["name"] for each in server.send("GET", address.rpartition("/")[0]).body["value"]] == ["top"]
        assert len(server.send("GET", f"{address}/operations").body["value"]) == 2
        assert server.send("DELETE", address).status == 202
