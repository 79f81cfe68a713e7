"""Restore: a table `X_RST` that shows the rows of another over a time, those among them that only it shows.

It is a view, as documented: https://learn.microsoft.com/azure/azure-monitor/logs/restore
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final, cast

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.operations import Running, Work
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import Conflict, InvalidInput, Throttled
from vedette.logs.table_settings import AUXILIARY, TABLE
from vedette.sentinel.operation_statuses import accepted
from vedette.sentinel.search_time import instant
from vedette.sentinel.table_documents import answered, find_table, table_id
from vedette.sentinel.table_schema import invalid
from vedette.sentinel.workspaces import workspace_of_id

RESTORED_SUFFIX: Final = "_RST"
RESTORE: Final = "restoreLogs"

MOST_RESTORES: Final = 4
"""How many a workspace takes in a week, as in Azure."""

_WEEK = timedelta(weeks=1)
_PERMISSION = "Microsoft.OperationalInsights/workspaces/restoreLogs/write"
_SHOWN_SECONDS = 2.0  # that a PUT waits, so that its first poll finds it done


def restore(context: Context, call: Call, properties: Mapping[str, Any]) -> Answer:
    """PUT with `restoredLogs`: `{sourceTable, startRestoreTime, endRestoreTime}`."""
    workspace = workspace_of_id(context, call.path.parent_id)
    context.roles.check(call.principal, _PERMISSION, workspace.resource_id)
    name = call.path.name
    if not name.endswith(RESTORED_SUFFIX) or len(name) <= len(RESTORED_SUFFIX):
        raise invalid(f"The name of a restored table ends in '{RESTORED_SUFFIX}', which '{name}' does not.")
    if find_table(context, call.path) is not None:
        raise Conflict("Conflict", f"The table '{name}' exists. Delete it, or restore under another name.")
    restored = _restored(context, workspace.resource_id, properties["restoredLogs"])
    _check_room(context, workspace.resource_id, restored["sourceTable"])
    body = {
        "properties": {"restoredLogs": restored, "provisioningState": "Updating"},
        "systemData": {"createdBy": call.principal.object_id, "createdAt": context.clock.now().isoformat()},
    }
    id = table_id(workspace, name)
    with context.state.transaction() as transaction:
        operation = context.operations.record(transaction, RESTORE, id, {})
        body["properties"]["operation"] = operation
        transaction.put(id=id, type=TABLE, scope=workspace.resource_id, name=name, body=body)
    context.operations.start(operation)
    context.operations.wait(operation, _SHOWN_SECONDS)
    return accepted(context, call, operation, answered(context, call, name))


def _check_room(context: Context, workspace: str, source: str) -> None:
    """Documented: a table is restored once at a time, and so many times in a week a workspace's tables are."""
    of_tables = (each.body["properties"].get("restoredLogs") for each in context.state.list(TABLE, workspace))
    if any(each is not None and each["sourceTable"] == source for each in of_tables):
        raise Conflict("Conflict", f"The table '{source}' is restored already. Delete that table first.")
    now = context.clock.now()
    begun = context.operations.begun(RESTORE, workspace, now - _WEEK)
    if len(begun) >= MOST_RESTORES:
        raise Throttled(
            "TooManyRequests",
            f"A workspace takes {MOST_RESTORES} restores in a week. Send again after Retry-After.",
            (begun[-MOST_RESTORES] + _WEEK - now).total_seconds(),
        )


def _restored(context: Context, workspace_resource_id: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise invalid("'properties.restoredLogs' must be an object.")
    given = cast("dict[str, Any]", value)
    start = instant(given.get("startRestoreTime"), "restoredLogs.startRestoreTime")
    end = instant(given.get("endRestoreTime"), "restoredLogs.endRestoreTime")
    if start >= end:
        raise invalid("'restoredLogs.startRestoreTime' must be before 'endRestoreTime'.")
    name = given.get("sourceTable")
    path = parse_id(f"{workspace_resource_id}/tables/{name}") if isinstance(name, str) and name else None
    source = find_table(context, path) if path else None
    if source is None:
        raise invalid(f"'restoredLogs.sourceTable' is '{str(name)[:80]}', and there is no such table in the workspace.")
    if source.type == "RestoredLogs" or source.properties.get("plan") == AUXILIARY:
        raise InvalidInput(
            "InvalidOperation", f"'{source.name}' cannot be restored: it is restored itself, or Auxiliary."
        )
    return {"sourceTable": source.name, "startRestoreTime": start.isoformat(), "endRestoreTime": end.isoformat()}


def show_restored(context: Context, running: Running) -> None:
    """The work: nothing is copied, so the table is ready when that is written down."""
    with context.state.transaction() as transaction:
        document = transaction.get(running.subject)
        if document is not None and document.body["properties"]["provisioningState"] == "Updating":
            body = {**document.body, "properties": {**document.body["properties"], "provisioningState": "Succeeded"}}
            transaction.put(id=document.id, type=TABLE, scope=document.scope, name=document.name, body=body)


def restore_works(context: Context) -> dict[str, Work]:
    """The work of a restore."""
    return {RESTORE: partial(show_restored, context)}
