"""Policies at work on a whole server: requests refused and changed, states, deployments, remediation, restarts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.unit.sentinel.whole import Whole, whole_server

from vedette.access.principals import Principal
from vedette.access.role_definitions import READER
from vedette.api.app import make_app
from vedette.core.errors import Conflict, Forbidden, InvalidInput, NotFound, Unsupported
from vedette.core.ids import derived_id

CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
STORES = "Microsoft.Storage/storageAccounts"
VAULTS = "Microsoft.KeyVault/vaults"
SETTINGS = "Microsoft.Insights/diagnosticSettings"


@dataclass
class Estate:
    whole: Whole
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def subscription(self) -> str:
        return self.whole.services.estate.subscription_resource_id

    @property
    def workspace(self) -> str:
        return self.whole.services.estate.workspace_resource_id

    def group(self) -> str:
        """A new resource group."""
        id = f"{self.subscription}/resourceGroups/g{next(self.numbers)}"
        self.whole.send("PUT", id, {"location": "eastus"})
        return id

    def define(
        self, condition: Any, effect: str, details: Any = None, parameters: Any = None, mode: str = "All"
    ) -> str:
        then: dict[str, Any] = {"effect": effect} | ({"details": details} if details is not None else {})
        properties = {"mode": mode, "policyRule": {"if": condition, "then": then}, "displayName": f"{effect} something"}
        id = f"{self.subscription}/providers/Microsoft.Authorization/policyDefinitions/d{next(self.numbers)}"
        sent = {"properties": properties | ({"parameters": parameters} if parameters else {})}
        assert self.whole.send("PUT", id, sent).status == 201
        return id

    def assign(self, scope: str, definition: str, *, role: str | None = None, **more: Any) -> dict[str, Any]:
        name = f"a{next(self.numbers)}"
        id = f"{scope}/providers/Microsoft.Authorization/policyAssignments/{name}"
        beside: dict[str, Any] = (
            {"location": "eastus", "identity": {"type": "SystemAssigned"}} if role is not None else {}
        )
        made = self.whole.send("PUT", id, {"properties": {"policyDefinitionId": definition, **more}, **beside})
        assert made.status == 201
        if role:
            self.grant(made.body["identity"]["principalId"], role, self.subscription)
        return made.body

    def grant(self, principal: str, role: str, scope: str) -> None:
        name = derived_id("test role", principal, role, scope)
        properties = {
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "principalId": principal,
            "principalType": "ServicePrincipal",
        }
        id = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
        assert self.whole.send("PUT", id, {"properties": properties}).status == 201

    def put(self, group: str, type: str, name: str, **body: Any) -> dict[str, Any]:
        sent = {"location": "eastus", "properties": {}} | body
        id = f"{group}/providers/{type}/{name}"
        made = self.whole.send("PUT", id, sent)
        self.settle(id)
        return made.body

    def settle(self, id: str) -> None:
        self.whole.services.policies.settle(id, 30)
        assert not self.whole.services.policies.is_changing(id)

    def evaluate(self, scope: str) -> None:
        begun = self.whole.send(
            "POST", f"{scope}/providers/Microsoft.PolicyInsights/policyStates/latest/triggerEvaluation"
        )
        assert begun.status == 202
        name = begun.headers["Location"].partition("?")[0].rpartition("/")[2]
        assert self.whole.services.operations.wait(name, 30)
        ended = self.whole.send(
            "GET", begun.headers["Location"].partition("?")[0].removeprefix("https://localhost:8443")
        )
        assert (ended.status, ended.body) == (200, {"status": "Succeeded"})

    def states(self, scope: str, **query: str) -> list[dict[str, Any]]:
        address = f"{scope}/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults"
        return self.whole.send("POST", address, **query).body["value"]

    def state(self, scope: str) -> dict[str, str]:
        """The state of each resource, by its name."""
        return {each["resourceId"].rpartition("/")[2]: each["complianceState"] for each in self.states(scope)}

    def remediate(self, scope: str, assignment: str, **more: Any) -> dict[str, Any]:
        id = f"{scope}/providers/Microsoft.PolicyInsights/remediations/r{next(self.numbers)}"
        begun = self.whole.send("PUT", id, {"properties": {"policyAssignmentId": assignment, **more}})
        assert begun.status == 201
        document = self.whole.services.state.get(id)
        assert document is not None
        assert self.whole.services.operations.wait(document.body["operation"], 30)
        return self.whole.send("GET", id).body


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    data: Path = tmp_path_factory.mktemp("policies")
    with whole_server(data) as whole:
        yield Estate(whole)


def deploys(estate: Estate, type: str = VAULTS) -> str:
    """A definition that has every resource of a type stream to the first workspace."""
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"name": {"type": "string"}, "workspace": {"type": "string"}},
        "resources": [
            {
                "type": f"{type}/providers/diagnosticSettings",
                "apiVersion": "2021-05-01-preview",
                "name": "[concat(parameters('name'), '/Microsoft.Insights/by-policy')]",
                "properties": {
                    "workspaceId": "[parameters('workspace')]",
                    "logs": [{"categoryGroup": "allLogs", "enabled": True}],
                },
            }
        ],
    }
    return estate.define(
        {"field": "type", "equals": type},
        "deployIfNotExists",
        {
            "type": SETTINGS,
            "roleDefinitionIds": [f"/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}"],
            "existenceCondition": {
                "allOf": [
                    {"field": f"{SETTINGS}/workspaceId", "equals": "[parameters('workspace')]"},
                    {
                        "count": {
                            "field": f"{SETTINGS}/logs[*]",
                            "where": {"field": f"{SETTINGS}/logs[*].enabled", "equals": True},
                        },
                        "greater": 0,
                    },
                ]
            },
            "deployment": {
                "properties": {
                    "mode": "incremental",
                    "template": template,
                    "parameters": {
                        "name": {"value": "[field('name')]"},
                        "workspace": {"value": "[parameters('workspace')]"},
                    },
                }
            },
        },
        {"workspace": {"type": "String"}},
        "Indexed",
    )


def test_a_request_is_denied_with_the_reason(estate: Estate) -> None:
    group = estate.group()
    definition = estate.define(
        {
            "allOf": [
                {"field": "type", "equals": STORES},
                {"not": {"field": f"{STORES}/sku.name", "in": "[parameters('allowed')]"}},
            ]
        },
        "deny",
        parameters={"allowed": {"type": "Array"}},
    )
    message = [{"message": "Only cheap stores."}]
    made = estate.assign(
        group, definition, parameters={"allowed": {"value": ["Standard_LRS"]}}, nonComplianceMessages=message
    )
    with pytest.raises(Forbidden) as refused:
        estate.put(group, STORES, "dear", sku={"name": "Premium_LRS"})
    error = refused.value
    assert error.code == "RequestDisallowedByPolicy"
    assert error.message.startswith(
        "Resource 'dear' was disallowed by policy. Reasons: 'Only cheap stores.'. See error"
    )
    (violation,) = error.details["additionalInfo"]
    assert violation["type"] == "PolicyViolation"
    assert violation["info"]["policyAssignmentId"] == made["id"]
    assert violation["info"]["policyDefinitionId"] == definition
    assert violation["info"]["policyDefinitionEffect"] == "deny"
    assert violation["info"]["evaluationDetails"]["evaluatedExpressions"][1] == {
        "result": "False",
        "expressionKind": "Field",
        "expression": f"{STORES}/sku.name",
        "expressionValue": "Premium_LRS",
        "targetValue": ["Standard_LRS"],
        "operator": "In",
        "path": "sku.name",
    }
    assert estate.put(group, STORES, "cheap", sku={"name": "standard_lrs"})["name"] == "cheap"
    assert estate.put(estate.group(), STORES, "elsewhere", sku={"name": "Premium_LRS"})["name"] == "elsewhere"
    with pytest.raises(Forbidden):
        estate.whole.send("PATCH", f"{group}/providers/{STORES}/cheap", {"sku": {"name": "Premium_LRS"}})
    events = estate.whole.send("POST", f"{group}/providers/Microsoft.PolicyInsights/policyEvents/default/queryResults")
    assert {each["policyDefinitionAction"] for each in events.body["value"]} == {"deny"}


def test_a_deployment_meets_policies_before_it_begins(estate: Estate) -> None:
    group = estate.group()
    estate.assign(group, estate.define({"field": "type", "equals": STORES}, "deny"))
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [
            {"type": VAULTS, "apiVersion": "2023-07-01", "name": "v", "location": "eastus"},
            {"type": STORES, "apiVersion": "2023-01-01", "name": "s", "location": "eastus"},
        ],
    }
    body = {"properties": {"mode": "Incremental", "template": template}}
    with pytest.raises(InvalidInput) as refused:
        estate.whole.send("PUT", f"{group}/providers/Microsoft.Resources/deployments/d", body)
    assert refused.value.code == "InvalidTemplateDeployment"
    assert [each["code"] for each in refused.value.details["details"]] == ["RequestDisallowedByPolicy"]
    with pytest.raises(NotFound):
        estate.whole.send("GET", f"{group}/providers/{VAULTS}/v")


def test_requests_are_changed(estate: Estate) -> None:
    group = estate.group()
    contributor = [f"/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}"]
    appending = estate.define(
        {"field": "type", "equals": STORES},
        "append",
        [
            {"field": f"{STORES}/networkAcls.ipRules[*]", "value": {"value": "10.0.0.1"}},
            {"field": f"{STORES}/minimumTlsVersion", "value": "TLS1_2"},
        ],
    )
    modifying = estate.define(
        {"allOf": [{"field": "type", "equals": STORES}, {"field": "tags['env']", "exists": False}]},
        "modify",
        {
            "roleDefinitionIds": contributor,
            "operations": [
                {"operation": "add", "field": "tags['env']", "value": "[resourceGroup().name]"},
                {"operation": "addOrReplace", "field": f"{STORES}/allowBlobPublicAccess", "value": False},
                {"operation": "remove", "field": "tags['bad']"},
                {"condition": "[equals(field('kind'), 'x')]", "operation": "add", "field": "tags['no']", "value": "1"},
            ],
        },
        mode="Indexed",
    )
    estate.assign(group, appending)
    estate.assign(group, modifying, role="")
    made = estate.put(
        group,
        STORES,
        "s",
        tags={"bad": "x", "kept": "y"},
        properties={"networkAcls": {"ipRules": [{"value": "10.0.0.2"}]}, "allowBlobPublicAccess": True},
    )
    assert made["tags"] == {"kept": "y", "env": group.rpartition("/")[2]}
    assert made["properties"] == {
        "networkAcls": {"ipRules": [{"value": "10.0.0.2"}, {"value": "10.0.0.1"}]},
        "allowBlobPublicAccess": False,
        "minimumTlsVersion": "TLS1_2",
        "provisioningState": "Succeeded",
    }
    with pytest.raises(Forbidden, match="disallowed by policy"):
        estate.put(group, STORES, "t", properties={"minimumTlsVersion": "TLS1_0"})
    patched = estate.whole.send("PATCH", f"{group}/providers/{STORES}/s", {"tags": {"a": "b"}})
    assert patched.body["tags"] == {"a": "b", "env": group.rpartition("/")[2]}


def test_what_is_not_enforced_only_has_states(estate: Estate) -> None:
    group = estate.group()
    estate.assign(group, estate.define({"field": "type", "equals": STORES}, "deny"), enforcementMode="DoNotEnforce")
    estate.put(group, STORES, "s")
    assert estate.state(group) == {"s": "NonCompliant"}


def test_states_follow_what_is_there_and_what_is_assigned(estate: Estate) -> None:
    group = estate.group()
    estate.put(group, STORES, "old", tags={})
    definition = estate.define(
        {"allOf": [{"field": "type", "equals": STORES}, {"field": "tags['owner']", "exists": False}]},
        "audit",
        mode="Indexed",
    )
    assignment = estate.assign(group, definition)
    estate.evaluate(group)
    assert estate.state(group) == {"old": "NonCompliant"}
    estate.put(group, STORES, "new", tags={"owner": "me"})
    estate.put(group, VAULTS, "no-store")
    assert estate.state(group) == {"old": "NonCompliant", "new": "Compliant"}
    estate.whole.send("PATCH", f"{group}/providers/{STORES}/old", {"tags": {"owner": "x"}})
    estate.settle(f"{group}/providers/{STORES}/old")
    assert estate.state(group) == {"old": "Compliant", "new": "Compliant"}
    estate.whole.send("DELETE", f"{group}/providers/{STORES}/old")
    assert estate.state(group) == {"new": "Compliant"}
    assert estate.whole.send("DELETE", assignment["id"]).body["name"] == assignment["name"]
    assert estate.state(group) == {}


def test_queries_of_states(estate: Estate) -> None:
    group = estate.group()
    for name, tags in (("a", {}), ("b", {"x": "1"}), ("c", {"x": "1"})):
        estate.put(group, STORES, name, tags=tags)
    rule = {"allOf": [{"field": "type", "equals": STORES}, {"field": "tags['x']", "exists": True}]}
    assignment = estate.assign(group, estate.define(rule, "audit", mode="Indexed"))
    estate.evaluate(group)
    wanted = "ComplianceState eq 'NonCompliant'"
    assert len(estate.states(group, filter=wanted)) == 2
    assert len(estate.states(group, filter=wanted, top="1")) == 1
    named = estate.states(
        group, filter=f"resourceId eq '{group}/providers/{STORES}/B'", select="resourceId,complianceState"
    )
    assert [{key: each[key] for key in ("resourceId", "complianceState")} for each in named] == [
        {"resourceId": f"{group}/providers/{STORES}/b", "complianceState": "NonCompliant"}
    ]
    grouped = estate.states(group, apply=f"filter({wanted})/groupby((policyAssignmentId), aggregate($count as Number))")
    assert [(each["policyAssignmentId"], each["Number"]) for each in grouped] == [(assignment["id"], 2)]
    (told,) = estate.states(f"{group}/providers/{STORES}/a", expand="PolicyEvaluationDetails")
    assert told["policyEvaluationDetails"]["evaluatedExpressions"][1]["result"] == "False"
    address = f"{group}/providers/Microsoft.PolicyInsights/policyStates/latest/summarize"
    (summary,) = estate.whole.send("POST", address).body["value"]
    assert summary["results"]["nonCompliantResources"] == 2
    assert summary["results"]["resourceDetails"] == [
        {"complianceState": "compliant", "count": 1},
        {"complianceState": "noncompliant", "count": 2},
    ]
    (own,) = summary["policyAssignments"]
    assert own["policyAssignmentId"] == assignment["id"]
    of_assignment = estate.states(assignment["id"])
    assert len(of_assignment) == 3
    with pytest.raises(InvalidInput, match="apply"):
        estate.states(group, apply="nonsense")


def test_a_new_resource_streams_before_its_creator_looks_again(estate: Estate) -> None:
    group = estate.group()
    values = {"workspace": {"value": estate.workspace}}
    assignment = estate.assign(group, deploys(estate), role=CONTRIBUTOR, parameters=values)
    vault = estate.put(group, VAULTS, "v")["id"]
    (setting,) = estate.whole.send("GET", f"{vault}/providers/{SETTINGS}").body["value"]
    assert (setting["name"], setting["properties"]["workspaceId"]) == ("by-policy", estate.workspace)
    (state,) = estate.states(vault)
    assert (state["complianceState"], state["deployment"]["state"]) == ("Compliant", "Succeeded")
    deployment = estate.whole.send("GET", state["deployment"]["id"]).body
    assert deployment["properties"]["provisioningState"] == "Succeeded"
    assert estate.put(group, VAULTS, "v", tags={"a": "b"})["tags"] == {"a": "b"}
    assert estate.states(vault)[0]["deployment"]["id"] == state["deployment"]["id"]
    estate.whole.send("DELETE", f"{vault}/providers/{SETTINGS}/by-policy")
    estate.settle(vault)
    assert estate.state(vault) == {"v": "NonCompliant"}, "a deletion is told, and undone by a remediation only"
    done = estate.remediate(group, assignment["id"])
    assert done["properties"]["provisioningState"] == "Succeeded"
    assert done["properties"]["deploymentStatus"] == {
        "totalDeployments": 1,
        "successfulDeployments": 1,
        "failedDeployments": 0,
    }
    (deployed,) = estate.whole.send("POST", f"{done['id']}/listDeployments").body["value"]
    assert (deployed["remediatedResourceId"], deployed["status"]) == (vault, "Succeeded")
    assert estate.state(vault) == {"v": "Compliant"}


def test_without_a_role_nothing_is_deployed_and_the_state_says_so(estate: Estate) -> None:
    group = estate.group()
    values = {"workspace": {"value": estate.workspace}}
    assignment = estate.assign(group, deploys(estate), role="", parameters=values)
    vault = estate.put(group, VAULTS, "v")["id"]
    (state,) = estate.states(vault)
    assert state["complianceState"] == "NonCompliant"
    assert state["deployment"]["error"]["code"] == "AuthorizationFailed"
    done = estate.remediate(group, assignment["id"])
    assert done["properties"]["provisioningState"] == "Failed"
    (deployed,) = estate.whole.send("POST", f"{done['id']}/listDeployments").body["value"]
    assert deployed["error"]["code"] == "AuthorizationFailed"
    estate.grant(assignment["identity"]["principalId"], CONTRIBUTOR, estate.subscription)
    done = estate.remediate(group, assignment["id"], resourceDiscoveryMode="ReEvaluateCompliance")
    assert done["properties"]["provisioningState"] == "Succeeded"
    assert estate.state(vault) == {"v": "Compliant"}


def test_what_is_modified_in_a_remediation(estate: Estate) -> None:
    group = estate.group()
    estate.put(group, STORES, "s", tags={"kept": "[text]"}, properties={"old": True})
    rule = {
        "allOf": [
            {
                "anyOf": [
                    {"field": "type", "equals": STORES},
                    {"field": "type", "equals": "Microsoft.Resources/subscriptions/resourceGroups"},
                ]
            },
            {"field": "tags['env']", "notEquals": "prod"},
        ]
    }
    details = {
        "roleDefinitionIds": [f"/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}"],
        "operations": [{"operation": "addOrReplace", "field": "tags['env']", "value": "prod"}],
    }
    assignment = estate.assign(group, estate.define(rule, "modify", details), role=CONTRIBUTOR)
    done = estate.remediate(group, assignment["id"], resourceDiscoveryMode="ReEvaluateCompliance")
    assert done["properties"]["provisioningState"] == "Succeeded", done
    store = estate.whole.send("GET", f"{group}/providers/{STORES}/s").body
    assert store["tags"] == {"kept": "[text]", "env": "prod"}
    assert store["properties"]["old"] is True
    assert estate.whole.send("GET", group).body["tags"] == {"env": "prod"}
    assert set(estate.state(group).values()) == {"Compliant"}


def test_initiatives_overrides_exclusions_and_exemptions(estate: Estate) -> None:
    group = estate.group()
    tagged = estate.define(
        {
            "allOf": [
                {"field": "type", "equals": STORES},
                {"field": "[concat('tags[', parameters('tag'), ']')]", "exists": False},
            ]
        },
        "[parameters('effect')]",
        parameters={
            "tag": {"type": "String"},
            "effect": {"type": "String", "allowedValues": ["Audit", "Deny", "Disabled"], "defaultValue": "Deny"},
        },
    )
    initiative = f"{estate.subscription}/providers/Microsoft.Authorization/policySetDefinitions/set"
    members = [
        {
            "policyDefinitionId": tagged,
            "policyDefinitionReferenceId": name,
            "groupNames": ["tags"],
            "parameters": {"tag": {"value": "[parameters('prefix')]" if name == "one" else name}},
        }
        for name in ("one", "two")
    ]
    sent = {
        "properties": {
            "policyDefinitions": members,
            "policyDefinitionGroups": [{"name": "tags"}],
            "parameters": {"prefix": {"type": "String", "defaultValue": "first"}},
        }
    }
    assert [estate.whole.send("PUT", initiative, sent).status for _ in range(2)] == [201, 200]
    with pytest.raises(Conflict) as used:
        estate.whole.send("DELETE", tagged)
    assert used.value.code == "PolicyDefinitionInUse"
    inner = f"{group}/providers/{STORES}/apart"
    assignment = estate.assign(
        group,
        initiative,
        notScopes=[inner],
        overrides=[
            {
                "kind": "policyEffect",
                "value": "audit",
                "selectors": [{"kind": "policyDefinitionReferenceId", "in": ["two"]}],
            }
        ],
    )
    assert estate.put(group, STORES, "apart")["name"] == "apart"
    with pytest.raises(Forbidden) as refused:
        estate.put(group, STORES, "s")
    (violation,) = refused.value.details["additionalInfo"]
    assert violation["info"]["policyDefinitionReferenceId"] == "one"
    store = estate.put(group, STORES, "s", tags={"first": "1"})["id"]
    states = {each["policyDefinitionReferenceId"]: each["complianceState"] for each in estate.states(store)}
    assert states == {"one": "Compliant", "two": "NonCompliant"}
    exemption = f"{store}/providers/Microsoft.Authorization/policyExemptions/e"
    body = {
        "properties": {
            "policyAssignmentId": assignment["id"],
            "exemptionCategory": "Waiver",
            "policyDefinitionReferenceIds": ["two"],
        }
    }
    assert estate.whole.send("PUT", exemption, body).status == 201
    estate.evaluate(group)
    states = {each["policyDefinitionReferenceId"]: each["complianceState"] for each in estate.states(store)}
    assert states == {"one": "Compliant", "two": "Exempt"}
    listed = estate.whole.send("GET", f"{group}/providers/Microsoft.Authorization/policyExemptions").body["value"]
    assert [each["name"] for each in listed] == ["e"]


def test_what_is_refused_by_name(estate: Estate) -> None:
    for effect in ("denyAction", "manual"):
        with pytest.raises(InvalidInput) as refused:
            estate.define({"field": "type", "equals": STORES}, effect)
        assert refused.value.code == "EffectNotSupported"
        assert effect in refused.value.message
    with pytest.raises(InvalidInput) as refused:
        estate.define({"field": "type", "equals": STORES}, "audit", mode="Microsoft.KeyVault.Data")
    assert refused.value.code == "ModeNotSupported"
    with pytest.raises(InvalidInput) as refused:
        estate.assign(
            estate.subscription, f"{estate.subscription}/providers/Microsoft.Authorization/policyDefinitions/no"
        )
    assert refused.value.code == "PolicyDefinitionNotFound"
    with pytest.raises(InvalidInput) as refused:
        estate.assign(estate.group(), deploys(estate))
    assert refused.value.code == "MissingPolicyParameter"
    with pytest.raises(InvalidInput) as refused:
        estate.assign(estate.group(), deploys(estate), parameters={"workspace": {"value": estate.workspace}})
    assert refused.value.code == "ResourceIdentityRequired"
    with pytest.raises(Unsupported):
        estate.whole.send("GET", f"{estate.subscription}/providers/Microsoft.PolicyInsights/attestations")


def test_resources_of_other_providers(estate: Estate) -> None:
    group = estate.group()
    server = estate.put(group, "Microsoft.Sql/servers", "s", identity={"type": "SystemAssigned"})
    assert server["identity"]["principalId"]
    database = estate.put(group, "Microsoft.Sql/servers/s/databases", "d", sku={"name": "S0"})
    assert (database["type"], database["sku"]) == ("Microsoft.Sql/servers/databases", {"name": "S0"})
    with pytest.raises(NotFound) as missing:
        estate.put(group, "Microsoft.Sql/servers/none/databases", "d")
    assert missing.value.code == "ResourceNotFound"
    listed = estate.whole.send("GET", f"{estate.subscription}/providers/Microsoft.Sql/servers").body["value"]
    assert [each["name"] for each in listed] == ["s"]
    everything = estate.whole.send("GET", f"{group}/resources").body["value"]
    assert {each["type"] for each in everything} == {"Microsoft.Sql/servers", "Microsoft.Sql/servers/databases"}
    with pytest.raises(Unsupported):
        estate.whole.send("POST", f"{server['id']}/restart")
    assert estate.whole.send("DELETE", server["id"]).status == 200
    with pytest.raises(NotFound):
        estate.whole.send("GET", database["id"])
    with pytest.raises(NotFound):
        estate.put(group, "Microsoft.OperationalInsights/nothing", "n")


def test_what_was_not_looked_at_before_a_crash_is_looked_at_after(tmp_path: Path) -> None:
    with whole_server(tmp_path) as whole:
        estate = Estate(whole)
        group = estate.group()
        estate.assign(group, deploys(estate), role=CONTRIBUTOR, parameters={"workspace": {"value": estate.workspace}})
        estate.settle(group)
        whole.services.policies._stopping.set()  # as a process that is killed, which looks at nothing any more
        vault = whole.send("PUT", f"{group}/providers/{VAULTS}/v", {"location": "eastus", "properties": {}}).body["id"]
        assert whole.services.policies.is_changing(vault)
    with whole_server(tmp_path) as whole:
        estate = Estate(whole)
        estate.settle(vault)
        assert len(whole.send("GET", f"{vault}/providers/{SETTINGS}").body["value"]) == 1
        assert estate.state(vault) == {"v": "Compliant"}


def reading(estate: Estate, name: str, scope: str) -> tuple[TestClient, Principal]:
    """A client of somebody who is a Reader of a scope alone, and who that is."""
    services, base = estate.whole.services, estate.whole.services.addresses.https
    reader = services.directory.ensure_service_principal(
        application_id=f"{name}-app", object_id=f"{name}-object", name=name
    )
    services.roles.assign(reader, READER, scope)
    token = services.tokens.issue(reader, base, base=base).text
    return TestClient(make_app(services), base_url=base, headers={"Authorization": f"Bearer {token}"}), reader


def test_an_assignment_elsewhere_is_explained_to_whoever_may_read_it(estate: Estate) -> None:
    here, there = estate.group(), estate.group()
    estate.put(here, VAULTS, "v")
    definition = estate.define({"field": "type", "equals": VAULTS}, "audit")
    above, foreign = (estate.assign(scope, definition)["id"] for scope in (estate.subscription, there))
    client, reader = reading(estate, "elsewhere", here)

    def told(assignment: str) -> dict[str, Any]:
        asked = {"resource": f"{here}/providers/{VAULTS}/v", "assignment": assignment}
        return client.get("/vedette/policy/explain", params=asked).json()

    assert told(above)["explanations"][0]["state"] == "NonCompliant"
    assert told(foreign)["error"]["code"] == "PolicyAssignmentNotFound"
    estate.whole.services.roles.assign(reader, READER, there)
    assert "not in the scope" in told(foreign)["explanations"][0]["reason"]
    estate.whole.send("DELETE", above)


def test_resources_beside_are_told_where_their_states_may_be_read(estate: Estate) -> None:
    here, there = estate.group(), estate.group()
    estate.put(here, VAULTS, "v")
    estate.put(there, STORES, "s", tags={"secret": "x"})
    existence: dict[str, Any] = {"type": STORES, "existenceScope": "subscription", "name": "s"}
    existence["existenceCondition"] = {"field": "tags['secret']", "equals": "y"}
    assignment = estate.assign(here, estate.define({"field": "type", "equals": VAULTS}, "auditIfNotExists", existence))
    client, reader = reading(estate, "beside", here)

    def told() -> dict[str, Any]:
        asked = {"resource": f"{here}/providers/{VAULTS}/v", "assignment": assignment["id"]}
        return client.get("/vedette/policy/explain", params=asked).json()["explanations"][0]

    assert (told()["state"], told()["related"]["found"]) == ("NonCompliant", [])
    estate.whole.services.roles.assign(reader, READER, there)
    assert [each["id"] for each in told()["related"]["found"]] == [f"{there}/providers/{STORES}/s"]
