"""Programs that send threat intelligence, with Azure's host names written in them, under `vedette exec`."""

import sys
import textwrap
from pathlib import Path

from tests.clients.command import vedette
from tests.clients.sdk import Ready, rows, security_insights

UPLOAD = """
    import json, os
    import requests, stix2
    from azure.identity import DefaultAzureCredential

    token = DefaultAzureCredential().get_token("https://management.azure.com/.default").token
    headers = {"Authorization": f"Bearer {token}"}
    workspace = os.environ["WORKSPACE"]
    author = stix2.Identity(name="An author", identity_class="organization")
    first = stix2.Indicator(
        name="First", pattern="[ipv4-addr:value = '198.51.100.77']", pattern_type="stix", created_by_ref=author,
        indicator_types=["malicious-activity"], object_marking_refs=[stix2.TLP_AMBER],
    )
    objects = [json.loads(each.serialize()) for each in (author, first)]
    newer = f"https://api.ti.sentinel.azure.com/workspaces/{workspace}/threat-intelligence-stix-objects:upload"
    answer = requests.post(newer, params={"api-version": "2024-02-01-preview"}, headers=headers,
                           json={"sourcesystem": "Newer", "stixobjects": objects})
    print(answer.status_code, answer.json())
    second = stix2.Indicator(pattern="[url:value = 'http://evil.example/77']", pattern_type="stix")
    older = f"https://sentinelus.azure-api.net/workspaces/{workspace}/threatintelligenceindicators:upload"
    answer = requests.post(older, params={"api-version": "2022-07-01"}, headers=headers,
                           json={"sourcesystem": "Older", "indicators": [json.loads(second.serialize())]})
    print(answer.status_code, answer.json())
    graph = DefaultAzureCredential().get_token("https://graph.microsoft.com/.default").token
    sent = {"action": "alert", "description": "By Graph", "expirationDateTime": "2199-01-01T00:00:00Z",
            "domainName": "evil77.example", "targetProduct": "Azure Sentinel", "threatType": "WatchList",
            "tlpLevel": "green", "externalId": "seventy-seven"}
    answer = requests.post("https://graph.microsoft.com/beta/security/tiIndicators/submitTiIndicators",
                           headers={"Authorization": f"Bearer {graph}"}, json={"value": [sent]})
    print(answer.status_code, answer.json()["value"][0]["externalId"])
"""


def test_every_way_of_sending_ends_in_the_same_indicators(server: Ready, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(UPLOAD))
    done = vedette(server, tmp_path, "exec", "--", sys.executable, program, WORKSPACE=server["workspace_id"])
    assert done.stdout.splitlines() == ["200 {'errors': []}", "200 {'errors': []}", "200 seventy-seven"], done.stderr
    sent = "'198.51.100.77', 'evil77.example', 'http://evil.example/77'"
    found = f"ThreatIntelIndicators | where ObservableValue in ({sent}) | project ObservableValue, LastUpdateMethod"
    assert rows(server, f"{found} | sort by ObservableValue asc") == [
        ["198.51.100.77", "Upload API"],
        ["evil77.example", "Microsoft Graph"],
        ["http://evil.example/77", "Upload Indicators API"],
    ]
    assert rows(server, "ThreatIntelObjects | where StixType == 'identity' | project tostring(Data.name)") == [
        ["An author"]
    ]
    place = server["resource_group"], server["workspace_name"]
    shown = security_insights(server).threat_intelligence_indicators.list(*place)
    assert {"First", "By Graph"} <= {each.display_name for each in shown}


def test_the_command_imports_a_file(server: Ready, tmp_path: Path) -> None:
    file = tmp_path / "feed.csv"
    file.write_text("validFrom,observableType,observableValue\n2024-01-01,domain-name,evil78.example\n,url,\n")
    done = vedette(server, tmp_path, "indicators", "import", file, "--source", "A file")
    assert done.returncode == 4, done.stderr
    assert done.stdout == "1 of 2 imported.\n"
    assert "record 1: Error for Property=" in done.stderr
    assert rows(server, "ThreatIntelIndicators | where SourceSystem == 'A file' | project ObservableValue") == [
        ["evil78.example"]
    ]
