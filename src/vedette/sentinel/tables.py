"""The Tables API: custom tables are made, changed and deleted, others get a plan and a retention.

https://learn.microsoft.com/rest/api/loganalytics/tables
"""

import re
import threading
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final, cast

from vedette.access.workspaces import Workspace
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import not_found
from vedette.arm.envelope import received_body
from vedette.arm.operations import OPERATIONS, Running, Work
from vedette.arm.resource import Resource, Source
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import Conflict, InvalidInput
from vedette.logs.table_settings import ANALYTICS, AUXILIARY, BASIC, TABLE, settings_of
from vedette.sentinel.operation_statuses import accepted
from vedette.sentinel.purge import delete_data
from vedette.sentinel.restored_logs import RESTORED_SUFFIX, restore
from vedette.sentinel.search_jobs import SEARCH_SUFFIX, cancel_search, search
from vedette.sentinel.table_documents import (
    DATA_COLLECTION_RULE_BASED,
    NamedTable,
    answered,
    find,
    find_table,
    list_tables,
    stored_columns,
    table_id,
    workspace_days,
)
from vedette.sentinel.table_schema import (
    MOST_COLUMNS,
    TIME_GENERATED,
    TableColumn,
    invalid,
    read_columns,
    scalar_type,
)
from vedette.sentinel.workspaces import WORKSPACE, workspace_of_id
from vedette.state.documents import Document
from vedette.state.store import Transaction

CUSTOM_SUFFIX: Final = "_CL"
DROP_TABLE: Final = "dropTable"

_TABLE_NAME = re.compile(r"[A-Za-z0-9_-]{4,63}")
_PLANS = {plan.lower(): plan for plan in (ANALYTICS, BASIC, AUXILIARY)}
_DAYS = {"retentionInDays": (4, 730), "totalRetentionInDays": (4, 4383)}
_SHORTENED_HELD = timedelta(days=30)  # documented: until then a shortened total retention can be taken back
_DROP_SECONDS = 2.0  # that a DELETE waits, so that its first poll finds it done
_READ_ONLY = frozenset(
    {
        "archiveRetentionInDays",
        "resultStatistics",
        "lastPlanModifiedDate",
        "provisioningState",
        "retentionInDaysAsDefault",
        "totalRetentionInDaysAsDefault",
    }
)


_changing = threading.Lock()


def _put(context: Context, call: Call) -> Answer:
    properties = received_body(call.body, _READ_ONLY)["properties"]
    if properties.get("searchResults") is not None:
        return search(context, call, properties)
    if properties.get("restoredLogs") is not None:
        return restore(context, call, properties)
    return _change(context, call, properties, replace=True)


def _patch(context: Context, call: Call) -> Answer:
    if find_table(context, call.path) is None:
        raise not_found(TABLES, call.path)
    return _change(context, call, received_body(call.body, _READ_ONLY)["properties"], replace=False)


def _change(context: Context, call: Call, properties: Mapping[str, Any], *, replace: bool) -> Answer:
    """Make a table or change one. Two changes come one after the other, and the state is not held while the disk is at
    work: who has declared something else meanwhile is answered with Conflict, and nothing of that is lost."""
    workspace = workspace_of_id(context, call.path.parent_id)
    with _changing:
        table = find_table(context, call.path) or _new(call.path.name)
        if table.is_busy:
            raise Conflict(
                "OperationInProgress", f"An operation is at work on the table '{table.name}'. Wait for its end."
            )
        columns = _columns(table, properties.get("schema"), replace=replace)
        kept = _settings(context, workspace, table, properties, replace=replace)
        _alter(context, workspace, table, columns)
        kept["properties"]["columns"] = columns
        kept["properties"] |= _described(table, properties.get("schema"))
        if (
            not table.built_in
            and table.type == "CustomLog"
            and (table.columns is None or table.properties.get("subType"))
        ):
            kept["properties"]["subType"] = DATA_COLLECTION_RULE_BASED
        kept |= _system_data(context, call, table)
        with context.state.transaction() as transaction:
            now = transaction.get(table_id(workspace, table.name))
            if (now and now.etag) != (table.document and table.document.etag):
                raise Conflict("Conflict", f"The table '{table.name}' was changed by another request. Send it again.")
            _store(transaction, workspace, table.name, kept)
    return Answer(200, answered(context, call, table.name))


def _new(name: str) -> NamedTable:
    if _TABLE_NAME.fullmatch(name) is None:
        raise invalid(f"The table name '{name}' is invalid: 4 to 63 letters, digits, underscores and hyphens.")
    if not name.endswith(CUSTOM_SUFFIX):
        raise invalid(
            f"There is no table '{name}'. The name of a custom table ends in '{CUSTOM_SUFFIX}', that of a search job's "
            f"in '{SEARCH_SUFFIX}' and of a restored one in '{RESTORED_SUFFIX}'."
        )
    return NamedTable(name, None, None, None)


