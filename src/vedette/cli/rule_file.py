"""Reads an analytics rule from a file: Azure-Sentinel's YAML, a rule as the management API has it, an ARM template."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import orjson

from vedette.core.durations import format_duration, parse_duration
from vedette.core.errors import InvalidInput, NotFound, Unsupported

_TYPE = "alertrules"
_OPERATORS = {"gt": "GreaterThan", "lt": "LessThan", "eq": "Equal", "ne": "NotEqual"}
_SHORT = re.compile(r"(\d+)\s*([smhd])")
_RENAMED = {"name": "displayName", "relevantTechniques": "techniques"}
_NOT_OF_RULE = frozenset({"id", "kind", "version", "requiredDataConnectors", "status", "metadata", "tags"})
_DURATIONS = ("queryFrequency", "queryPeriod", "suppressionDuration")
_MOST_BYTES = 1_000_000

_DEFAULTS: dict[str, Any] = {
    "enabled": True,
    "severity": "Medium",
    "triggerOperator": "GreaterThan",
    "triggerThreshold": 0,
    "suppressionDuration": "PT5H",
    "suppressionEnabled": False,
}


def read_rule(path: Path) -> dict[str, Any]:
    """The rule as `{"kind", "properties"}`. Raises InvalidInput where the file holds no rule, or several; Unsupported
    where nothing here reads YAML."""
    if path.stat().st_size > _MOST_BYTES:
        raise InvalidInput("InvalidRuleFile", f"{path} is larger than a rule can be.")
    content = path.read_bytes()
    told = _yaml(path, content) if path.suffix.lower() in (".yaml", ".yml") else _json(path, content)
    if not isinstance(told, dict):
        raise InvalidInput("InvalidRuleFile", f"{path} holds no rule: it is not an object.")
    return rule_of(path, cast("dict[str, Any]", told))


def _json(path: Path, content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("InvalidRuleFile", f"{path} is not JSON: {error}.") from error


def _yaml(path: Path, content: bytes) -> Any:
    import yaml

    try:
        return yaml.safe_load(content)
    except (yaml.YAMLError, ValueError) as error:
        raise InvalidInput("InvalidRuleFile", f"{path} is not YAML: {' '.join(str(error).split())}") from error


def rule_of(path: Path, told: dict[str, Any]) -> dict[str, Any]:
    """The rule that the file of this path holds as `told`. Raises as `read_rule` does."""
    resources = told.get("resources")
    if isinstance(resources, list):
        rules = [each for each in cast("list[Any]", resources) if _is_rule(each)]
        if len(rules) != 1:
            raise InvalidInput("InvalidRuleFile", f"{path} is a template with {len(rules)} alert rules; one is needed.")
        return rule_of(path, rules[0])
    if isinstance(told.get("properties"), dict):
        properties = _DEFAULTS | cast("dict[str, Any]", told["properties"])
        expression = next(
            (name for name in ("query", "displayName") if str(properties.get(name)).startswith("[")), None
        )
        if expression is not None:
            raise Unsupported(
                "TemplateExpression",
                f"{path}: '{expression}' is a template expression, which only a deployment can fill in.",
            )
        return {"kind": told.get("kind", "Scheduled"), "properties": properties}
    if "query" not in told:
        raise NotFound("NoRule", f"{path} holds no analytics rule: it has no 'query' and no 'properties'.")
    return {"kind": told.get("kind", "Scheduled"), "properties": _properties(told)}


def _is_rule(resource: Any) -> bool:
    kind = str(cast("Mapping[str, Any]", resource).get("type", "")) if isinstance(resource, dict) else ""
    return kind.lower().rpartition("/")[2] == _TYPE


def _properties(told: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a rule in the form of the Azure-Sentinel repository.

    https://github.com/Azure/Azure-Sentinel/wiki/Query-Style-Guide
    """
    properties = {_RENAMED.get(name, name): value for name, value in told.items() if name not in _NOT_OF_RULE}
    properties["tactics"] = [str(each).replace(" ", "") for each in properties.get("tactics") or ()]
    operator = str(properties.get("triggerOperator", "gt")).lower()
    properties["triggerOperator"] = _OPERATORS.get(operator, properties.get("triggerOperator"))
    for name in _DURATIONS:
        if name in properties:
            properties[name] = _duration(str(properties[name]))
    return _DEFAULTS | properties


def _duration(text: str) -> str:
    """`1h`, `14d` as ISO 8601; another text as it is, for the server to judge."""
    match = _SHORT.fullmatch(text.strip().lower())
    if match is None:
        return text
    number, unit = match.groups()
    return format_duration(parse_duration(f"P{number}D" if unit == "d" else f"PT{number}{unit.upper()}"))
