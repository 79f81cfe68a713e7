"""AZSentinel's requests, cmdlet by cmdlet and call by call, as its source makes them, against a live server.

The module needs PowerShell, which is not here. What it sends is in its public source: paths with their api-versions,
bodies whose names are those of PowerShell's classes (`DisplayName`, `QueryFrequency`), an empty `Etag` for what is new.
https://github.com/wortell/AZSentinel
"""

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from .command import Ready
from .sdk import bearer, web
from .test_content import make_workspace, workspace_path
from .test_workspace_backup import playbook, put

TRIGGER = "When_a_response_to_an_Azure_Sentinel_alert_is_triggered"
ANALYTICS, CASES, SEARCHES = "2019-01-01-preview", "2019-01-01-preview", "2017-04-26-preview"
Json = dict[str, Any]


class Module:
    """The calls that cmdlets share: `precheck`'s headers, `Get-LogAnalyticWorkspace`, and the lists by name."""

    def __init__(self, ready: Ready, http: httpx.Client, workspace: str) -> None:
        self.ready = ready
        self._http = http
        self.name = workspace
        self.headers = {**bearer(ready), "Content-Type": "application/json"}

    def call(self, method: str, url: str, body: Json | None = None, *, status: int | None = None) -> Any:
        sent = {} if body is None else {"json": body}
        answer = self._http.request(method, url, headers=self.headers, **sent)
        if status is None:
            assert answer.is_success, f"{method} {url}: {answer.status_code} {answer.text}"
        else:
            assert answer.status_code == status, f"{method} {url}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    @property
    def subscription(self) -> str:
        return f"/subscriptions/{self.ready['subscription_id']}"

    def workspace(self) -> Json:
        """Get-LogAnalyticWorkspace: of all of the subscription, the one of this name."""
        url = f"{self.subscription}/providers/Microsoft.OperationalInsights/workspaces?api-version=2015-11-01-preview"
        return next(each for each in self.call("GET", url)["value"] if each["name"] == self.name)

    @property
    def base(self) -> str:
        return str(self.workspace()["id"]).strip()

    def rules(self) -> list[Json]:
        """Get-AzSentinelAlertRule: the list, then name, etag and id put among the properties."""
        url = f"{self.base}/providers/Microsoft.SecurityInsights/alertRules?api-version={ANALYTICS}"
        return [
            each["properties"] | {n: each[n] for n in ("name", "etag", "id")} for each in self.call("GET", url)["value"]
        ]

    def rule(self, title: str) -> Json | None:
        return next((each for each in self.rules() if each["displayName"] == title), None)

    def import_rule(self, kind: str, properties: Json) -> Json:
        """Import-AzSentinelAlertRule and New-AzSentinelAlertRule: look it up by its title, then PUT it."""
        known = self.rule(properties["DisplayName"]) if "DisplayName" in properties else None
        name = known["name"] if known else str(uuid.uuid4())
        id = known["id"] if known else f"{self.base}/providers/Microsoft.SecurityInsights/alertRules/{name}"
        body = {
            "Name": name,
            "Etag": known["etag"] if known else "",
            "type": "Microsoft.SecurityInsights/alertRules",
            "Kind": kind,
            "Properties": properties,
            "Id": id,
        }
        url = f"{self.base}/providers/Microsoft.SecurityInsights/alertRules/{name}?api-version={ANALYTICS}"
        return self.call("PUT", url, body)


def scheduled(title: str, **more: Any) -> Json:
    """The class ScheduledAlertProp as it is sent."""
    return {
        "Name": str(uuid.uuid4()),
        "DisplayName": title,
        "Description": "",
        "Severity": "Medium",
        "Enabled": True,
        "Query": "SecurityEvent | where EventID == 4625",
        "QueryFrequency": "PT5H",
        "QueryPeriod": "PT6H",
        "TriggerOperator": "GreaterThan",
        "TriggerThreshold": 5,
        "SuppressionDuration": "PT1H",
        "SuppressionEnabled": False,
        "Tactics": ["Persistence", "LateralMovement", "Collection"],
        "PlaybookName": "",
        "IncidentConfiguration": {
            "CreateIncident": True,
            "groupingConfiguration": {
                "Enabled": True,
                "reopenClosedIncident": False,
                "lookbackDuration": "PT5H",
                "entitiesMatchingMethod": "All",
                "groupByEntities": ["Account", "Ip", "Host", "Url"],
            },
        },
        "eventGroupingSettings": {"aggregationKind": "SingleAlert"},
    } | more


