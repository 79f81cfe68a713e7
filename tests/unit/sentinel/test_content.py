"""Connectors, settings, packages, source controls, hunts and the other resources of a workspace's content."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.sentinel.whole import Whole, whole_server

from vedette.core.errors import InvalidInput, NotFound, Unsupported
from vedette.sentinel.kept_secrets import secrets_of, without_secrets

PREVIEW = "2024-01-01-preview"
OBJECT = "873b5263-5d34-4149-b356-ad341b01e123"
SECRET = "hunter2-and-more"
OFFICE = {
    "kind": "Office365",
    "properties": {
        "tenantId": "2070ecc9-b4d5-4ae4-adaa-936fa1954fa8",
        "dataTypes": {name: {"state": "Enabled"} for name in ("sharePoint", "exchange", "teams")},
    },
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with whole_server(tmp_path_factory.mktemp("data")) as opened:
        yield opened


def shown(server: Whole, place: str) -> str:
    """All that the API shows of a resource, as text."""
    collection = place.rpartition("/")[0]
    return str(server.send("GET", place).body) + str(server.send("GET", collection).body)


def taxii(**properties: Any) -> dict[str, Any]:
    sent = {
        "tenantId": "2070ecc9-b4d5-4ae4-adaa-936fa1954fa8",
        "taxiiServer": "https://t",
        "collectionId": "1",
        "friendlyName": "f",
        "userName": "u",
        "password": SECRET,
        "pollingFrequency": "OnceADay",
        "dataTypes": {"taxiiClient": {"state": "Enabled"}},
    }
    return {"kind": "ThreatIntelligenceTaxii", "properties": sent | properties}


def test_secrets_of_connectors_are_kept_and_never_shown(server: Whole) -> None:
    place, id = "dataConnectors/taxii", f"{server.sentinel}/dataConnectors/taxii"
    made = server.send("PUT", place, taxii(), PREVIEW)
    assert made.status == 201
    assert SECRET not in str(made.body) + shown(server, place)
    assert made.body["properties"]["workspaceId"] == server.services.estate.workspace_id
    assert secrets_of(server.services.state, id) == {"userName": "u", "password": SECRET}
    again = made.body["properties"] | {"friendlyName": "g"}
    server.send(
        "PUT", place, {"kind": "ThreatIntelligenceTaxii", "etag": made.body["etag"], "properties": again}, PREVIEW
    )
    assert secrets_of(server.services.state, id)["password"] == SECRET
    server.send("PUT", place, taxii(password="other"), PREVIEW)
    assert secrets_of(server.services.state, id)["password"] == "other"
    elsewhere = made.body["properties"] | {"taxiiServer": "https://elsewhere.example"}
    server.send("PUT", place, {"kind": "ThreatIntelligenceTaxii", "properties": elsewhere}, PREVIEW)
    assert secrets_of(server.services.state, id) == {}  # not for another server
    server.send("PUT", place, OFFICE)
    assert secrets_of(server.services.state, id) == {}
    server.send("PUT", place, taxii(), PREVIEW)
    server.send("DELETE", place)
    assert secrets_of(server.services.state, id) == {}


@pytest.mark.parametrize("address", ["https://[bad", "https://t:99999", "ftp://t", "t", "https://", 5])
def test_a_taxii_server_has_an_address(server: Whole, address: object) -> None:
    with pytest.raises(InvalidInput):
        server.send("PUT", "dataConnectors/nowhere", taxii(taxiiServer=address), PREVIEW)


def test_what_is_secret() -> None:
    sent = {
        "auth": {
            "type": "JwtToken",
            "password": {"key": "p", "value": SECRET},
            "Client-Secret": SECRET,
            "apiKeyName": "k",
        },
        "request": {"headers": {"Authorization": f"Bearer {SECRET}", "Accept": "x"}},
        "password": "",
        "lines": [{"token": 1}],
    }
    kept, secrets = without_secrets(sent)
    assert kept == {
        "auth": {"type": "JwtToken", "apiKeyName": "k"},
        "request": {"headers": {"Accept": "x"}},
        "password": "",
        "lines": [{}],
    }
    assert set(secrets) == {"auth/password", "auth/Client-Secret", "request/headers/Authorization", "lines/0/token"}


def test_a_polled_connector_is_connected_and_disconnected(server: Whole) -> None:
    place, id = "dataConnectors/polled", f"{server.sentinel}/dataConnectors/polled"
    request = {"apiEndpoint": "https://api.contoso.com/{{org}}/log", "httpMethod": "Get", "queryTimeFormat": "UtcNow"}
    polling = {"request": request | {"queryWindowInMin": 5}, "auth": {"authType": "APIKey"}}
    server.send("PUT", place, {"kind": "APIPolling", "properties": {"pollingConfig": polling}}, PREVIEW)
    connection = {
        "kind": "APIKey",
        "apiKey": SECRET,
        "outputStream": "Custom-A",
        "requestConfigUserInputValues": [
            {"requestObjectKey": "apiEndpoint", "placeHolderName": "{{org}}", "placeHolderValue": "fabrikam"}
        ],
    }
    assert server.send("POST", f"{place}/connect", connection, PREVIEW).status == 200
    config = server.send("GET", place).body["properties"]["pollingConfig"]
    assert (config["isActive"], config["outputStream"]) == (True, "Custom-A")
    assert config["request"]["apiEndpoint"] == "https://api.contoso.com/fabrikam/log"
    assert SECRET not in shown(server, place)
    assert secrets_of(server.services.state, id) == {"connection/apiKey": SECRET}
    assert server.send("POST", f"{place}/disconnect", {}, PREVIEW).status == 200
    assert server.send("GET", place).body["properties"]["pollingConfig"]["isActive"] is False
    assert secrets_of(server.services.state, id) == {}
    with pytest.raises(InvalidInput, match="kind"):
        server.send("POST", f"{place}/connect", {"kind": "Other"}, PREVIEW)
    server.send("PUT", "dataConnectors/office", OFFICE)
    with pytest.raises(InvalidInput, match="Office365"):
        server.send("POST", "dataConnectors/office/connect", connection, PREVIEW)


def test_requirements(server: Whole) -> None:
    asked = {"kind": "AzureActiveDirectory", "properties": {"tenantId": "t"}}
    answer = server.send("POST", "dataConnectorsCheckRequirements", asked, PREVIEW)
    assert answer.body == {"authorizationState": "Valid", "licenseState": "Valid"}
    with pytest.raises(InvalidInput, match="kind"):
        server.send("POST", "dataConnectorsCheckRequirements", {}, PREVIEW)


def test_settings(server: Whole) -> None:
    made = server.send("PUT", "settings/EyesOn", {"kind": "eyesOn", "properties": {"isEnabled": False}}, PREVIEW)
    assert made.status == 200
    assert (made.body["kind"], made.body["properties"]) == ("EyesOn", {"isEnabled": True})
    ueba = {"kind": "Ueba", "properties": {"dataSources": ["SigninLogs"]}}
    assert server.send("PUT", "settings/Ueba", ueba, PREVIEW).body["properties"] == ueba["properties"]
    assert server.send("DELETE", "settings/EyesOn", version=PREVIEW).status == 200
    with pytest.raises(InvalidInput, match="is named 'Ueba'"):
        server.send("PUT", "settings/Other", ueba, PREVIEW)


def package(**properties: Any) -> dict[str, Any]:
    sent = {
        "contentId": "c",
        "contentProductId": "p",
        "contentKind": "Solution",
        "version": "2.0.0",
        "displayName": "d",
    }
    return {"properties": sent | properties}


def test_packages_and_templates(server: Whole) -> None:
    installed = server.send("PUT", "contentPackages/a", package()).body
    assert installed["properties"]["installedVersion"] == "2.0.0"
    assert installed["systemData"]["createdBy"]
    with pytest.raises(InvalidInput, match=r"properties\.version"):
        server.send("PUT", "contentPackages/a", package(version=None))
    template = package(
        mainTemplate={"resources": []}, packageId="c", packageVersion="1.0.0", source={"kind": "Solution", "name": "s"}
    )
    assert server.send("PUT", "contentTemplates/t", template).status == 201
    listed = server.send("GET", "contentTemplates").body["value"][0]["properties"]
    assert "mainTemplate" not in listed
    expanded = server.send("GET", "contentTemplates", expand="properties/mainTemplate").body["value"][0]
    assert expanded["properties"]["mainTemplate"] == {"resources": []}
    assert server.send("GET", "contentTemplates/t").body["properties"]["mainTemplate"] == {"resources": []}
    assert server.send("GET", "contentProductPackages").body == {"value": []}
    assert server.send("GET", "contentproducttemplates").body == {"value": []}
    assert server.send("DELETE", "contentPackages/a").status == 200


def test_source_controls(server: Whole) -> None:
    sent = {
        "displayName": "d",
        "repoType": "Github",
        "contentTypes": ["AnalyticRule"],
        "repository": {"url": "https://github.com/user/repo", "branch": "main"},
        "repositoryAccess": {"kind": "PAT", "token": SECRET},
    }
    access = {"properties": {"repositoryAccess": sent["repositoryAccess"]}}
    made = server.send("PUT", "sourcecontrols/a", {"properties": sent}).body
    assert (made["properties"]["id"], made["properties"]["version"]) == ("a", "V2")
    assert SECRET not in str(made) + shown(server, "sourcecontrols/a")
    assert secrets_of(server.services.state, made["id"])["repositoryAccess"]["token"] == SECRET
    server.make_reader(made["id"])
    assert server.assignments(made["id"]) == 1
    assert "warning" in server.send("POST", "sourcecontrols/a/delete", access).body
    assert secrets_of(server.services.state, made["id"]) == {}
    with pytest.raises(NotFound):
        server.send("GET", "sourcecontrols/a")
    assert server.assignments(made["id"]) == 0
    with pytest.raises(Unsupported, match="repositories"):
        server.send("POST", "listRepositories", access)


def test_hunts(server: Whole) -> None:
    hunt = {"properties": {"displayName": "h", "description": "d", "owner": {"objectId": OBJECT}}}
    made = server.send("PUT", "hunts/h", hunt, PREVIEW).body["properties"]
    assert (made["status"], made["hypothesisStatus"], made["owner"]["objectId"]) == ("New", "Unknown", OBJECT)
    related = {"properties": {"relatedResourceId": f"{server.sentinel}/bookmarks/b"}}
    relation = server.send("PUT", "hunts/h/relations/r", related, PREVIEW).body["properties"]
    assert relation["relatedResourceName"] == "b"
    assert relation["relatedResourceType"] == "Microsoft.SecurityInsights/bookmarks"
    comment = server.send("PUT", "hunts/h/comments/c", {"properties": {"message": "m"}}, PREVIEW).body
    assert comment["systemData"]["createdAt"]
    server.send("DELETE", "hunts/h", version=PREVIEW)
    server.send("PUT", "hunts/h", hunt, PREVIEW)
    assert server.send("GET", "hunts/h/comments", version=PREVIEW).body == {"value": []}
    with pytest.raises(InvalidInput, match="relatedResourceId"):
        server.send("PUT", "hunts/h/relations/r", {"properties": {}}, PREVIEW)


def test_a_workspace_has_a_hundred_hunts(server: Whole) -> None:
    here = len(server.send("GET", "hunts", version=PREVIEW).body["value"])
    for number in range(100 - here):
        server.send("PUT", f"hunts/n{number}", {"properties": {"displayName": "h", "description": "d"}}, PREVIEW)
    with pytest.raises(InvalidInput, match="at most 100"):
        server.send("PUT", "hunts/more", {"properties": {"displayName": "h", "description": "d"}}, PREVIEW)


def test_metadata_is_patched_filtered_and_ordered(server: Whole) -> None:
    for name, kind in (("a", "AnalyticsRule"), ("b", "Workbook"), ("c", "AnalyticsRule")):
        parent = f"{server.sentinel}/alertRules/{name}"
        server.send("PUT", f"metadata/{name}", {"properties": {"kind": kind, "parentId": parent, "contentId": name}})
    patched = server.send("PATCH", "metadata/a", {"properties": {"author": {"name": "n"}}}).body["properties"]
    assert (patched["author"], patched["contentId"]) == ({"name": "n"}, "a")
    listed = server.send(
        "GET", "metadata", filter="properties/kind eq 'AnalyticsRule'", orderby="properties/parentId desc"
    ).body["value"]
    assert [each["name"] for each in listed] == ["c", "a"]


def test_anomaly_settings(server: Whole) -> None:
    sent = {
        "kind": "Anomaly",
        "properties": {
            "displayName": "d",
            "enabled": True,
            "lastModifiedUtc": "2001-01-01T00:00:00Z",
            "anomalyVersion": "1.0.5",
            "frequency": "PT1H",
            "isDefaultSettings": True,
            "settingsStatus": "Production",
        },
    }
    made = server.send("PUT", "securityMLAnalyticsSettings/a", sent).body["properties"]
    assert made["lastModifiedUtc"] > "2020"
    with pytest.raises(InvalidInput, match="Anomaly"):
        server.send("PUT", "securityMLAnalyticsSettings/a", {"kind": "Other", "properties": {}})


def test_what_only_a_connected_service_fills_is_empty(server: Whole) -> None:
    for name in ("officeConsents", "recommendations", "billingStatistics", "fileImports"):
        assert server.send("GET", name, version=PREVIEW).body == {"value": []}
    with pytest.raises(NotFound):
        server.send("PATCH", "recommendations/a", {"properties": {"state": "Active"}}, PREVIEW)
    assert server.send("DELETE", "fileImports/a", version=PREVIEW).status == 204


def test_enrichment_without_local_data_is_refused_by_name(server: Whole) -> None:
    group = server.sentinel.partition("/providers/")[0]
    with pytest.raises(Unsupported, match="--ip-database"):
        server.send("POST", "enrichment/main/listGeodataByIp", {"ipAddress": "198.51.100.7"}, PREVIEW)
    with pytest.raises(InvalidInput, match="no IP address"):
        server.send("POST", "enrichment/main/listGeodataByIp", {"ipAddress": "'); x"}, PREVIEW)
    with pytest.raises(Unsupported, match="registries"):
        server.send("GET", f"{group}/providers/Microsoft.SecurityInsights/enrichment/domain/whois", version=PREVIEW)
    with pytest.raises(NotFound):
        server.send("POST", "enrichment/other/listGeodataByIp", {"ipAddress": "198.51.100.7"}, PREVIEW)