def _columns(table: NamedTable, schema: Any, *, replace: bool) -> list[TableColumn]:
    """The columns that the table shall have besides those that are not declared."""
    before = table.custom_columns
    declared = _schema(schema).get("columns")
    if declared is None:
        return before or ([TIME_GENERATED] if table.type == "CustomLog" and table.columns is None else [])
    columns = read_columns(declared, in_built_in=table.built_in is not None)
    if table.type in ("SearchResults", "RestoredLogs"):
        raise invalid(f"The columns of '{table.name}' cannot be changed: they are those of what it was made from.")
    if not table.built_in and table.columns is not None and not table.properties.get("subType"):
        return _of_classic(table, columns)
    _check_types(table, columns)
    names = {column["name"] for column in columns}
    kept = [column for column in before if column["name"] not in names and not replace]
    wanted = [*kept, *columns]
    if not table.built_in and all(column["name"] != "TimeGenerated" for column in wanted):
        wanted.insert(0, TIME_GENERATED)
    if len(wanted) + (len(table.built_in.columns) if table.built_in else 0) > MOST_COLUMNS:
        raise invalid(f"A table has at most {MOST_COLUMNS} columns.")
    return wanted


def _of_classic(table: NamedTable, columns: list[TableColumn]) -> list[TableColumn]:
    known = table.columns or {}
    foreign = next((each["name"] for each in columns if known.get(each["name"]) is not scalar_type(each)), None)
    if foreign is not None:
        raise invalid(
            f"'{table.name}' was made by a collector, which makes its columns; '{foreign}' is none of them, or of "
            "another type. POST to 'migrate' first, then its columns can be changed here."
        )
    return []


def _check_types(table: NamedTable, columns: list[TableColumn]) -> None:
    types = {column["name"]: column["type"] for column in table.custom_columns}
    for column in columns:
        before = types.get(column["name"], column["type"])
        stored = (table.columns or {}).get(column["name"], scalar_type(column))
        if before != column["type"] or stored is not scalar_type(column):
            raise invalid(f"The type of the column '{column['name']}' cannot be changed. Delete it, then add it again.")


def _alter(context: Context, workspace: Workspace, table: NamedTable, columns: list[TableColumn]) -> None:
    """Give the stored table the columns that it lacks, and take those from it that are not declared any more."""
    names = {column["name"] for column in columns}
    lost = {column["name"] for column in table.custom_columns} - names - {"TimeGenerated"}
    if lost:
        context.logs.tables.drop_columns(workspace.id, table.name, lost)
    known = table.columns or {}
    if (table.columns is None and table.type == "CustomLog") or names - known.keys():
        context.logs.tables.create(workspace.id, table.name, {each["name"]: scalar_type(each) for each in columns})


def _settings(
    context: Context, workspace: Workspace, table: NamedTable, properties: Mapping[str, Any], *, replace: bool
) -> dict[str, Any]:
    """The body to keep: plan and days, as they were where the caller says nothing of them."""
    body = dict(table.document.body) if table.document else {}
    kept = {name: value for name, value in table.properties.items() if name not in _DAYS}
    plan = _plan(table, properties.get("plan"))
    if plan != table.properties.get("plan", ANALYTICS):
        kept["lastPlanModifiedDate"] = context.clock.now().isoformat()
    kept["plan"] = plan
    for name, (least, most) in _DAYS.items():
        given = properties.get(name)
        if name not in properties and not replace:
            given = table.properties.get(name)
        days = _days(name, given, least, most)
        if days is not None and not (name == "retentionInDays" and plan != ANALYTICS):
            kept[name] = days
    total, days = kept.get("totalRetentionInDays"), kept.get("retentionInDays")
    if total is not None and days is not None and total < days:
        raise invalid(f"'totalRetentionInDays' ({total}) cannot be less than 'retentionInDays' ({days}).")
    return body | {"properties": kept} | _held(context, workspace, table, kept)


def _plan(table: NamedTable, given: Any) -> str:
    before = table.properties.get("plan", ANALYTICS)
    if given is None:
        return before
    plan = _PLANS.get(given.lower()) if isinstance(given, str) else None
    if plan is None:
        raise invalid(f"'properties.plan' is '{str(given)[:40]}'; the plans are {', '.join(_PLANS.values())}.")
    if plan == before:
        return plan
    if AUXILIARY in (plan, before) and (table.columns is not None or table.built_in):
        raise invalid(f"The plan Auxiliary is chosen when a custom table is made: '{table.name}' keeps {before}.")
    if plan == BASIC and table.type in ("SearchResults", "RestoredLogs"):
        raise invalid(f"'{table.name}' can only have the plan Analytics.")
    if plan == BASIC and not table.built_in and table.columns is not None and not table.properties.get("subType"):
        raise invalid(f"'{table.name}' was made by a collector and can only have the plan Analytics. Migrate it first.")
    return plan


