"""Deployments on a whole server without HTTP: begun, waited for, and shown."""

from dataclasses import dataclass
from typing import Any

from tests.unit.sentinel.whole import Whole

from vedette.arm.call import Answer
from vedette.sentinel.deployments.records import run_of

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
PACKS = "Microsoft.OperationalInsights/queryPacks"
VERSION = "2025-04-01"


def template(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": list(resources), **more}


def pack(name: str, **more: Any) -> dict[str, Any]:
    """A small resource of a group."""
    body = {"type": PACKS, "apiVersion": "2019-09-01", "name": name, "location": "eastus", "properties": {}}
    return body | more


def nested(name: str, inner: Any, **more: Any) -> dict[str, Any]:
    """A deployment inside another one; `more` stands beside its properties or, as `properties`, among them."""
    properties = {"mode": "Incremental", "template": inner, **more.pop("properties", {})}
    body = {"type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": name}
    return body | {"properties": properties} | more


@dataclass(frozen=True)
class Deploying:
    whole: Whole

    @property
    def group(self) -> str:
        return self.whole.services.estate.resource_group_id

    def address(self, name: str, scope: str | None = None) -> str:
        return f"{self.group if scope is None else scope}/providers/Microsoft.Resources/deployments/{name}"

    def send(self, method: str, id: str, body: Any = None, **query: str) -> Answer:
        return self.whole.send(method, id, body, VERSION, **query)

    def begin(self, name: str, template: Any, *, scope: str | None = None, **properties: Any) -> Answer:
        location = properties.pop("location", "eastus")
        body = {"properties": {"mode": "Incremental", "template": template, **properties}}
        if scope is not None and "/resourceGroups/" not in scope:
            body["location"] = location
        return self.send("PUT", self.address(name, scope), body)

    def finish(self, begun: Answer) -> dict[str, Any]:
        """The properties of a deployment that was begun, once it is over."""
        operation = begun.headers["Azure-AsyncOperation"].partition("?")[0].rpartition("/")[2]
        assert self.whole.services.operations.wait(operation, 30)
        return self.send("GET", begun.body["id"]).body["properties"]

    def deploy(self, name: str, template: Any, *, scope: str | None = None, **properties: Any) -> dict[str, Any]:
        return self.finish(self.begin(name, template, scope=scope, **properties))

    def validate(self, name: str, template: Any, **properties: Any) -> Answer:
        body = {"properties": {"mode": "Incremental", "template": template, **properties}}
        return self.send("POST", f"{self.address(name)}/validate", body)

    def operation(self, name: str) -> str:
        """The name of the server's operation that a deployment is."""
        run = run_of(self.whole.services.state, self.address(name))
        assert run is not None
        return run["operation"]

    def ids(self, group: str | None = None) -> list[str]:
        """The names of the query packs of a group."""
        return [each["name"] for each in self.send("GET", f"{group or self.group}/providers/{PACKS}").body["value"]]
