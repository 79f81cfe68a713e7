"""Puts the story into the log tables and the rules into the workspace, once for a data directory."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vedette.access.principals import Principal
from vedette.access.workspaces import Workspace
from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.controller import answer
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import NotFound
from vedette.demo.rules import DemoRule, demo_rules
from vedette.demo.story import tell
from vedette.logs.store import LogStore
from vedette.sentinel.alert_rules import ALERT_RULE
from vedette.sentinel.resources import RESOURCE_TYPES

_FACT = "demo"
_API_VERSION = "2025-09-01"


@dataclass(frozen=True, slots=True)
class Demo:
    """What there is to look at: how many events each table was given, and the names of the rules.

    `loaded` says whether this start loaded them; otherwise an earlier one did.
    """

    loaded: bool
    events: dict[str, int]
    rules: tuple[str, ...]


def load(context: Context, logs: LogStore, principal: Principal) -> Demo:
    """Load the demo into the first workspace, as `principal`, who needs the permission to write rules.

    The story ends now, or when a start that was cut off began to tell it; what that one stored is not stored again.
    Raises what appending and putting a rule raise.
    """
    fact = _remembered(context)
    if fact["rules"] is not None:
        return Demo(False, fact["events"], tuple(fact["rules"]))
    workspace = context.workspaces.by_resource_id(context.estate.workspace_resource_id)
    if workspace is None:
        raise NotFound("NotFound", "The workspace that the demo is loaded into was deleted.")
    story = tell(datetime.fromisoformat(fact["end"]))
    missing = {table: events for table, events in story.items() if not _is_there(logs, workspace, table, events[0])}
    for stored in [logs.append(workspace.id, table, events) for table, events in missing.items()]:
        stored.result()
    rules = list(demo_rules())
    for rule in rules:
        _put(context, principal, workspace, rule)
    demo = Demo(True, {table: len(events) for table, events in story.items()}, tuple(rule.name for rule in rules))
    with context.state.transaction() as transaction:
        transaction.set_value(_FACT, fact | {"events": demo.events, "rules": demo.rules})
    return demo


def _remembered(context: Context) -> dict[str, Any]:
    """When the story ends, and once it is loaded the number of its events by table and the names of the rules."""
    with context.state.transaction() as transaction:
        fact = transaction.get_value(_FACT)
        if fact is None:
            fact = {"end": context.clock.now().isoformat(), "events": {}, "rules": None}
            transaction.set_value(_FACT, fact)
    return fact


def _is_there(logs: LogStore, workspace: Workspace, table: str, event: dict[str, Any]) -> bool:
    """Whether a table has its events, for they are stored together: whether it has one of that very moment."""
    moment = event["TimeGenerated"]
    found = logs.query(workspace.id, f"{table} | take 1", timespan=(moment, moment + timedelta(microseconds=1)))
    return bool(found.rows())


def _put(context: Context, principal: Principal, workspace: Workspace, rule: DemoRule) -> None:
    call = Call(
        method="PUT",
        path=parse_id(f"{workspace.resource_id}/providers/{ALERT_RULE}/{rule.name}"),
        principal=principal,
        query={"api-version": _API_VERSION},
        body={"kind": "Scheduled", "properties": rule.properties},
    )
    answer(context, RESOURCE_TYPES, call)
