"""A repository made for Microsoft Sentinel's Repositories: which files are deployed, in which order, with what.

https://learn.microsoft.com/azure/sentinel/ci-cd-custom-deploy
"""

import csv
import hashlib
import io
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from vedette.content.bodies import as_list, as_mapping
from vedette.content.document import open_document
from vedette.content.problem import Unreadable
from vedette.core.errors import InvalidInput
from vedette.core.whole_files import write_whole

CONFIG = "sentinel-deployment.config"
_TRACKING = "tracking_table_"
_HEADER = ("FileName", "CommitSha")
_WORKSPACES = "microsoft.operationalinsights/workspaces"
_SENTINEL = "microsoft.securityinsights"

CONTENT_TYPES: Mapping[str, frozenset[str]] = {
    "AnalyticsRule": frozenset(
        {f"{_WORKSPACES}/providers/alertrules", f"{_WORKSPACES}/providers/alertrules/actions"}
        | {f"{_SENTINEL}/alertrules", f"{_SENTINEL}/alertrules/actions"}
    ),
    "AutomationRule": frozenset({f"{_WORKSPACES}/providers/automationrules", f"{_SENTINEL}/automationrules"}),
    "HuntingQuery": frozenset({f"{_WORKSPACES}/savedsearches"}),
    "Parser": frozenset({f"{_WORKSPACES}/savedsearches"}),
    "Playbook": frozenset({"microsoft.web/connections", "microsoft.logic/workflows", "microsoft.web/customapis"}),
    "Workbook": frozenset({"microsoft.insights/workbooks"}),
}
"""The types of resources that a template of each content type may have at its top."""


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration file: files that come first, files left out, parameter files of one workspace by content."""

    first: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    parameters: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A file to deploy, by its path below the root, with its parameter file."""

    path: str
    body: Mapping[str, Any]
    parameter_file: str | None

    @property
    def types(self) -> list[str]:
        """The types of its resources, in lower case."""
        resources = self.body.get("resources")
        found: list[Any] = [*as_list(resources), *as_mapping(resources).values()]
        return [str(as_mapping(each).get("type", "")).lower() for each in found]

    def takes(self, parameter: str) -> bool:
        """Whether it declares a parameter of that name."""
        return any(name.lower() == parameter for name in as_mapping(self.body.get("parameters")))


def read_config(root: Path, workspace_id: str) -> Config:
    """The configuration as a workspace, by its GUID, has it. Unknown sections are ignored. Raises InvalidInput."""
    path = root / CONFIG
    if not path.is_file():
        return Config()
    told = {name.lower(): each for name, each in read_json_file(path).items()}
    mappings = as_mapping(told.get("parameterfilemappings"))
    own = next(
        (as_mapping(each) for id, each in mappings.items() if id.lower() == workspace_id.lower()), dict[str, Any]()
    )
    parameters = {_plain(content): _plain(str(file)) for content, file in own.items()}
    first = tuple(_plain(str(each)) for each in as_list(told.get("prioritizedcontentfiles")))
    said = [_plain(str(each)) for each in as_list(told.get("excludecontentfiles"))]
    return Config(first, tuple(each for each in said if each), parameters)


def content_files(root: Path, directory: Path, config: Config) -> list[str]:
    """The templates to look at, by their paths below the root: those that come first, then the others in order."""
    mapped = tuple((config.parameters or {}).values())
    left_out = tuple(each.lower() for each in (*mapped, *config.first, *config.left_out))
    found = [
        relative
        for relative in _json_files(root, directory)
        if not any(relative.lower().startswith(prefix) for prefix in left_out)
    ]
    return [*config.first, *found]


def yaml_files(root: Path, directory: Path, config: Config) -> list[Path]:
    """YAML beside the templates, which Sentinel's own deployment leaves out and this one applies."""
    left_out = tuple(each.lower() for each in config.left_out)
    found = [each for each in _below(root, directory) if each.lower().endswith((".yaml", ".yml"))]
    return [root / each for each in found if not any(each.lower().startswith(prefix) for prefix in left_out)]


def read_template(root: Path, path: str, config: Config, workspace_id: str) -> Template:
    """A file and which parameter file goes with it. Raises InvalidInput where it is no JSON object."""
    return Template(path, read_json_file(root / path), parameter_file(root, path, config, workspace_id))


