"""Summary rules: queries that sum up each bin of time into a table of the workspace.

https://learn.microsoft.com/azure/azure-monitor/logs/summary-rules and
https://learn.microsoft.com/rest/api/loganalytics/summary-logs
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, cast

from vedette.access.query_permissions import READ_WORKSPACE, QueryPermissions
from vedette.access.workspaces import Workspace
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import delete, not_found, put
from vedette.arm.operations import Running, Work
from vedette.arm.resource import Body, Resource
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import Conflict, InvalidInput
from vedette.core.instants import arm_time
from vedette.kql.types import ScalarType
from vedette.log_management.summaries import Summaries
from vedette.log_management.summary_rule import (
    BIN_COLUMNS,
    BIN_MINUTES,
    COLUMNS,
    SUMMARY_RULE,
    Progress,
    SummaryRule,
    read_progress,
    result_names,
    write_progress,
)
from vedette.logs.scope import QueryScope
from vedette.logs.standard_names import TIME_GENERATED
from vedette.logs.table_settings import TABLE
from vedette.sentinel.operation_statuses import accepted
from vedette.sentinel.search_time import instant
from vedette.sentinel.table_documents import DATA_COLLECTION_RULE_BASED, find_table, table_id
from vedette.sentinel.table_schema import TIME_GENERATED as TIME_COLUMN
from vedette.sentinel.table_schema import shown_columns
from vedette.sentinel.workspaces import WORKSPACE, workspace_of_id
from vedette.state.documents import Document
from vedette.state.store import Transaction

MOST_ACTIVE: Final = 30
DELETE_RULE, START_RULE, RETRY_BIN = "summaryRuleDelete", "summaryRuleStart", "summaryRuleRetryBin"

_SUFFIX = "_CL"
_WRITE_TABLE = "Microsoft.OperationalInsights/workspaces/tables/write"
_LONGEST_DELAY = 1440  # minutes
_SECONDS = 2.0  # that a request waits, so that its first poll finds it done
_PROPERTIES = ("displayName", "description")
_DEFINITION = ("query", "binSize", "binDelay", "binStartTime", "timeSelector", "destinationTable")


def _validate(context: Context, call: Call, body: Body) -> Body:
    """The rule as it is kept. Its maker must be allowed to read what it reads, for it runs on nobody's behalf."""
    given: Mapping[str, Any] = body["properties"]
    if given.get("ruleType", "User") != "User":
        raise _invalid("ruleType", "is User: rules of services are not made by callers")
    properties: dict[str, Any] = {"ruleType": "User"}
    for name in _PROPERTIES:
        if given.get(name) is not None:
            properties[name] = _text(given, name)
    properties["ruleDefinition"] = _definition(context, call, given.get("ruleDefinition"))
    workspace = workspace_of_id(context, call.path.parent_id)
    table = table_id(workspace, properties["ruleDefinition"]["destinationTable"])
    context.roles.check(call.principal, _WRITE_TABLE, table)
    found = _found_columns(context, call, workspace, properties["ruleDefinition"]["query"])
    columns = {name: type.value for name, type in {**found, **BIN_COLUMNS}.items()}
    return {"properties": properties, COLUMNS: columns}