@pytest.fixture
def module(server: Ready, request: pytest.FixtureRequest) -> Iterator[Module]:
    name = f"azsentinel-{uuid.uuid4().hex[:12]}"
    make_workspace(server, name)
    with web(server) as http:
        yield Module(server, http, name)


@pytest.fixture
def workflow(module: Module) -> str:
    """A playbook whose trigger has the name that AZSentinel knows."""
    group = f"{module.subscription}/resourceGroups/{module.ready['resource_group']}"
    path = f"{group}/providers/Microsoft.Logic/workflows/pb-{module.name}"
    body = playbook("/connections/none")
    triggers = body["properties"]["definition"]["triggers"]
    triggers[TRIGGER] = triggers.pop("Microsoft_Sentinel_alert")
    put(module.ready, path, "2016-06-01", body)
    return f"pb-{module.name}"


def test_set_azsentinel(server: Ready) -> None:
    """Set-AzSentinel: resource providers, then the solution, which is not there at first."""
    name = f"onboard-{uuid.uuid4().hex[:12]}"
    with web(server) as http:
        module = Module(server, http, name)
        path = workspace_path(server, name)
        module.call("PUT", f"{path}?api-version=2022-10-01", {"location": "local", "properties": {}})
        for provider in ("OperationsManagement", "SecurityInsights"):
            url = f"{module.subscription}/providers/Microsoft.{provider}"
            if module.call("GET", f"{url}?api-version=2019-10-01")["registrationState"] != "Registered":
                module.call("POST", f"{url}/register?api-version=2019-10-01")
            assert module.call("GET", f"{url}?api-version=2019-10-01")["registrationState"] == "Registered"
        found = module.workspace()
        assert found["properties"]["provisioningState"] == "Succeeded"
        providers = found["id"].lower().split("microsoft.operationalinsights")[0]
        solution = f"{providers}Microsoft.OperationsManagement/solutions/SecurityInsights({name})"
        url = f"{solution}?api-version=2015-11-01-preview"
        assert module.call("GET", url, status=404)["error"]["code"] == "ResourceNotFound"
        plan = {"name": f"SecurityInsights({name})", "publisher": "Microsoft"}
        module.call(
            "PUT",
            url,
            {
                **dict.fromkeys(("id", "etag", "name", "type"), ""),
                "location": found["location"],
                "properties": {"workspaceResourceId": found["id"]},
                "plan": {**plan, "product": "OMSGallery/SecurityInsights", "promotionCode": ""},
            },
        )
        module.call("GET", url)
        assert module.rules() == []


def test_rules_are_imported_changed_and_removed(module: Module) -> None:
    """Import-, New-, Get-, Rename-, Enable-, Disable- and Remove-AzSentinelAlertRule."""
    made = module.import_rule("Scheduled", scheduled("AlertRule01"))
    known = module.rule("AlertRule01")
    assert known is not None
    assert (known["name"], known["queryFrequency"], known["severity"]) == (made["name"], "PT5H", "Medium")
    assert known["incidentConfiguration"]["groupingConfiguration"]["groupByEntities"]
    changed = module.import_rule("Scheduled", scheduled("AlertRule01", Severity="High"))
    assert changed["name"] == made["name"]
    assert len(module.rules()) == 1
    for more in ({"Enabled": False}, {"Enabled": True}):
        module.import_rule("Scheduled", scheduled("AlertRule01", **more))
        assert module.rule("AlertRule01")["enabled"] is more["Enabled"]  # type: ignore[index]
    body = {"Name": made["name"], "Etag": "", "Kind": "Scheduled", "Properties": scheduled("AlertRule02")}
    url = f"{module.base}/providers/Microsoft.SecurityInsights/alertRules/{made['name']}?api-version={ANALYTICS}"
    module.call("PUT", url, body)
    assert [each["displayName"] for each in module.rules()] == ["AlertRule02"]
    module.call("DELETE", url)
    assert module.rules() == []


