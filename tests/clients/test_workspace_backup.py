"""`vedette backup` and `restore` of one workspace's configuration, against a live server."""

import json
import shutil
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from .command import Ready, vedette
from .sdk import bearer, web
from .test_content import FILES, ask, contents, make_workspace, ok, workspace_path

RULE = "11111111-0000-4000-8000-000000000001"
ACTION = "44444444-0000-4000-8000-000000000001"
TRIGGERS = {
    "Microsoft_Sentinel_alert": {
        "type": "ApiConnectionWebhook",
        "inputs": {
            "body": {"callback_url": "@{listCallbackUrl()}"},
            "host": {"connection": {"name": "@parameters('$connections')['azuresentinel']['connectionId']"}},
            "path": "/subscribe",
        },
    }
}


def playbook(connection: str) -> dict[str, Any]:
    definition = {
        "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"$connections": {"type": "Object", "defaultValue": {}}},
        "triggers": TRIGGERS,
        "actions": {},
        "outputs": {},
    }
    known = {"azuresentinel": {"connectionId": connection, "connectionName": "sentinel"}}
    return {
        "location": "local",
        "properties": {"definition": definition, "parameters": {"$connections": {"value": known}}},
    }


def put(ready: Ready, path: str, version: str, body: Any) -> None:
    with web(ready) as client:
        answer = client.put(path, params={"api-version": version}, json=body, headers=bearer(ready))
    assert answer.is_success, answer.text


def make_group(ready: Ready, name: str) -> str:
    path = f"/subscriptions/{ready['subscription_id']}/resourceGroups/{name}"
    put(ready, path, "2022-09-01", {"location": "local"})
    return path


@pytest.fixture
def full(server: Ready, tmp_path: Path) -> str:
    """A workspace with everything that a configuration has."""
    name = f"full-{tmp_path.name[-30:].replace('_', '-')}".strip("-")
    make_workspace(server, name)
    folder = tmp_path / "content"
    folder.mkdir()
    for file, text in FILES.items():
        (folder / file).write_text(text)
    ok(vedette(server, tmp_path, "content", "import", folder, "--workspace", name))
    group = f"/subscriptions/{server['subscription_id']}/resourceGroups/{server['resource_group']}"
    connection = f"{group}/providers/Microsoft.Web/connections/sentinel-{name}"
    api = (
        f"/subscriptions/{server['subscription_id']}/providers/Microsoft.Web/locations/local/managedApis/azuresentinel"
    )
    put(server, connection, "2016-06-01", {"location": "local", "properties": {"api": {"id": api}}})
    workflow = f"{group}/providers/Microsoft.Logic/workflows/playbook-{name}"
    put(server, workflow, "2019-05-01", playbook(connection))
    ok(vedette(server, tmp_path, "content", "attach-playbook", f"playbook-{name}", "Many*", "--workspace", name))
    bookmark = {"properties": {"displayName": "Seen", "query": "SecurityEvent", "queryResult": "{}"}}
    ask(server, name, "PUT", "bookmarks/55555555-0000-4000-8000-000000000001", bookmark)
    connector = {"kind": "ThreatIntelligenceTaxii", "properties": taxii(server)}
    ask(server, name, "PUT", "dataConnectors/66666666-0000-4000-8000-000000000001", connector)
    parent = f"{workspace_path(server, name)}/providers/Microsoft.SecurityInsights/alertRules/{RULE}"
    metadata = {"properties": {"kind": "AnalyticsRule", "parentId": parent, "contentId": RULE}}
    ask(server, name, "PUT", f"metadata/analyticsrule-{RULE}", metadata)
    role = "/providers/Microsoft.Authorization/roleDefinitions/8d289c81-5878-46d4-8554-54e1e3d8b5cb"
    assigned = f"{workspace_path(server, name)}/providers/Microsoft.Authorization/roleAssignments"
    principal = {"principalId": "77777777-0000-4000-8000-000000000001", "principalType": "User"}
    put(
        server,
        f"{assigned}/88888888-0000-4000-8000-{abs(hash(name)) % 10**12:012}",
        "2022-04-01",
        {"properties": {"roleDefinitionId": role, **principal}},
    )
    workbook = {
        "location": "local",
        "kind": "shared",
        "properties": {
            "displayName": "Board",
            "serializedData": "{}",
            "category": "sentinel",
            "sourceId": workspace_path(server, name),
        },
    }
    place = f"{group}/providers/Microsoft.Insights/workbooks/99999999-0000-4000-8000-{abs(hash(name)) % 10**12:012}"
    put(server, place, "2022-04-01", workbook)
    return name


