"""What a policy deploys: its template, with the identity of its assignment and the roles which that has.

A deployment is an operation of the server, so one that a restart interrupts goes on.
https://learn.microsoft.com/azure/governance/policy/concepts/effect-deploy-if-not-exists
"""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from vedette.access.directory import Directory
from vedette.access.principals import Principal
from vedette.arm.context import Context
from vedette.arm.operations import Running
from vedette.arm.resource import RESOURCE_GROUP, SUBSCRIPTION
from vedette.arm.resource_ids import parse_id
from vedette.arm.templates.syntax import escaped
from vedette.core.errors import Conflict, Forbidden, NotFound, VedetteError
from vedette.policy.changes import changed, changes_of
from vedette.policy.compliance import scene_of
from vedette.policy.effects import MODIFY
from vedette.policy.errors import EvaluationFailed
from vedette.policy.scene import Scene, computed
from vedette.policy.target import Target
from vedette.policy.use import Use
from vedette.sentinel.deployments.facts import management_of, newest_version
from vedette.sentinel.deployments.places import deployment_id
from vedette.sentinel.deployments.records import is_active, run_of
from vedette.sentinel.policies.targets import facts_of
from vedette.sentinel.tags import TAGS

Json = dict[str, Any]
_VERSION: Final = "2021-04-01"
_SCHEMA: Final = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_LOOK: Final = 1.0  # seconds between looks whether to go on
_READ_ONLY: Final = ("id", "name", "type", "etag", "systemData")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a deployment: its id, `Succeeded`, `Failed` or `Canceled`, and its error."""

    id: str
    state: str
    error: Json | None = None

    @property
    def told(self) -> Json:
        """As states and remediations keep it."""
        return {"id": self.id, "state": self.state, **({"error": self.error} if self.error else {})}


def deploy(context: Context, directory: Directory, use: Use, target: Target, running: Running) -> Outcome:
    """Deploy what a use asks for on a resource, and wait for its end."""
    name = deployment_name(use, target, running.id)
    scope = ""
    try:
        principal = acting_for(directory, use)
        scope, body = prepared(context, principal, use, target)
        _begin(context, principal, scope, name, body)
    except VedetteError as error:
        return Outcome(deployment_id(scope, name) if scope else "", "Failed", _error(error))
    except EvaluationFailed as error:
        return Outcome("", "Failed", {"code": "InvalidPolicyRule", "message": error.message})
    return _ended(context, deployment_id(scope, name), running)


def deployment_name(use: Use, target: Target, run: str) -> str:
    """The name of a deployment, the same each time that it is begun again."""
    text = "\x1f".join((run, use.assignment.id.lower(), use.reference_id.lower(), target.id.lower()))
    return f"PolicyDeployment_{int(hashlib.sha256(text.encode()).hexdigest()[:15], 16)}"


def acting_for(directory: Directory, use: Use) -> Principal:
    """Who acts for an assignment. Raises Forbidden (InvalidIdentity)."""
    found = directory.caller(use.assignment.identity) if use.assignment.identity else None
    if found is None:
        raise Forbidden(
            "InvalidIdentity",
            f"The policy assignment '{use.assignment.name}' has no managed identity that could deploy anything.",
        )
    return found


def prepared(context: Context, principal: Principal, use: Use, target: Target) -> tuple[str, Json]:
    """Where a deployment goes, and its body. Raises EvaluationFailed, and VedetteError for what cannot be read."""
    scene = scene_of(use, target, facts_of(context, target.id))
    if use.effect_on(target) == MODIFY:
        return _modification(context, principal, use, scene)
    return template_body(use, scene, context.estate.subscription_resource_id)


def template_body(use: Use, scene: Scene, subscription: str) -> tuple[str, Json]:
    """Where the template of a use is deployed for a resource, and its deployment's body. Raises EvaluationFailed."""
    deployment, existence = use.definition.details.deployment, use.definition.details.existence
    assert deployment is not None
    assert existence is not None
    properties = {
        "mode": str(computed(deployment.mode, scene)),
        "template": deployment.template,
        "parameters": computed(deployment.parameters, scene),
    }
    location = None if deployment.location is None else computed(deployment.location, scene)
    if deployment.scope == "subscription":
        return subscription, {"location": location, "properties": properties}
    named = None if existence.resource_group is None else computed(existence.resource_group, scene)
    group = str(named or "") or parse_id(scene.target.id).resource_group
    if not group:
        return subscription, {"location": location or scene.target.location or "global", "properties": properties}
    return f"{subscription}/resourceGroups/{group}", {"properties": properties}


