"""Management commands that tools send to Kusto: what shows something is answered, everything else is refused by name.

https://learn.microsoft.com/kusto/management/
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from vedette import __version__
from vedette.access.principals import Principal
from vedette.access.workspaces import Workspace
from vedette.api import kusto_schema as schema
from vedette.api.kusto_command_text import CommandText
from vedette.api.kusto_history import History
from vedette.api.query_running import AT_ONCE
from vedette.core.errors import InvalidInput, NotFound
from vedette.core.ids import derived_id
from vedette.kql.catalog import Catalog, StoredFunction, Table
from vedette.kql.types import ScalarType

S, B, D, G, J, L, T = (
    ScalarType.string,
    ScalarType.bool,
    ScalarType.datetime,
    ScalarType.guid,
    ScalarType.dynamic,
    ScalarType.long,
    ScalarType.timespan,
)

Columns = tuple[tuple[str, ScalarType], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A command's result; cells are JSON values."""

    columns: Columns
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Commands:
    """What commands may see: the databases that the caller may query (the first is the request's own), the names in
    each, how many rows a table has, and what the caller asked before."""

    principal: Principal
    databases: tuple[Workspace, ...]
    catalog: Callable[[Workspace], Catalog]
    count: Callable[[Workspace, str], int]
    history: History

    def run(self, command: CommandText) -> Shown:
        """A command's result. Raises InvalidInput for one that is not answered here, NotFound for a name."""
        for pattern, show in _COMMANDS:
            names = command.named(pattern)
            if names is not None:
                return show(self, names)
        raise InvalidInput("General_BadRequest", f"The command '{command.title}' is not supported here.")

    def database(self, name: str) -> Workspace:
        """The database of a name. Raises NotFound."""
        wanted = name.lower()
        if wanted == "*":
            return self.databases[0]
        found = [each for each in self.databases if wanted in (each.name.lower(), each.id.lower())]
        if not found:
            raise NotFound("BadRequest_EntityNotFound", f"Database '{name[:80]}' could not be found.")
        return found[0]

    def table(self, name: str) -> Table:
        """A table of the request's database. Raises NotFound."""
        table = self.catalog(self.databases[0]).table(name)
        if table is None:
            raise NotFound("BadRequest_EntityNotFound", f"Entity '{name[:200]}' of kind 'Table' was not found.")
        return table

    def function(self, name: str) -> StoredFunction:
        """A function of the request's database. Raises NotFound."""
        function = self.catalog(self.databases[0]).function(name)
        if function is None:
            raise NotFound("BadRequest_EntityNotFound", f"Entity '{name[:200]}' of kind 'Function' was not found.")
        return function


Show = Callable[[Commands, tuple[str, ...]], Shown]

# --- the server ----------------------------------------------------------------------------------------------------


def _version(_commands: Commands, _names: tuple[str, ...]) -> Shown:
    columns = (("BuildVersion", S), ("BuildTime", D), ("ServiceType", S), ("ProductVersion", S), ("ServiceOffering", S))
    return Shown(columns, [[__version__, None, "Engine", f"Vedette {__version__}", ""]])


def _cluster(_commands: Commands, _names: tuple[str, ...]) -> Shown:
    columns = (("NodeId", S), ("Name", S), ("IsAdmin", B), ("ProcessorCount", L), ("ProductVersion", S))
    return Shown(columns, [["0", "Vedette", True, os.cpu_count(), __version__]])


def _capacity(_commands: Commands, _names: tuple[str, ...]) -> Shown:
    columns = (("Resource", S), ("Total", L), ("Consumed", L), ("Remaining", L), ("Origin", S))
    return Shown(columns, [["Queries", AT_ONCE, 0, AT_ONCE, "QueriesOfOneCaller"]])


# --- databases -----------------------------------------------------------------------------------------------------

_DATABASE: Columns = (
    ("DatabaseName", S),
    ("PersistentStorage", S),
    ("Version", S),
    ("IsCurrent", B),
    ("DatabaseAccessMode", S),
    ("PrettyName", S),
)
_TRANSITION: Columns = (("InTransitionTo", S), ("SuspensionState", S))
_POLICIES: Columns = (
    ("AuthorizedPrincipals", S),
    ("RetentionPolicy", S),
    ("MergePolicy", S),
    ("CachingPolicy", S),
    ("ShardingPolicy", S),
    ("StreamingIngestionPolicy", S),
    ("IngestionBatchingPolicy", S),
)


