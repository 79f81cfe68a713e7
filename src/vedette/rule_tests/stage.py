"""The parts of a server that a test needs, real ones: logs in memory, documents in a file that is gone afterwards.

All tests of a process share them, for making them takes longer than a test; between two tests every row is removed.
"""

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

from vedette.access.workspaces import Workspace
from vedette.core.ids import new_id
from vedette.core.settings import RuleSettings
from vedette.detect.incidents import INCIDENT, incident_alerts
from vedette.detect.query_kinds import NearRealTime, Scheduled
from vedette.engine.duckdb import DuckDBEngine
from vedette.engine.limits import Limits
from vedette.kql.catalog import StoredFunction
from vedette.kql.types import ScalarType
from vedette.logs.result import QueryResult
from vedette.logs.saved_functions import SAVED_SEARCH
from vedette.logs.standard_names import RECEIVED, with_standard_columns
from vedette.logs.store import LogStore
from vedette.logs.tables import built_in
from vedette.state.documents import Document
from vedette.state.store import StateStore

_RESOURCE_ID: Final = (
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/tests"
    "/providers/Microsoft.OperationalInsights/workspaces/tests"
)
WORKSPACE: Final = Workspace("00000000-0000-4000-8000-000000000002", "tests", _RESOURCE_ID, "", "")
_IN_MEMORY: Final = Path("/dev/shm")
_MEMORY: Final = 1_000_000_000
_END_OF_TIME: Final = datetime(9999, 1, 1, tzinfo=UTC)


class MovedClock:
    """A clock that is where it is put; each test puts it anew."""

    def __init__(self) -> None:
        self.instant = datetime(2024, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return self.instant


def new_folder() -> Path:
    """A new folder for a stage, in memory where the machine has that."""
    in_memory = _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK)
    return Path(mkdtemp(prefix="vedette-test-", dir=_IN_MEMORY if in_memory else None))


class Stage:
    """What tests run on; for one thread. `close` leaves nothing behind."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is where its files are, one of its own if none is given; it is removed in the end."""
        self.clock = MovedClock()
        self._folder = folder or new_folder()
        self._state: StateStore | None = None
        self._engine: DuckDBEngine | None = None
        try:
            self._state = StateStore(f"sqlite:///{self._folder}/state.db", self.clock, new_id)
            self._engine = DuckDBEngine(None, memory_limit=_MEMORY, threads=1, has_small_results=True)
            self.logs = LogStore(self._engine, self.clock, self._state)
        except BaseException:
            self.close()
            raise
        self.state = self._state
        self.logs.create_workspace(WORKSPACE.id, WORKSPACE.name, WORKSPACE.resource_id)
        limits = Limits(timeout=RuleSettings().timeout)
        self._kinds: Mapping[str, Scheduled | NearRealTime] = {
            "scheduled": Scheduled(self.logs, limits),
            "nrt": NearRealTime(self.logs, limits),
        }
        self._cases = 0
        self._touched: set[str] = set()
        self._has_functions = False
        self.workspace = WORKSPACE

    def begin(self, now: datetime) -> None:
        """An empty workspace, at an instant. Incidents and entities of the tests before are another workspace's."""
        self.clear()
        self._cases += 1
        self.workspace = replace(WORKSPACE, resource_id=f"{_RESOURCE_ID}{self._cases}")
        self.clock.instant = now

    def clear(self) -> None:
        """Remove every row and function, and the tables that not every workspace has, or has with other columns."""
        for name in sorted(self._touched):
            if self._is_as_built_in(name):
                self.logs.tables.delete_before(WORKSPACE.id, name, RECEIVED, _END_OF_TIME)
            else:
                self.logs.tables.drop(WORKSPACE.id, name)
        self._touched.clear()
        if self._has_functions:
            with self.state.transaction() as transaction:
                for each in transaction.list(SAVED_SEARCH, WORKSPACE.resource_id):
                    transaction.delete(each.id)
            self._has_functions = False

    def kind(self, name: str) -> Scheduled | NearRealTime | None:
        """The kind of rule of this name, if it is one that is a query."""
        return self._kinds.get(name.lower())

    def append(
        self, table: str, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, ScalarType], received: datetime
    ) -> None:
        """Store rows that arrive at an instant. Raises what `LogStore.append` raises."""
        self._touched.add(table)
        now, self.clock.instant = self.clock.instant, received
        try:
            self.logs.append(WORKSPACE.id, table, rows, columns=columns).result()
        finally:
            self.clock.instant = now

    def prepare(self, tables: Mapping[str, Mapping[str, ScalarType]], functions: Iterable[StoredFunction]) -> None:
        """Make tables, of these columns, that may stay empty, and save functions. Raises Conflict."""
        for name, columns in tables.items():
            self._touched.add(name)
            self.logs.tables.create(WORKSPACE.id, name, columns)
        for function in functions:
            self._save(function)

    def apply_findings(self) -> None:
        """Let queries see the rows of what rules found: SecurityAlert, SecurityIncident."""
        self.logs.apply_outbox()
        self._touched.update(self.logs.stored_tables(WORKSPACE.id))

    def forget_findings(self) -> None:
        """Let no query see what rules found before."""
        self.apply_findings()
        self.clear()

    def query(self, text: str, window: tuple[datetime, datetime], *, by_arrival: bool = False) -> QueryResult:
        """What a query finds as a rule's would that runs over the window. Raises what `LogStore.query` raises."""
        return self.logs.query(
            WORKSPACE.id, text, timespan=window, by_arrival=by_arrival, now=window[1], with_waiting=False
        )

    def incidents(self) -> list[tuple[Document, int]]:
        """The incidents of this test and how many alerts each has, in the order of their numbers."""
        found = self.state.list(INCIDENT, self.workspace.resource_id)
        found.sort(key=lambda each: each.body["properties"]["incidentNumber"])
        return [(each, len(incident_alerts(self.state, each.id))) for each in found]

    def close(self) -> None:
        """Let go of everything."""
        for part in (getattr(self, "logs", None), self._engine, self._state):
            if part is not None:
                part.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _save(self, function: StoredFunction) -> None:
        self._has_functions = True
        name, properties = function.name, {"query": function.body, "functionParameters": function.parameters}
        with self.state.transaction() as transaction:
            transaction.put(
                id=f"{WORKSPACE.resource_id}/savedSearches/{name}",
                type=SAVED_SEARCH,
                scope=WORKSPACE.resource_id,
                name=name,
                body={"properties": {**properties, "functionAlias": name}},
            )

    def _is_as_built_in(self, name: str) -> bool:
        known, stored = built_in(name), self.logs.tables.stored(WORKSPACE.id, name)
        return known is not None and stored is not None and len(stored.columns) <= len(columns_of(name) or ())


def columns_of(name: str) -> Mapping[str, ScalarType] | None:
    """All columns of a built-in table; None where there is no such table."""
    known = built_in(name)
    return None if known is None else with_standard_columns(known.columns)
