"""What a policy would deploy for a resource: its template, with the deployments inside it, evaluated and no more."""

from collections.abc import Iterator
from typing import Any, Final, cast

from vedette.arm.templates.context import Budget
from vedette.arm.templates.evaluate import evaluate_template
from vedette.arm.templates.facts import Facts
from vedette.arm.templates.resource import TemplateResource
from vedette.core.errors import InvalidInput
from vedette.core.ids import derived_id
from vedette.expressions.errors import ExpressionError
from vedette.policy.alone import Estate, group_of
from vedette.policy.target import Target
from vedette.sentinel.deployments.spellings import with_places

Json = dict[str, Any]
_DEEPEST: Final = 8


def deployed(estate: Estate, target: Target, scope: str, body: Json) -> list[Json]:
    """Every resource of a deployment as it would be put: `{id, type, name, apiVersion, …}`. What asks for resources
    that are not there stays as it is written. Raises VedetteError, such as InvalidTemplate."""
    properties: Json = body["properties"]
    try:
        return list(
            _unfolded(estate, target, scope, "policy", properties["template"], properties.get("parameters") or {}, 0)
        )
    except ExpressionError as error:
        raise InvalidInput("InvalidTemplate", error.message) from error


def _unfolded(
    estate: Estate, target: Target, scope: str, name: str, template: Any, parameters: Json, depth: int
) -> Iterator[Json]:
    if depth > _DEEPEST:
        raise InvalidInput("InvalidTemplate", f"Deployments are nested deeper than {_DEEPEST} levels.")
    facts = _facts(estate, target, scope, name, template)
    for resource in evaluate_template(with_places(template), parameters, facts, budget=Budget()).resources:
        if not resource.deployed:
            continue
        body, known = resource.seen(None, Budget())
        if not resource.is_deployment:
            yield _shown(resource, body)
        elif known:
            inside = cast("Json", body.get("properties") or {})
            given = cast("Json", inside.get("parameters") or {})
            yield from _unfolded(
                estate, target, resource.scope, resource.name, inside.get("template") or {}, given, depth + 1
            )


def _shown(resource: TemplateResource, body: Json) -> Json:
    return {
        "id": resource.id,
        "type": resource.type,
        "name": resource.name,
        "apiVersion": resource.api_version,
        **body,
    }


def _facts(estate: Estate, target: Target, scope: str, name: str, template: Any) -> Facts:
    around = estate.facts(target)
    group = group_of(scope)
    shown: Json | None = None
    if group:
        known = estate.groups.get(group.lower(), {})
        is_own = group.lower() == group_of(target.id).lower() and around.resource_group is not None
        shown = {
            "id": scope,
            "name": group,
            "type": "Microsoft.Resources/resourceGroups",
            "location": "eastus",
            "tags": {},
            **(cast("Json", around.resource_group) if is_own else {}),
            **known,
        }
    numbers = iter(range(1_000_000))
    return Facts(
        scope=scope,
        deployment={"name": name, "properties": {"template": template, "mode": "Incremental", "parameters": {}}},
        now=estate.now,
        new_id=lambda: derived_id("policy test", scope, str(next(numbers))),
        tenant={"tenantId": around.subscription["tenantId"], "displayName": "Tenant", "countryCode": "US"},
        environment={},
        subscription=around.subscription,
        resource_group=shown,
        deployer={"objectId": derived_id("policy test", "deployer"), "tenantId": around.subscription["tenantId"]},
    )