def taxii(ready: Ready) -> dict[str, Any]:
    return {
        "tenantId": ready["tenant_id"],
        "workspaceId": ready["workspace_id"],
        "friendlyName": "feed",
        "taxiiServer": "https://taxii.example/api",
        "collectionId": "1",
        "userName": "somebody",
        "password": "hush-hush",
        "pollingFrequency": "OnceADay",
        "dataTypes": {"taxiiClient": {"state": "enabled"}},
    }


@pytest.mark.parametrize("target", ["backup", "backup.tar"])
def test_a_workspace_becomes_another_one(server: Ready, full: str, tmp_path: Path, target: str) -> None:
    ok(vedette(server, tmp_path, "backup", target, "--workspace", full))
    whole = (
        (tmp_path / target).read_bytes() if target.endswith(".tar") else b"".join(contents(tmp_path / target).values())
    )
    assert b"hush-hush" not in whole
    other, group = f"{full[:40]}-other", f"{full[:40]}-{target[-3:]}"
    make_group(server, group)
    place = ("--workspace", other, "--resource-group", group)
    with web(server) as client:
        path = workspace_path({**server, "resource_group": group}, other)
        made = client.put(
            path,
            params={"api-version": "2022-10-01"},
            json={"location": "local", "properties": {}},
            headers=bearer(server),
        )
        assert made.is_success, made.text
        onboarded = f"{path}/providers/Microsoft.SecurityInsights/onboardingStates/default"
        assert client.put(
            onboarded, params={"api-version": "2024-03-01"}, json={"properties": {}}, headers=bearer(server)
        ).is_success
    planned = ok(vedette(server, tmp_path, "restore", target, "--plan", *place))
    for kind in ("AlertRule", "AlertRuleAction", "Watchlist", "Parser", "AutomationRule", "Playbook", "Bookmark"):
        assert f"+ {kind} " in planned, planned
    ok(vedette(server, tmp_path, "restore", target, "--yes", *place))
    again = ok(vedette(server, tmp_path, "restore", target, "--plan", *place))
    assert "nothing to do" in again, again
    second = {**server, "resource_group": group}
    actions = ask(second, other, "GET", f"alertRules/{RULE}/actions")["value"]
    assert f"/resourceGroups/{group}/" in actions[0]["properties"]["logicAppResourceId"]
    metadata = ask(second, other, "GET", f"metadata/analyticsrule-{RULE}")
    assert metadata["properties"]["parentId"].startswith(path)
    items = ask(second, other, "GET", "watchlists/vips/watchlistItems")["value"]
    assert len(items) == 2
    ok(vedette(server, tmp_path, "backup", "again", *place))
    assert len(listed(tmp_path / target)) == len(listed(tmp_path / "again"))


def listed(path: Path) -> list[str]:
    if path.is_dir():
        return sorted(contents(path))
    with tarfile.open(path) as archive:
        return sorted(archive.getnames())


