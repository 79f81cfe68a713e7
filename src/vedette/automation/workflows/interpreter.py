"""Takes a run as far as it can go now: what is done stays done, what is ready is done, what waits is left waiting.

A run is walked from the top each time; an action that has a final record is not done again. So a run that was stopped
anywhere, by `kill -9` too, goes on from what was kept of it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol, cast

from vedette.automation.expressions.evaluate import evaluate
from vedette.automation.workflows.conditions import holds
from vedette.automation.workflows.data_actions import DATA_ACTIONS, PER_ITEM
from vedette.automation.workflows.definition import Json, all_actions, branches, kind_of, part
from vedette.automation.workflows.environment import Place
from vedette.automation.workflows.outcomes import Done, Later, failed
from vedette.automation.workflows.records import Path, Record
from vedette.automation.workflows.run_facts import RunFacts
from vedette.automation.workflows.scope_results import at_once, scope_status, worst
from vedette.automation.workflows.waits import duration, wait_until
from vedette.expressions.errors import ExpressionError
from vedette.expressions.values import check_size, same, text_of, type_name

MOST_RECORDS = 20_000
"""Executions of actions in one run."""
_MOST_ITEMS = 100_000
_UNTIL_COUNT, _MOST_COUNT = 60, 5000
_UNTIL_TIME = timedelta(hours=1)
_NO_DEPENDENT = "An action failed. No dependent actions succeeded."


class Effects(Protocol):
    """What a run does outside of itself, and how it is kept; `kinds` are the types that have an effect."""

    def is_known(self, kind: str) -> bool:
        """Whether an action of this type can be carried out."""
        ...

    def carry_out(self, record: Record, action: Json, place: Place) -> Done | Later:
        """Do it; the record is kept as begun before. Raises ExpressionError."""
        ...

    def keep(self, *, now: bool) -> None:
        """Keep what has changed: at once, or when enough has. Raises Stopped."""
        ...


class Terminated(Exception):
    """A Terminate action ended the run."""

    def __init__(self, status: str, error: Json | None) -> None:
        super().__init__(status)
        self.status = status
        self.error = error


class Interpreter:
    """One run at work. `changed` are the records that were changed and are not kept yet."""

    def __init__(self, facts: RunFacts, effects: Effects) -> None:
        self.facts = facts
        self.effects = effects
        self.changed: dict[tuple[str, Path], Record] = {}
        self.loops_done: list[tuple[str, Path, int, str]] = []
        self._sequence = max((each.sequence for each in facts.records.values()), default=0)

    def advance(self) -> str | None:
        """Go as far as possible; the status of the run once it has ended, None while something waits.

        Raises Terminated and Stopped.
        """
        return self._scope(part(self.facts.definition.get("actions")), ())

    def next_wake(self) -> datetime | None:
        """When something that waits goes on; None when nothing waits for time."""
        waiting = [each for each in self.facts.records.values() if not each.is_final and each.wake is not None]
        wakes = [each.wake for each in waiting if each.wake is not None and not self.facts.is_left_behind(each)]
        return min(wakes, default=None)

    def _scope(self, actions: Mapping[str, Any], path: Path) -> str | None:
        progress = True
        while progress:
            progress = False
            for name, given in actions.items():
                record = self.facts.records.get((name, path))
                if record is not None and record.is_final:
                    continue
                if record is None:
                    record = self._begin(name, part(given), actions, path)
                    if record is None:
                        continue
                self._step(record, part(given), path)
                progress = progress or record.is_final
        records = [self.facts.records.get((name, path)) for name in actions]
        if not all(each is not None and each.is_final for each in records):
            return None
        return scope_status(actions, {name: self.facts.records[name, path].status for name in actions})

    def _begin(self, name: str, action: Json, actions: Mapping[str, Any], path: Path) -> Record | None:
        """Begin an action whose turn it is, or skip it; None while it is not its turn."""
        for before, statuses in part(action.get("runAfter")).items():
            earlier = self.facts.records.get((before, path))
            if earlier is None or not earlier.is_final:
                return None
            wanted = [str(each).lower() for each in statuses]
            if earlier.status.lower() not in wanted:
                told = ", ".join(str(each) for each in statuses)
                return self._skip(
                    name,
                    action,
                    path,
                    "ActionConditionFailed",
                    f"The execution of template action '{name}' skipped: the 'runAfter' condition for action "
                    f"'{before}' is not satisfied. Expected status values '{told}' and actual value "
                    f"'{earlier.status}'.",
                )
        return self._new(name, action, path)

    def _new(self, name: str, action: Json, path: Path) -> Record:
        if len(self.facts.records) >= MOST_RECORDS:
            raise Terminated(
                "Failed",
                {
                    "code": "WorkflowRunActionLimitExceeded",
                    "message": f"The run has carried out {MOST_RECORDS} actions, which is the most.",
                },
            )
        self._sequence += 1
        record = Record(name, path, self._sequence, kind_of(action), self.facts.now(), self.facts.new_id())
        self.facts.records[record.key] = record
        self.changed[record.key] = record
        return record

    def _skip(self, name: str, action: Json, path: Path, code: str, message: str) -> Record:
        record = self._new(name, action, path)
        self._finish(record, Done(None, "Skipped", "ActionSkipped", {"code": code, "message": message}), None)
        return self._skip_inside(record, action, path)

    def _skip_inside(self, record: Record, action: Json, path: Path) -> Record:
        for inner in branches(action).values():
            self._skip_all(inner, path)
        return record

    def _skip_all(self, actions: Json, path: Path) -> None:
        for name, given in actions.items():
            if (name, path) not in self.facts.records:
                self._skip(
                    name,
                    part(given),
                    path,
                    "ActionBranchingConditionNotSatisfied",
                    f"The execution of template action '{name}' skipped: the branching condition for this action is "
                    "not satisfied.",
                )

    def _step(self, record: Record, action: Json, path: Path) -> None:
        if record.is_final:
            return
        place = Place(self.facts, path, record)
        try:
            self._try(record, action, place)
        except ExpressionError as error:
            message = (
                f"Unable to process template language expressions in action '{record.name}' inputs at line '0' and "
                f"column '0': '{error.message}'."
            )
            self._finish(record, failed("InvalidTemplate", message), place)
            for inner in branches(action).values():
                self._cancel_inside(inner, path)

    def _try(self, record: Record, action: Json, place: Place) -> None:
        control = self._control(record.kind)
        if control is not None:
            control(record, action, place)
            return
        if record.wake is not None and record.wake > self.facts.now():
            return
        if not record.is_begun:
            self._evaluate_inputs(record, action, place)
            self._hide(record, action, place)
        if record.kind in DATA_ACTIONS:
            done = DATA_ACTIONS[record.kind](record, action, place)
            check_size([done.outputs, record.state.get("variables")])
            self._finish(record, done, place, action)
            self.effects.keep(now=False)
            return
        if record.kind == "wait":
            self._wait(record, place)
            return
        if record.kind == "terminate":
            self._terminate(record)
        if not self.effects.is_known(record.kind):
            shown = str(action.get("type"))
            message = f"This server does not carry out actions of type '{shown[:80]}' (action '{record.name}')."
            self._finish(record, failed("ActionTypeNotSupported", message), place, action)
            return
        self._carry_out(record, action, place)

    def _carry_out(self, record: Record, action: Json, place: Place) -> None:
        record.is_begun, record.wake = True, None
        self.changed[record.key] = record
        self.effects.keep(now=True)
        outcome = self.effects.carry_out(record, action, place)
        if isinstance(outcome, Later):
            record.wake, record.state = outcome.wake, outcome.state
            if outcome.failure is not None:
                record.retries.append(outcome.failure)
            self.changed[record.key] = record
        else:
            check_size(outcome.outputs)
            self._finish(record, outcome, place, action)
        self.effects.keep(now=True)

    def _evaluate_inputs(self, record: Record, action: Json, place: Place) -> None:
        given = action.get("inputs")
        late = PER_ITEM.get(record.kind, frozenset())
        if late and isinstance(given, dict):
            given = {name: each for name, each in cast("Json", given).items() if name not in late}
        inputs = evaluate(given, place)
        check_size(inputs)
        record.inputs = inputs

    def _finish(self, record: Record, done: Done, place: Place | None, action: Json | None = None) -> None:
        record.status, record.outputs, record.code, record.error = done.status, done.outputs, done.code, done.error
        record.ended, record.wake = self.facts.now(), None
        if action is not None:
            self._hide(record, action, place)
            self._track(record, action, place)
        self.changed[record.key] = record
        if record.status == "Succeeded":
            self.facts.learn(record)

    def _hide(self, record: Record, action: Json, place: Place | None) -> None:
        """What the definition says is secure is not shown, nor what was made of something that is; once hidden, it
        stays so in later steps, which do not evaluate it again."""
        secured = part(part(action.get("runtimeConfiguration")).get("secureData")).get("properties")
        secret = {str(each) for each in cast("list[Any]", secured)} if isinstance(secured, list) else set[str]()
        if place is not None and place.is_secret:
            secret.add("inputs")
        if "inputs" in secret and (record.kind in DATA_ACTIONS or record.kind == "response"):
            secret.add("outputs")
        record.secret |= secret

    def _track(self, record: Record, action: Json, place: Place | None) -> None:
        tracked = action.get("trackedProperties")
        if tracked and place is not None and not record.secret:
            try:
                record.tracked = evaluate(tracked, place)
            except ExpressionError as error:
                record.tracked = {"error": error.message}

    def _wait(self, record: Record, place: Place) -> None:
        if record.wake is None:
            record.wake = wait_until(record, self.facts.now())
            record.is_begun = True
            self.changed[record.key] = record
        if record.wake <= self.facts.now():
            self._finish(record, Done(None), place)
        self.effects.keep(now=True)

    def _terminate(self, record: Record) -> None:
        inputs = part(record.inputs)
        status = text_of(inputs.get("runStatus") or "Failed")
        status = {"succeeded": "Succeeded", "cancelled": "Cancelled"}.get(status.lower(), "Failed")
        error = part(inputs.get("runError"))
        self._finish(record, Done(None), None)
        raise Terminated(status, error or None if status == "Failed" else None)

    def _control(self, kind: str) -> Callable[[Record, Json, Place], None] | None:
        return {
            "if": self._if,
            "switch": self._switch,
            "scope": self._plain_scope,
            "foreach": self._foreach,
            "until": self._until,
        }.get(kind)

    def _if(self, record: Record, action: Json, place: Place) -> None:
        if "branch" not in record.state:
            truth = holds(action.get("expression"), place)
            record.inputs, record.state = {"expressionResult": truth}, {"branch": "actions" if truth else "else"}
            self.changed[record.key] = record
        self._branch(record, action, place)

    def _switch(self, record: Record, action: Json, place: Place) -> None:
        if "branch" not in record.state:
            value = evaluate(action.get("expression"), place)
            chosen = "default"
            for name, case in part(action.get("cases")).items():
                if same(evaluate(part(case).get("case"), place), value):
                    chosen = f"case {name}"
                    break
            record.inputs, record.state = {"expressionResult": value}, {"branch": chosen}
            record.secret |= {"inputs"} if place.is_secret else frozenset()
            self.changed[record.key] = record
        self._branch(record, action, place)

    def _branch(self, record: Record, action: Json, place: Place) -> None:
        chosen = record.state["branch"]
        found = branches(action)
        for name, inner in found.items():
            if name != chosen:
                self._skip_all(inner, place.path)
        self._end_with(record, self._scope(found.get(chosen, {}), place.path), place)

    def _plain_scope(self, record: Record, action: Json, place: Place) -> None:
        self._end_with(record, self._scope(part(action.get("actions")), place.path), place)
        self._expire(record, action, place)

    def _expire(self, record: Record, action: Json, place: Place) -> None:
        limit = part(action.get("limit")).get("timeout")
        if record.is_final or limit is None:
            return
        end = record.started + duration(evaluate(limit, place), _UNTIL_TIME)
        if end > self.facts.now():
            record.wake = end
            return
        self._cancel_inside(part(action.get("actions")), place.path)
        message = f"The execution of template action '{record.name}' is timed out."
        self._finish(record, failed("ActionTimedOut", message, status="TimedOut"), place)

    def _cancel_inside(self, actions: Json, path: Path) -> None:
        """What is under way at any depth is cancelled, and what has not begun is skipped."""
        inside = dict(all_actions(actions))
        begun = [each for each in self.facts.records.values() if each.name in inside and each.path[: len(path)] == path]
        for each in begun:
            if not each.is_final:
                self._finish(each, Done(None, "Cancelled", "ActionCancelled"), None)
        names = {each.name for each in begun}
        for name, action in inside.items():
            if name not in names:
                self._skip_all({name: action}, path)

    def _end_with(self, record: Record, status: str | None, place: Place) -> None:
        if status is None:
            return
        if status == "Succeeded":
            self._finish(record, Done(None), place)
        else:
            self._finish(
                record, Done(None, status, "ActionFailed", {"code": "ActionFailed", "message": _NO_DEPENDENT}), place
            )

    def _foreach(self, record: Record, action: Json, place: Place) -> None:
        if "items" not in record.state:
            items = evaluate(action.get("foreach"), place)
            if not isinstance(items, list):
                raise ExpressionError(
                    f"The result of the evaluation of 'foreach' action expression '{str(action.get('foreach'))[:200]}' "
                    f"is of type '{type_name(items)}'. The result must be a valid array."
                )
            check_size(items)
            if len(cast("list[Any]", items)) > _MOST_ITEMS:
                raise ExpressionError(f"A loop goes through at most {_MOST_ITEMS} items.")
            record.state = {"items": items, "ended": {}, "iterations": len(cast("list[Any]", items))}
            record.secret |= {"inputs"} if place.is_secret else frozenset()
            self.changed[record.key] = record
        ended: dict[str, str] = record.state["ended"]
        inner = part(action.get("actions"))
        if not record.state["items"]:
            self._skip_all(inner, place.path)
        most, waiting = at_once(action), 0
        for index in range(len(record.state["items"])):
            if str(index) in ended:
                continue
            if waiting >= most:
                break
            status = self._scope(inner, (*place.path, (record.name, index)))
            if status is None:
                waiting += 1
                continue
            ended[str(index)] = status
            self.changed[record.key] = record
            self.loops_done.append((record.name, place.path, index, status))
        if len(ended) == len(record.state["items"]):
            self._end_with(record, worst(ended.values()), place)

    def _until(self, record: Record, action: Json, place: Place) -> None:
        limit = part(action.get("limit"))
        if "iteration" not in record.state:
            count = evaluate(limit.get("count", _UNTIL_COUNT), place)
            if not isinstance(count, int) or not 1 <= count <= _MOST_COUNT:
                raise ExpressionError(f"The 'count' of an Until's limit is an integer from 1 to {_MOST_COUNT}.")
            end = record.started + duration(evaluate(limit.get("timeout"), place), _UNTIL_TIME)
            record.state = {"iteration": 0, "count": count, "end": end.isoformat(), "iterations": 0}
        end = datetime.fromisoformat(record.state["end"])
        while not record.is_final:
            path = (*place.path, (record.name, record.state["iteration"]))
            status = self._scope(part(action.get("actions")), path)
            if status is None:
                if end <= self.facts.now():
                    self._cancel_inside(part(action.get("actions")), path)
                    self._reached(record, action, place, "timeout")
                else:
                    record.wake = end
                return
            self.loops_done.append((record.name, place.path, record.state["iteration"], status))
            record.state = {**record.state, "iterations": record.state["iteration"] + 1, "last": status}
            self.changed[record.key] = record
            if holds(action.get("expression"), Place(self.facts, path, record)):
                self._end_with(record, status, place)
            elif record.state["iterations"] >= record.state["count"]:
                self._reached(record, action, place, "count")
            elif end <= self.facts.now():
                self._reached(record, action, place, "timeout")
            else:
                record.state = {**record.state, "iteration": record.state["iterations"]}
                self.effects.keep(now=False)

    def _reached(self, record: Record, action: Json, place: Place, limit: str) -> None:
        options = str(part(action.get("limit")).get("operationOptions") or action.get("operationOptions") or "")
        if "failwhenlimitsreached" in options.lower():
            message = f"The execution of template action '{record.name}' reached its limit of {limit}."
            self._finish(record, failed("ActionFailed", message), place)
        else:
            self._end_with(record, record.state.get("last", "Succeeded"), place)
