"""Starts runs: a trigger that fired becomes a run and an entry of the trigger's history, in the caller's transaction.

https://learn.microsoft.com/rest/api/logic/workflow-trigger-histories
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from vedette.automation.expressions.evaluate import evaluate
from vedette.automation.workflows.conditions import holds
from vedette.automation.workflows.definition import Json, kind_of, part
from vedette.automation.workflows.environment import Place
from vedette.automation.workflows.records import FINAL, HISTORY, RUN, WORKFLOW
from vedette.automation.workflows.run_facts import RunFacts
from vedette.core.clock import Clock
from vedette.core.errors import Conflict, InvalidInput, NotFound, Throttled
from vedette.core.ids import NewId
from vedette.core.instants import arm_time
from vedette.expressions.errors import ExpressionError
from vedette.expressions.values import check_size
from vedette.state.conditions import Compare, Order
from vedette.state.documents import Document
from vedette.state.store import Transaction

DUE: Final = "Vedette.Logic/dueRuns"
"""The type of the documents that say which runs go on when."""

KEPT_RUNS: Final = 300
"""Runs that a workflow keeps, and as many entries of each trigger's history."""
KEPT: Final = timedelta(days=90)
_LARGEST = 2**63 - 1
_FIRST = datetime(1, 1, 1, tzinfo=UTC)
_NUMBERS = 10**12
_WAITING = 100


@dataclass(frozen=True, slots=True)
class Started:
    """How a run came about: `by` whom or what; `parent` is a run that waits for it. With `is_asked` somebody waits for
    its response. A run that is `resubmitted_of` another has its trigger's outputs. `chain` are the automation rules
    that led to it. `version` is the workflow's, empty for the present one; `name` the run's, where it must be the same
    when it is started again."""

    by: str
    parent: str = ""
    is_asked: bool = False
    depth: int = 0
    name: str = ""
    version: str = ""
    client_tracking_id: str = ""
    resubmitted_of: str = ""
    chain: tuple[str, ...] = ()


def run_name(now: datetime, number: int) -> str:
    """The name of a run that begins now: younger runs, and those of larger numbers, sort before older ones."""
    ticks = (now - _FIRST) // timedelta(microseconds=1) * 10
    return f"{_LARGEST - ticks:020d}{(_NUMBERS - number) % _NUMBERS:012d}CU00"


def number_of(id: str) -> int:
    """The number that a GUID stands for in the name of a run."""
    return UUID(id).int % _NUMBERS


def start_run(
    transaction: Transaction,
    now: datetime,
    workflow: Document,
    trigger: str,
    outputs: Json,
    origin: Started,
) -> Document:
    """Begin a run with what its trigger gives. Raises NotFound, Conflict for a workflow that is disabled, and Throttled
    for one of which too many runs wait.

    It is carried out by whoever looks for runs that are due.
    """
    properties = workflow.body["properties"]
    if properties.get("state") not in (None, "Enabled", "NotSpecified", "Completed"):
        raise Conflict("WorkflowDisabled", f"The workflow '{workflow.name}' is disabled: it runs once it is enabled.")
    definition = part(properties.get("definition"))
    named = next((name for name in part(definition.get("triggers")) if name.lower() == trigger.lower()), None)
    if named is None:
        raise NotFound("WorkflowTriggerNotFound", f"The workflow '{workflow.name}' has no trigger '{trigger}'.")
    name = origin.name or run_name(now, transaction.next_number(workflow.id, "run"))
    id = f"{workflow.id}/runs/{name}"
    existing = transaction.get(id)
    if existing is not None:
        return existing
    _forget_old(transaction, workflow.id, now)
    tracking = origin.client_tracking_id or name
    instant = arm_time(now, "microseconds")
    most = _most_at_once(part(part(definition.get("triggers")).get(named)))
    waits = most is not None and _count(transaction, workflow.id, "Running") >= most[0]
    if waits and most is not None and _count(transaction, workflow.id, "Waiting") >= most[1]:
        raise Throttled(
            "WorkflowWaitingRunQuotaExceeded",
            f"The number of waiting runs of the workflow '{workflow.name}' has reached its limit of {most[1]}.",
        )
    version = origin.version or properties["version"]
    secret = _secret_parts(part(part(definition.get("triggers")).get(named)))
    shown: Json = {
        "startTime": instant,
        "waitEndTime": instant,
        "status": "Waiting" if waits else "Running",
        "correlation": {"clientTrackingId": tracking},
        "workflow": {"id": f"{workflow.id}/versions/{version}", "name": version, "type": f"{WORKFLOW}/versions"},
        "trigger": {
            "name": named,
            "startTime": instant,
            "endTime": instant,
            "correlation": {"clientTrackingId": tracking},
            "code": "OK",
            "status": "Succeeded",
        },
        "outputs": {},
    }
    kept: Json = {
        "trigger": outputs,
        "triggerSecret": secret,
        "by": origin.by,
        "parent": origin.parent,
        "isAsked": origin.is_asked,
        "depth": origin.depth,
        "resubmittedOf": origin.resubmitted_of,
        "chain": list(origin.chain),
        "isLimited": most is not None,
    }
    run, _ = transaction.put(id=id, type=RUN, scope=workflow.id, name=name, body={"properties": shown, "kept": kept})
    put_history(transaction, workflow, named, name, now, fired=True, tracking=tracking, outputs=outputs, secret=secret)
    if not waits:
        put_due(transaction, run, now)
    return run


