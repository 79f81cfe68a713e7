"""What a workflow's definition says: its actions with those inside them, and whether it can be run at all.

https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from vedette.automation.expressions.evaluate import check_expressions
from vedette.automation.workflows.workflow_functions import WORKFLOW_FUNCTIONS
from vedette.core.errors import InvalidInput
from vedette.expressions.errors import ExpressionError

Json = dict[str, Any]

MOST_ACTIONS = 500
"""https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#workflow-definition-limits"""
_DEEPEST = 8
_STATUSES = frozenset({"succeeded", "failed", "skipped", "timedout", "cancelled"})
_LOOPS = frozenset({"foreach", "until"})


def kind_of(action: Mapping[str, Any]) -> str:
    """An action's or a trigger's type, folded."""
    return str(action.get("type", "")).lower()


def part(value: Any) -> Json:
    """The object, or an empty one for what is none."""
    return cast("Json", value) if isinstance(value, dict) else {}


def branches(action: Mapping[str, Any]) -> dict[str, Json]:
    """The actions inside an action, by the branch that they are in: `actions`, `else`, `default`, or a case's name."""
    found: dict[str, Json] = {}
    if isinstance(action.get("actions"), dict):
        found["actions"] = part(action["actions"])
    for name in ("else", "default"):
        if isinstance(action.get(name), dict):
            found[name] = part(part(action[name]).get("actions"))
    for name, case in part(action.get("cases")).items():
        found[f"case {name}"] = part(part(case).get("actions"))
    return found


def all_actions(actions: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
    """Every action by its name, those inside others after them."""
    for name, action in actions.items():
        yield name, part(action)
        for inner in branches(part(action)).values():
            yield from all_actions(inner)


def check_runnable(definition: Mapping[str, Any]) -> None:
    """Raises InvalidInput (InvalidTemplate) for a definition that could not be run as it is meant."""
    actions = part(definition.get("actions"))
    names: set[str] = set()
    for name, _ in all_actions(actions):
        if name.lower() in names:
            raise _wrong(f"the action name '{name}' is used twice")
        names.add(name.lower())
        if len(names) > MOST_ACTIONS:
            raise _wrong(f"there are more than {MOST_ACTIONS} actions")
    _check_scope(actions, 0, in_loop=False)
    for place in ("triggers", "actions", "outputs"):
        for name, each in part(definition.get(place)).items():
            try:
                check_expressions(each, WORKFLOW_FUNCTIONS)
            except ExpressionError as error:
                raise _wrong(f"the expressions in '{place}.{name}' are not valid: {error.message}") from error


def _check_scope(actions: Json, depth: int, *, in_loop: bool) -> None:
    if depth > _DEEPEST:
        raise _wrong(f"actions are nested deeper than {_DEEPEST} levels")
    for name, each in actions.items():
        action = part(each)
        if not kind_of(action):
            raise _wrong(f"the action '{name}' has no type")
        for before, statuses in part(action.get("runAfter")).items():
            if before not in actions:
                raise _wrong(f"the 'runAfter' of the action '{name}' contains '{before}', which is no action beside it")
            given = cast("list[Any]", statuses) if isinstance(statuses, list) else []
            if not given or not all(str(status).lower() in _STATUSES for status in given):
                raise _wrong(f"the 'runAfter' of the action '{name}' names no statuses of '{before}'")
        if in_loop and kind_of(action) == "terminate":
            raise _wrong(f"the action '{name}' of type 'Terminate' cannot be inside a loop")
        if depth and kind_of(action) == "initializevariable":
            raise _wrong(f"the action '{name}' of type 'InitializeVariable' cannot be inside another action")
        for inner in branches(action).values():
            _check_scope(inner, depth + 1, in_loop=in_loop or kind_of(action) in _LOOPS)
    _check_order(actions)


def _check_order(actions: Json) -> None:
    waiting = {name: set(part(part(each).get("runAfter"))) for name, each in actions.items()}
    while waiting:
        ready = [name for name, before in waiting.items() if not before & waiting.keys()]
        if not ready:
            raise _wrong(f"the actions '{', '.join(list(waiting)[:10])}' wait for one another")
        for name in ready:
            del waiting[name]


def _wrong(what: str) -> InvalidInput:
    return InvalidInput("InvalidTemplate", f"The template validation failed: {what}.")
