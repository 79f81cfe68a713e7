"""`vedette content schema` asks a live server, and `vedette lint` knows then what is there."""

from pathlib import Path

import httpx

from .command import Ready, vedette
from .sdk import bearer, web

FUNCTION = {"category": "Mine", "displayName": "F", "query": "Mine_CL | project Who_s", "functionAlias": "Whose"}
COLUMNS = [{"name": "TimeGenerated", "type": "datetime"}, {"name": "Who_s", "type": "string"}]


def put(server: Ready, path: str, version: str, body: object) -> None:
    group = f"/subscriptions/{server['subscription_id']}/resourceGroups/{server['resource_group']}"
    workspace = f"{group}/providers/Microsoft.OperationalInsights/workspaces/{server['workspace_name']}"
    with web(server) as client:
        answer: httpx.Response = client.put(
            f"{workspace}/{path}", params={"api-version": version}, json=body, headers=bearer(server)
        )
    assert answer.is_success, answer.text


def test_a_schema_is_pulled_and_lint_uses_it(server: Ready, tmp_path: Path) -> None:
    table = {"properties": {"schema": {"name": "Mine_CL", "columns": COLUMNS}}}
    put(server, "tables/Mine_CL", "2022-10-01", table)
    put(server, "savedSearches/whose", "2020-08-01", {"properties": FUNCTION})
    schema, query = tmp_path / "schema.json", tmp_path / "q.yaml"
    query.write_text(
        "name: A\nquery: Whose | where Who_s == 'x' | join kind=inner (Mine_CL | where Nope == 1) on Who_s\n"
    )
    assert vedette(server, tmp_path, "content", "schema", schema).returncode == 0
    without = vedette(server, tmp_path, "lint", query)
    assert "VED203" in without.stdout
    known = vedette(server, tmp_path, "lint", query, "--schema", schema)
    assert known.returncode == 1
    assert [line.split(": ")[1] for line in known.stdout.splitlines() if ": error " in line] == ["error VED202"]
    assert "'Nope'" in known.stdout
