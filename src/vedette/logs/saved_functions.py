"""The functions that people save in a workspace: saved searches with an alias.

They are documents of the type savedSearches below their workspace, as the management API has them; what is read here
are the properties `query`, `functionAlias` and `functionParameters`.
https://learn.microsoft.com/rest/api/loganalytics/saved-searches/create-or-update
"""

import threading
from collections.abc import Mapping
from typing import Any

from vedette.kql.catalog import StoredFunction
from vedette.kql.parser import parse_function
from vedette.state.store import StateStore

SAVED_SEARCH = "Microsoft.OperationalInsights/workspaces/savedSearches"


class SavedFunctions:
    """The saved functions of all workspaces. They are read again when a saved search has changed."""

    def __init__(self, state: StateStore) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._version = -1
        self._by_workspace: dict[str, dict[str, StoredFunction]] = {}

    def of(self, workspace_resource_id: str) -> Mapping[str, StoredFunction]:
        """The functions of a workspace by name; of two with one name, the one that was saved last."""
        version = self._state.version(SAVED_SEARCH)
        with self._lock:
            if version != self._version:
                self._by_workspace = self._read()
                self._version = version
            return self._by_workspace.get(workspace_resource_id.lower(), {})

    def _read(self) -> dict[str, dict[str, StoredFunction]]:
        found: dict[str, dict[str, StoredFunction]] = {}
        for document in sorted(self._state.list(SAVED_SEARCH), key=lambda each: each.modified):
            function = function_of(document.body.get("properties") or {})
            if function is not None:
                found.setdefault(document.scope, {})[function.name] = function
        return found


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