def parameter_file(root: Path, path: str, config: Config, workspace_id: str) -> str | None:
    """The mapped one, else the workspace's own, else the default one; None where there is none."""
    mapped = next((file for each, file in (config.parameters or {}).items() if each.lower() == path.lower()), None)
    if mapped is not None and (root / mapped).is_file():
        return mapped
    stem = path.removesuffix(".json")
    for name in (f"{stem}.parameters-{workspace_id}.json", f"{stem}.parameters.json"):
        if (root / name).is_file():
            return name
    return None


def read_json_file(path: Path) -> dict[str, Any]:
    """The JSON object of a file, with comments and the like. Raises InvalidInput with its place."""
    try:
        document = open_document(path)
    except Unreadable as error:
        raise InvalidInput("InvalidJson", str(error.problem)) from error
    value = document.values[0] if document.values else None
    if not isinstance(value, Mapping):
        raise InvalidInput("InvalidJson", f"{path}:1:1: this is no JSON object.")
    return as_mapping(value)


def sha_of(root: Path, path: str) -> str:
    """A file's id as git knows it: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects"""
    content = (root / path).read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


class Tracking:
    """The files that were deployed, with their ids; a table in the repository, in the form of Sentinel's own."""

    def __init__(self, root: Path, source_control_id: str) -> None:
        self.path = root / ".sentinel" / f"{_TRACKING}{source_control_id}.csv"
        self._shas: dict[str, str] = {}
        if self.path.is_file():
            rows = csv.reader(io.StringIO(self.path.read_text(encoding="utf-8-sig")), skipinitialspace=True)
            self._shas = {_plain(row[0]): row[1].strip() for row in list(rows)[1:] if len(row) == len(_HEADER)}

    def sha(self, path: str) -> str:
        """Of which content a file was deployed last; empty where it was not."""
        return self._shas.get(path, "")

    def note(self, path: str, sha: str) -> None:
        """Keep that this content was deployed; on the disk at once, so that a sync that is killed goes on there."""
        if self._shas.get(path) == sha:
            return
        self._shas[path] = sha
        self._write()

    def keep(self, paths: Collection[str]) -> None:
        """Forget files that are not there any more."""
        kept = {path: sha for path, sha in self._shas.items() if path in paths}
        if kept != self._shas:
            self._shas = kept
            self._write()

    def _write(self) -> None:
        self.path.parent.mkdir(exist_ok=True)
        rows = "".join(f"{path},{sha}\n" for path, sha in sorted(self._shas.items()))
        write_whole(self.path, f"{', '.join(_HEADER)}\n{rows}".encode(), mode=0o644)


def known_source_control(root: Path) -> str:
    """The id by which the repository is tracked already, where it is by one only; else empty."""
    found = sorted((root / ".sentinel").glob(f"{_TRACKING}*.csv")) if (root / ".sentinel").is_dir() else []
    return found[0].stem.removeprefix(_TRACKING) if len(found) == 1 else ""


def allowed(types: Sequence[str], content_types: Collection[str]) -> bool:
    """Whether a template has resources, and each is of a content type that is deployed."""
    known = frozenset[str]().union(*(CONTENT_TYPES[each] for each in content_types))
    return bool(types) and all(each in known for each in types)


def _json_files(root: Path, directory: Path) -> Iterator[str]:
    for relative in _below(root, directory):
        name = PurePosixPath(relative).name.lower()
        is_parameters = ".parameters" in name
        if name.endswith(".json") and not name.endswith("metadata.json") and not is_parameters:
            yield relative


def _below(root: Path, directory: Path) -> Iterator[str]:
    """Files below a folder, its own before those of its folders; what begins with a dot is hidden."""
    for folder, folders, names in os.walk(directory):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield (Path(folder) / name).relative_to(root).as_posix()


def _plain(path: str) -> str:
    """A path as the configuration writes it, in one spelling. Raises InvalidInput for one that leads out."""
    plain = path.replace("\\", "/").strip().removeprefix("./").strip("/")
    if ".." in plain.split("/"):
        raise InvalidInput("PathOutside", f"'{path}' leads out of the repository.")
    return plain
