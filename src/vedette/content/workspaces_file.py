"""`workspaces.yaml`: many workspaces with their groups, tenants and parameters.

    endpoint: azure                      # or an address; without it this server
    tenant: 00000000-…                   # of all that say no other
    parameters: {severity: Medium}
    groups:
      production: {parameters: {severity: High}}
    workspaces:
      soc-eu: {subscription: …, resourceGroup: soc, name: law-eu, groups: [production], parameters: {region: eu}}

What a workspace says comes before what its groups say, the last group first, and that before what the file says.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vedette.content.bodies import as_list, as_mapping
from vedette.content.document import Document, open_document
from vedette.content.management_client import AZURE
from vedette.content.problem import Unreadable
from vedette.content.workspace import Workspace
from vedette.core.errors import InvalidInput

_LABEL = re.compile(r"\w(?:[\w .-]{0,98}[\w-])?")
_PLACE = ("endpoint", "tenant", "subscription", "resourceGroup")
_SAID = frozenset({*_PLACE, "parameters"})
_OF_FILE = _SAID | {"groups", "workspaces"}
_OF_WORKSPACE = _SAID | {"groups", "name"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A workspace of the file: its label, where it is, what groups it is of, and its parameters.

    An empty `endpoint`, `subscription` or `group` is that of the running server.
    """

    workspace: Workspace
    groups: tuple[str, ...]
    parameters: Mapping[str, Any]


def read_workspaces(path: Path) -> list[Listed]:
    """The workspaces of a file, in its order. Raises InvalidInput with file and line."""
    try:
        document = open_document(path)
    except Unreadable as error:
        raise InvalidInput("InvalidWorkspaces", str(error.problem)) from error
    told = as_mapping(document.values[0] if document.values else None)
    _check_names(document, (0,), told, _OF_FILE)
    if not as_mapping(told.get("workspaces")):
        raise _wrong(document, (0,), "it lists no 'workspaces'")
    groups = as_mapping(told.get("groups"))
    for name, group in groups.items():
        _check_names(document, (0, "groups", name), group, _SAID)
    return [
        _listed(document, told, groups, str(label), as_mapping(each))
        for label, each in as_mapping(told["workspaces"]).items()
    ]


def chosen(listed: Sequence[Listed], labels: Iterable[str], groups: Iterable[str]) -> list[Listed]:
    """The workspaces of those labels and groups; all of them where none is named. Raises InvalidInput."""
    wanted, in_groups = set(labels), set(groups)
    known = {each.workspace.label for each in listed}
    of_groups = {group for each in listed for group in each.groups}
    for name in (wanted - known) | (in_groups - of_groups):
        what = "workspace" if name in wanted else "group with workspaces"
        raise InvalidInput("NoSuchWorkspace", f"There is no {what} '{name}' in the file of workspaces.")
    if not wanted and not in_groups:
        return list(listed)
    return [each for each in listed if each.workspace.label in wanted or in_groups & set(each.groups)]


def _listed(
    document: Document, told: Mapping[str, Any], groups: Mapping[str, Any], label: str, each: Mapping[str, Any]
) -> Listed:
    at = (0, "workspaces", label)
    if not _LABEL.fullmatch(label):  # it is the name of a folder in an export
        raise _wrong(document, at, f"the label '{label}' is not of letters, digits, blanks, '.', '_' and '-'")
    _check_names(document, at, each, _OF_WORKSPACE)
    named = [str(group) for group in as_list(each.get("groups"))]
    for group in named:
        if group not in groups:
            raise _wrong(document, (*at, "groups"), f"there is no group '{group}'")
    layers = [told, *(as_mapping(groups[group]) for group in named), each]
    place = {name: _text(document, at, name, layers) for name in _PLACE}
    parameters = {name: value for layer in layers for name, value in as_mapping(layer.get("parameters")).items()}
    workspace = Workspace(
        endpoint=_endpoint(document, at, place["endpoint"]),
        subscription=place["subscription"],
        group=place["resourceGroup"],
        name=str(each.get("name") or label),
        tenant=place["tenant"],
        label=label,
    )
    if workspace.endpoint and not (workspace.subscription and workspace.group):
        raise _wrong(document, at, "a workspace of an endpoint has a 'subscription' and a 'resourceGroup'")
    return Listed(workspace, tuple(named), parameters)


def _text(document: Document, at: tuple[str | int, ...], name: str, layers: Sequence[Mapping[str, Any]]) -> str:
    value = next((layer[name] for layer in reversed(layers) if layer.get(name) is not None), "")
    if not isinstance(value, str | int):
        raise _wrong(document, (*at, name), f"'{name}' is a text")
    return str(value)


def _endpoint(document: Document, at: tuple[str | int, ...], said: str) -> str:
    if said.lower() in ("", "vedette"):
        return ""
    if said.lower() == "azure":
        return AZURE
    if not said.startswith("https://"):
        raise _wrong(document, (*at, "endpoint"), f"'{said}' is no https address, and a token is sent there")
    return said.rstrip("/")


def _check_names(document: Document, at: tuple[str | int, ...], value: Any, known: frozenset[str]) -> None:
    if not isinstance(value, Mapping):
        raise _wrong(document, at, "this is an object")
    for name in as_mapping(dict(value)):  # pyright: ignore[reportUnknownArgumentType]
        if name not in known:
            raise _wrong(document, (*at, name), f"'{name}' is none of {', '.join(sorted(known))}")


def _wrong(document: Document, at: tuple[str | int, ...], message: str) -> InvalidInput:
    return InvalidInput("InvalidWorkspaces", str(document.problem(at, message)))
