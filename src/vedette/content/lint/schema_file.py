"""The tables and functions of a workspace as a file that `vedette lint --schema` reads."""

from collections.abc import Iterable, Mapping
from typing import Any

from vedette.content.plain_values import list_of, mapping_of
from vedette.content.writing import json_text
from vedette.logs.search_function import function_of

TABLES_VERSION = "2022-10-01"


def schema_text(tables: Iterable[Mapping[str, Any]], searches: Iterable[Mapping[str, Any]]) -> str:
    """The file, from a workspace's tables and saved searches as its management API answers them.

    https://learn.microsoft.com/rest/api/loganalytics/tables/list-by-workspace
    """
    found = {str(each.get("name")): _columns(mapping_of(each.get("properties"))) for each in tables}
    functions = (function_of(mapping_of(each.get("properties"))) for each in searches)
    told = {each.name: {"parameters": each.parameters, "query": each.body} for each in functions if each}
    return json_text({"tables": dict(sorted(found.items())), "functions": dict(sorted(told.items()))})


def _columns(properties: Mapping[str, Any]) -> dict[str, str]:
    schema = mapping_of(properties.get("schema"))
    listed = [*list_of(schema.get("standardColumns")), *list_of(schema.get("columns"))]
    return {str(mapping_of(each).get("name")): str(mapping_of(each).get("type")).lower() for each in listed}
