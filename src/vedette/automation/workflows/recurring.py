"""Fires the Recurrence triggers of workflows as they fall due, each time once."""

from collections.abc import Mapping
from datetime import UTC, datetime

import structlog

from vedette.automation.workflows.definition import kind_of, part
from vedette.automation.workflows.effects import Parts
from vedette.automation.workflows.records import WORKFLOW
from vedette.automation.workflows.recurrence import Recurrence, read_recurrence
from vedette.automation.workflows.starting import Started, fire
from vedette.core.errors import Unavailable, VedetteError
from vedette.core.instants import instant_of
from vedette.expressions.errors import ExpressionError
from vedette.state.documents import Document

_FIRED = "Vedette.Logic/firedTriggers"
_log = structlog.get_logger(__name__)


class Recurring:
    """The Recurrence triggers of all workflows; what they are is read anew when a workflow is changed."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._known: tuple[tuple[int, int], dict[tuple[str, str], datetime]] = ((-1, -1), {})
        self._left_out: dict[str, str] = {}  # workflows that cannot be gone through, by when they were changed

    def next_due(self) -> datetime | None:
        """When a trigger fires next, which may be in the past; None while there is none."""
        return min(self._due().values(), default=None)

    def run_due(self) -> int:
        """Let every trigger fire that is due; gives how many there were."""
        now, done = self.parts.clock.now(), 0
        for (workflow_id, trigger), at in self._due().items():
            if at <= now:
                done += self._fire_guarded(workflow_id, trigger, at)
        return done

    def _fire_guarded(self, workflow_id: str, trigger: str, at: datetime) -> int:
        """One workflow keeps no other from its turn, however wrong it is."""
        try:
            return self._fire(workflow_id, trigger, at)
        except Unavailable:
            raise
        except Exception:
            workflow = self.parts.state.get(workflow_id)
            if workflow is not None:
                self._leave_out(workflow)
            return 0

    def _leave_out(self, workflow: Document) -> None:
        _log.exception("a recurrence failed and does not fire until its workflow is changed", workflow=workflow.id)
        self._left_out[workflow.id] = _made(workflow)
        self._known = (-1, -1), {}

    def _due(self) -> dict[tuple[str, str], datetime]:
        state = self.parts.state
        versions = state.version(WORKFLOW), state.version(_FIRED)
        if self._known[0] != versions:
            fired = {each.id: each for each in state.list(_FIRED)}
            due: dict[tuple[str, str], datetime] = {}
            for workflow in state.list(WORKFLOW):
                if self._left_out.get(workflow.id) == _made(workflow):
                    continue
                try:
                    due |= _due_of(workflow, fired)
                except Exception:
                    self._leave_out(workflow)
            self._known = versions, due
        return self._known[1]

    def _fire(self, workflow_id: str, trigger: str, at: datetime) -> int:
        with self.parts.state.transaction() as transaction:
            workflow = transaction.get(workflow_id)
            if workflow is None:
                return 0
            id = _fired_id(workflow_id, trigger)
            before = transaction.get(id)
            if before is not None and instant_of(before.body["at"]) >= at and before.body["made"] == _made(workflow):
                return 0
            now = self.parts.clock.now()
            body = {"at": max(at, _last_missed(workflow, trigger, at, now)).isoformat(), "made": _made(workflow)}
            transaction.put(id=id, type=_FIRED, scope=workflow_id, name=trigger, body=body)
            try:
                origin = Started(by="a recurrence")
                fire(transaction, self.parts.clock, self.parts.new_id, workflow, trigger, {}, origin)
            except VedetteError as error:
                _log.warning("a recurrence could not start its workflow", workflow=workflow_id, reason=error.message)
        return 1


def _due_of(workflow: Document, fired: Mapping[str, Document]) -> dict[tuple[str, str], datetime]:
    due: dict[tuple[str, str], datetime] = {}
    for name, recurrence in _recurrences(workflow):
        try:
            at = _next(workflow, recurrence, fired.get(_fired_id(workflow.id, name)))
        except ExpressionError:
            _log.warning("a recurrence has no next time", workflow=workflow.id, trigger=name)
            continue
        if not recurrence.is_over(at):
            due[workflow.id, name] = at
    return due


def _recurrences(workflow: Document) -> list[tuple[str, Recurrence]]:
    properties = workflow.body["properties"]
    if properties.get("state") not in (None, "Enabled", "NotSpecified"):
        return []
    found: list[tuple[str, Recurrence]] = []
    for name, trigger in part(part(properties.get("definition")).get("triggers")).items():
        if kind_of(part(trigger)) == "recurrence" and part(part(trigger).get("recurrence")).get("frequency"):
            try:
                found.append((name, read_recurrence(part(trigger))))
            except ExpressionError:
                _log.warning("a recurrence cannot be read and does not fire", workflow=workflow.id, trigger=name)
    return found


def _next(workflow: Document, recurrence: Recurrence, fired: Document | None) -> datetime:
    made = instant_of(_made(workflow)).astimezone(UTC)
    if fired is None or fired.body["made"] != _made(workflow):
        return recurrence.first(made)
    last = instant_of(fired.body["at"])
    return recurrence.after(last, last)


def _last_missed(workflow: Document, trigger: str, at: datetime, now: datetime) -> datetime:
    """The last time up to now: a trigger that was due several times while the server was down fires once."""
    recurrence = dict(_recurrences(workflow)).get(trigger)
    last = at
    for _ in range(1000):
        following = recurrence.after(last, last) if recurrence is not None else now
        if following > now or recurrence is None:
            return last
        last = following
    return now


def _made(workflow: Document) -> str:
    return str(workflow.body["properties"]["changedTime"])


def _fired_id(workflow_id: str, trigger: str) -> str:
    return f"{workflow_id}/providers/{_FIRED}/{trigger}"