def _days(name: str, given: Any, least: int, most: int) -> int | None:
    if given is None or given == -1:
        return None
    if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
        raise invalid(
            f"'properties.{name}' is {str(given)[:40]}; it is a number of days from {least} to {most}, or -1."
        )
    return given


def _held(context: Context, workspace: Workspace, table: NamedTable, kept: Mapping[str, Any]) -> dict[str, Any]:
    """What a shortened total retention leaves out stays for a while, so that it can be taken back."""
    now = context.clock.now()
    default = workspace_days(context, workspace)
    before = table.settings.kept_days(table.name, default, now)
    after = Document("", TABLE, "", table.name, "", {"properties": dict(kept)}, now, now)
    days = settings_of(after).retention(table.name, default).total
    if days < before and table.columns is not None:
        return {"totalBefore": before, "heldUntil": (now + _SHORTENED_HELD).isoformat()}
    return {"totalBefore": None, "heldUntil": None}


def _described(table: NamedTable, schema: Any) -> dict[str, str]:
    given = _schema(schema)
    said = {name: given[name] for name in ("displayName", "description") if given.get(name) is not None}
    if any(not isinstance(text, str) for text in said.values()):
        raise invalid("'displayName' and 'description' of a table are strings.")
    return said if not table.built_in else {}


def _schema(schema: Any) -> Mapping[str, Any]:
    if schema is None:
        return {}
    if not isinstance(schema, dict):
        raise invalid("'properties.schema' must be an object.")
    return cast("dict[str, Any]", schema)


def _system_data(context: Context, call: Call, table: NamedTable) -> dict[str, Any]:
    if table.built_in or table.document or table.columns is not None:
        return {}
    return {"systemData": {"createdBy": call.principal.object_id, "createdAt": context.clock.now().isoformat()}}


def _store(transaction: Transaction, workspace: Workspace, name: str, body: dict[str, Any]) -> None:
    id = table_id(workspace, name)
    transaction.put(id=id, type=TABLE, scope=workspace.resource_id, name=name, body=body)


def _delete(context: Context, call: Call) -> Answer:
    table = find_table(context, call.path)
    if table is None:
        return Answer(204)
    if table.built_in:
        raise InvalidInput("InvalidOperation", f"'{table.name}' is an Azure table, which cannot be deleted.")
    workspace = workspace_of_id(context, call.path.parent_id)
    running = table.properties.get("operation")
    if running and table.is_busy:
        context.operations.cancel(running)
    with context.state.transaction() as transaction:
        body = dict(table.document.body) if table.document else {"properties": {}}
        body = body | {"properties": {**body["properties"], "provisioningState": "Deleting"}}
        _store(transaction, workspace, table.name, body)
        name = context.operations.record(
            transaction, DROP_TABLE, table_id(workspace, table.name), {"after": running} if running else {}
        )
    context.operations.start(name)
    context.operations.wait(name, _DROP_SECONDS)
    return accepted(context, call, name)


def drop_table(context: Context, running: Running) -> None:
    """The work of a DELETE: what filled the table ends, its rows go, then what is set about it."""
    path = parse_id(running.subject)
    workspace = workspace_of_id(context, path.parent_id)
    after = running.parameters.get("after")
    while after and not context.operations.wait(after, 1.0):
        running.check()
    context.logs.tables.drop(workspace.id, path.name)
    with context.state.transaction() as transaction:
        transaction.delete(running.subject)
        transaction.delete_below(running.subject, keep=[OPERATIONS])


def _migrate(context: Context, call: Call, _document: Document) -> Answer:
    table = find_table(context, call.path)
    if table is None:
        raise not_found(TABLES, call.path)
    if table.type != "CustomLog":
        raise InvalidInput("InvalidOperation", f"'{table.name}' is no custom table; only those can be migrated.")
    if table.sub_type != DATA_COLLECTION_RULE_BASED:
        workspace = workspace_of_id(context, call.path.parent_id)
        with context.state.transaction() as transaction:
            body = dict(table.document.body) if table.document else {"properties": {}}
            migrated = {"subType": DATA_COLLECTION_RULE_BASED, "columns": stored_columns(table)}
            _store(transaction, workspace, table.name, body | {"properties": {**body["properties"], **migrated}})
    return Answer(200)


TABLES = Resource(
    TABLE,
    key="tableName",
    parent=WORKSPACE,
    methods=frozenset({"GET", "LIST", "PUT", "PATCH", "DELETE"}),
    source=Source(find=find, list=list_tables),
    handlers={"PUT": _put, "PATCH": _patch, "DELETE": _delete},
    actions={"migrate": _migrate, "cancelSearch": cancel_search, "deleteData": delete_data},
    page=10_000,
    largest_page=10_000,
)


def table_works(context: Context) -> dict[str, Work]:
    """The work of the operations on tables."""
    return {DROP_TABLE: partial(drop_table, context)}
