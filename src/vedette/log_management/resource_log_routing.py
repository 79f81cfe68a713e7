"""Has a resource's logs go where its diagnostic settings say: the category, the table, and the rows for it."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from vedette.access.workspaces import Workspace, Workspaces
from vedette.core.clock import Clock
from vedette.kql.types import ScalarType
from vedette.log_management.diagnostic_setting import DIAGNOSTIC_SETTING, DiagnosticSetting, read_setting
from vedette.log_management.resource_log_rows import Record, RowsOfTable, shared_rows, specific_rows, value_of
from vedette.log_management.resource_log_types import ALL_LOGS, AZURE_DIAGNOSTICS, LogCategory, ResourceLogs, logs_of
from vedette.logs.store import LogStore, Placed
from vedette.state.store import StateStore

_METRICS_TABLE: Final = "AzureMetrics"
_METRICS: Final = ""  # the category of what is a metric
_MOST_KNOWN: Final = 10_000


class ResourceLogRouting:
    """Its methods may be called from any thread; settings are read again when one has changed."""

    def __init__(self, state: StateStore, logs: LogStore, workspaces: Workspaces, clock: Clock) -> None:
        self._state = state
        self._logs = logs
        self._workspaces = workspaces
        self._clock = clock
        self._lock = threading.Lock()
        self._version = -1
        self._known: dict[str, tuple[DiagnosticSetting, ...]] = {}

    def settings_of(self, resource_id: str) -> tuple[DiagnosticSetting, ...]:
        """The resource's settings that send to a workspace."""
        folded = resource_id.rstrip("/").lower()
        version = self._state.version(DIAGNOSTIC_SETTING)
        with self._lock:
            if version != self._version or len(self._known) >= _MOST_KNOWN:
                self._known, self._version = {}, version
            found = self._known.get(folded)
        if found is None:
            documents = self._state.list(DIAGNOSTIC_SETTING, folded)
            read = (read_setting(each.body["properties"]) for each in documents)
            found = tuple(each for each in read if each.workspace)
            with self._lock:
                if version == self._version:
                    self._known[folded] = found
        return found

    def workspaces_of(self, resource_id: str, category: str) -> list[Workspace]:
        """The workspaces that a resource's settings send a category of its logs to."""
        settings = self.settings_of(resource_id)
        if not settings:
            return []
        groups = _groups(logs_of(type_of(resource_id)), category)
        found = (self._workspaces.by_resource_id(each.workspace) for each in settings if each.wants(category, groups))
        return list(dict.fromkeys(each for each in found if each is not None))

    def placed(self, resource_id: str, records: Sequence[Record], category: str) -> list[Placed]:
        """The rows that a resource's records become, by workspace and table. A record without a category of its own
        has the given one. Raises InvalidInput (InvalidDataFormat) for a record that no row can be made of."""
        settings = self.settings_of(resource_id)
        if not settings:
            return []
        known = logs_of(type_of(resource_id))
        by_category: dict[str, list[Record]] = {}
        for each in records:
            by_category.setdefault(_category(each, category), []).append(each)
        found: list[Placed] = []
        for own, its_records in by_category.items():
            for workspace, table in dict.fromkeys(self._places(settings, known, own)):
                made = self._rows(workspace, table, its_records, resource_id, own)
                found.append(Placed(workspace.id, table, made.rows, made.columns))
        return found

    def _places(
        self, settings: Sequence[DiagnosticSetting], known: ResourceLogs | None, category: str
    ) -> Iterator[tuple[Workspace, str]]:
        groups = _groups(known, category)
        for each in settings:
            is_wanted = each.wants_metrics() if category == _METRICS else each.wants(category, groups)
            workspace = self._workspaces.by_resource_id(each.workspace) if is_wanted else None
            if workspace is not None:
                yield workspace, _METRICS_TABLE if category == _METRICS else _table(known, category, each)

    def _rows(
        self, workspace: Workspace, table: str, records: Sequence[Record], resource_id: str, category: str
    ) -> RowsOfTable:
        now, columns = self._clock.now(), self._columns(workspace, table)
        if table == AZURE_DIAGNOSTICS:
            return shared_rows(records, resource_id, category, columns, now)
        return specific_rows(records, resource_id, columns, now)

    def _columns(self, workspace: Workspace, table: str) -> Mapping[str, ScalarType]:
        found = self._logs.catalog(workspace.id).table(table)
        return {} if found is None else {column.name: column.type for column in found.columns}


def type_of(resource_id: str) -> str:
    """The type in a resource's id, folded; "" where it has none."""
    parts = resource_id.strip("/").lower().split("/")
    if "providers" not in parts:
        return ""
    last = len(parts) - 1 - parts[::-1].index("providers")
    return "/".join((parts[last + 1], *parts[last + 2 :: 2])) if len(parts) > last + 2 else ""


def _category(record: Record, category: str) -> str:
    if value_of(record, "metricName") is not None:
        return _METRICS
    own = value_of(record, "category")
    return own if isinstance(own, str) and own else category


def _known_category(known: ResourceLogs | None, category: str) -> LogCategory | None:
    folded = category.lower()
    return next((each for each in known.logs if each.name.lower() == folded), None) if known else None


def _groups(known: ResourceLogs | None, category: str) -> Sequence[str]:
    """The groups of a category; one that is not known is one of all logs."""
    found = _known_category(known, category)
    return found.groups if found else (ALL_LOGS,)


def _table(known: ResourceLogs | None, category: str, setting: DiagnosticSetting) -> str:
    found = _known_category(known, category)
    if known is None or found is None or not found.table:
        return AZURE_DIAGNOSTICS
    return found.table if setting.dedicated or not known.azure_diagnostics else AZURE_DIAGNOSTICS
