"""Search jobs: a query over everything that a table ever kept, whose results become a table `X_SRCH`.

https://learn.microsoft.com/azure/azure-monitor/logs/search-jobs
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final, cast

from vedette.access.workspaces import Workspace
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.operations import Canceled, Running, Work
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import Conflict, InvalidInput
from vedette.kql.types import ScalarType
from vedette.logs.result import QueryResult
from vedette.logs.standard_names import STANDARD_COLUMNS, TIME_GENERATED
from vedette.logs.table_changes import moment, quoted
from vedette.logs.table_settings import TABLE
from vedette.sentinel.operation_statuses import accepted
from vedette.sentinel.search_query import search_query
from vedette.sentinel.search_time import instant
from vedette.sentinel.table_documents import answered, find_table, table_id
from vedette.sentinel.table_schema import invalid
from vedette.sentinel.workspaces import workspace_of_id
from vedette.state.documents import Document

SEARCH_SUFFIX: Final = "_SRCH"
SEARCH: Final = "searchJob"
MOST_RESULTS: Final = 1_000_000

_MOST_JOBS = 5
_MOST_TABLES = 100
_LONGEST_QUERY = 32_768
_AT_ONCE = 20_000  # rows of the source that one step reads
_PERMISSION = "Microsoft.OperationalInsights/workspaces/searchJobs/write"
_KEPT_FROM_SOURCE = frozenset({"SourceSystem", "_ResourceId", "_SubscriptionId"})
_BEGUN_SECONDS = 0.2  # that a PUT waits: a small job is over by then


def search(context: Context, call: Call, properties: Mapping[str, Any]) -> Answer:
    """PUT with `searchResults`: `{query, limit, startSearchTime, endSearchTime}`. The table is there at once."""
    workspace = workspace_of_id(context, call.path.parent_id)
    context.roles.check(call.principal, _PERMISSION, workspace.resource_id)
    name = call.path.name
    if not name.endswith(SEARCH_SUFFIX) or len(name) <= len(SEARCH_SUFFIX):
        raise invalid(f"The name of a table of search results ends in '{SEARCH_SUFFIX}', which '{name}' does not.")
    if find_table(context, call.path) is not None:
        raise Conflict("Conflict", f"The table '{name}' exists. Delete it, or search under another name.")
    _check_room(context, workspace)
    asked = _asked(context, workspace, properties["searchResults"])
    columns = _result_columns(context, workspace, asked)
    context.logs.tables.create(workspace.id, name, columns)
    kept = {
        each: properties[each] for each in ("retentionInDays", "totalRetentionInDays") if _is_days(properties, each)
    }
    id = table_id(workspace, name)
    with context.state.transaction() as transaction:
        operation = context.operations.record(transaction, SEARCH, id, asked)
        body = {
            "properties": kept | {"searchResults": asked, "provisioningState": "InProgress", "operation": operation},
            "systemData": {"createdBy": call.principal.object_id, "createdAt": context.clock.now().isoformat()},
        }
        body["properties"]["description"] = asked["description"]
        transaction.put(id=id, type=TABLE, scope=workspace.resource_id, name=name, body=body)
    context.operations.start(operation)
    context.operations.wait(operation, _BEGUN_SECONDS)
    return accepted(context, call, operation, answered(context, call, name))


def cancel_search(context: Context, call: Call, document: Document) -> Answer:
    """POST `cancelSearch`: the job ends at its next step, what it has found stays."""
    table = find_table(context, call.path)
    if table is None or table.type != "SearchResults":
        raise InvalidInput("InvalidOperation", f"'{document.name}' is no table of search results.")
    context.operations.cancel(table.properties["operation"])
    return Answer(200)


def _is_days(properties: Mapping[str, Any], name: str) -> bool:
    days = properties.get(name)
    if days in (None, -1):
        return False
    if not isinstance(days, int) or not 4 <= days <= 4383:
        raise invalid(f"'properties.{name}' is {str(days)[:40]}; it is a number of days from 4 to 4383, or -1.")
    return True


def _check_room(context: Context, workspace: Workspace) -> None:
    if len(context.operations.in_progress(SEARCH, workspace.resource_id)) >= _MOST_JOBS:
        raise Conflict(
            "TooManySearchJobs", f"{_MOST_JOBS} search jobs run in the workspace, and no more can. Wait for one."
        )
    tables = sum(
        "searchResults" in each.body["properties"] for each in context.state.list(TABLE, workspace.resource_id)
    )
    if tables >= _MOST_TABLES:
        raise Conflict(
            "TooManySearchTables", f"The workspace has {_MOST_TABLES} tables of search results. Delete some."
        )


def _asked(context: Context, workspace: Workspace, value: Any) -> dict[str, Any]:
    """What was asked for, checked and complete."""
    if not isinstance(value, dict):
        raise invalid("'properties.searchResults' must be an object.")
    given = cast("dict[str, Any]", value)
    query = given.get("query")
    if not isinstance(query, str) or not query.strip() or len(query) > _LONGEST_QUERY:
        raise invalid(f"'properties.searchResults.query' must be a query of at most {_LONGEST_QUERY} characters.")
    limit = given.get("limit")
    limit = MOST_RESULTS if limit is None else limit
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MOST_RESULTS:
        raise invalid(f"'properties.searchResults.limit' is a number from 1 to {MOST_RESULTS}.")
    start = instant(given.get("startSearchTime"), "searchResults.startSearchTime")
    end = instant(given.get("endSearchTime"), "searchResults.endSearchTime")
    source = search_query(query).source
    table = find_table(context, parse_id(f"{workspace.resource_id}/tables/{source}"))
    if table is None or table.name != source or table.type == "RestoredLogs":
        raise invalid(f"There is no table '{source}' in the workspace that a search job could read.")
    made = f"This table was created using a Search Job with the following query: '{query}'."
    description = given.get("description")
    return {
        "query": query,
        "description": description if isinstance(description, str) else made,
        "limit": limit,
        "startSearchTime": start.isoformat(),
        "endSearchTime": end.isoformat(),
        "sourceTable": source,
    }


def _result_columns(context: Context, workspace: Workspace, asked: Mapping[str, Any]) -> dict[str, ScalarType]:
    """The columns that the results have beside those of every table. Raises KqlError."""
    text = search_query(asked["query"]).text
    nothing = context.logs.tables.read(workspace.id, f"{text}| take 0", context.clock.now())
    return _own(nothing)


def _own(result: QueryResult) -> dict[str, ScalarType]:
    return {column.name: column.type for column in result.columns if column.name not in STANDARD_COLUMNS}


def run_search(context: Context, running: Running) -> None:
    """The work: the source's time in pieces, each searched and its results stored. One that was cut off begins anew,
    with an empty table."""
    path = parse_id(running.subject)
    workspace = workspace_of_id(context, path.parent_id)
    try:
        _search(context, workspace, path.name, running)
    except Canceled:
        _finish(context, running, "Canceled")
        raise
    except Exception:
        if not running.is_stopping:
            _finish(context, running, "Failed")
        raise
    _finish(context, running, "Succeeded")


def _search(context: Context, workspace: Workspace, name: str, running: Running) -> None:
    asked, tables, started = running.parameters, context.logs.tables, running.started
    source, text = asked["sourceTable"], search_query(asked["query"]).text
    running.check()
    tables.delete(workspace.id, name, "true", started, None, TIME_GENERATED)
    start, end = (datetime.fromisoformat(asked[each]) for each in ("startSearchTime", "endSearchTime"))
    condition = f"{TIME_GENERATED} >= {moment(start)} and {TIME_GENERATED} < {moment(end)}"
    pieces = tables.slices(workspace.id, source, condition, TIME_GENERATED, _AT_ONCE, started)
    gigabytes = _scanned(context, workspace, source, condition, started)
    whole, searched, found = sum(piece.rows for piece in pieces), 0, 0
    for piece in pieces:
        running.check()
        within = (max(piece.start, start), min(piece.end, end))
        result = tables.read(workspace.id, text, started, timespan=within)
        rows = _rows(result, started)[: asked["limit"] - found]
        if rows:
            context.logs.append(workspace.id, name, rows, columns=_own(result)).result()
        searched, found = searched + piece.rows, found + len(rows)
        share = searched / whole
        running.report(
            statistics={
                "progress": round(100 * share, 2),
                "ingestedRecords": found,
                "scannedGb": round(gigabytes * share, 6),
            }
        )
        if found >= asked["limit"]:
            return


def _scanned(context: Context, workspace: Workspace, source: str, condition: str, now: datetime) -> float:
    """The size of what is searched, in GB."""
    text = f"{quoted(source)} | where {condition} | summarize sum(_BilledSize)"
    (size,) = context.logs.tables.read(workspace.id, text, now).rows()[0]
    return (size or 0.0) / 1e9


def _rows(result: QueryResult, at: datetime) -> list[dict[str, Any]]:
    """The results as rows of the new table, generated when the job ran."""
    kept = [
        (position, column.name, column.type is ScalarType.decimal)
        for position, column in enumerate(result.columns)
        if column.name not in STANDARD_COLUMNS or column.name in _KEPT_FROM_SOURCE
    ]
    return [
        {
            TIME_GENERATED: at,
            **{name: _value(row[position], is_decimal) for position, name, is_decimal in kept},
        }
        for row in result.rows()
    ]


def _value(value: Any, is_decimal: bool) -> Any:
    return Decimal(value) if is_decimal and value is not None else value


def _finish(context: Context, running: Running, state: str) -> None:
    """Leave the job's statistics with its table."""
    statistics = {"ingestedRecords": 0, "scannedGb": 0.0} | running.progress.get("statistics", {})
    if state == "Succeeded":
        statistics["progress"] = 100
    with context.state.transaction() as transaction:
        document = transaction.get(running.subject)
        if document is None or document.body["properties"].get("provisioningState") != "InProgress":
            return
        properties = {**document.body["properties"], "provisioningState": state, "resultStatistics": statistics}
        body = {**document.body, "properties": properties}
        transaction.put(id=document.id, type=TABLE, scope=document.scope, name=document.name, body=body)


def search_works(context: Context) -> dict[str, Work]:
    """The work of a search job."""
    return {SEARCH: partial(run_search, context)}
