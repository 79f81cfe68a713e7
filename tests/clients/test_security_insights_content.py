"""azure-mgmt-securityinsight's operation groups of content against a live server: watchlists, threat intelligence,
connectors, settings, packages, hunts and the workspace manager."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.securityinsight import SecurityInsightsMgmtClient, models
from tests.clients.sdk import Ready, rows, security_insights, web

HOSTS = "Host,Town\nweb1,Turin\nweb2,Rome\n"
SECRET = "hunter2-and-more"


@pytest.fixture
def client(server: Ready) -> Iterator[SecurityInsightsMgmtClient]:
    with security_insights(server) as opened:
        yield opened


@pytest.fixture
def place(server: Ready) -> tuple[str, str]:
    return server["resource_group"], server["workspace_name"]


@pytest.fixture
def name() -> str:
    return f"n{uuid4().hex[:12]}"


Place = tuple[str, str]
Client = SecurityInsightsMgmtClient


def names(listed: Any) -> list[str]:
    return [each.name for each in listed]


def test_watchlists(client: Client, server: Ready, place: Place, name: str) -> None:
    sent = {
        "properties": {
            "displayName": "Hosts",
            "provider": "Contoso",
            "source": "hosts.csv",
            "sourceType": "Local",
            "itemsSearchKey": "Host",
            "rawContent": HOSTS,
            "contentType": "text/csv",
            "labels": ["a"],
            "defaultDuration": "P30D",
        }
    }
    made = client.watchlists.begin_create_or_update(*place, name, sent).result()
    assert made.name == name
    shown = client.watchlists.get(*place, name)
    assert shown.properties is not None
    assert (shown.properties.provisioning_state, shown.properties.watchlist_alias) == ("Succeeded", name)
    assert name in names(client.watchlists.list(*place))
    items = list(client.watchlist_items.list(*place, name))
    assert [each.properties.items_key_value["Host"] for each in items if each.properties] == ["web1", "web2"]

    item_id = str(uuid4())
    added = models.WatchlistItem(
        properties=models.WatchlistItemProperties(items_key_value={"Host": "web3", "Town": "Bern"})
    )
    client.watchlist_items.create_or_update(*place, name, item_id, added)
    assert client.watchlist_items.get(*place, name, item_id).name == item_id
    client.watchlist_items.delete(*place, name, str(items[0].name))
    query = f"_GetWatchlist('{name}') | project SearchKey, Town | sort by SearchKey asc"
    assert rows(server, query) == [["web2", "Rome"], ["web3", "Bern"]]

    client.watchlists.begin_delete(*place, name).result()
    with pytest.raises(ResourceNotFoundError):
        client.watchlists.get(*place, name)
    assert rows(server, f"_GetWatchlist('{name}') | count") == [[0]]


def indicator(pattern: str, **more: Any) -> dict[str, Any]:
    properties = {"displayName": "one", "source": "Contoso", "pattern": pattern, "patternType": "url"}
    return {"kind": "indicator", "properties": properties | more}


def test_threat_intelligence(client: Client, server: Ready, place: Place, name: str) -> None:
    operations = client.threat_intelligence_indicator
    tag = f"tag-{name}"
    sent = indicator(f"[url:value = 'https://{name}/x']", confidence=70, threatIntelligenceTags=[tag])
    made = operations.create_indicator(*place, sent)
    assert made.name
    read = operations.get(*place, made.name)
    assert isinstance(read, models.ThreatIntelligenceIndicatorModel)
    assert read.properties is not None
    assert read.properties.parsed_pattern
    assert made.name in names(client.threat_intelligence_indicators.list(*place))
    operations.append_tags(*place, made.name, {"threatIntelligenceTags": ["more"]})
    tags = {"kind": "indicator", "properties": {"threatIntelligenceTags": [tag, "z"]}}
    replaced = operations.replace_tags(*place, made.name, tags)
    assert isinstance(replaced, models.ThreatIntelligenceIndicatorModel)
    assert replaced.properties is not None
    assert replaced.properties.threat_intelligence_tags == [tag, "z"]
    for number in range(3):
        sent = indicator(f"[ipv4-addr:value = '10.0.0.{number}']", patternType="ipv4-addr", confidence=number)
        operations.create(*place, f"{name}-{number}", sent | {"properties": sent["properties"] | {"displayName": name}})
    criteria = models.ThreatIntelligenceFilteringCriteria(
        page_size=2,
        keywords=[name],
        sort_by=[models.ThreatIntelligenceSortingCriteria(item_key="confidence", sort_order="descending")],
    )
    found = names(operations.query_indicators(*place, criteria))  # the second page is a GET of the first one's link
    assert found == [made.name, f"{name}-2", f"{name}-1", f"{name}-0"]
    metrics = list(client.threat_intelligence_indicator_metrics.list(*place).value)
    assert metrics[0].properties is not None
    assert metrics[0].properties.pattern_type_metrics
    condition = {"clauses": [{"field": "confidence", "operator": "Equals", "values": ["70"]}]}
    assert client.threat_intelligence.count(*place, "main", {"condition": condition}).count >= 1
    objects = list(client.threat_intelligence.query(*place, "main", {"condition": condition, "maxPageSize": 1}))
    assert made.name in names(objects)
    query = f"ThreatIntelligenceIndicator | where IndicatorId == '{made.name}' | top 1 by TimeGenerated | project Url"
    assert rows(server, query) == [[f"https://{name}/x"]]
    operations.delete(*place, made.name)
    with pytest.raises(ResourceNotFoundError):
        operations.get(*place, made.name)


def test_data_connectors(client: Client, place: Place, name: str) -> None:
    taxii = {
        "kind": "ThreatIntelligenceTaxii",
        "properties": {
            "tenantId": str(uuid4()),
            "friendlyName": "f",
            "taxiiServer": "https://taxii.contoso.com/api",
            "collectionId": "1",
            "userName": "u",
            "password": SECRET,
            "pollingFrequency": "OnceADay",
            "dataTypes": {"taxiiClient": {"state": "Enabled"}},
        },
    }
    made = client.data_connectors.create_or_update(*place, name, taxii)
    assert isinstance(made, models.TiTaxiiDataConnector)
    assert SECRET not in str(made.as_dict()) + str(client.data_connectors.get(*place, name).as_dict())
    assert name in names(client.data_connectors.list(*place))
    client.data_connectors.delete(*place, name)
    request = {"apiEndpoint": "https://contoso.com", "httpMethod": "Get", "queryTimeFormat": "UtcNow"}
    polling = {"request": request | {"queryWindowInMin": 5}, "auth": {"authType": "APIKey"}}
    polled = {"kind": "APIPolling", "properties": {"pollingConfig": polling}}
    client.data_connectors.create_or_update(*place, name, polled)
    client.data_connectors.connect(*place, name, {"kind": "APIKey", "apiKey": SECRET})
    client.data_connectors.disconnect(*place, name)
    client.data_connectors.delete(*place, name)
    asked = {"kind": "AzureActiveDirectory", "properties": {"tenantId": str(uuid4())}}
    state = client.data_connectors_check_requirements.post(*place, asked)
    assert (state.authorization_state, state.license_state) == ("Valid", "Valid")
    definition = {
        "kind": "Customizable",
        "properties": {
            "connectorUiConfig": {
                "title": "t",
                "publisher": "p",
                "descriptionMarkdown": "d",
                "graphQueries": [],
                "dataTypes": [],
                "connectivityCriteria": [],
                "permissions": {},
                "instructionSteps": [],
            }
        },
    }
    definitions = client.data_connector_definitions
    assert definitions.create_or_update(*place, name, definition).name == name
    assert definitions.get(*place, name).name in names(definitions.list(*place))
    definitions.delete(*place, name)


def test_settings_and_anomalies(client: Client, place: Place, name: str) -> None:
    assert client.product_settings.update(*place, "EyesOn", {"kind": "EyesOn", "properties": {}}).name == "EyesOn"
    assert isinstance(client.product_settings.get(*place, "EyesOn"), models.EyesOn)
    assert "EyesOn" in names(client.product_settings.list(*place))
    client.product_settings.delete(*place, "EyesOn")
    anomaly = {
        "kind": "Anomaly",
        "properties": {
            "displayName": "d",
            "enabled": True,
            "anomalyVersion": "1.0.5",
            "frequency": "PT1H",
            "isDefaultSettings": True,
            "settingsStatus": "Production",
            "settingsDefinitionId": str(uuid4()),
        },
    }
    settings = client.security_ml_analytics_settings
    assert settings.create_or_update(*place, name, anomaly).name == name
    assert settings.get(*place, name).name in names(settings.list(*place))
    settings.delete(*place, name)


def test_metadata(client: Client, server: Ready, place: Place, name: str) -> None:
    parent = f"/subscriptions/{server['subscription_id']}/resourceGroups/r/providers/P.P/rules/{name}"
    sent = {"properties": {"contentId": name, "kind": "AnalyticsRule", "parentId": parent, "version": "1.0.0"}}
    client.metadata.create(*place, name, sent)
    client.metadata.update(*place, name, {"properties": {"author": {"name": "n"}}})
    shown = client.metadata.get(*place, name)
    assert shown.properties is not None
    assert shown.properties.author is not None
    assert shown.properties.author.name == "n"
    assert names(client.metadata.list(*place, filter=f"properties/contentId eq '{name}'", top=5)) == [name]
    client.metadata.delete(*place, name)


def test_packages_and_templates(client: Client, place: Place, name: str) -> None:
    package = {
        "properties": {
            "contentId": name,
            "contentProductId": f"{name}-sl",
            "contentKind": "Solution",
            "version": "2.0.0",
            "displayName": "d",
        }
    }
    client.content_package.install(*place, name, package)
    assert client.content_packages.get(*place, name).name in names(client.content_packages.list(*place))
    template = {
        "properties": {
            "contentId": name,
            "contentProductId": f"{name}-ar",
            "contentKind": "AnalyticsRule",
            "version": "1.0.0",
            "displayName": "d",
            "packageId": name,
            "packageVersion": "2.0.0",
            "source": {"kind": "Solution", "name": "s", "sourceId": name},
            "mainTemplate": {"resources": []},
        }
    }
    client.content_template.install(*place, name, template)
    assert client.content_template.get(*place, name).name in names(client.content_templates.list(*place))
    client.content_template.delete(*place, name)
    client.content_package.uninstall(*place, name)
    assert names(client.product_packages.list(*place)) == names(client.product_templates.list(*place)) == []
    with pytest.raises(ResourceNotFoundError):
        client.product_package.get(*place, name)
    with pytest.raises(ResourceNotFoundError):
        client.product_template.get(*place, name)


def test_source_controls(client: Client, place: Place, name: str) -> None:
    access = {"kind": "PAT", "token": SECRET}
    sent = {
        "properties": {
            "displayName": "d",
            "repoType": "Github",
            "contentTypes": ["AnalyticsRule"],
            "repository": {"url": "https://github.com/user/repo", "branch": "main"},
            "repositoryAccess": access,
        }
    }
    made = client.source_controls.create(*place, name, sent)
    assert SECRET not in str(made.as_dict()) + str(client.source_controls.get(*place, name).as_dict())
    assert name in names(client.source_controls.list(*place))
    repository = {"properties": {"repositoryAccess": access}}
    assert client.source_controls.delete(*place, name, repository).warning
    with pytest.raises(HttpResponseError) as caught:
        list(client.source_control.list_repositories(*place, repository))
    assert caught.value.status_code == 501


def test_hunts(client: Client, server: Ready, place: Place, name: str) -> None:
    hunt = {"properties": {"displayName": "d", "description": "d", "status": "Active", "attackTactics": ["Impact"]}}
    assert client.hunts.create_or_update(*place, name, hunt).name == name
    assert client.hunts.get(*place, name).name in names(client.hunts.list(*place))
    related = (
        f"/subscriptions/{server['subscription_id']}/resourceGroups/r/providers/Microsoft.SecurityInsights/bookmarks/b"
    )
    relation = client.hunt_relations.create_or_update(*place, name, "r", {"properties": {"relatedResourceId": related}})
    assert relation.properties is not None
    assert relation.properties.related_resource_name == "b"
    assert names(client.hunt_relations.list(*place, name)) == [client.hunt_relations.get(*place, name, "r").name]
    client.hunt_comments.create_or_update(*place, name, "c", {"properties": {"message": "m"}})
    assert names(client.hunt_comments.list(*place, name)) == [client.hunt_comments.get(*place, name, "c").name]
    client.hunt_comments.delete(*place, name, "c")
    client.hunt_relations.delete(*place, name, "r")
    client.hunts.delete(*place, name)


def test_the_workspace_manager(client: Client, server: Ready, place: Place, name: str) -> None:
    workspace = (
        f"/subscriptions/{server['subscription_id']}/resourceGroups/{place[0]}/providers/"
        f"Microsoft.OperationalInsights/workspaces/{place[1]}"
    )
    configurations = client.workspace_manager_configurations
    configurations.create_or_update(*place, "default", {"properties": {"mode": "Enabled"}})
    assert configurations.get(*place, "default").name in names(configurations.list(*place))
    members = client.workspace_manager_members
    target = {"targetWorkspaceResourceId": workspace, "targetWorkspaceTenantId": server["tenant_id"]}
    members.create_or_update(*place, name, {"properties": target})
    assert members.get(*place, name).name in names(members.list(*place))
    groups = client.workspace_manager_groups
    group = {"displayName": "g", "description": "d", "memberResourceNames": [name]}
    groups.create_or_update(*place, name, {"properties": group})
    assert groups.get(*place, name).name in names(groups.list(*place))
    assignments, jobs = client.workspace_manager_assignments, client.workspace_manager_assignment_jobs
    items = [{"resourceId": f"{workspace}/savedSearches/{name}"}]
    assignments.create_or_update(*place, name, {"properties": {"targetResourceName": name, "items": items}})
    assert assignments.get(*place, name).name in names(assignments.list(*place))
    job = jobs.create(*place, name)
    assert job.properties is not None
    assert job.properties.provisioning_state == "Failed"  # there is no such search
    assert jobs.get(*place, name, str(job.name)).name in names(jobs.list(*place, name))
    jobs.delete(*place, name, str(job.name))
    assignments.delete(*place, name)
    groups.delete(*place, name)
    members.delete(*place, name)
    configurations.delete(*place, "default")


def test_what_only_a_connected_service_fills(client: Client, place: Place, name: str) -> None:
    assert names(client.office_consents.list(*place)) == []
    client.office_consents.delete(*place, name)
    assert names(client.billing_statistics.list(*place)) == []
    assert name not in names(client.file_imports.list(*place))
    client.file_imports.begin_delete(*place, name).result()
    assert names(client.get_recommendations.list(*place)) == []
    for ask in (
        lambda: client.office_consents.get(*place, name),
        lambda: client.billing_statistics.get(*place, name),
        lambda: client.file_imports.get(*place, name),
        lambda: client.get.single_recommendation(*place, name),
        lambda: client.update.recommendation(*place, name, {"properties": {"state": "Active"}}),
        lambda: client.reevaluate.recommendation(*place, name),
    ):
        with pytest.raises(ResourceNotFoundError):
            ask()


def test_a_file_is_imported(client: Client, place: Place, name: str, server: Ready) -> None:
    row = f"Phishing,,One,,80,,2024-01-01T00:00:00Z,,amber,,domain-name,{name}.evil.example"
    content = (
        "threatTypes,tags,name,description,confidence,revoked,validFrom,validUntil,tlpLevel,severity,observableType,"
        f"observableValue\n{row}\n"
    )
    file = {"fileName": "feed.csv", "fileSize": len(content), "fileFormat": "CSV"}
    sent = {
        "ingestionMode": "IngestAnyValidRecords",
        "contentType": "BasicIndicator",
        "importFile": file,
        "source": "s",
    }
    begun = client.file_imports.create(*place, name, {"properties": sent})
    assert begun.state == "WaitForUpload"
    with web(server) as http:
        answer = http.put(begun.import_file.file_content_uri, content=content, headers={"x-ms-blob-type": "BlockBlob"})
    assert answer.status_code == 201, answer.text
    done = client.file_imports.get(*place, name)
    assert (done.state, done.ingested_record_count, done.total_record_count) == ("Ingested", 1, 1)
    assert rows(server, f"ThreatIntelIndicators | where ObservableValue startswith '{name}' | project Confidence") == [
        [80]
    ]


def test_what_is_refused_by_name(client: Client, place: Place, name: str) -> None:
    for ask in (
        lambda: client.list_whois_by_domain(*place, "main", {"domain": "contoso.com"}),
        lambda: client.list_geodata_by_ip(*place, "main", {"ipAddress": "198.51.100.7"}),
    ):
        with pytest.raises(HttpResponseError) as caught:
            ask()
        assert caught.value.status_code == 501