def _most_at_once(trigger: Json) -> tuple[int, int] | None:
    """How many runs a trigger lets run at a time and how many wait; None without bound.

    https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#change-trigger-concurrency
    """
    if str(trigger.get("operationOptions") or "").lower() == "singleinstance":
        return 1, _WAITING
    given = part(part(trigger.get("runtimeConfiguration")).get("concurrency"))
    runs, waiting = given.get("runs"), given.get("maximumWaitingRuns", _WAITING)
    if not isinstance(runs, int) or runs < 1:
        return None
    return runs, waiting if isinstance(waiting, int) and waiting >= 0 else _WAITING


def _count(transaction: Transaction, workflow_id: str, status: str) -> int:
    return transaction.count(RUN, workflow_id, where=Compare(("properties", "status"), "eq", status))


def let_next_run(transaction: Transaction, ended: Document, now: datetime) -> None:
    """Have the oldest run begin that waits for one of its workflow to end."""
    if not ended.body["kept"].get("isLimited"):
        return
    waiting = Compare(("properties", "status"), "eq", "Waiting")
    oldest = transaction.list(RUN, ended.scope, where=waiting, order=(Order(("name",), descending=True),), limit=1)
    for run in oldest:
        instant = {"status": "Running", "waitEndTime": arm_time(now, "microseconds")}
        begun = transaction.change(run, run.body | {"properties": run.body["properties"] | instant})
        put_due(transaction, begun, now)


def put_history(
    transaction: Transaction,
    workflow: Document,
    trigger: str,
    name: str,
    now: datetime,
    *,
    fired: bool,
    tracking: str,
    outputs: Json,
    secret: bool = False,
    status: str = "Succeeded",
    error: Json | None = None,
) -> None:
    """Keep that a trigger was looked at, and whether it fired."""
    instant = arm_time(now, "microseconds")
    shown: Json = {
        "startTime": instant,
        "endTime": instant,
        "status": status,
        "code": "OK" if status == "Succeeded" else status,
        "correlation": {"clientTrackingId": tracking},
        "fired": fired,
    }
    if error is not None:
        shown |= {"error": error, "code": error["code"]}
    if fired:
        shown["run"] = {"name": name, "id": f"{workflow.id}/runs/{name}", "type": RUN}
    scope = f"{workflow.id}/triggers/{trigger}"
    kept = {"outputs": outputs if not fired else None, "triggerSecret": secret}
    transaction.put(
        id=f"{scope}/histories/{name}", type=HISTORY, scope=scope, name=name, body={"properties": shown, "kept": kept}
    )
    for each in transaction.list(HISTORY, scope, order=(Order(("name",)),), offset=KEPT_RUNS):
        transaction.delete(each.id)


def _secret_parts(trigger: Json) -> bool:
    return bool(part(part(trigger.get("runtimeConfiguration")).get("secureData")).get("properties"))


def put_due(transaction: Transaction, run: Document, at: datetime) -> None:
    """Have a run looked at from an instant on."""
    transaction.put(id=_due_id(run.id), type=DUE, scope="", name=run.name, body={"run": run.id, "at": at.isoformat()})


def forget_due(transaction: Transaction, run_id: str) -> None:
    """Have a run looked at no more."""
    transaction.delete(_due_id(run_id))


def _due_id(run_id: str) -> str:
    return f"/vedette/dueRuns{run_id}"


