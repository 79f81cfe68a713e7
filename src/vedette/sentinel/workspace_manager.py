"""The workspace manager: content of one workspace that is copied to the members of a group, by a job of an assignment.

https://learn.microsoft.com/azure/sentinel/workspace-manager
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, cast

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import put, shown
from vedette.arm.envelope import received_body
from vedette.arm.locks import check_locks
from vedette.arm.resource import Body, Resource
from vedette.arm.resource_ids import ResourcePath, parse_id
from vedette.core.errors import InvalidInput, NotFound, VedetteError
from vedette.core.instants import arm_time
from vedette.sentinel.alert_rules import ALERT_RULES
from vedette.sentinel.extension import PROVIDER, extension
from vedette.sentinel.onboarding_states import require_onboarded
from vedette.sentinel.saved_searches import SAVED_SEARCHES
from vedette.sentinel.workspaces import WORKSPACE
from vedette.state.documents import Document

_CONFIGURATION: Final = f"{PROVIDER}/workspaceManagerConfigurations"
_ASSIGNMENT: Final = f"{PROVIDER}/workspaceManagerAssignments"
_JOB: Final = f"{_ASSIGNMENT}/jobs"
_COPIED: Mapping[str, Resource] = {each.type.lower(): each for each in (ALERT_RULES, SAVED_SEARCHES)}
"""The types of content that a job copies."""

_MOST = 200  # items of an assignment, and members of a group


def _validate_configuration(_context: Context, call: Call, body: Body) -> Body:
    if call.path.name.lower() != "default":
        raise InvalidInput("BadRequest", f"The configuration is named 'default', not '{call.path.name}'.")
    return body


def _validate_member(_context: Context, _call: Call, body: Body) -> Body:
    target = body["properties"].get("targetWorkspaceResourceId")
    if not isinstance(target, str) or parse_id(target).type.lower() != WORKSPACE.lower():
        raise InvalidInput("BadRequest", "'properties.targetWorkspaceResourceId' is the id of a workspace.")
    return body


def _validate_list(name: str) -> Any:
    def validate(_context: Context, _call: Call, body: Body) -> Body:
        value = body["properties"].get(name)
        if not isinstance(value, list) or len(cast("list[Any]", value)) > _MOST:
            raise InvalidInput("BadRequest", f"'properties.{name}' is a list of at most {_MOST}.")
        return body

    return validate


def _create_job(context: Context, call: Call) -> Answer:
    """POST `jobs`: the content is copied as the caller, who may write it where it goes, or that copy fails."""
    assignment = context.state.get(call.path.parent_id)
    if assignment is None:
        raise NotFound("ResourceNotFound", f"There is no assignment '{call.path.name}'.")
    context.roles.check(call.principal, f"{_JOB}/write", assignment.id)
    _require_enabled(context, call.path.scope)
    started, members = context.clock.now(), _members(context, call.path, assignment)
    listed: list[dict[str, Any]] = assignment.body["properties"]["items"]
    items = [_copied(context, call, str(each.get("resourceId")), members) for each in listed]
    state = "Failed" if any(each["status"] == "Failed" for each in items) else "Succeeded"
    ended, name = context.clock.now(), context.new_id()
    properties = {
        "startTime": arm_time(started),
        "endTime": arm_time(ended),
        "items": items,
        "provisioningState": state,
    }
    with context.state.transaction() as transaction:
        id = f"{assignment.id}/jobs/{name}"
        job, _ = transaction.put(id=id, type=_JOB, scope=assignment.id, name=name, body={"properties": properties})
        existing = transaction.get(assignment.id)
        if existing is not None:
            last = {"lastJobEndTime": arm_time(ended), "lastJobProvisioningState": state}
            body = existing.body | {"properties": existing.body["properties"] | last}
            transaction.put(id=existing.id, type=existing.type, scope=existing.scope, name=existing.name, body=body)
    return Answer(200, shown(context, WORKSPACE_MANAGER_JOBS, call, job))


def _require_enabled(context: Context, workspace_id: str) -> None:
    configuration = context.state.get(f"{workspace_id}/providers/{_CONFIGURATION}/default")
    if configuration is not None and configuration.body["properties"]["mode"] == "Disabled":
        raise InvalidInput("BadRequest", "The workspace manager is switched off: its configuration's mode is Disabled.")


def _members(context: Context, path: ResourcePath, assignment: Document) -> dict[str, str]:
    """The ids of the workspaces of the group that an assignment is for, by the members' names."""
    root = f"{path.scope}/providers/{PROVIDER}"
    group = context.state.get(f"{root}/workspaceManagerGroups/{assignment.body['properties']['targetResourceName']}")
    named: list[str] = group.body["properties"]["memberResourceNames"] if group else []
    found = ((name, context.state.get(f"{root}/workspaceManagerMembers/{name}")) for name in named)
    return {name: each.body["properties"]["targetWorkspaceResourceId"] if each else "" for name, each in found}


