"""The published request and response examples of the management and data APIs, read as data.

`MANIFEST.json` of the corpus lists them by area (a resource provider, or a data plane); `tests/corpus/api/AREA.toml`
says which areas are replayed, and what of each is not as published, with the reason.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.corpus.answers import CORPUS

EXAMPLES = CORPUS / "api" / "examples"
_PARAMETER = re.compile(r"\{[^}]+\}")
_NAMESPACE = re.compile(r"/providers/\{([^}]+)\}/", re.IGNORECASE)
_SUBSCRIPTION = re.compile(r"(?<=\bsubscriptions/)[^/\"?]+", re.IGNORECASE)


@dataclass(frozen=True)
class Example:
    """A published request, and the replies to it by status code.

    `template` is the path with `{parameters}`, `places` what stands in them; `query` holds the other parameters that
    are no body. `read_only` names the properties that the specification calls the server's own.
    """

    id: str
    operation: str
    version: str
    method: str
    template: str
    places: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    responses: Mapping[str, Any]
    read_only: frozenset[str] = field(repr=False)

    @property
    def path(self) -> str:
        """The path to send."""
        return filled(self.template, self.places)

    @property
    def is_item(self) -> bool:
        """Whether the path ends in a name, not in a collection or an action."""
        return self.template.endswith("}")

    @property
    def lineage(self) -> tuple[str, ...]:
        """The template of each named resource above this, the outermost first, from the provider on."""
        return lineage(self.template)

    def published(self, status: int) -> Any:
        """The published body of a status; None where there is none."""
        return (self.responses.get(str(status)) or {}).get("body")


def filled(template: str, places: Mapping[str, str]) -> str:
    """The path of a template; a parameter that has no place stays as it is."""
    return _PARAMETER.sub(lambda found: places.get(found[0][1:-1], found[0]), template)


def lineage(template: str) -> tuple[str, ...]:
    """The templates of the named resources above a template's last part, from the provider on."""
    parts = template.split("/")
    start = next((at for at, part in enumerate(parts) if part.lower() == "providers"), len(parts))
    return tuple("/".join(parts[: at + 1]) for at in range(start, len(parts) - 1) if parts[at].startswith("{"))


def plain(template: str) -> str:
    """A template without its parameters' names and letter case, so that two for one place are equal."""
    return _PARAMETER.sub("{}", template).lower().strip("/")


def read_area(area: str, places: Mapping[str, str]) -> list[Example]:
    """The examples of an area in the manifest's order; `places` takes the place of path parameters of these names."""
    subscription = places["subscriptionId"]
    return [
        _read(entry, places, subscription)
        for entry in json.loads((EXAMPLES / "MANIFEST.json").read_text())
        if entry["area"] == area
    ]


def ids_of(area: str) -> list[str]:
    """The ids of an area's examples."""
    if not EXAMPLES.is_dir():
        return []
    entries = json.loads((EXAMPLES / "MANIFEST.json").read_text())
    return [_id(entry) for entry in entries if entry["area"] == area]


def _id(entry: Mapping[str, Any]) -> str:
    return f"{entry['operationId']} {entry['version']} {Path(entry['file']).stem}"


def _read(entry: Mapping[str, Any], places: Mapping[str, str], subscription: str) -> Example:
    text = _SUBSCRIPTION.sub(subscription, (EXAMPLES / entry["file"]).read_text(encoding="utf-8-sig"))
    content = json.loads(text.replace("OperationalIinsights", "OperationalInsights"))  # misspelt in many ids
    parameters: dict[str, Any] = content["parameters"]
    inside = {name[1:-1] for name in _PARAMETER.findall(entry["path"])}
    bodies = [value for name, value in parameters.items() if isinstance(value, dict | list) and name not in inside]
    scalars = {
        name: value for name, value in parameters.items() if name not in inside and not isinstance(value, dict | list)
    }
    declared = entry["params"]
    return Example(
        id=_id(entry),
        operation=entry["operationId"],
        version=entry["version"],
        method=entry["method"],
        template=_with_namespace(entry["path"], places),
        places={name: str(parameters[name]) for name in inside if name in parameters} | dict(places),
        query={name: _text(value) for name, value in scalars.items() if declared.get(name, "query") == "query"},
        body=bodies[0] if bodies and entry["method"] not in ("GET", "DELETE") else None,
        responses=content["responses"],
        read_only=_read_only_of(entry["area"], entry["version"]),
    )


def _with_namespace(template: str, places: Mapping[str, str]) -> str:
    """A template whose provider is a parameter, with the plan's provider in its place."""
    return _NAMESPACE.sub(lambda found: f"/providers/{places.get(found[1], f'{{{found[1]}}}')}/", template)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@cache
def _read_only_of(area: str, version: str) -> frozenset[str]:
    files = [*(EXAMPLES / area / version / "spec").glob("*.json"), *(EXAMPLES / "_common").rglob("*.json")]
    return frozenset(name for file in files for name in _read_only(json.loads(file.read_text(encoding="utf-8-sig"))))


def _read_only(node: Any) -> Iterator[str]:
    children: Iterable[Any] = ()
    if isinstance(node, dict):
        properties = node.get("properties")
        if isinstance(properties, dict):
            yield from (name for name, each in properties.items() if isinstance(each, dict) and each.get("readOnly"))
        children = node.values()
    elif isinstance(node, list):
        children = node
    for child in children:
        yield from _read_only(child)
