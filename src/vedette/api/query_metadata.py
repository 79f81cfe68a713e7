"""What can be queried: the tables, functions and saved queries of workspaces, as editors of KQL ask for them.

https://learn.microsoft.com/rest/api/logsquery/metadata/get
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from vedette.access.workspaces import Workspace
from vedette.api.query_scope import Asked
from vedette.api.services import Services
from vedette.kql.catalog import StoredFunction, Table
from vedette.logs.saved_functions import SAVED_SEARCH
from vedette.logs.standard_names import TIME_GENERATED
from vedette.logs.tables import built_in
from vedette.sentinel.subscriptions import LOCATION

_OWN: Final = {
    "id": "LogManagement",
    "name": "LogManagement",
    "displayName": "Log Management",
    "description": "The tables that every workspace has.",
}
_CUSTOM: Final = {
    "id": "CustomLogs",
    "name": "CustomLogs",
    "displayName": "Custom Logs",
    "description": "The tables that were made by sending to them.",
}


def metadata_body(services: Services, asked: Asked) -> bytes:
    """The JSON of the answer."""
    catalog = services.logs.catalog_of(asked.scope)
    workspaces = asked.readable_workspaces()
    workspace_ids = [workspace.id for workspace in workspaces]
    found = ((name, catalog.table(name)) for name in catalog.table_names())
    tables = [_table(table, workspace_ids) for _, table in found if table is not None]
    own_names = services.logs.catalog_of(replace(asked.scope, workspaces=tuple(workspace_ids)))
    functions = [
        _function(function, workspace_ids)
        for function in (own_names.function(name) for name in own_names.function_names())
        if function is not None
    ]
    queries = [query for workspace in workspaces for query in _queries(services, workspace)]
    custom = [table["id"] for table in tables if table["related"]["solutions"] == [_CUSTOM["id"]]]
    own = [table["id"] for table in tables if table["related"]["solutions"] == [_OWN["id"]]]
    return orjson.dumps(
        {
            "tables": tables,
            "functions": functions,
            "queries": queries,
            "categories": _categories(queries),
            "solutions": [
                {**solution, "related": {"tables": names, "workspaces": workspace_ids}}
                for solution, names in ((_OWN, own), (_CUSTOM, custom))
                if names
            ],
            "resourceTypes": [],
            "applications": [],
            "workspaces": [_workspace(workspace) for workspace in workspaces],
            "permissions": [asked.permissions_told()],
        }
    )


def metadata_response(request: Request, body: bytes) -> Response:
    """The answer, or 304 where the caller has it already."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json; charset=utf-8")


def _table(table: Table, workspace_ids: list[str]) -> dict[str, Any]:
    known = built_in(table.name)
    columns = [{"name": column.name, "type": column.type.value} for column in table.columns]
    told: dict[str, Any] = {"id": table.name, "name": table.name}
    if known is not None and known.note:
        told["description"] = known.note
    if any(column.name == TIME_GENERATED for column in table.columns):
        told["timespanColumn"] = TIME_GENERATED
    solution = _CUSTOM if known is None else _OWN
    return told | {"columns": columns, "related": {"solutions": [solution["id"]], "workspaces": workspace_ids}}


def _function(function: StoredFunction, workspace_ids: list[str]) -> dict[str, Any]:
    return {
        "id": function.name,
        "name": function.name,
        "displayName": function.name,
        "parameters": function.parameters,
        "body": function.body,
        "related": {"workspaces": workspace_ids},
    }


def _queries(services: Services, workspace: Workspace) -> Iterable[dict[str, Any]]:
    """The saved searches of a workspace that are no functions."""
    for document in services.state.list(SAVED_SEARCH, scope=workspace.resource_id.lower()):
        properties: Mapping[str, Any] = document.body.get("properties") or {}
        if properties.get("functionAlias"):
            continue
        category = str(properties.get("category") or "")
        yield {
            "id": document.name,
            "displayName": str(properties.get("displayName") or document.name),
            "body": str(properties.get("query") or ""),
            "related": {"categories": [category] if category else [], "workspaces": [workspace.id]},
        }


def _categories(queries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    named: dict[str, list[str]] = {}
    for query in queries:
        for category in query["related"]["categories"]:
            named.setdefault(category, []).append(query["id"])
    return [{"id": name, "displayName": name, "related": {"queries": ids}} for name, ids in sorted(named.items())]


def _workspace(workspace: Workspace) -> dict[str, Any]:
    return {"id": workspace.id, "resourceId": workspace.resource_id, "name": workspace.name, "region": LOCATION}
