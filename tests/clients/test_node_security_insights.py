"""npm's @azure/arm-securityinsight, signed in by @azure/identity, against a live server, over TLS."""

from collections.abc import Mapping
from typing import Any

import pytest
from tests.clients.node_client import missing, run
from tests.clients.sdk import Ready

WHY_NOT = missing()
NOT_FOUND = [404, "ResourceNotFound"]

Found = Mapping[str, Mapping[str, Any]]

pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=WHY_NOT or "")


@pytest.fixture(scope="module")
def found(server: Ready) -> Found:
    """What the client made of each part; a part that failed says why under `failed`."""
    return run(server, "security_insights.mjs", {})


@pytest.fixture(scope="module")
def investigated(server: Ready) -> Found:
    """The same for the client's operations on entities, responses and settings, and for what is refused."""
    return run(server, "investigation.mjs", {})


def test_incidents(found: Found) -> None:
    part = found["incidents"]
    assert "failed" not in part, part
    assert part["made"] == ["From Node", "node", True, True]
    assert part["filtered"] == ["node-incident"]
    assert part["paged"] == ["node-other", "node-incident"]
    assert (part["comment"], part["comments"]) == ("looked at it", ["one"])
    assert part["relation"] == ["node-related", "Microsoft.SecurityInsights/bookmarks"]
    assert part["relations"] == ["mark"]
    assert part["inside"] == {"marks": ["Odd"], "alerts": [], "entities": []}
    assert part["counts"] == [1, 1]
    assert part["changed"] == ["Closed", "BenignPositive", True]
    assert part["stale"][0] in (409, 412)
    assert part["gone"] == NOT_FOUND


def test_rules(found: Found) -> None:
    part = found["rules"]
    assert "failed" not in part, part
    assert part["made"] == ["Scheduled", "PT5M", True]
    assert part["shown"] == ["From Node", ["InitialAccess"], "UserPrincipalName", 0]
    assert (part["same"], part["listed"], part["actions"]) == (True, True, [])
    assert part["wrong"] == 400
    assert part["gone"] == NOT_FOUND


def test_watchlists(found: Found) -> None:
    part = found["watchlists"]
    assert "failed" not in part, part
    assert (part["made"], part["shown"]) == ("node-hosts", ["node-hosts", "Host", True])
    assert part["item"] == {"Host": "web3", "Town": "Bern"}
    assert (part["hosts"], part["left"], part["listed"]) == (["web1", "web2", "web3"], 2, True)
    assert part["gone"] == NOT_FOUND


def test_bookmarks(found: Found) -> None:
    part = found["bookmarks"]
    assert "failed" not in part, part
    assert part["shown"] == ["Odd", ["a"], "2024-01-02T03:04:05.000Z", ["Execution"]]
    assert (part["changed"], part["listed"], part["expanded"]) == ("more", True, [])
    assert part["gone"] == NOT_FOUND


def test_threat_intelligence(found: Found) -> None:
    part = found["indicators"]
    assert "failed" not in part, part
    assert (part["kind"], part["pattern"]) == ("indicator", "203.0.113.77")
    assert part["tags"] == [["one", "two"], ["three"]]
    assert part["found"] == [30, 20, 10]  # the second page is a GET of the first one's link
    assert (part["listed"], part["metrics"]) == (True, True)
    assert part["gone"] == NOT_FOUND


def test_automation_rules(found: Found) -> None:
    part = found["automation"]
    assert "failed" not in part, part
    assert part["made"] == ["From Node", True]
    assert part["condition"] == {"propertyName": "IncidentSeverity", "operator": "Equals", "propertyValues": ["High"]}
    assert part["action"] == ["ModifyProperties", "Low"]
    assert part["listed"]
    assert part["gone"] == NOT_FOUND


def test_metadata_connectors_and_onboarding(found: Found) -> None:
    part = found["content"]
    assert "failed" not in part, part
    assert part["patched"] == ["Ann", "2024-01-02T00:00:00.000Z", "1.0.0"]
    assert part["listed"] == ["node-metadata"]
    assert part["connector"] == ["AzureActiveDirectory", "Enabled", True]
    assert part["requirements"] == "Valid"
    assert part["state"] == ["default", False, ["default"]]
    assert part["setting"] == "EyesOn"
    assert part["operations"]


def test_entities(investigated: Found) -> None:
    part = investigated["entities"]
    assert "failed" not in part, part
    assert part["relations"] == ["r", "node-entities"]
    assert part["kinds"] == ["Account", "Ip"]
    assert part["shown"] == ["Account", "nodeve", True]
    assert (part["expanded"], part["timeline"]) == ([], ["Bookmark"])
    assert (part["insights"], part["related"]) == ([True, []], True)


def test_entity_queries(investigated: Found) -> None:
    part = investigated["entityQueries"]
    assert "failed" not in part, part
    assert part["shown"] == ["Activity", "An attempt", True]
    assert (part["listed"], part["template"], part["gone"]) == (True, True, NOT_FOUND)


def test_actions_templates_playbooks_and_teams(investigated: Found) -> None:
    part = investigated["responses"]
    assert "failed" not in part, part
    assert part["near"] == "NRT"
    assert part["action"] == [True, False]  # the address that triggers it is a secret
    assert (part["actions"], part["template"]) == (["a"], True)
    assert [status for status, _ in part["refused"]] == [404, 501]


def test_settings_and_source_controls(investigated: Found) -> None:
    part = investigated["settings"]
    assert "failed" not in part, part
    assert part["anomaly"] == ["Anomaly", "Odd", True]
    assert part["control"] == ["node-repository", "main", True]
    assert part["product"] == ["Anomalies", True]


def test_a_connector_is_connected(investigated: Found) -> None:
    part = investigated["polling"]
    assert "failed" not in part, part
    assert part == {"kind": "APIPolling", "active": [True, False], "secret": False}


def test_what_only_a_connected_service_has(investigated: Found) -> None:
    part = investigated["absent"]
    assert "failed" not in part, part
    assert part["empty"] == []
    assert part["consent"] == NOT_FOUND
    for operation in ("repositories", "address", "domain"):
        assert part[operation][0] == 501, operation


def test_a_file_of_indicators_is_announced_and_withdrawn(investigated: Found) -> None:
    part = investigated["imports"]
    assert "failed" not in part, part
    assert part["begun"] == ["WaitForUpload", "https:"]
    assert part["shown"] == ["node-import", True]
    assert part["deleted"] == NOT_FOUND