def _databases(commands: Commands, names: tuple[str, ...]) -> Shown:
    rows = [[*_described(commands, each), False, each.id, "", ""] for each in _chosen(commands, names)]
    return Shown((*_DATABASE, ("ReservedSlot1", B), ("DatabaseId", G), *_TRANSITION), rows)


def _database_identity(commands: Commands, names: tuple[str, ...]) -> Shown:
    chosen = commands.databases[:1] if not names else _chosen(commands, names)
    rows = [[*_described(commands, each), True, each.id, "", ""] for each in chosen]
    return Shown((*_DATABASE, ("CurrentUserIsUnrestrictedViewer", B), ("DatabaseId", G), *_TRANSITION), rows)


def _databases_identity(commands: Commands, _names: tuple[str, ...]) -> Shown:
    return _database_identity(commands, tuple(each.name for each in commands.databases))


def _database_details(commands: Commands, names: tuple[str, ...]) -> Shown:
    chosen = commands.databases[:1] if not names else _chosen(commands, names)
    return _details(commands, chosen)


def _databases_details(commands: Commands, _names: tuple[str, ...]) -> Shown:
    return _details(commands, commands.databases)


def _details(commands: Commands, chosen: Iterable[Workspace]) -> Shown:
    policies = ["null" for _ in _POLICIES]
    rows = [[*_described(commands, each), *policies, each.id, "", ""] for each in chosen]
    return Shown((*_DATABASE, *_POLICIES, ("DatabaseId", G), *_TRANSITION), rows)


def _entities(commands: Commands, _names: tuple[str, ...]) -> Shown:
    columns = (
        ("DatabaseName", S),
        ("EntityType", S),
        ("EntityName", S),
        ("DocString", S),
        ("Folder", S),
        ("CslInputSchema", S),
        ("Content", S),
        ("CslOutputSchema", S),
        ("Properties", J),
    )
    rows: list[list[Any]] = []
    for database in commands.databases:
        catalog = commands.catalog(database)
        for table in schema.tables_of(catalog):
            note, listed = schema.note_of(table), schema.column_list(table.columns)
            rows.append([database.name, "Table", table.name, note, "", "", "", listed, {}])
        for function in schema.functions_of(catalog):
            parameters, body = f"({function.parameters})", f"{{{function.body}\n}}"
            rows.append([database.name, "Function", function.name, "", "", parameters, body, "", {}])
    return Shown(columns, rows)


def _described(commands: Commands, database: Workspace) -> list[Any]:
    return [database.name, "", "v1.0", database is commands.databases[0], "ReadOnly", database.name]


def _chosen(commands: Commands, names: tuple[str, ...]) -> list[Workspace]:
    return [commands.database(name) for name in names] if names else list(commands.databases)


# --- schemas -------------------------------------------------------------------------------------------------------


def _schema_rows(commands: Commands, names: tuple[str, ...]) -> Shown:
    columns = (
        ("DatabaseName", S),
        ("TableName", S),
        ("ColumnName", S),
        ("ColumnType", S),
        ("IsDefaultTable", B),
        ("IsDefaultColumn", B),
        ("PrettyName", S),
        ("Version", S),
        ("Folder", S),
        ("DocString", S),
    )
    rows: list[list[Any]] = []
    for database in _chosen(commands, names):
        rows.append([database.name, "", "", "", False, False, database.name, "v1.0", "", ""])
        for table in schema.tables_of(commands.catalog(database)):
            rows.append([database.name, table.name, "", "", False, False, "", "", "", schema.note_of(table)])
            rows.extend(
                [database.name, table.name, each.name, schema.SYSTEM_TYPES[each.type], False, False, "", "", "", ""]
                for each in table.columns
            )
    return Shown(columns, rows)


def _schema_json(commands: Commands, names: tuple[str, ...]) -> Shown:
    return Shown((("DatabaseSchema", S),), [[_json({"Databases": _schemas(commands, names)})]])


def _cluster_schema_json(commands: Commands, _names: tuple[str, ...]) -> Shown:
    return Shown((("ClusterSchema", S),), [[_json({"Plugins": [], "Databases": _schemas(commands, ())})]])


def _schema_script(commands: Commands, names: tuple[str, ...]) -> Shown:
    (database,) = _chosen(commands, names)
    return Shown((("DatabaseSchemaScript", S),), [[line] for line in schema.script_of(commands.catalog(database))])


