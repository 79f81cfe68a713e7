"""Writes shapes/ from published OpenAPI documents: what a request may hold, as facts, without a word of their prose.

`python tools/shapes.py FOLDER`, where FOLDER has `AREA/VERSION/spec/*.json` and `_common/FAMILY/VERSION/*.json`.

A file `shapes/PROVIDER/VERSION.json` has `definitions` and `operations`, one a line. A schema is a text, `string`,
`string:date-time`, `#Definition`, with ` readOnly` after it for what a caller cannot set, or an object with that text
as `is` and with what is said besides: `items`, `values` (of any other name), `default`, `minimum`, `pattern` ….
A definition has `properties` and `required`, or an `enum`; with `by` the value of that property chooses one of `kinds`.
An operation has its `method` and `path`, the schema of its `body`, and the definition of each of its `replies`.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
AREAS = (
    "authorization",
    "logic",
    "monitor",
    "operationalinsights",
    "policy",
    "policyinsights",
    "resources",
    "security",
    "securityinsights",
    "workbooks",
)
_FAMILIES = {"common-types/resource-management": "resource-management", "common": "securityinsights-common"}
_KEPT = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "default")
_PRIMITIVES = frozenset({"string", "integer", "number", "boolean"})
_FORMATS = frozenset({"date", "date-time", "duration", "uuid", "int32", "int64"})
_METHODS = ("get", "head", "put", "patch", "post", "delete")
_MISSING = json.loads((HERE / "shapes_missing.json").read_text(encoding="utf-8"))
"""Definitions of files that some copies of the documents lack, by the file's name."""
_FURTHER = json.loads((HERE / "shapes_members.json").read_text(encoding="utf-8"))
"""Members of enums that the services take and the documents lack: those that published examples use, by the enum."""

_OPEN = frozenset({"WatchlistProperties.source"})
"""Enums of which the service takes more than is published: msticpy says that a watchlist's source is 'Notebook'."""

_ASKED_LESS = frozenset({"CodelessUiConnectorConfigProperties"})
"""Definitions that the service takes without what is published as required: solutions' connectors leave parts out."""

Place = tuple[str, str]
"""A file and the name of a definition in it."""