def test_rules_of_every_kind(module: Module) -> None:
    """New-AzSentinelAlertRule -Kind: the templates are looked up, and rules made of them."""
    url = f"{module.base}/providers/Microsoft.SecurityInsights/alertRuleTemplates?api-version={ANALYTICS}"
    templates = module.call("GET", url)["value"]
    for kind in ("Fusion", "MLBehaviorAnalytics"):
        template = next((each["name"] for each in templates if each["kind"] == kind), None)
        assert template is not None, kind
        module.import_rule(kind, {"Enabled": True, "AlertRuleTemplateName": template})
    product = {
        "DisplayName": "From a product",
        "Description": "",
        "Enabled": True,
        "ProductFilter": "Azure Active Directory Identity Protection",
        "SeveritiesFilter": ["High", "Medium"],
        "DisplayNamesFilter": "",
    }
    module.import_rule("MicrosoftSecurityIncidentCreation", product)
    assert len(module.rules()) == 3


def test_a_playbook_is_attached_to_a_rule(module: Module, workflow: str) -> None:
    """New-, Get- and Remove-AzSentinelAlertRuleAction with Get-AzSentinelPlayBook."""
    rule = module.import_rule("Scheduled", scheduled("AlertRule01"))
    playbooks = module.call("GET", f"{module.subscription}/providers/Microsoft.Logic/workflows?api-version=2016-06-01")
    found = next(each for each in playbooks["value"] if each["name"] == workflow)
    url = f"{found['id']}/triggers/{TRIGGER}/listCallbackUrl?api-version=2016-06-01"
    address = module.call("POST", url)["value"]
    actions = f"{module.base}/providers/Microsoft.SecurityInsights/alertRules/{rule['name']}/actions"
    assert module.call("GET", f"{actions}?api-version={ANALYTICS}")["value"] == []
    name = str(uuid.uuid4())
    body = {
        "id": f"{actions}/{name}",
        "name": name,
        "type": "Microsoft.SecurityInsights/alertRules/actions",
        "properties": {"ruleId": rule["name"], "triggerUri": address, "logicAppResourceId": found["id"]},
    }
    module.call("PUT", f"{actions}/{name}?api-version={ANALYTICS}", body)
    listed = module.call("GET", f"{actions}?api-version={ANALYTICS}")["value"]
    assert [each["properties"]["logicAppResourceId"].rpartition("/")[2] for each in listed] == [workflow]
    module.call("DELETE", f"{actions}/{listed[0]['id'].rpartition('/')[2]}?api-version={ANALYTICS}", status=200)
    assert module.call("GET", f"{actions}?api-version={ANALYTICS}")["value"] == []


def test_hunting_queries(module: Module) -> None:
    """New-, Import-, Get- and Remove-AzSentinelHuntingRule."""
    listed = f"{module.base}/savedSearches?api-version={SEARCHES}"
    found = module.call("GET", listed)["value"]
    assert not any(each["properties"]["category"] == "Hunting Queries" for each in found)
    name = str(uuid.uuid4())
    url = f"{module.base}/savedSearches/{name}?api-version={SEARCHES}"

    def send(etag: str | None, query: str) -> Json:
        tags = {"description": "", "tactics": "Persistence,Collection", "createdBy": "", "createdTimeUtc": ""}
        properties = {
            "Category": "Hunting Queries",
            "DisplayName": "HuntingRule01",
            "Query": query,
            "Tags": [{"Name": tag, "Value": value} for tag, value in tags.items()],
        }
        return module.call(
            "PUT",
            url,
            {"name": name, "eTag": etag, "id": f"{module.base}/savedSearches/{name}"} | {"properties": properties},
        )

    send(None, "SecurityEvent | take 1")
    found = next(each for each in module.call("GET", listed)["value"] if each["id"].endswith(name))
    assert found["properties"]["displayName"] == "HuntingRule01"
    send(found["etag"], "SecurityEvent | take 2")
    module.call("DELETE", url)
    assert not any(each["id"].endswith(name) for each in module.call("GET", listed)["value"])


