"""What a deployment knows besides its template: where it deploys, who asks, when; and what it can ask as it runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from vedette.expressions.values import property_of

Json = dict[str, Any]


class Runtime(Protocol):
    """What functions such as `reference` and `listKeys` ask of the resources that are there.

    Each may raise VedetteError, such as NotFound, which fails the resource whose body asks.
    """

    def resource(self, id: str, api_version: str | None) -> Json:
        """The resource as a GET of that version gives it; None is the version of the resource in the template."""
        ...

    def act(self, function: str, id: str, api_version: str, body: Json | None) -> Any:
        """What a POST to `<id>/<function>`, such as `listKeys`, answers."""
        ...


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one deployment. `scope` is the id that it deploys to, "" for the tenant.

    The objects are those that the functions of the same name give, in the REST API's form: `subscription`
    `{id, subscriptionId, tenantId, displayName}`, `resource_group` `{id, name, type, location, tags, properties}`,
    `management_group`, `tenant` `{tenantId, displayName, countryCode, …}`, `environment` as `/metadata/endpoints` has
    it, `deployment` `{name, location, properties}`, `deployer` `{objectId, tenantId}`. One that is None does not
    exist at the scope, and its function is refused there.
    """

    scope: str
    deployment: Json
    now: datetime
    new_id: Callable[[], str]
    tenant: Json = field(default_factory=dict[str, Any])
    environment: Json = field(default_factory=dict[str, Any])
    subscription: Json | None = None
    resource_group: Json | None = None
    management_group: Json | None = None
    deployer: Json | None = None

    @property
    def subscription_id(self) -> str | None:
        """The GUID of the subscription that is deployed to, or that the resource group is in."""
        parts = self.scope.split("/")
        return parts[2] if len(parts) > 2 and parts[1].lower() == "subscriptions" else None

    @property
    def resource_group_name(self) -> str | None:
        """The name of the resource group that is deployed to."""
        parts = self.scope.split("/")
        return parts[4] if len(parts) > 4 and parts[3].lower() == "resourcegroups" else None

    @property
    def kind(self) -> str:
        """What is deployed to: `ResourceGroup`, `Subscription`, `ManagementGroup` or `Tenant`."""
        if self.resource_group_name:
            return "ResourceGroup"
        if self.subscription_id:
            return "Subscription"
        return "ManagementGroup" if self.scope else "Tenant"


def member(value: Mapping[str, Any], name: str) -> Any:
    """A property in any letter case; None when there is none."""
    return property_of(value, name)[1]


def without(value: Mapping[str, Any], *names: str) -> Json:
    """The properties but those of these names, which are folded, in any letter case."""
    return {key: each for key, each in value.items() if key.lower() not in names}
