"""What a template can ask about the deployment that it is part of, and about the resources that are there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from vedette.access.principals import Principal
from vedette.access.workspaces import RESOURCE_GROUP as GROUP_TYPE
from vedette.arm.context import Context
from vedette.arm.management import Management
from vedette.arm.resource_ids import parse_id
from vedette.arm.templates.facts import Facts
from vedette.arm.versions import known_versions
from vedette.core.errors import InvalidInput, NotFound
from vedette.sentinel.deployments.places import is_group
from vedette.sentinel.management_groups import MANAGEMENT_GROUP
from vedette.sentinel.subscriptions import SUBSCRIPTION_NAME

_GROUP_VERSION = "2021-04-01"
Json = dict[str, Any]


def facts_of(
    context: Context,
    principal: Principal,
    scope: str,
    deployment: Json,
    base: str,
    began: datetime,
    coming: Mapping[str, Json] | None = None,
) -> Facts:
    """What is known of a deployment to a scope; `coming` are bodies of resource groups that are to be made, by their
    folded ids. Raises NotFound (ResourceGroupNotFound, SubscriptionNotFound …)."""
    management = management_of(context)
    estate = context.estate
    subscription: Json | None = None
    if scope.lower().startswith("/subscriptions/"):
        id = "/".join(scope.split("/")[:3])
        if id.lower() != estate.subscription_resource_id.lower():
            raise NotFound("SubscriptionNotFound", f"The subscription '{id.rpartition('/')[2]}' could not be found.")
        subscription = {
            "id": id,
            "subscriptionId": id.rpartition("/")[2],
            "tenantId": estate.tenant_id,
            "displayName": SUBSCRIPTION_NAME,
        }
    group: Json | None = None
    if is_group(scope):
        document = context.state.get(scope)
        body = document.body if document is not None else (coming or {}).get(scope.lower())
        if body is None:
            raise NotFound("ResourceGroupNotFound", f"Resource group '{scope.rpartition('/')[2]}' could not be found.")
        id, name = (scope, scope.rpartition("/")[2]) if document is None else (document.id, document.name)
        group = {"id": id, "name": name, "type": GROUP_TYPE, **body}
    return Facts(
        scope=scope,
        deployment=deployment,
        now=began,
        new_id=context.new_id,
        tenant={
            "id": f"/tenants/{estate.tenant_id}",
            "tenantId": estate.tenant_id,
            "displayName": "Vedette",
            "countryCode": "US",
        },
        environment=management.environment(base),
        subscription=subscription,
        resource_group=group,
        management_group=_management_group(context, scope),
        deployer={"objectId": principal.object_id, "tenantId": principal.tenant_id},
    )


def _management_group(context: Context, scope: str) -> Json | None:
    if not scope.lower().startswith("/providers/microsoft.management/"):
        return None
    name = scope.rpartition("/")[2]
    return {
        "id": scope,
        "name": name,
        "type": MANAGEMENT_GROUP,
        "properties": {"tenantId": context.estate.tenant_id, "displayName": name},
    }


def management_of(context: Context) -> Management:
    """The management plane that deployments work with."""
    assert context.management is not None, "deployments need the management plane"
    return context.management


class Machine:
    """`arm.templates.facts.Runtime`: the resources that are there, as a caller may see them."""

    def __init__(self, context: Context, principal: Principal, base: str) -> None:
        self._context = context
        self._management = management_of(context)
        self._principal = principal
        self._base = base

    def resource(self, id: str, api_version: str | None) -> Json:
        """See `Runtime`."""
        version = api_version or newest_version(id) or _GROUP_VERSION
        answer = self._management.call(self._principal, "GET", addressed(id, version), base=self._base)
        return answer.body if isinstance(answer.body, dict) else {}

    def act(self, function: str, id: str, api_version: str, body: Json | None) -> Any:
        """See `Runtime`."""
        if not parse_id(id).is_item:
            raise InvalidInput("InvalidResourceId", f"The id '{id[:400]}' names no resource that could be asked.")
        address = addressed(f"{id}/{function}", api_version)
        return self._management.call(self._principal, "POST", address, body, base=self._base).body


def addressed(id: str, version: str) -> str:
    """The address of a resource that a template names: what it writes is an id or a version, and never more of a
    request than that. Raises InvalidInput (InvalidResourceId)."""
    return f"{parse_id(id).id}?api-version={quote(version, safe='')}"


def replacing(context: Context, id: str, body: Json) -> Json:
    """The body to send for what a template has, which may be there already: also where that takes an etag."""
    type = management_of(context).types.get(parse_id(id).type)
    return {"etag": "*"} | body if type is not None and type.etag_to_replace else body


def newest_version(id: str) -> str | None:
    """Any version that a resource's type has; None where it has none of its own."""
    known = known_versions(parse_id(id).type)
    return next((each.name for each in known), None)