def _schemas(commands: Commands, names: tuple[str, ...]) -> dict[str, Any]:
    return {each.name: schema.database_schema(each.name, commands.catalog(each)) for each in _chosen(commands, names)}


# --- tables --------------------------------------------------------------------------------------------------------

_TABLE: Columns = (("TableName", S), ("DatabaseName", S), ("Folder", S), ("DocString", S))
_TABLE_SCHEMA: Columns = (("TableName", S), ("Schema", S), ("DatabaseName", S), ("Folder", S), ("DocString", S))


def _tables(commands: Commands, names: tuple[str, ...]) -> Shown:
    return Shown(_TABLE, [_table_row(commands, table) for table in _chosen_tables(commands, names)])


def _tables_details(commands: Commands, names: tuple[str, ...]) -> Shown:
    columns = (*_TABLE, ("TotalRowCount", L), ("HotRowCount", L), ("TableId", G))
    database = commands.databases[0]
    rows: list[list[Any]] = []
    for table in _chosen_tables(commands, names):
        count = commands.count(database, table.name) if table.is_stored else 0
        rows.append([*_table_row(commands, table), count, count, derived_id("table", database.id, table.name)])
    return Shown(columns, rows)


def _table_columns(commands: Commands, names: tuple[str, ...]) -> Shown:
    columns = (("AttributeName", S), ("AttributeType", S), ("AttributeCslType", S), ("Folder", S), ("DocString", S))
    rows = [
        [each.name, schema.SYSTEM_TYPES[each.type], each.type.value, "", ""] for each in commands.table(*names).columns
    ]
    return Shown(columns, rows)


def _table_json(commands: Commands, names: tuple[str, ...]) -> Shown:
    table = commands.table(*names)
    return Shown(_TABLE_SCHEMA, [_with_schema(commands, table, _json(schema.table_schema(table)))])


def _table_csl(commands: Commands, names: tuple[str, ...]) -> Shown:
    table = commands.table(*names)
    listed = ",".join(f"{each.name}:{each.type.value}" for each in table.columns)
    return Shown(_TABLE_SCHEMA, [_with_schema(commands, table, listed)])


def _with_schema(commands: Commands, table: Table, text: str) -> list[Any]:
    name, database, folder, note = _table_row(commands, table)
    return [name, text, database, folder, note]


def _table_row(commands: Commands, table: Table) -> list[Any]:
    return [table.name, commands.databases[0].name, "", schema.note_of(table)]


def _chosen_tables(commands: Commands, names: tuple[str, ...]) -> list[Table]:
    if names:
        return [commands.table(name) for name in names]
    return schema.tables_of(commands.catalog(commands.databases[0]))


# --- functions -----------------------------------------------------------------------------------------------------

_FUNCTION: Columns = (("Name", S), ("Parameters", S), ("Body", S), ("Folder", S), ("DocString", S))


def _functions(commands: Commands, _names: tuple[str, ...]) -> Shown:
    functions = schema.functions_of(commands.catalog(commands.databases[0]))
    return Shown(_FUNCTION, [_function_row(function) for function in functions])


def _function(commands: Commands, names: tuple[str, ...]) -> Shown:
    return Shown(_FUNCTION, [_function_row(commands.function(*names))])


def _function_json(commands: Commands, names: tuple[str, ...]) -> Shown:
    function = commands.function(*names)
    columns = (("Name", S), ("Schema", S), ("DatabaseName", S), ("Folder", S), ("DocString", S))
    text = _json(schema.function_schema(function))
    return Shown(columns, [[function.name, text, commands.databases[0].name, "", ""]])


def _function_row(function: StoredFunction) -> list[Any]:
    return [function.name, f"({function.parameters})", f"{{{function.body}\n}}", "", ""]


# --- the caller ----------------------------------------------------------------------------------------------------


def _principal(commands: Commands, _names: tuple[str, ...]) -> Shown:
    """The databases that the caller may query are those that it is a viewer of."""
    columns = (("Scope", S), ("DisplayName", S), ("AADObjectID", S), ("Role", S))
    object_id, name = commands.principal.object_id, commands.principal.name
    return Shown(columns, [[f"Database {each.name}", name, object_id, "Viewer"] for each in commands.databases])


