"""A management endpoint in memory: resources by path, as far as tests of content need one."""

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import orjson

from vedette.content.credentials import Application
from vedette.content.management_client import ManagementClient
from vedette.content.workspace import Workspace

ADDRESS = "https://arm.example"
WORKSPACE = Workspace(ADDRESS, "s", "g", "soc")
_LISTS = (
    "dataConnectors",
    "alertRules",
    "savedSearches",
    "actions",
    "watchlists",
    "watchlistItems",
    "workflows",
    "connections",
)


class MemoryEndpoint:
    """`judge` may answer a request in its place."""

    def __init__(self) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        self.sent: list[tuple[str, str]] = []
        self.judge: Callable[[httpx.Request], httpx.Response | None] = lambda _request: None
        self.keep(
            WORKSPACE.id,
            {"location": "northeurope", "properties": {"customerId": "c0ffee00-0000-4000-8000-000000000000"}},
        )
        self.keep(WORKSPACE.group_id, {"location": "uksouth", "properties": {}})
        self.keep("/subscriptions/s", {"tenantId": "t"})

    def client(self) -> ManagementClient:
        """A client of it."""
        http = httpx.Client(transport=httpx.MockTransport(self._answer))
        return ManagementClient(http, ADDRESS, Application(f"{ADDRESS}/token", "c", "s"))

    def keep(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Put a resource there."""
        etag = str(int(self.resources.get(path, {}).get("etag", 0)) + 1)
        self.resources[path] = {**body, "id": path, "name": path.rpartition("/")[2], "etag": etag}
        return self.resources[path]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
        self.sent.append((request.method, path))
        judged = self.judge(request)
        if judged is not None:
            return judged
        if request.method == "PUT":
            return self._put(path, orjson.loads(request.content))
        if request.method == "DELETE":
            return httpx.Response(200 if self.resources.pop(path, None) else 204)
        if path in self.resources:
            return httpx.Response(200, json=self.resources[path])
        if path.endswith(_LISTS):
            below = [each for at, each in self.resources.items() if at.rpartition("/")[0] == path]
            return httpx.Response(200, json={"value": below})
        return httpx.Response(404, json={"error": {"code": "NotFound", "message": "It is not there."}})

    def _put(self, path: str, body: dict[str, Any]) -> httpx.Response:
        known = self.resources.get(path)
        if known is not None and body.get("etag", known["etag"]) != known["etag"]:
            return httpx.Response(409, json={"error": {"code": "Conflict", "message": "Etag does not match."}})
        rows = str(body.get("properties", {}).pop("rawContent", "")) if "/watchlists/" in path else ""
        for number, row in enumerate(csv.DictReader(io.StringIO(rows))):
            self.row(path, f"{len(self.resources)}-{number}", row)
        return httpx.Response(200, json=self.keep(path, body))

    def row(self, watchlist: str, name: str, cells: Mapping[str, str]) -> str:
        """Add an item to a watchlist; its path. One that is there already stays the only one."""
        for path, each in self.resources.items():
            if path.startswith(f"{watchlist}/") and each["properties"]["itemsKeyValue"] == dict(cells):
                return path
        path = f"{watchlist}/watchlistItems/{name}"
        self.keep(path, {"properties": {"itemsKeyValue": dict(cells)}})
        return path