def test_a_restore_that_was_cut_off_goes_on(server: Ready, full: str, tmp_path: Path) -> None:
    ok(vedette(server, tmp_path, "backup", "backup", "--workspace", full))
    ask(server, full, "DELETE", f"alertRules/{RULE}")
    ask(server, full, "DELETE", "savedSearches/aaaaaaaa-0000-4000-8000-000000000001")
    ask(server, full, "DELETE", "savedSearches/00000000-0000-4000-8000-000000000002")
    planned = ok(vedette(server, tmp_path, "restore", "backup", "--plan", "--workspace", full))
    assert "4 to create" in planned  # the rule, its action, the functions
    ok(vedette(server, tmp_path, "restore", "backup", "--yes", "--workspace", full))
    assert "nothing to do" in ok(vedette(server, tmp_path, "restore", "backup", "--plan", "--workspace", full))
    assert ask(server, full, "GET", f"alertRules/{RULE}/actions")["value"]


def test_what_is_damaged_is_refused_by_name_and_nothing_is_restored(server: Ready, full: str, tmp_path: Path) -> None:
    ok(vedette(server, tmp_path, "backup", "good.tar", "--workspace", full))
    ok(vedette(server, tmp_path, "backup", "good", "--workspace", full))
    empty = f"{full[:40]}-empty"
    make_workspace(server, empty)
    rule = next(name for name in contents(tmp_path / "good") if "AlertRule-" in name)

    def refused(source: str, said: str) -> None:
        done = vedette(server, tmp_path, "restore", source, "--yes", "--workspace", empty)
        assert done.returncode == 1, source
        assert said in done.stderr, done.stderr
        assert ask(server, empty, "GET", "watchlists")["value"] == []

    content = bytearray((tmp_path / "good.tar").read_bytes())
    content[content.index(b"Many failures")] ^= 1
    (tmp_path / "byte.tar").write_bytes(content)
    refused("byte.tar", f"the checksum of '{rule}' is wrong")
    (tmp_path / "cut.tar").write_bytes(content[: len(content) // 2])
    refused("cut.tar", "The backup is damaged")
    shutil.copytree(tmp_path / "good", tmp_path / "byte")
    (tmp_path / "byte" / rule).write_text((tmp_path / "byte" / rule).read_text().replace("Many", "Any"))
    refused("byte", f"the checksum of '{rule}' is wrong")
    shutil.copytree(tmp_path / "good", tmp_path / "link")
    (tmp_path / "link" / rule).unlink()
    (tmp_path / "link" / rule).symlink_to(tmp_path / "good" / rule)
    refused("link", f"'{rule}' is a link")
    shutil.copytree(tmp_path / "good", tmp_path / "more")
    (tmp_path / "more" / "more.json").write_text("{}")
    refused("more", "'more.json' is in it and not in its list")


@pytest.mark.parametrize("name", ["../evil.json", "/tmp/evil.json", "a/../../evil.json"])
def test_an_archive_whose_files_lead_out_is_refused(server: Ready, tmp_path: Path, name: str) -> None:
    listed = [{"name": "workspace.json", "bytes": 2}, {"name": name, "bytes": 2}]
    head = json.dumps({"format": 1, "version": "1", "created": "now", "files": listed}).encode()
    members = {"backup.json": head, "workspace.json": b"{}", name: b"{}", "checksums.json": b"{}"}
    with tarfile.open(tmp_path / "bad.tar", "w") as archive:
        for each, content in members.items():
            entry = tarfile.TarInfo(each)
            entry.size = len(content)
            archive.addfile(entry, BytesIO(content))
    done = vedette(server, tmp_path, "restore", "bad.tar", "--yes", "--workspace", server["workspace_name"])
    assert done.returncode == 1
    assert "cannot be in" in done.stderr
    assert not (tmp_path.parent / "evil.json").exists()


def test_a_backup_of_the_one_is_not_restored_as_the_other(server: Ready, full: str, tmp_path: Path) -> None:
    ok(vedette(server, tmp_path, "backup", "workspace.tar", "--workspace", full))
    done = vedette(server, tmp_path, "restore", "workspace.tar", "--data", "data")
    assert (done.returncode, "say --workspace NAME" in done.stderr) == (1, True)
    done = vedette(server, tmp_path, "backup", "workspace.tar", "--workspace", full)
    assert (done.returncode, "exists already" in done.stderr) == (1, True)
