"""The functions that people save in a workspace: saved searches with an alias.

They are documents of the type savedSearches below their workspace, as the management API has them.
"""

import threading
from collections.abc import Mapping

from vedette.kql.catalog import StoredFunction
from vedette.logs.search_function import function_of
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