def _definition(context: Context, call: Call, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _invalid("ruleDefinition", "must be an object with query, binSize and destinationTable")
    given = cast("dict[str, Any]", value)
    size, delay = given.get("binSize"), given.get("binDelay")
    if isinstance(size, bool) or size not in BIN_MINUTES:
        raise _invalid("ruleDefinition.binSize", f"is a number of minutes: {', '.join(map(str, BIN_MINUTES))}")
    if delay is not None and (
        isinstance(delay, bool) or not isinstance(delay, int) or not 0 <= delay <= _LONGEST_DELAY
    ):
        raise _invalid("ruleDefinition.binDelay", f"is a number of minutes from 0 to {_LONGEST_DELAY}")
    destination = _text(given, "destinationTable", "ruleDefinition.")
    if not destination.endswith(_SUFFIX) or len(destination) <= len(_SUFFIX):
        raise _invalid("ruleDefinition.destinationTable", f"is the name of a custom table, which ends in {_SUFFIX}")
    if given.get("timeSelector", TIME_GENERATED) != TIME_GENERATED:
        raise _invalid("ruleDefinition.timeSelector", f"is {TIME_GENERATED}")
    _text(given, "query", "ruleDefinition.")
    kept = {name: given[name] for name in _DEFINITION if given.get(name) is not None}
    kept["timeSelector"] = TIME_GENERATED
    if "binStartTime" in kept:
        kept["binStartTime"] = _start(context, call, kept["binStartTime"], size)
    return kept


def _start(context: Context, call: Call, value: Any, minutes: int) -> str:
    """The start of the first bin: a whole hour, and one that a rule had may be sent again."""
    start = instant(value, "ruleDefinition.binStartTime")
    text = arm_time(start)
    before = context.state.get(call.path.id)
    if before is not None and before.body["properties"]["ruleDefinition"].get("binStartTime") == text:
        return text
    if start.minute or start.second or start.microsecond:
        raise _invalid("ruleDefinition.binStartTime", "is a whole hour")
    if start < context.clock.now() - timedelta(minutes=minutes):
        raise _invalid("ruleDefinition.binStartTime", "is no earlier than one bin ago")
    return text


def _found_columns(context: Context, call: Call, workspace: Workspace, query: str) -> dict[str, ScalarType]:
    """The columns that the query gives, by the names that they have in a destination. Raises KqlError and Forbidden."""
    context.roles.check(call.principal, READ_WORKSPACE, workspace.resource_id)
    permissions = QueryPermissions(context.roles, call.principal)
    scope = QueryScope(
        (workspace.id,), may_read_table=lambda _id, table: permissions.may_read(workspace.resource_id, table)
    )
    now = context.clock.now()
    columns = context.logs.query(scope, query, timespan=(now, now), now=now).columns
    names = result_names([column.name for column in columns])
    return {name: column.type for name, column in zip(names, columns, strict=True)}


def _fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    before: Mapping[str, Any] = existing.body["properties"] if existing else {}
    active = before.get("isActive", True)
    state: dict[str, Any] = {"isActive": active, "provisioningState": "Succeeded"}
    if not active and "statusCode" in before:
        state["statusCode"] = before["statusCode"]
    if existing is None:
        _check_room(transaction, call.path.parent_id)
    return body | {"properties": body["properties"] | state}


def _check_room(transaction: Transaction, workspace: str) -> None:
    rules = transaction.list(SUMMARY_RULE, workspace.lower())
    if sum(rule.body["properties"]["isActive"] for rule in rules) >= MOST_ACTIVE:
        raise InvalidInput(
            "TooManySummaryRules", f"The workspace has {MOST_ACTIVE} active summary rules. Stop or delete one."
        )


def _after_put(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    """Declare what the destination lacks, and lay out the bins anew where their layout has changed."""
    rule, workspace = SummaryRule.of(document), workspace_of_id(context, call.path.parent_id)
    _declare_destination(context, transaction, workspace, rule)
    progress = read_progress(transaction, rule.id)
    if progress is None or not _continues(rule, progress):
        now = context.clock.now()
        first = rule.first if rule.first is not None else rule.first_bin(now)
        write_progress(transaction, rule.id, Progress(first))


def _put(context: Context, call: Call) -> Answer:
    """Keep the rule and what is declared of its destination, then make that: not inside the transaction, for rows that
    are written meanwhile may wait for it."""
    answer = put(context, SUMMARY_RULES, call)
    document = context.state.get(call.path.id)
    if document is not None:
        rule, workspace = SummaryRule.of(document), workspace_of_id(context, call.path.parent_id)
        table = find_table(context, parse_id(table_id(workspace, rule.destination)))
        context.logs.tables.create(workspace.id, rule.destination if table is None else table.name, rule.columns)
    return answer


def _show(_context: Context, _call: Call, document: Document) -> Body:
    return {name: value for name, value in document.body.items() if name != COLUMNS}


def _continues(rule: SummaryRule, progress: Progress) -> bool:
    """Whether the rule goes on with the bin that is next: its start time says so, or says nothing and the bin fits."""
    if rule.first is not None:
        return rule.first <= progress.next and rule.has_bin(progress.next, rule.first)
    return True


def _declare_destination(context: Context, transaction: Transaction, workspace: Workspace, rule: SummaryRule) -> None:
    """Declare the columns that it lacks. Raises Conflict where it has one of another type."""
    table = find_table(context, parse_id(table_id(workspace, rule.destination)))
    name, found = rule.destination if table is None else table.name, rule.columns
    stored = (table.columns if table is not None else None) or {}
    if any(stored.get(column, type) is not type for column, type in found.items()):
        raise Conflict("Conflict", f"A column of the table '{name}' exists with another type.")
    if table is None or (table.document is not None and table.sub_type == DATA_COLLECTION_RULE_BASED):
        declared = [TIME_COLUMN] if table is None else table.custom_columns
        names = {column["name"] for column in declared}
        missing = shown_columns({column: type for column, type in found.items() if column not in names})
        declared += [{"name": column["name"], "type": column["type"]} for column in missing]
        body = dict(table.document.body) if table is not None and table.document is not None else {"properties": {}}
        properties = {"subType": DATA_COLLECTION_RULE_BASED, **body["properties"], "columns": declared}
        transaction.put(
            id=table_id(workspace, name),
            type=TABLE,
            scope=workspace.resource_id,
            name=name,
            body=body | {"properties": properties},
        )


def _delete(context: Context, call: Call) -> Answer:
    answer = delete(context, SUMMARY_RULES, call)
    return answer if answer.status == 204 else _begun(context, call, DELETE_RULE, {})


def _start_rule(context: Context, call: Call, _document: Document) -> Answer:
    return _begun(context, call, START_RULE, {})


def _stop_rule(context: Context, call: Call, document: Document) -> Answer:
    with context.state.transaction() as transaction:
        _turn(transaction, document.id, active=False)
    return Answer(200)


def _retry_bin(context: Context, call: Call, document: Document) -> Answer:
    body = cast("dict[str, Any]", call.body) if isinstance(call.body, dict) else {}
    properties = body.get("properties")
    given = cast("dict[str, Any]", properties).get("retryBinStartTime") if isinstance(properties, dict) else None
    start = instant(given, "retryBinStartTime")
    progress = read_progress(context.state, document.id)
    if progress is None or start not in progress.failed:
        raise InvalidInput("InvalidOperation", f"No run of a bin that starts at {arm_time(start)} has failed for good.")
    return _begun(context, call, RETRY_BIN, {"start": start.isoformat()})


def _begun(context: Context, call: Call, kind: str, parameters: Mapping[str, Any]) -> Answer:
    with context.state.transaction() as transaction:
        name = context.operations.record(transaction, kind, call.path.id, parameters)
    context.operations.start(name)
    context.operations.wait(name, _SECONDS)
    return accepted(context, call, name)


def _turn(transaction: Transaction, rule_id: str, *, active: bool) -> Document | None:
    """Start or stop a rule; gives it if that changed it."""
    document = transaction.get(rule_id)
    if document is None or document.body["properties"]["isActive"] == active:
        return None
    properties = {**document.body["properties"], "isActive": active}
    if active:
        properties.pop("statusCode", None)
    else:
        properties["statusCode"] = "UserAction"
    changed, _ = transaction.put(
        id=document.id,
        type=document.type,
        scope=document.scope,
        name=document.name,
        body={**document.body, "properties": properties},
    )
    return changed


def _start_work(context: Context, running: Running) -> None:
    """A rule that is started goes on with the next bin that is over; those of its pause are left out."""
    with context.state.transaction() as transaction:
        _check_room(transaction, parse_id(running.subject).parent_id)
        document = _turn(transaction, running.subject, active=True)
        if document is not None:
            rule, progress = SummaryRule.of(document), read_progress(transaction, document.id)
            following = rule.first_bin(context.clock.now())
            failed = () if progress is None else progress.failed
            write_progress(transaction, document.id, Progress(following, failed=failed))


def _retry_work(context: Context, running: Running) -> None:
    if context.state.get(running.subject) is None:
        raise not_found(SUMMARY_RULES, parse_id(running.subject))
    summaries = Summaries(context.state, context.logs, context.workspaces)
    summaries.retry(running.subject, datetime.fromisoformat(running.parameters["start"]), context.clock.now())


def summary_works(context: Context) -> dict[str, Work]:
    """The work of the operations on summary rules; a deleted one is gone when its operation begins."""
    return {
        DELETE_RULE: lambda _running: None,
        START_RULE: partial(_start_work, context),
        RETRY_BIN: partial(_retry_work, context),
    }


def _text(given: Mapping[str, Any], name: str, before: str = "") -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _invalid(before + name, "must be a text")
    return value


def _invalid(name: str, what: str) -> InvalidInput:
    return InvalidInput("InvalidParameter", f"'properties.{name}' {what}.")


SUMMARY_RULES = Resource(
    SUMMARY_RULE,
    key="summaryLogsName",
    parent=WORKSPACE,
    read_only=frozenset({"isActive", "statusCode", "provisioningState"}),
    validate=_validate,
    fill=_fill,
    after_put=_after_put,
    show=_show,
    handlers={"PUT": _put, "DELETE": _delete},
    actions={"start": _start_rule, "stop": _stop_rule, "retryBin": _retry_bin},
)