def _queries(commands: Commands, _names: tuple[str, ...]) -> Shown:
    """The caller's own, the last first."""
    columns = (
        ("ClientActivityId", S),
        ("Text", S),
        ("Database", S),
        ("StartedOn", D),
        ("LastUpdatedOn", D),
        ("Duration", T),
        ("State", S),
        ("RootActivityId", G),
        ("User", S),
        ("FailureReason", S),
        ("Principal", S),
    )
    return Shown(columns, commands.history.rows(commands.principal))


def _running(commands: Commands, names: tuple[str, ...]) -> Shown:
    shown = _queries(commands, names)
    return Shown(shown.columns, [row for row in shown.rows if row[6] == "InProgress"])


# --- what there is none of -----------------------------------------------------------------------------------------


def _none(*columns: tuple[str, ScalarType]) -> Show:
    return lambda _commands, _names: Shown(columns, [])


_VIEW: Columns = (
    ("Name", S),
    ("SourceTable", S),
    ("Query", S),
    ("MaterializedTo", D),
    ("LastRun", D),
    ("LastRunResult", S),
    ("IsHealthy", B),
    ("IsEnabled", B),
    ("Folder", S),
    ("DocString", S),
    ("AutoUpdateSchema", B),
    ("EffectiveDateTime", D),
    ("Lookback", T),
)
_OPERATION: Columns = (
    ("OperationId", G),
    ("Operation", S),
    ("NodeId", S),
    ("StartedOn", D),
    ("LastUpdatedOn", D),
    ("Duration", T),
    ("State", S),
    ("Status", S),
    ("RootActivityId", G),
    ("ShouldRetry", B),
    ("Database", S),
    ("Principal", S),
    ("User", S),
)
_EXTERNAL_TABLE: Columns = (("TableName", S), ("TableType", S), ("Folder", S), ("DocString", S), ("Properties", S))

_COMMANDS: Final[Sequence[tuple[str, Show]]] = (
    ("show version", _version),
    ("show cluster", _cluster),
    ("show capacity", _capacity),
    ("show databases", _databases),
    ("show cluster databases", _databases),
    ("show databases {names}", _databases),
    ("show cluster databases {names}", _databases),
    ("show databases identity", _databases_identity),
    ("show cluster databases identity", _databases_identity),
    ("show databases details", _databases_details),
    ("show cluster databases details", _databases_details),
    ("show databases policies", _databases_details),
    ("show cluster databases policies", _databases_details),
    ("show databases entities", _entities),
    ("show database", _database_identity),
    ("show database identity", _database_identity),
    ("show database details", _database_details),
    ("show database policies", _database_details),
    ("show database {name}", _database_identity),
    ("show database {name} identity", _database_identity),
    ("show database {name} details", _database_details),
    ("show database {name} policies", _database_details),
    ("show database schema", _schema_rows),
    ("show database schema as json", _schema_json),
    ("show database schema as csl script", _schema_script),
    ("show database {name} schema", _schema_rows),
    ("show database {name} schema details", _schema_rows),
    ("show database {name} schema as json", _schema_json),
    ("show database {name} schema as csl script", _schema_script),
    ("show database {name} cslschema", _schema_script),
    ("show databases schema", _schema_rows),
    ("show databases schema as json", _schema_json),
    ("show databases {names} schema", _schema_rows),
    ("show databases {names} schema details", _schema_rows),
    ("show databases {names} schema as json", _schema_json),
    ("show cluster schema as json", _cluster_schema_json),
    ("show schema", _schema_rows),
    ("show schema as json", _cluster_schema_json),
    ("show tables", _tables),
    ("show tables details", _tables_details),
    ("show tables {names}", _tables),
    ("show tables {names} details", _tables_details),
    ("show table {name}", _table_columns),
    ("show table {name} details", _tables_details),
    ("show table {name} schema as json", _table_json),
    ("show table {name} cslschema", _table_csl),
    ("show functions", _functions),
    ("show function {name}", _function),
    ("show function {name} schema as json", _function_json),
    ("show principal access", _principal),
    ("show principal roles", _principal),
    ("show database principals", _principal),
    ("show database {name} principals", _principal),
    ("show queries", _queries),
    ("show running queries", _running),
    ("show operations", _none(*_OPERATION)),
    ("show materialized-views", _none(*_VIEW)),
    ("show external tables", _none(*_EXTERNAL_TABLE)),
    ("show entity_groups", _none(("Name", S), ("Entities", S))),
)


def _json(value: Mapping[str, Any]) -> str:
    return orjson.dumps(value).decode()
