"""The function that a saved search defines, by its properties `query`, `functionAlias` and `functionParameters`.

https://learn.microsoft.com/rest/api/loganalytics/saved-searches/create-or-update
"""

from collections.abc import Mapping
from typing import Any

from vedette.kql.catalog import StoredFunction
from vedette.kql.parser import parse_function


def function_of(properties: Mapping[str, Any]) -> StoredFunction | None:
    """The function that a saved search defines; None where it is only a query."""
    name = properties.get("functionAlias")
    if not isinstance(name, str) or not name:
        return None
    return StoredFunction(name, str(properties.get("functionParameters") or ""), str(properties.get("query") or ""))


def check_function(properties: Mapping[str, Any]) -> None:
    """Refuse a saved search whose function could not be called. Raises KqlError, whose text is the parameters or the
    body, whichever is at fault."""
    function = function_of(properties)
    if function is not None:
        parse_function(function.parameters, function.body)