def _copied(context: Context, call: Call, resource_id: str, members: Mapping[str, str]) -> dict[str, Any]:
    """What became of an item of an assignment in each member."""
    errors: list[dict[str, str]] = []
    for name, target in members.items() or {"": ""}.items():
        try:
            _copy(context, call, resource_id, target)
        except VedetteError as error:
            errors.append({"memberResourceName": name, "errorMessage": error.message})
    return {
        "resourceId": resource_id,
        "status": "Failed" if errors else "Succeeded",
        "executionTime": arm_time(context.clock.now()),
        **({"errors": errors} if errors else {}),
    }


def _copy(context: Context, call: Call, resource_id: str, target: str) -> None:
    path = parse_id(resource_id)
    resource = _COPIED.get(path.type.lower())
    if resource is None:
        raise InvalidInput("BadRequest", f"Content of the type '{path.type}' is not copied.")
    if not resource_id.lower().startswith(f"{call.path.scope.lower()}/"):
        raise InvalidInput("BadRequest", f"'{resource_id}' is not of the workspace that the assignment is of.")
    context.roles.check(call.principal, resource.permission("read"), path.id)
    source = context.state.get(path.id)
    if source is None:
        raise NotFound("ResourceNotFound", f"There is no '{resource_id}'.")
    if not target or context.workspaces.by_resource_id(target) is None:
        raise NotFound("ResourceNotFound", f"There is no member workspace '{target}'.")
    there = parse_id(f"{target}{path.id[len(call.path.scope) :]}")
    context.roles.check(call.principal, resource.permission("write"), there.id)
    check_locks(context.state, resource.type, "PUT", there.id)
    if resource.require is not None:
        resource.require(context, there)
    body = received_body(source.body, resource.read_only) | {"etag": "*"}
    put(context, resource, replace(call, method="PUT", path=there, body=body, if_match=None, if_none_match=None))


WORKSPACE_MANAGER_CONFIGURATIONS = extension(
    "configuration", "workspaceManagerConfigurations", validate=_validate_configuration
)
WORKSPACE_MANAGER_GROUPS = extension("group", "workspaceManagerGroups", validate=_validate_list("memberResourceNames"))
WORKSPACE_MANAGER_MEMBERS = extension("member", "workspaceManagerMembers", validate=_validate_member)
WORKSPACE_MANAGER_ASSIGNMENTS = extension(
    "assignment",
    "workspaceManagerAssignments",
    read_only=frozenset({"lastJobEndTime", "lastJobProvisioningState"}),
    validate=_validate_list("items"),
)
WORKSPACE_MANAGER_JOBS = extension(
    "job",
    "workspaceManagerAssignments/jobs",
    parent=_ASSIGNMENT,
    methods=frozenset({"GET", "LIST", "DELETE", "ASK"}),
    handlers={"ASK": _create_job},
    require=require_onboarded,
)
