"""Functions (parsers) as the Azure-Sentinel repository has them, those of ASIM among them.

https://learn.microsoft.com/azure/sentinel/normalization-develop-parsers
"""

from collections.abc import Mapping
from typing import Any, cast

from vedette.content.forms.place import Place
from vedette.content.forms.rule import ordered
from vedette.content.item import Item
from vedette.content.kinds import PARSER
from vedette.content.plain_values import mapping_of
from vedette.content.problem import WrongContent

FORM = "function"
_VERSION = 2
_PARSER_CATEGORY = "Microsoft Sentinel Parser"
_ASIM_CATEGORY = "ASIM"
_NAMES = ("FunctionName", "ParserName", "FunctionAlias")
_QUERIES = ("FunctionQuery", "ParserQuery")
_ORDER = (
    "id",
    "Function",
    "Category",
    "FunctionName",
    "FunctionParameters",
    "FunctionVersion",
    "FunctionQuery",
    "Tags",
)


def is_function(value: Mapping[str, Any]) -> bool:
    """Whether a mapping has this form."""
    return any(name in value for name in _QUERIES)


def read(place: Place, value: Mapping[str, Any]) -> Item:
    """The function. Raises WrongContent."""
    alias = _first(value, _NAMES, "FunctionName")
    query = _first(value, _QUERIES, "FunctionQuery")
    about = mapping_of(value.get("Function") or value.get("Parser"))
    is_asim = "ParserQuery" in value
    properties: dict[str, Any] = {
        "category": str(value.get("Category") or (_ASIM_CATEGORY if is_asim else _PARSER_CATEGORY)),
        "displayName": str(about.get("Title") or alias),
        "query": query,
        "functionAlias": alias,
        "version": value.get("FunctionVersion", _VERSION),
    }
    parameters = value.get("FunctionParameters")
    told = parameters if isinstance(parameters, str) else _parameters(value.get("ParserParams"))
    if told:
        properties["functionParameters"] = told
    if isinstance(value.get("Tags"), list):
        properties["tags"] = value["Tags"]
    name = str(value.get("id") or "").strip() or alias
    return Item(PARSER, name, {"properties": properties}, source=place.source(FORM))


def _first(value: Mapping[str, Any], names: tuple[str, ...], told: str) -> str:
    for name in names:
        text = value.get(name)
        if isinstance(text, str) and text.strip():
            return text if name in _QUERIES else text.strip()
    raise WrongContent(
        f"'{told}' must be a text that is not empty", next((each for each in names if each in value), "")
    )


def _parameters(told: Any) -> str:
    """`ParserParams`, a list of `Name`, `Type` and `Default`, as a saved search has them in one text."""
    if told is None:
        return ""
    if not isinstance(told, list):
        raise WrongContent("'ParserParams' must be a list of Name, Type and Default", "ParserParams")
    return ",".join(_parameter(index, each) for index, each in enumerate(cast("list[Any]", told)))


def _parameter(index: int, told: Any) -> str:
    if not isinstance(told, Mapping) or not {"Name", "Type"} <= set(cast("Mapping[str, Any]", told)):
        raise WrongContent("a parameter has a Name and a Type", "ParserParams", index)
    parameter = cast("Mapping[str, Any]", told)
    kind, default = str(parameter["Type"]), parameter.get("Default")
    if kind.lower().partition(":")[0] == "table":
        return f"{parameter['Name']}:{kind.partition(':')[2] or '(*)'}"
    text = f"{parameter['Name']}:{kind}"
    return text if default is None else f"{text}={_default(kind, default)}"


def _default(kind: str, default: Any) -> str:
    """A default as the language has it: texts are quoted unless they are already."""
    if isinstance(default, bool):
        return str(default).lower()
    text = str(default)
    is_quoted = text[:1] in ("'", '"') and text[-1:] == text[:1] and len(text) > 1
    if kind.lower() != "string" or is_quoted:
        return text
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def form_of(item: Item) -> dict[str, Any] | None:
    """The function in this form, or None where the form has no room for it."""
    properties = item.body.get("properties")
    if set(item.body) != {"properties"} or not isinstance(properties, Mapping):
        return None
    told = dict(cast("Mapping[str, Any]", properties))
    version = told.pop("version", None)
    form = {
        "id": item.name,
        "Function": {"Title": told.pop("displayName", None)},
        "Category": told.pop("category", None),
        "FunctionName": told.pop("functionAlias", None),
        "FunctionQuery": told.pop("query", None),
    }
    if "functionParameters" in told:
        form["FunctionParameters"] = told.pop("functionParameters")
    if version != _VERSION:
        form["FunctionVersion"] = version
    if "tags" in told:
        form["Tags"] = told.pop("tags")
    return None if told else ordered(form, _ORDER)