class Documents:
    """The documents, each read once, and what their references lead to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, Any] = {}

    def read(self, file: str) -> Any:
        """A document by its path, or the facts that stand in for a file that is not there."""
        if file not in self._read:
            path = Path(file)
            found = path if path.is_file() else None
            text = found.read_text(encoding="utf-8-sig") if found else None
            self._read[file] = json.loads(text) if text else {"definitions": _MISSING.get(path.name, {})}
        return self._read[file]

    def resolve(self, ref: str, origin: str) -> tuple[str, str, Any]:
        """The file, the name and the node that a reference leads to; an empty node where it leads nowhere."""
        file, _, fragment = ref.partition("#")
        place = self._place(file, origin) if file else origin
        _, section, name = fragment.split("/", 2)
        return place, name, self.read(place).get(section, {}).get(name, {})

    def _place(self, file: str, origin: str) -> str:
        beside = (Path(origin).parent / file).resolve()
        if beside.is_file():
            return str(beside)
        for mark, family in _FAMILIES.items():
            shared = re.search(rf"{mark}/(v?\d[\d.]*)/([^/]+)$", file)
            if shared and (self._folder / "_common" / family / shared[1]).is_dir():
                return str(self._folder / "_common" / family / shared[1] / shared[2])
        return str(beside)


class Distillery:
    """The definitions that the bodies of one provider's version reach."""

    def __init__(self, documents: Documents, files: list[str], newest: dict[str, list[str]]) -> None:
        self._documents = documents
        self._newest = newest
        self._names: dict[Place, str] = {}
        self._taken: dict[str, Place] = {}
        self._below: dict[Place, list[Place]] = defaultdict(list)
        self.definitions: dict[str, Any] = {}
        for file in files:
            self._find_subtypes(file)

    def schema(self, node: Any, origin: str, hint: str) -> Any:
        """A schema in the written form; `hint` names an inline object or enum."""
        flags = " readOnly" if _read_only(node) else ""
        ref = _reference(node)
        if ref is not None:
            file, name, target = self._documents.resolve(ref, origin)
            if self._is_definition(target):
                return _written(f"#{self._define(file, name, target)}", flags, {"default": node.get("default")})
            merged = {**target, **{key: node[key] for key in (*_KEPT, "readOnly") if key in node}}
            return self.schema(merged, file, hint)
        if "enum" in node and node.get("type") == "string" and hint not in _OPEN:
            name = self._enum((origin, hint), node)
            return _written(f"#{name}", flags, {"default": node.get("default")})
        if node.get("properties") or node.get("allOf"):
            return _written(f"#{self._define(origin, hint, node)}", flags, {})
        return self._plain(node, origin, hint, flags)

    def _plain(self, node: Any, origin: str, hint: str, flags: str) -> Any:
        kind = node.get("type", "any")
        facts = {key: node[key] for key in _KEPT if key in node}
        if kind == "array":
            facts["items"] = self.schema(node.get("items", {}), origin, f"{hint}.item")
        elif kind == "object":
            others = node.get("additionalProperties")
            if not isinstance(others, dict) or not others:
                return _written("object" if others else "any", flags, {})
            facts["values"] = self.schema(others, origin, f"{hint}.value")
        elif kind in ("integer", "number") and "enum" in node:
            facts["numbers"] = node["enum"]
        form = node.get("format")
        return _written(f"{kind}:{form}" if form in _FORMATS and kind in _PRIMITIVES else kind, flags, facts)

    def _is_definition(self, node: Any) -> bool:
        return bool(node.get("properties") or node.get("allOf") or node.get("discriminator")) or (
            "enum" in node and node.get("type") == "string"
        )

    def _define(self, file: str, name: str, node: Any) -> str:
        place = (file, name)
        if place in self._names:
            return self._names[place]
        if "enum" in node:
            return self._enum(place, node)
        key = self._name(place, name)
        self.definitions[key] = {}
        properties, required, others = self._flat(file, node, key)
        fact: dict[str, Any] = {}
        if node.get("discriminator"):
            fact["by"] = node["discriminator"]
            fact["kinds"] = dict(sorted(self._kinds(place)))
        fact["properties"] = dict(sorted(properties.items()))
        if required and key not in _ASKED_LESS:
            fact["required"] = sorted(required)
        if others is not None:
            fact["values"] = others
        self.definitions[key] = fact
        return key

    def _flat(self, file: str, node: Any, key: str) -> tuple[dict[str, Any], set[str], Any]:
        """The properties of a node and of everything that it is made of."""
        properties: dict[str, Any] = {}
        required: set[str] = set(node.get("required", ()))
        others = None
        for part in node.get("allOf", ()):
            origin, inner = file, part
            if "$ref" in part:
                origin, _, inner = self._documents.resolve(part["$ref"], file)
            more, needed, values = self._flat(origin, inner, key)
            properties |= more
            required |= needed
            others = others or values
        for name, each in (node.get("properties") or {}).items():
            properties[name] = self.schema(each, file, f"{key}.{name}")
        more_values = node.get("additionalProperties")
        if isinstance(more_values, dict) and more_values:
            others = self.schema(more_values, file, f"{key}.value")
        return properties, required, others

    def _enum(self, place: Place, node: Any) -> str:
        """The name of an enum: its definition's, or that which the document gives it for SDKs."""
        if place in self._names:
            return self._names[place]
        preferred = place[1] if "." not in place[1] else (node.get("x-ms-enum") or {}).get("name", place[1])
        fact: dict[str, Any] = {"enum": node["enum"]}
        further = [each for each in self._further(place[1], node) if each not in node["enum"]]
        if further:
            fact["also"] = further
        if self.definitions.get(preferred) == fact:
            self._names[place] = preferred
            return preferred
        key = self._name(place, preferred)
        self.definitions[key] = fact
        return key

    def _further(self, name: str, node: Any) -> list[str]:
        names = (name, (node.get("x-ms-enum") or {}).get("name", name))
        kept = [each for key in names for each in _FURTHER.get(key, ())]
        newest = [each for key in names if key in self._newest for each in self._newest[key]]
        return list(dict.fromkeys([*kept, *newest]))

    def _name(self, place: Place, preferred: str) -> str:
        key = preferred
        if key in self.definitions or self._taken.get(key, place) != place:
            key = place[1] if "." in place[1] and place[1] not in self.definitions else f"{preferred}~{_stem(place[0])}"
        self._taken[key] = place
        self._names[place] = key
        return key

    def _kinds(self, place: Place) -> Iterator[tuple[str, str]]:
        for file, name in self._below[place]:
            node = self._documents.read(file)["definitions"][name]
            if not node.get("x-ms-discriminator-value") and self._below[file, name]:
                yield from self._kinds((file, name))
                continue
            yield node.get("x-ms-discriminator-value", name), f"#{self._define(file, name, node)}"
            yield from self._kinds((file, name))

    def _find_subtypes(self, file: str) -> None:
        for name, node in self._documents.read(file).get("definitions", {}).items():
            for part in node.get("allOf", ()):
                if "$ref" in part:
                    base_file, base, _ = self._documents.resolve(part["$ref"], file)
                    self._below[base_file, base].append((file, name))


