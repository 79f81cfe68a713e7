"""Deploys a repository's templates to a workspace as Sentinel's Repositories does: what has changed, file by file.

Each file is validated, then deployed in up to three tries where the reason passes, and what it made gets metadata that
says which repository it is from. A file that fails does not stop the others.
"""

import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from vedette.content.bodies import as_list, as_mapping, properties_of
from vedette.content.kinds import HUNTING_QUERY, SAVED_SEARCH
from vedette.content.management_client import ManagementClient
from vedette.content.refused import Refused
from vedette.content.remote import search_kind
from vedette.content.repository import (
    CONFIG,
    Config,
    Template,
    Tracking,
    allowed,
    content_files,
    read_json_file,
    read_template,
    sha_of,
)
from vedette.content.workspace import Workspace
from vedette.core.errors import InvalidInput, VedetteError
from vedette.core.ids import NewId

_VERSION = "2024-07-01"
_TRIES = 3
_PAUSE = 5.0
_PASSING = frozenset({"conflict", "toomanyrequests", "internalservererror", "deploymentactive"})
_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_METADATA = "2022-01-01-preview"
_WORKSPACE = r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.OperationalInsights/workspaces/[^/]+"
_GROUP = r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers"
_KINDS: Mapping[str, re.Pattern[str]] = {
    kind: re.compile(pattern + r"/[^/]+", re.IGNORECASE)
    for kind, pattern in {
        "AnalyticsRule": rf"{_WORKSPACE}/providers/Microsoft\.SecurityInsights/alertRules",
        "AutomationRule": rf"{_WORKSPACE}/providers/Microsoft\.SecurityInsights/automationRules",
        "Search": rf"{_WORKSPACE}/savedSearches",
        "Playbook": rf"{_GROUP}/Microsoft\.Logic/workflows",
        "Workbook": rf"{_GROUP}/Microsoft\.Insights/workbooks",
    }.items()
}


class Result(Enum):
    """What became of a file."""

    DEPLOYED = "deployed"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """A file, what became of it, and why; a warning is about a file that was deployed all the same."""

    path: str
    result: Result
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Sync:
    """A repository, the workspace that it is deployed to, and how."""

    root: Path
    directory: Path
    client: ManagementClient
    workspace: Workspace
    workspace_id: str
    source_control_id: str
    config: Config
    content_types: Collection[str]
    full: bool
    new_id: NewId
    pause: Callable[[float], None] = time.sleep


def sync_templates(sync: Sync) -> Iterator[FileOutcome]:
    """Deploy what has changed, and tell each file's outcome as it comes. Raises what concerns no single file."""
    tracking = Tracking(sync.root, sync.source_control_id)
    config_sha = sha_of(sync.root, CONFIG) if (sync.root / CONFIG).is_file() else ""
    everything = sync.full or tracking.sha(CONFIG) != config_sha
    kept = {CONFIG} if config_sha else set[str]()
    for path in dict.fromkeys(content_files(sync.root, sync.directory, sync.config)):
        if not (sync.root / path).is_file():
            yield FileOutcome(path, Result.SKIPPED, "the file does not exist")
            continue
        outcome, files = _sync_file(sync, path, tracking, everything)
        if outcome.result in (Result.DEPLOYED, Result.UNCHANGED):
            kept |= files.keys()
            for file, sha in files.items():
                tracking.note(file, sha)
        yield outcome
    if config_sha:
        tracking.note(CONFIG, config_sha)
    tracking.keep(kept)


def _sync_file(sync: Sync, path: str, tracking: Tracking, everything: bool) -> tuple[FileOutcome, Mapping[str, str]]:
    try:
        template = read_template(sync.root, path, sync.config, sync.workspace_id)
    except InvalidInput as error:
        return FileOutcome(path, Result.FAILED, error.message), {}
    if not allowed(template.types, sync.content_types):
        reason = "it has resources that are of no content type chosen" if template.types else "it is no template"
        return FileOutcome(path, Result.SKIPPED, reason), {}
    files = {each: sha_of(sync.root, each) for each in (path, template.parameter_file) if each}
    if not everything and all(tracking.sha(each) == sha for each, sha in files.items()):
        return FileOutcome(path, Result.UNCHANGED), files
    try:
        name = f"Sentinel_Deployment_{sync.new_id()}"
        _deploy(sync, name, template)
        warning = _describe(sync, name)
    except VedetteError as error:
        return FileOutcome(path, Result.FAILED, f"{error.code}: {_whole_message(error)}"), {}
    return FileOutcome(path, Result.DEPLOYED, warning), files


