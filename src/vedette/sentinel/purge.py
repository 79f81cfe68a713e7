"""Purge and Delete Data: rows that filters select are taken out of a table for good, while others go on arriving.

https://learn.microsoft.com/azure/azure-monitor/logs/personal-data-mgmt#delete and …/delete-log-data
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final, cast

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.operations import Running, Work
from vedette.arm.resource import Resource
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import InvalidInput, NotFound, Throttled
from vedette.kql.types import ScalarType
from vedette.logs.standard_names import RECEIVED, with_standard_columns
from vedette.logs.table_changes import moment
from vedette.logs.table_settings import ANALYTICS
from vedette.sentinel.operation_statuses import accepted
from vedette.sentinel.row_filters import condition
from vedette.sentinel.table_documents import NamedTable, find_table, table_id
from vedette.sentinel.workspaces import WORKSPACE, workspace_of_id
from vedette.state.documents import Document

PURGE: Final = "purge"
DELETE_DATA: Final = "deleteData"

MOST_PURGES: Final = 50
"""How many a workspace takes in an hour, as in Azure."""

_HOUR = timedelta(hours=1)
_PREFIX = "purge-"
_STATUS = {"InProgress": "pending", "Succeeded": "completed"}
_AT_ONCE = 50_000  # rows of one transaction, so that what arrives meanwhile does not wait long


def purge(context: Context, call: Call, _document: Document) -> Answer:
    """POST `purge` on a workspace: `{table, filters}`."""
    body = _object(call.body)
    name = body.get("table")
    if not isinstance(name, str):
        raise InvalidInput("InvalidParameter", "'table' must be the name of a table.")
    _throttle(context, call)
    operation = _begin(context, call, f"{call.path.id}/tables/{name}", PURGE, body)
    id = f"{_PREFIX}{operation}"
    address = f"{call.base}{call.path.id}/operations/{id}?api-version={call.query['api-version']}"
    return Answer(202, {"operationId": id}, {"x-ms-status-location": address})


def _throttle(context: Context, call: Call) -> None:
    now = context.clock.now()
    begun = context.operations.begun(PURGE, call.path.id, now - _HOUR)
    if len(begun) >= MOST_PURGES:
        raise Throttled(
            "TooManyRequests",
            f"A workspace takes {MOST_PURGES} purges in an hour. Send again after Retry-After.",
            (begun[-MOST_PURGES] + _HOUR - now).total_seconds(),
        )


def delete_data(context: Context, call: Call, document: Document) -> Answer:
    """POST `deleteData` on a table: `{filters}`."""
    name = _begin(context, call, document.id, DELETE_DATA, _object(call.body))
    return accepted(context, call, name)


def _begin(context: Context, call: Call, id: str, kind: str, body: Mapping[str, Any]) -> str:
    path = parse_id(id)
    table = find_table(context, path)
    if table is None:
        raise NotFound("ResourceNotFound", f"There is no table '{path.name}' in the workspace.")
    if table.properties.get("plan", ANALYTICS) != ANALYTICS or table.type == "RestoredLogs":
        reason = (
            "shows rows of another table"
            if table.type == "RestoredLogs"
            else "has the plan " + table.properties["plan"]
        )
        raise InvalidInput("InvalidOperation", f"Rows cannot be deleted from '{table.name}': it {reason}.")
    chosen = condition(body.get("filters"), _columns(table))
    workspace = workspace_of_id(context, path.parent_id)
    with context.state.transaction() as transaction:
        subject = table_id(workspace, table.name)
        name = context.operations.record(transaction, kind, subject, {"condition": chosen})
    context.operations.start(name)
    return name


def _columns(table: NamedTable) -> Mapping[str, ScalarType]:
    if table.columns is not None:
        return table.columns
    return with_standard_columns(table.built_in.columns if table.built_in else {})


def _object(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise InvalidInput("InvalidRequestContent", "The request content must be a JSON object with 'filters'.")
    return cast("dict[str, Any]", body)


def delete_rows(context: Context, running: Running) -> Mapping[str, Any]:
    """The work: piece by piece, those that have arrived when it begins. What is done is done, so it may begin anew."""
    path = parse_id(running.subject)
    workspace, tables = workspace_of_id(context, path.parent_id), context.logs.tables
    now = running.started
    chosen = f"({running.parameters['condition']}) and {RECEIVED} <= {moment(now)}"
    done = int(running.progress.get("deleted", 0))
    for piece in tables.slices(workspace.id, path.name, chosen, RECEIVED, _AT_ONCE, now):
        running.check()
        done += tables.delete(workspace.id, path.name, chosen, now, piece, RECEIVED)
        running.report(deleted=done)
    return {"RecordCount": done, "Status": "Completed"}


def _status(context: Context, call: Call) -> Answer:
    """GET `operations/purge-…` on a workspace."""
    operation = context.operations.find(call.path.name.removeprefix(_PREFIX))
    below = f"{call.path.parent_id}/".lower()
    if operation is None or operation.body["kind"] != PURGE or not operation.scope.startswith(below):
        raise NotFound("ResourceNotFound", f"There is no purge operation '{call.path.name}' in the workspace.")
    return Answer(200, {"status": _STATUS.get(operation.body["status"], "failed")})


PURGE_STATUSES = Resource(
    f"{WORKSPACE}/operations",
    key="purgeId",
    parent=WORKSPACE,
    methods=frozenset({"GET"}),
    handlers={"GET": _status},
)


def with_purge(workspaces: Resource) -> Resource:
    """The type of workspaces with the action `purge`, whose permission is `workspaces/purge/action`."""
    return replace(workspaces, actions={**workspaces.actions, "purge": purge})


def purge_works(context: Context) -> dict[str, Work]:
    """The work of the operations that delete rows."""
    work = partial(delete_rows, context)
    return {PURGE: work, DELETE_DATA: work}