def _newest_members(provider: str) -> dict[str, list[str]]:
    """The members of a provider's enums in its newest SDK, which is of a later version than the documents."""
    if provider != "Microsoft.SecurityInsights":
        return {}
    enums = import_module("azure.mgmt.securityinsight.models._enums")
    found = {name: each for name, each in vars(enums).items() if isinstance(each, type) and issubclass(each, Enum)}
    return {name: [str(member.value) for member in each] for name, each in found.items() if name != "Enum"}


def _written(text: str, flags: str, facts: dict[str, Any]) -> Any:
    kept = {name: value for name, value in facts.items() if value is not None}
    return {"is": text + flags, **kept} if kept else text + flags


def _read_only(node: Any) -> bool:
    return bool(node.get("readOnly")) or node.get("x-ms-mutability") == ["read"]


def _reference(node: Any) -> str | None:
    """The only reference of a node; `allOf` with one member is how some documents write it."""
    if "$ref" in node:
        return node["$ref"]
    parts = node.get("allOf", ())
    return parts[0].get("$ref") if len(parts) == 1 and not node.get("properties") else None


def _stem(file: str) -> str:
    return Path(file).stem


def _provider(path: str) -> str:
    """The provider that a path's last resource is of."""
    if re.search(r"/providers/\{\w+\}/(un)?register$", path):
        return "Microsoft.Resources"
    found = re.findall(r"/providers/([A-Za-z][\w.]*\.[\w.]+)(?=/)", path, re.IGNORECASE)
    name = found[-1] if found else "Microsoft.Resources"
    return "Microsoft.Insights" if name.lower() == "microsoft.insights" else name


def _operations(documents: Documents, file: str) -> Iterator[tuple[str, str, str, Any, list[Any]]]:
    """Each operation of a document: its provider, path, method, node and parameters."""
    document = documents.read(file)
    for path, item in {**document.get("paths", {}), **document.get("x-ms-paths", {})}.items():
        for method in _METHODS:
            if method in item:
                parameters = [*item.get("parameters", ()), *item[method].get("parameters", ())]
                yield _provider(path), path, method, item[method], parameters


def _operation(documents: Documents, distillery: Distillery, file: str, path: str, method: str, node: Any) -> Any:
    fact: dict[str, Any] = {"method": method.upper(), "path": path.rstrip("/")}
    for parameter in node["all"]:
        origin = file
        if "$ref" in parameter:
            origin, _, parameter = documents.resolve(parameter["$ref"], file)
        if parameter.get("in") == "body":
            fact["body"] = distillery.schema(parameter.get("schema", {}), origin, f"{node['operationId']}.body")
            if not parameter.get("required"):
                fact["optional"] = True
    fact["replies"] = {
        status: _reference(reply.get("schema", {})).rpartition("/")[2] if _reference(reply.get("schema", {})) else ""
        for status, reply in sorted(node.get("responses", {}).items())
        if status.isdigit()
    }
    return fact


def distilled(folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """The facts of every provider and version in a folder."""
    documents = Documents(folder.resolve())
    files: dict[tuple[str, str], set[str]] = defaultdict(set)
    for area in AREAS:
        for file in sorted((folder / area).glob("*/spec/*.json")):
            for provider, *_ in _operations(documents, str(file.resolve())):
                files[provider, file.parts[-3]].add(str(file.resolve()))
    return {key: _facts(documents, key[0], sorted(found)) for key, found in sorted(files.items())}


def _facts(documents: Documents, provider: str, files: list[str]) -> dict[str, Any]:
    distillery = Distillery(documents, files, _newest_members(provider))
    operations: dict[str, Any] = {}
    for file in files:
        for named, path, method, node, parameters in _operations(documents, file):
            if named == provider:
                whole = {**node, "all": parameters}
                operations[node["operationId"]] = _operation(documents, distillery, file, path, method, whole)
    return {"definitions": distillery.definitions, "operations": operations}


def _lines(facts: dict[str, Any]) -> str:
    sections: list[str] = []
    for section, entries in facts.items():
        rows = [f"{json.dumps(name)}: {json.dumps(entries[name])}" for name in sorted(entries)]
        sections.append(f'"{section}": {{\n' + ",\n".join(rows) + "\n}")
    return "{\n" + ",\n".join(sections) + "\n}\n"


def main() -> None:
    """Write every file."""
    for (provider, version), facts in distilled(Path(sys.argv[1])).items():
        path = HERE.parent / "shapes" / provider / f"{version}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_lines(facts), encoding="utf-8")


if __name__ == "__main__":
    main()