def _deploy(sync: Sync, name: str, template: Template) -> None:
    """Validate, and deploy in as many tries as may help. Raises Refused."""
    properties = {
        "mode": "Incremental",
        "template": template.body,
        "parameters": _parameters(sync, template),
    }
    place = f"{sync.workspace.group_id}/providers/Microsoft.Resources/deployments/{name}"
    checked = sync.client.send("POST", f"{place}/validate", {"api-version": _VERSION}, {"properties": properties})
    _require_valid(sync.client.finish(checked, place))
    for left in reversed(range(_TRIES)):
        try:
            _run(sync.client, place, properties)
            return
        except Refused as refusal:
            if not left or not _passes(sync.client, place, refusal):
                raise
            sync.pause(_PAUSE)


def _require_valid(told: Mapping[str, Any]) -> None:
    """Some servers answer a failed validation with 200 and an error in the body."""
    error = as_mapping(told.get("error"))
    if error:
        raise Refused(400, str(error.get("code") or "InvalidTemplate"), str(error.get("message") or ""), dict(told))


def _run(client: ManagementClient, place: str, properties: Mapping[str, Any]) -> None:
    sent = client.send("PUT", place, {"api-version": _VERSION}, {"properties": properties})
    client.finish(sent, place)
    told = properties_of(client.ask("GET", place, {"api-version": _VERSION}))
    if str(told.get("provisioningState", "")).lower() != "succeeded":
        error = as_mapping(told.get("error"))
        code = str(error.get("code") or "DeploymentFailed")
        raise Refused(409, code, str(error.get("message") or "The deployment failed."), {"error": error})


def _parameters(sync: Sync, template: Template) -> dict[str, Any]:
    """Of the parameter file, and the workspace's name where the template asks for it."""
    told: dict[str, Any] = {}
    if template.parameter_file:
        content = read_json_file(sync.root / template.parameter_file)
        told = as_mapping(content.get("parameters")) if "parameters" in content else content
        told = {name: each for name, each in told.items() if name not in ("$schema", "contentVersion")}
    if template.takes("workspace"):
        told = {name: each for name, each in told.items() if name.lower() != "workspace"}
        told["workspace"] = {"value": sync.workspace.name}
    return told


def _passes(client: ManagementClient, place: str, refusal: Refused) -> bool:
    """Whether the reason of a failure is one that passes: by its codes, or those of the deployment's operations."""
    if {each.lower() for each in _codes(refusal.body)} & _PASSING or refusal.code.lower() in _PASSING:
        return True
    try:
        operations = client.all(f"{place}/operations", {"api-version": _VERSION})
    except Refused:
        return False
    return any(str(properties_of(each).get("statusCode", "")).lower() in _PASSING for each in operations)


def _codes(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        told = as_mapping(dict(value))  # pyright: ignore[reportUnknownArgumentType]
        for name, each in told.items():
            if name == "code" and isinstance(each, str):
                yield each
            else:
                yield from _codes(each)
    elif isinstance(value, list):
        for each in as_list(value):  # pyright: ignore[reportUnknownArgumentType]
            yield from _codes(each)


def _whole_message(error: VedetteError) -> str:
    """The message, with those of its details, where a deployment says what was wrong."""
    if not isinstance(error, Refused):
        return error.message
    details = as_list(as_mapping(error.body.get("error")).get("details"))
    told = [f"{as_mapping(each).get('code')}: {as_mapping(each).get('message')}" for each in details]
    return " ".join([error.message, *told])


def _describe(sync: Sync, name: str) -> str:
    """Write metadata of what a deployment made, by a deployment of its own; gives a warning where that failed."""
    group = f"{sync.workspace.group_id}/providers/Microsoft.Resources/deployments"
    try:
        operations = sync.client.all(f"{group}/{name}/operations", {"api-version": _VERSION})
        ids = [str(as_mapping(properties_of(each).get("targetResource")).get("id") or "") for each in operations]
        resources = [_metadata(sync, id) for id in dict.fromkeys(ids) if id and _content_kind(sync, id)]
        if resources:
            template = {"$schema": _SCHEMA, "contentVersion": "1.0.0.0", "resources": resources}
            _run(sync.client, f"{group}/md-{name}", {"mode": "Incremental", "template": template})
    except VedetteError as error:
        return f"no metadata was written: {error.message}"
    return ""


def _metadata(sync: Sync, id: str) -> dict[str, Any]:
    kind = _content_kind(sync, id)
    metadata = f"{kind.lower()}-{id.rpartition('/')[2]}"
    source = {"kind": "SourceRepository", "name": "Repositories", "sourceId": sync.source_control_id}
    return {
        "type": "Microsoft.OperationalInsights/workspaces/providers/metadata",
        "apiVersion": _METADATA,
        "name": f"{sync.workspace.name}/Microsoft.SecurityInsights/{metadata}",
        "properties": {"parentId": id, "kind": kind, "source": source},
    }


def _content_kind(sync: Sync, id: str) -> str:
    """What content a resource is, as metadata calls it; empty for one that is none."""
    kind = next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(id)), "")
    if kind != "Search":
        return kind
    found = sync.client.ask("GET", id, {"api-version": SAVED_SEARCH.version})
    return "HuntingQuery" if search_kind(found) is HUNTING_QUERY else "Parser"
