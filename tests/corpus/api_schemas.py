"""The published schemas of replies, made into JSON Schemas; a discriminator's value chooses the kind that must hold."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.corpus.api_examples import EXAMPLES, plain

_MOST_TOLD = 10
_FAMILIES = {"common-types/resource-management": "resource-management", "common": "securityinsights-common"}
_KEPT = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")

Place = tuple[str, str]


def schema_problems(area: str, version: str, method: str, template: str, status: int, body: Any) -> set[str]:
    """Where a reply does not hold against its published schema: paths of fields, each with what is wrong there."""
    validator = _validator(area, version, method, plain(template), status)
    if validator is None:
        return set()
    return {
        f"schema {'.'.join(str(part) for part in error.absolute_path) or 'reply'}: {error.message[:160]}"
        for error in list(validator.iter_errors(body))[:_MOST_TOLD]
    }


@cache
def _validator(area: str, version: str, method: str, template: str, status: int) -> Draft202012Validator | None:
    for file in sorted((EXAMPLES / area / version / "spec").glob("*.json")):
        for path, item in _read(str(file)).get("paths", {}).items():
            operation = item.get(method.lower())
            if plain(path) == template and operation:
                reply = operation["responses"].get(str(status), operation["responses"].get("default", {}))
                schemas = _Schemas(str(file))
                root = schemas.schema(reply.get("schema", {}), str(file))
                return Draft202012Validator({**root, "$defs": schemas.definitions})
    return None


@cache
def _read(file: str) -> Any:
    """A document; an empty one where it is not in the corpus."""
    path = Path(file)
    return json.loads(path.read_text(encoding="utf-8-sig")) if path.is_file() else {}


class _Schemas:
    """The definitions that a reply reaches. Each has two: its own fields, and those with what its kind adds."""

    def __init__(self, file: str) -> None:
        self.definitions: dict[str, Any] = {}
        self._file = file

    def schema(self, node: Any, origin: str) -> Any:
        """A node of a document as a JSON Schema in which every value may be null."""
        if "$ref" in node:
            return {"$ref": f"#/$defs/{self._define(*_target(node['$ref'], origin), whole=True)}"}
        found: dict[str, Any] = {name: node[name] for name in _KEPT if name in node}
        kind = node.get("type")
        if kind in ("string", "integer", "number", "boolean", "array") or (kind == "object" and node.get("properties")):
            found["type"] = [kind, "null"]
        if "enum" in node and kind == "string":
            members = "|".join(re.escape(str(each)) for each in node["enum"])
            found["pattern"] = f"(?i)^({members})$"
        if "items" in node:
            found["items"] = self.schema(node["items"], origin)
        if node.get("properties"):
            found["properties"] = {name: self.schema(each, origin) for name, each in node["properties"].items()}
        if node.get("required"):
            found["required"] = node["required"]
        if isinstance(node.get("additionalProperties"), dict):
            found["additionalProperties"] = self.schema(node["additionalProperties"], origin)
        if node.get("allOf"):
            found["allOf"] = [self._part(each, origin) for each in node["allOf"]]
        return found

    def _part(self, node: Any, origin: str) -> Any:
        if "$ref" not in node:
            return self.schema(node, origin)
        return {"$ref": f"#/$defs/{self._define(*_target(node['$ref'], origin), whole=False)}"}

    def _define(self, file: str, name: str, *, whole: bool) -> str:
        key = re.sub(r"\W", "_", f"{Path(file).parent.parent.name}_{Path(file).stem}_{name}{'_whole' if whole else ''}")
        if key in self.definitions:
            return key
        self.definitions[key] = {}
        node = _read(file).get("definitions", {}).get(name, {})
        own = self.schema(node, file)
        if whole and node.get("discriminator"):
            by = node["discriminator"]
            choices = [
                {
                    "if": {"properties": {by: {"const": value}}, "required": [by]},
                    "then": {"$ref": f"#/$defs/{self._define(*place, whole=False)}"},
                }
                for value, place in _kinds(file, name)
            ]
            own = {"allOf": [own, *choices]}
        self.definitions[key] = own
        return key


def _target(ref: str, origin: str) -> Place:
    file, _, fragment = ref.partition("#")
    name = fragment.rpartition("/")[2]
    beside = (Path(origin).parent / file).resolve() if file else Path(origin)
    if not beside.is_file():
        for mark, family in _FAMILIES.items():
            shared = re.search(rf"{mark}/(v?\d[\d.]*)/([^/]+)$", file)
            if shared and (EXAMPLES / "_common" / family / shared[1]).is_dir():
                return str(EXAMPLES / "_common" / family / shared[1] / shared[2]), name
    return str(beside), name


def _kinds(file: str, base: str) -> Iterator[tuple[str, Place]]:
    """The discriminator's values with their definitions, those of kinds of kinds too."""
    for name, node in _read(file).get("definitions", {}).items():
        if any("$ref" in part and _target(part["$ref"], file) == (file, base) for part in node.get("allOf", ())):
            if "x-ms-discriminator-value" in node:
                yield node["x-ms-discriminator-value"], (file, name)
            yield from _kinds(file, name)
