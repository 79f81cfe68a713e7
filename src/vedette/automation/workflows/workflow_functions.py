"""The functions that know a run: its parameters, trigger, variables, loops, and what its actions gave.

https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference#workflow-functions
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

from vedette.expressions.errors import ExpressionError, about
from vedette.expressions.functions import Function, function, table
from vedette.expressions.values import Json, property_of


class Known(Protocol):
    """What an expression may ask of its run, from where it stands. Every method raises ExpressionError."""

    def parameter(self, name: str) -> Any:
        """The value of a parameter."""
        ...

    def variable(self, name: str) -> Any:
        """The value of a variable now."""
        ...

    def trigger(self) -> Json:
        """The trigger with its outputs."""
        ...

    def action(self, name: str | None) -> Json:
        """An action with its inputs and outputs; None for the one that the expression is in."""
        ...

    def item(self, loop: str | None) -> Any:
        """The item of a loop by name, None for the innermost."""
        ...

    def iteration(self, loop: str) -> int:
        """The number of the iteration of a loop."""
        ...

    def result(self, scope: str) -> list[Json]:
        """What became of the actions in a scope."""
        ...

    def workflow(self) -> Json:
        """The workflow and the run."""
        ...


def _body(outputs: Any) -> Any:
    return property_of(cast("Json", outputs), "body")[1] if isinstance(outputs, dict) else None


def _action_outputs(known: Known, name: str) -> Any:
    return known.action(name).get("outputs")


def _action_body(known: Known, name: str) -> Any:
    return _body(_action_outputs(known, name))


def _form_values(name: str, body: Any, key: str) -> list[Any]:
    pairs = property_of(cast("Json", body), "$formdata")[1] if isinstance(body, dict) else None
    if not isinstance(pairs, list):
        raise about(name, "expects a body of form data.")
    return [pair.get("value") for pair in cast("list[Json]", pairs) if pair.get("key") == key]


def _form_value(name: str, body: Any, key: str) -> Any:
    values = _form_values(name, body, key)
    if len(values) > 1:
        raise about(name, f"finds more than one value of '{key[:80]}'.")
    return values[0] if values else None


def _part(name: str, body: Any, index: int) -> Any:
    parts = property_of(cast("Json", body), "$multipart")[1] if isinstance(body, dict) else None
    if not isinstance(parts, list) or not 0 <= index < len(cast("list[Any]", parts)):
        raise about(name, f"finds no part {index} in the body.")
    return cast("list[Json]", parts)[index].get("body")


def _trigger_outputs(known: Known) -> Any:
    return known.trigger().get("outputs")


def _trigger_body(known: Known) -> Any:
    return _body(_trigger_outputs(known))


def _no_callback(_known: Known) -> Any:
    raise ExpressionError("The template language function 'listCallbackUrl' has a value in triggers only.")


_ENTRIES: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("parameters", "parameterName: string", lambda known, name: known.parameter(name)),
    ("variables", "variableName: string", lambda known, name: known.variable(name)),
    ("trigger", "", lambda known: known.trigger()),
    ("triggerOutputs", "", _trigger_outputs),
    ("triggerBody", "", _trigger_body),
    ("action", "", lambda known: known.action(None)),
    ("actions", "actionName: string", lambda known, name: known.action(name)),
    ("outputs", "actionName: string", _action_outputs),
    ("actionOutputs", "actionName: string", _action_outputs),
    ("body", "actionName: string", _action_body),
    ("actionBody", "actionName: string", _action_body),
    ("item", "", lambda known: known.item(None)),
    ("items", "loopName: string", lambda known, name: known.item(name)),
    ("iterationIndexes", "loopName: string", lambda known, name: known.iteration(name)),
    ("result", "scopedActionName: string", lambda known, name: known.result(name)),
    ("workflow", "", lambda known: known.workflow()),
    ("listCallbackUrl", "", _no_callback),
    ("formDataValue", "actionName: string, key: string",
     lambda known, name, key: _form_value("formDataValue", _action_body(known, name), key)),
    ("formDataMultiValues", "actionName: string, key: string",
     lambda known, name, key: _form_values("formDataMultiValues", _action_body(known, name), key)),
    ("multipartBody", "actionName: string, index: integer",
     lambda known, name, index: _part("multipartBody", _action_body(known, name), index)),
    ("triggerFormDataValue", "key: string",
     lambda known, key: _form_value("triggerFormDataValue", _trigger_body(known), key)),
    ("triggerFormDataMultiValues", "key: string",
     lambda known, key: _form_values("triggerFormDataMultiValues", _trigger_body(known), key)),
    ("triggerMultipartBody", "index: integer",
     lambda known, index: _part("triggerMultipartBody", _trigger_body(known), index)),
)  # fmt: skip


def _unbound(*_arguments: Any) -> Any:
    raise ExpressionError("The function is called outside of a run.")


WORKFLOW_FUNCTIONS: Mapping[str, Function] = table(function(name, takes, _unbound) for name, takes, _ in _ENTRIES)
"""The functions as a definition may call them."""


def bound(known: Known) -> Mapping[str, Function]:
    """The functions, asking `known`."""

    def bind(call: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arguments: call(known, *arguments)

    return table(function(name, takes, bind(call)) for name, takes, call in _ENTRIES)