def test_cases(module: Module) -> None:
    """Get- and Update-AzSentinelIncident and Add-AzSentinelIncidentComment, which speak of Cases."""
    incident = f"{module.base}/providers/Microsoft.SecurityInsights/incidents/{uuid.uuid4()}?api-version=2024-03-01"
    module.call("PUT", incident, {"properties": {"title": "Many failures", "severity": "Medium", "status": "New"}})
    cases = f"{module.base}/providers/Microsoft.SecurityInsights/Cases"
    case = module.call("GET", f"{cases}?api-version={CASES}")["value"][0]
    number = case["properties"]["caseNumber"]
    comment = {"properties": {"message": "Seen."}}
    made = module.call("PUT", f"{cases}/{case['name']}/comments/{uuid.uuid4()}?api-version={CASES}", comment)
    assert made["properties"]["message"] == "Seen."
    case = module.call("GET", f"{cases}?api-version={CASES}")["value"][0]
    known = case["properties"]
    body = {
        "etag": case["etag"],
        "properties": {
            "caseNumber": number,
            "createdTimeUtc": known.get("createdTimeUtc"),
            "endTimeUtc": known.get("endTimeUtc"),
            "lastUpdatedTimeUtc": known.get("lastUpdatedTimeUtc"),
            "lastComment": "",
            "totalComments": known.get("totalComments"),
            "metrics": known.get("metrics"),
            "relatedAlertIds": known.get("relatedAlertIds"),
            "relatedAlertProductNames": known.get("relatedAlertProductNames"),
            "severity": "High",
            "startTimeUtc": known.get("startTimeUtc"),
            "status": "Closed",
            "closeReason": "FalsePositive",
            "closedReasonText": "Your input",
            "labels": ["NewLabel"],
            "title": known["title"],
            "description": "",
            "firstAlertTimeGenerated": known.get("firstAlertTimeGenerated"),
            "lastAlertTimeGenerated": known.get("lastAlertTimeGenerated"),
            "owner": {"name": None, "email": None, "objectId": None},
        },
    }
    module.call("PUT", f"{cases}/{case['name']}?api-version={CASES}", body)
    after = module.call("GET", f"{cases}/{case['name']}?api-version={CASES}")["properties"]
    assert (after["severity"], after["status"], after["closeReason"]) == ("High", "Closed", "FalsePositive")
    assert after["labels"] == ["NewLabel"]


def test_data_connectors(module: Module) -> None:
    """Get- and Import-AzSentinelDataConnector."""
    listed = f"{module.base}/providers/Microsoft.SecurityInsights/dataConnectors?api-version=2020-01-01"
    assert module.call("GET", listed)["value"] == []
    activity = f"{module.base}/dataSources?$filter=kind+eq+'AzureActivityLog'&api-version=2020-08-01"
    assert module.call("GET", activity)["value"] == []
    source = module.ready["subscription_id"].replace("-", "")
    linked = f"{module.subscription}/providers/microsoft.insights/eventtypes/management"
    module.call(
        "PUT",
        f"{module.base}/datasources/{source}?api-version=2020-03-01-preview",
        {
            "id": f"{module.base}/datasources/{source}",
            "name": source,
            "type": "Microsoft.OperationalInsights/workspaces/datasources",
            "kind": "AzureActivityLog",
            "properties": {"linkedResourceId": linked},
        },
    )
    assert len(module.call("GET", activity)["value"]) == 1
    name = str(uuid.uuid4())
    url = f"{module.base}/providers/Microsoft.SecurityInsights/dataConnectors/{name}?api-version=2020-01-01"
    types = {"alerts": {"state": "Enabled"}}
    module.call(
        "PUT",
        url,
        {
            "id": url.partition("?")[0],
            "name": name,
            "type": "Microsoft.SecurityInsights/dataConnectors",
            "kind": "AzureSecurityCenter",
            "properties": {"subscriptionId": module.ready["subscription_id"], "dataTypes": types},
        },
    )
    assert module.call("GET", url)["kind"] == "AzureSecurityCenter"


def test_watchlists(module: Module) -> None:
    """New-, Get- and Remove-AzSentinelWatchlist, without a search key, as the oldest version has it."""
    listed = f"{module.base}/providers/Microsoft.SecurityInsights/watchlists?api-version={ANALYTICS}"
    assert module.call("GET", listed)["value"] == []
    url = f"{module.base}/providers/Microsoft.SecurityInsights/watchlists/vips?api-version={ANALYTICS}"
    properties = {
        "contentType": "text/csv",
        "description": "Who matters",
        "displayName": "vips",
        "numberOfLinesToSkip": 0,
        "provider": "Microsoft",
        "rawContent": "user,role\nann,boss\n",
        "source": "Local file",
    }
    body = {"DisplayName": None, "Description": None, "rawContent": None, "numberOfLinesToSkip": 0}
    module.call("PUT", url, {**body, "properties": properties})
    assert [each["name"] for each in module.call("GET", listed)["value"]] == ["vips"]
    module.call("DELETE", url)
    assert module.call("GET", listed)["value"] == []