def _modification(context: Context, principal: Principal, use: Use, scene: Scene) -> tuple[str, Json]:
    """A template of the resource as it is to be."""
    changes, _ = changes_of(use, MODIFY, scene)
    target, subscription = scene.target, context.estate.subscription_resource_id
    if target.type.lower() == SUBSCRIPTION.lower():
        tags = changed({"tags": dict(target.tags)}, changes)["tags"]
        resource: Json = {"type": TAGS, "apiVersion": _VERSION, "name": "default", "properties": {"tags": tags}}
        return subscription, _templated(resource, "global")
    version = newest_version(target.id) or _VERSION
    address = f"{target.id}?api-version={version}"
    shown: Json = dict(management_of(context).call(principal, "GET", address).body or {})
    body = changed({name: each for name, each in shown.items() if name not in _READ_ONLY}, changes)
    resource = {**body, "type": target.type, "apiVersion": version, "name": target.full_name}
    path = parse_id(target.id)
    if target.type.lower() == RESOURCE_GROUP.lower():
        resource["type"], resource["name"] = "Microsoft.Resources/resourceGroups", target.name
        return subscription, _templated(resource, str(body.get("location") or "global"))
    above = parse_id(path.scope) if path.scope else None
    if above is not None and above.type.lower() not in (RESOURCE_GROUP.lower(), SUBSCRIPTION.lower()):
        resource["scope"] = path.scope
    if path.resource_group:
        return f"{subscription}/resourceGroups/{path.resource_group}", _templated(resource, "")
    return subscription, _templated(resource, str(body.get("location") or "global"))


def _templated(resource: Json, location: str) -> Json:
    template = {"$schema": _SCHEMA, "contentVersion": "1.0.0.0", "resources": [_literal(resource)]}
    body: Json = {"properties": {"mode": "incremental", "template": template}}
    return body | ({"location": location} if location else {})


def _literal(value: Any) -> Any:
    """The value as a template must write it to mean just that."""
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, list):
        return [_literal(each) for each in value]
    if isinstance(value, dict):
        return {name: _literal(each) for name, each in value.items()}
    return value


def _begin(context: Context, principal: Principal, scope: str, name: str, body: Json) -> None:
    address = f"{deployment_id(scope, name)}?api-version={_VERSION}"
    try:
        management_of(context).call(principal, "PUT", address, body)
    except Conflict as error:
        if error.code != "DeploymentActive":  # one that a restart left going on
            raise


def _ended(context: Context, id: str, running: Running) -> Outcome:
    run = run_of(context.state, id)
    while run is not None and not context.operations.wait(run["operation"], _LOOK):
        running.check()
    document = context.state.get(id)
    while document is not None and is_active(document):
        running.check()
        context.operations.wait("", _LOOK)
        document = context.state.get(id)
    if document is None:
        missing = NotFound("DeploymentNotFound", f"The deployment '{id}' is gone.")
        return Outcome(id, "Failed", _error(missing))
    properties = document.body["properties"]
    return Outcome(id, properties["provisioningState"], properties.get("error"))


def _error(error: VedetteError) -> Json:
    told = {name: error.details[name] for name in ("target", "details", "additionalInfo") if name in error.details}
    return {"code": error.code, "message": error.message, **told}
