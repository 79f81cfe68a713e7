"""Calls of playbooks: one that has too many runs waiting is called again, for a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from vedette.arm.context import Context
from vedette.automation.workflows.starting import Started, fire, number_of, run_name
from vedette.core.errors import Throttled, VedetteError
from vedette.core.instants import arm_time, instant_of
from vedette.sentinel.defender.types import CALL
from vedette.state.documents import Document
from vedette.state.store import Transaction

PATIENCE: Final = timedelta(days=1)
_TOGETHER: Final = 100
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A call: its `name` is a GUID that is the same whenever it is made again; of a workflow's trigger, with a body,
    `since` when."""

    name: str
    automation: str
    workflow: str
    trigger: str
    body: dict[str, Any]
    since: datetime


def call_playbook(context: Context, transaction: Transaction, call: Waiting) -> bool:
    """Have the trigger fire; a call that is too many is kept for later, any other that fails is logged. Whether it is
    over."""
    workflow = transaction.get(call.workflow)
    if workflow is None:
        return _failed(call, "NotFound", "the workflow is gone")
    outputs = {"headers": {"Content-Type": "application/json; charset=utf-8"}, "body": call.body}
    run = run_name(call.since, number_of(call.name))
    origin = Started(by=call.automation, client_tracking_id=call.name, name=run)
    try:
        fire(transaction, context.clock, context.new_id, workflow, call.trigger, outputs, origin)
    except Throttled as error:
        if context.clock.now() >= call.since + PATIENCE:
            return _failed(call, error.code, error.message)
        _keep(transaction, call)
        return False
    except VedetteError as error:
        return _failed(call, error.code, error.message)
    return True


def call_again(context: Context) -> None:
    """Make the calls that wait once more, the oldest first."""
    for document in context.state.list(CALL, limit=_TOGETHER):
        with context.state.transaction() as transaction:
            held = transaction.get(document.id)
            if held is not None and call_playbook(context, transaction, _read(held)):
                transaction.delete(held.id)


def _failed(call: Waiting, code: str, reason: str) -> bool:
    _log.warning(
        "an automation could not start a playbook",
        automation=call.automation,
        playbook=call.workflow,
        code=code,
        reason=reason,
    )
    return True


def _keep(transaction: Transaction, call: Waiting) -> None:
    id = f"/vedette/exportCalls/{call.name}"
    if transaction.get(id) is not None:
        return
    body = {
        "automation": call.automation,
        "workflow": call.workflow,
        "trigger": call.trigger,
        "body": call.body,
        "since": arm_time(call.since, "microseconds"),
    }
    transaction.put(id=id, type=CALL, scope="", name=call.name, body=body)


def _read(document: Document) -> Waiting:
    held = document.body
    return Waiting(
        document.name, held["automation"], held["workflow"], held["trigger"], held["body"], instant_of(held["since"])
    )
