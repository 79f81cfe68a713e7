"""Tables as the management plane shows them: what is set, what is stored, and what is built in, put together.

https://learn.microsoft.com/rest/api/loganalytics/tables/get
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from vedette.access.workspaces import Workspace
from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource_ids import ResourcePath
from vedette.kql.types import ScalarType
from vedette.logs.standard_names import STANDARD_COLUMNS, with_standard_columns
from vedette.logs.table_settings import TABLE, TableSettings, days_of_workspace, settings_of
from vedette.logs.tables import BuiltInTable, built_in, built_in_names
from vedette.sentinel.table_schema import TIME_GENERATED, TableColumn, shown_column, shown_columns
from vedette.sentinel.workspaces import workspace_of_id
from vedette.state.documents import Document

DATA_COLLECTION_RULE_BASED, CLASSIC, ANY = "DataCollectionRuleBased", "Classic", "Any"

_SHOWN_STANDARD = ("TenantId", "SourceSystem", "Type", "_ResourceId")
_CLASSIC_STANDARD = ("TenantId", "SourceSystem", "MG", "ManagementGroupName", "TimeGenerated", "Computer", "RawData")


@dataclass(frozen=True, slots=True)
class NamedTable:
    """A table of a workspace: its document if anything was set, its columns if it has storage, its definition if it is
    built in."""

    name: str
    document: Document | None
    columns: Mapping[str, ScalarType] | None
    built_in: BuiltInTable | None

    @property
    def properties(self) -> Mapping[str, Any]:
        """What is set."""
        return self.document.body["properties"] if self.document else {}

    @property
    def type(self) -> str:
        """Who made it: Microsoft, CustomLog, SearchResults or RestoredLogs."""
        if "searchResults" in self.properties:
            return "SearchResults"
        if "restoredLogs" in self.properties:
            return "RestoredLogs"
        return "Microsoft" if self.built_in else "CustomLog"

    @property
    def sub_type(self) -> str:
        """Which APIs it is for."""
        if self.properties.get("subType"):
            return self.properties["subType"]
        return ANY if self.built_in else CLASSIC

    @property
    def custom_columns(self) -> list[TableColumn]:
        """The columns that people declared, TimeGenerated among them in a table of their own."""
        return list(self.properties.get("columns") or ())

    @property
    def settings(self) -> TableSettings:
        """What is set, as the log store reads it."""
        return settings_of(self.document) if self.document else TableSettings()

    @property
    def is_busy(self) -> bool:
        """Whether an operation is at work on it."""
        return self.properties.get("provisioningState", "Succeeded") in ("Updating", "InProgress", "Deleting")


def table_id(workspace: Workspace, name: str) -> str:
    """The ARM id of a table."""
    return f"{workspace.resource_id}/tables/{name}"


def find_table(context: Context, path: ResourcePath) -> NamedTable | None:
    """The table that a path names, in any letter case; None where there is none."""
    workspace = workspace_of_id(context, path.parent_id)
    name = _existing_name(context, workspace, path.name)
    return None if name is None else _named(context, workspace, name)


def find(context: Context, path: ResourcePath) -> Document | None:
    """The table that a path names, as it is shown."""
    table = find_table(context, path)
    if table is None:
        return None
    workspace = workspace_of_id(context, path.parent_id)
    return shown(context, workspace, table, workspace_days(context, workspace))


def list_tables(context: Context, path: ResourcePath) -> Iterable[Document]:
    """Every table of the workspace, as it is shown, in the order of names."""
    workspace = workspace_of_id(context, path.parent_id)
    days = workspace_days(context, workspace)
    documents = {each.name: each for each in context.state.list(TABLE, workspace.resource_id)}
    names = {*built_in_names(), *context.logs.tables.stored_names(workspace.id), *documents}
    tables = (_with_storage(context, workspace, name, documents.get(name)) for name in sorted(names))
    return (shown(context, workspace, table, days) for table in tables)


def answered(context: Context, call: Call, name: str) -> dict[str, Any]:
    """A table as the answer to a change of it."""
    workspace = workspace_of_id(context, call.path.parent_id)
    document = shown(context, workspace, _named(context, workspace, name), workspace_days(context, workspace))
    return {"id": document.id, "name": document.name, "type": document.type} | document.body


def workspace_days(context: Context, workspace: Workspace) -> int:
    """How long the workspace's tables keep rows where nothing else is set."""
    return days_of_workspace(context.state.get(workspace.resource_id))


