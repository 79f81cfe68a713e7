"""Where an expression stands in a run: what it can ask for there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vedette.automation.workflows.records import Path, Record, without_credentials
from vedette.automation.workflows.run_facts import RunFacts
from vedette.automation.workflows.workflow_functions import bound
from vedette.core.instants import arm_time
from vedette.expressions.errors import ExpressionError, about
from vedette.expressions.functions import Function

Json = dict[str, Any]
_NOTHING = object()


@dataclass(slots=True)
class Place:
    """An environment for the expressions of one action in one iteration.

    `one` is the item of a Select, Query or Table while it goes through them. `is_secret` is set once an expression
    has asked for something that is not to be shown.
    """

    facts: RunFacts
    path: Path
    record: Record | None = None
    one: Any = _NOTHING
    is_secret: bool = False
    _functions: Mapping[str, Function] | None = None

    @property
    def functions(self) -> Mapping[str, Function]:
        """`Environment.functions`."""
        if self._functions is None:
            self._functions = bound(self)
        return self._functions

    def now(self) -> datetime:
        """`Environment.now`."""
        return self.facts.now()

    def new_id(self) -> str:
        """`Environment.new_id`."""
        return self.facts.new_id()

    def parameter(self, name: str) -> Any:
        """`Known.parameter`."""
        value, secret = self.facts.parameter(name)
        self.is_secret = self.is_secret or secret
        return value

    def variable(self, name: str) -> Any:
        """`Known.variable`."""
        found = self.facts.variables.get(name.lower())
        if found is None:
            raise about("variables", f"cannot find the variable '{name[:80]}': it is not initialized.")
        self.is_secret = self.is_secret or found.is_secret
        return found.value

    def trigger(self) -> Json:
        """`Known.trigger`."""
        self.is_secret = self.is_secret or self.facts.trigger_is_secret
        return self.facts.trigger

    def action(self, name: str | None) -> Json:
        """`Known.action`."""
        record = self.record if name is None else self._found(name)
        if record is None:
            return {}
        self.is_secret = self.is_secret or bool(record.secret)
        return told(record, self.facts.client_tracking_id)

    def item(self, loop: str | None) -> Any:
        """`Known.item`."""
        if loop is None and self.one is not _NOTHING:
            return self.one
        name, index = self._iteration(loop)
        record = self._found(name)
        if record is None or "items" not in record.state:
            raise ExpressionError(f"The loop '{name}' has no items.")
        self.is_secret = self.is_secret or bool(record.secret)
        return record.state["items"][index]

    def iteration(self, loop: str) -> int:
        """`Known.iteration`."""
        return self._iteration(loop)[1]

    def result(self, scope: str) -> list[Json]:
        """`Known.result`."""
        found = self.facts.inside(scope, self.path)
        self.is_secret = self.is_secret or any(each.secret for each in found)
        return [told(each, self.facts.client_tracking_id) for each in found]

    def workflow(self) -> Json:
        """`Known.workflow`."""
        return self.facts.workflow

    def _iteration(self, loop: str | None) -> tuple[str, int]:
        for name, index in reversed(self.path):
            if loop is None or name.lower() == loop.lower():
                return name, index
        raise ExpressionError(
            "The template language function 'item' is called outside of a loop."
            if loop is None
            else f"The template language function 'items' must be called in the loop '{loop[:80]}'."
        )

    def _found(self, name: str) -> Record | None:
        record = self.facts.find(name, self.path)
        if record is None and not self.facts.is_action(name):
            raise ExpressionError(
                f"The template action '{name[:80]}' is not defined in the workflow, so that nothing can be asked of it."
            )
        return record


def told(record: Record, client_tracking_id: str) -> Json:
    """An action as expressions see it."""
    shown: Json = {
        "name": record.name,
        "startTime": arm_time(record.started, "microseconds"),
        "endTime": arm_time(record.ended, "microseconds") if record.ended else None,
        "trackingId": record.tracking_id,
        "clientTrackingId": client_tracking_id,
        "code": record.code,
        "status": record.status,
        "inputs": without_credentials(record.inputs),
        "outputs": record.outputs,
    }
    return shown if record.error is None else {**shown, "error": record.error}