def _forget_old(transaction: Transaction, workflow_id: str, now: datetime) -> None:
    """Remove what is more than a workflow keeps, of runs that have ended."""
    for each in transaction.list(RUN, workflow_id, order=(Order(("name",)),), offset=KEPT_RUNS - 1):
        if each.body["properties"]["status"] in FINAL:
            transaction.delete(each.id)
            transaction.delete_below(each.id)
    where = Compare(("created",), "lt", now - KEPT)
    for each in transaction.list(RUN, workflow_id, where=where, limit=20):
        if each.body["properties"]["status"] in FINAL:
            transaction.delete(each.id)
            transaction.delete_below(each.id)


def fire(
    transaction: Transaction,
    clock: Clock,
    new_id: NewId,
    workflow: Document,
    trigger: str,
    outputs: Json,
    origin: Started,
) -> list[Document]:
    """Let a trigger fire as its definition says: under its conditions, and with `splitOn` once for each item.

    Gives the runs, none where a condition does not hold. Raises NotFound, Conflict, and InvalidInput: InvalidTemplate
    for expressions that cannot be evaluated, InvalidRequestContent and SplitOnLimitExceeded for what is too large.
    """
    definition = part(workflow.body["properties"].get("definition"))
    given = next(
        (part(each) for name, each in part(definition.get("triggers")).items() if name.lower() == trigger.lower()), {}
    )
    try:
        check_size(outputs)
    except ExpressionError as error:
        raise InvalidInput("InvalidRequestContent", f"What trigger '{trigger}' is given: {error.message}") from error
    pieces = _pieces(definition, given, trigger, outputs, clock, new_id)
    runs: list[Document] = []
    now = clock.now()
    for index, piece in enumerate(pieces):
        if _conditions_hold(definition, given, trigger, piece, clock, new_id):
            runs.append(start_run(transaction, now, workflow, trigger, piece, _of_item(origin, index)))
        else:
            name = run_name(now, transaction.next_number(workflow.id, "run"))
            put_history(
                transaction, workflow, trigger, name, now, fired=False, tracking=name, outputs=piece, status="Skipped"
            )
    return runs


def _of_item(origin: Started, index: int) -> Started:
    """The origin of an item's run: where the first one's name is given, those of the others go with it."""
    if not origin.name or not index:
        return origin
    instant, number = origin.name[:20], int(origin.name[20:32])
    return replace(origin, name=f"{instant}{(number - index) % _NUMBERS:012d}CU00")


def _pieces(definition: Json, given: Json, trigger: str, outputs: Json, clock: Clock, new_id: NewId) -> list[Json]:
    split = given.get("splitOn")
    if split is None:
        return [outputs]
    try:
        from_expression = _evaluated(definition, trigger, outputs, clock, new_id, split)
    except ExpressionError as error:
        raise InvalidInput("InvalidTemplate", f"The 'splitOn' of trigger '{trigger}': {error.message}") from error
    if not isinstance(from_expression, list):
        raise InvalidInput("InvalidTemplate", f"The 'splitOn' of trigger '{trigger}' is no array.")
    items = cast("list[Any]", from_expression)
    if len(items) > KEPT_RUNS:
        raise InvalidInput(
            "SplitOnLimitExceeded",
            f"The 'splitOn' of trigger '{trigger}' gives {len(items)} items; one call starts at most {KEPT_RUNS} runs.",
        )
    return [{**outputs, "body": each} for each in items]


def _conditions_hold(definition: Json, given: Json, trigger: str, outputs: Json, clock: Clock, new_id: NewId) -> bool:
    conditions: Any = given.get("conditions")
    if not isinstance(conditions, list):
        return True
    place = _place(definition, trigger, outputs, clock, new_id)
    try:
        return all(holds(part(each).get("expression"), place) for each in conditions)
    except ExpressionError as error:
        raise InvalidInput("InvalidTemplate", f"The conditions of trigger '{trigger}': {error.message}") from error


def _evaluated(definition: Json, trigger: str, outputs: Json, clock: Clock, new_id: NewId, value: Any) -> Any:
    from_place = _place(definition, trigger, outputs, clock, new_id)
    return evaluate(value, from_place)


def _place(definition: Json, trigger: str, outputs: Json, clock: Clock, new_id: NewId) -> Place:
    told = {"name": trigger, "outputs": outputs, "status": "Succeeded"}
    facts = RunFacts(definition, {}, told, False, {}, "", clock, new_id)
    return Place(facts, ())


def trigger_kind(workflow: Document, trigger: str) -> str:
    """The folded type of a workflow's trigger; empty when it has none of this name."""
    triggers = part(part(workflow.body["properties"].get("definition")).get("triggers"))
    return next((kind_of(part(each)) for name, each in triggers.items() if name.lower() == trigger.lower()), "")