def shown(context: Context, workspace: Workspace, table: NamedTable, days: int) -> Document:
    """A table as it is shown; `days` are the workspace's."""
    now = context.clock.now()
    set_here = table.settings
    retention = set_here.retention(table.name, days)
    properties: dict[str, Any] = {
        "retentionInDays": retention.days,
        "totalRetentionInDays": retention.total,
        "archiveRetentionInDays": retention.total - retention.days,
        "retentionInDaysAsDefault": set_here.days is None,
        "totalRetentionInDaysAsDefault": set_here.total is None,
        "plan": set_here.plan,
        "schema": _schema(table),
        "provisioningState": table.properties.get("provisioningState", "Succeeded"),
    }
    if "lastPlanModifiedDate" in table.properties:
        properties["lastPlanModifiedDate"] = table.properties["lastPlanModifiedDate"]
    if table.type == "SearchResults":
        properties["searchResults"] = _with_operation(table, "searchResults")
        properties["resultStatistics"] = _statistics(context, table)
    if table.type == "RestoredLogs":
        properties["restoredLogs"] = _with_operation(table, "restoredLogs")
    body: dict[str, Any] = {"properties": properties}
    if table.document and "systemData" in table.document.body:
        body["systemData"] = table.document.body["systemData"]
    return Document(
        table_id(workspace, table.name), TABLE, workspace.resource_id.lower(), table.name, "", body, now, now
    )


def _with_operation(table: NamedTable, name: str) -> dict[str, Any]:
    return {**table.properties[name], "azureAsyncOperationId": table.properties.get("operation")}


def _statistics(context: Context, table: NamedTable) -> dict[str, Any]:
    """What the search job has found: what it left at its end, or has reported so far."""
    if "resultStatistics" in table.properties:
        return table.properties["resultStatistics"]
    operation = context.operations.find(table.properties["operation"])
    progress: Mapping[str, Any] = operation.body["progress"] if operation else {}
    return {"progress": 0, "ingestedRecords": 0, "scannedGb": 0.0} | progress.get("statistics", {})


def _schema(table: NamedTable) -> dict[str, Any]:
    columns, standard = _columns(table)
    return {
        "name": table.name,
        "tableType": table.type,
        "tableSubType": table.sub_type,
        "displayName": table.properties.get("displayName"),
        "description": table.properties.get("description"),
        "columns": columns,
        "standardColumns": standard,
        "categories": None,
        "labels": None,
        "source": "microsoft" if table.built_in else "customer",
        "solutions": ["LogManagement"],
    }


def _columns(table: NamedTable) -> tuple[list[TableColumn] | None, list[TableColumn]]:
    declared = [shown_column(column) for column in table.custom_columns]
    if table.built_in:
        own = with_standard_columns(table.built_in.columns)
        return declared or None, shown_columns({"TenantId": ScalarType.string} | _open(own))
    if table.sub_type == DATA_COLLECTION_RULE_BASED and table.type == "CustomLog":
        return declared, shown_columns({name: STANDARD_COLUMNS[name] for name in _SHOWN_STANDARD})
    stored = _open(table.columns or {})
    named = [*_CLASSIC_STANDARD, *(name for name in stored if name.startswith("_"))]
    standard = {name: stored[name] for name in named if name in stored}
    own = {name: type for name, type in stored.items() if name not in standard and name != "Type"}
    return shown_columns(own), shown_columns({"TenantId": ScalarType.string} | standard)


def _open(columns: Mapping[str, ScalarType]) -> dict[str, ScalarType]:
    """The columns without those that only the server writes."""
    hidden = {"_ItemId", "_BilledSize", "_IsBillable", "_TimeReceived", "_SubscriptionId", "_ResourceId"}
    return {name: type for name, type in columns.items() if name not in hidden}


def stored_columns(table: NamedTable) -> list[TableColumn]:
    """The columns that a collector made, as if people had declared them."""
    own = {name: type for name, type in (table.columns or {}).items() if name not in STANDARD_COLUMNS}
    return [TIME_GENERATED, *({"name": each["name"], "type": each["type"]} for each in shown_columns(own))]


def _named(context: Context, workspace: Workspace, name: str) -> NamedTable:
    return _with_storage(context, workspace, name, context.state.get(table_id(workspace, name)))


def _with_storage(context: Context, workspace: Workspace, name: str, document: Document | None) -> NamedTable:
    stored = context.logs.tables.stored(workspace.id, name)
    columns = {column.name: column.type for column in stored.columns} if stored else None
    return NamedTable(name, document, columns, built_in(name))


def _existing_name(context: Context, workspace: Workspace, name: str) -> str | None:
    document = context.state.get(table_id(workspace, name))
    if document is not None:
        return document.name
    stored = context.logs.tables.stored_names(workspace.id)
    if name in built_in_names() or name in stored:
        return name
    folded = name.lower()
    return _folded_names().get(folded) or next((each for each in stored if each.lower() == folded), None)


@cache
def _folded_names() -> dict[str, str]:
    return {name.lower(): name for name in built_in_names()}
