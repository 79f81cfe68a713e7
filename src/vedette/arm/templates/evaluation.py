"""Evaluates the values of a template: JSON with expressions in, JSON out.

Raises ExpressionError for what cannot be evaluated, and NotYetKnown for what is known only as the deployment runs.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeGuard, cast

from vedette.arm.templates.context import DEEPEST_CALLS, MOST_VALUE, Context, Place, UserFunction
from vedette.arm.templates.copies import copied_properties
from vedette.arm.templates.errors import EXPRESSIONS, NotYetKnown
from vedette.arm.templates.facts import Json
from vedette.arm.templates.functions import CONTEXTUAL, LAMBDA_NAMES, LAZY, PURE, make_lambda
from vedette.arm.templates.syntax import is_expression, plain, read
from vedette.core.redaction import traces
from vedette.expressions.errors import ExpressionError, explained
from vedette.expressions.functions import Function
from vedette.expressions.syntax import Calling, Expression, Literal, Selection
from vedette.expressions.values import check_size, property_of, text_of

_DEEPEST = 100
_PARTS = frozenset({"first", "last", "tryget", "indexfromend", "tryindexfromend"})
"""Functions that give a part of what they are given."""
_AT_ONCE = _PARTS | LAMBDA_NAMES | {"length", "empty", "createarray", "createobject", "array"}
"""Functions that do not go through what they are given, or count it as they do."""
_SLOW: Mapping[str, int] = {"uniquestring": 10, "json": 4, "base64tojson": 4}
"""What a character costs those that take longest, against one of a text that is made."""


def evaluated(value: Any, context: Context) -> Any:
    """The value with every expression in it evaluated, and what copies in it copied."""
    return _value(value, context, 0, None)


def previewed(value: Any, context: Context) -> Any:
    """The same, where strings whose expressions cannot be known yet stay as they are written."""
    return _value(value, context, 0, _as_written)


Make = Callable[[Any, Context], Any]
"""How values are evaluated."""


def maker(partly: bool) -> Make:
    """`previewed` where only a part can be known yet, else `evaluated`."""
    return previewed if partly else evaluated


class Unknown(str):
    """An expression, as it is written, whose value is not known before what it asks for is there."""

    __slots__ = ()


def _as_written(text: str) -> Any:
    return Unknown(text)


def _value(value: Any, context: Context, depth: int, otherwise: Any) -> Any:
    if depth > _DEEPEST:
        raise ExpressionError(f"The value is nested deeper than {_DEEPEST} levels.")
    if isinstance(value, str):
        return _string(value, context, otherwise, depth)
    if isinstance(value, list):
        context.budget.holding(len(cast("list[Any]", value)))
        return [_value(each, context, depth + 1, otherwise) for each in cast("list[Any]", value)]
    if isinstance(value, dict):
        return _object(cast("Json", value), context, depth, otherwise)
    return value


def _object(value: Json, context: Context, depth: int, otherwise: Any) -> Json:
    found: Json = {}
    context.budget.holding(len(value))
    for name, each in value.items():
        if name.lower() == "copy":
            loops = copied_properties(each, context, evaluated)
            if loops is not None:
                for copied, rounds in loops:
                    context.budget.holding(len(rounds))
                    found[copied] = [_value(item, inside, depth + 2, otherwise) for item, inside in rounds]
                continue
        found[_name(name, context)] = _value(each, context, depth + 1, otherwise)
    return found


def _name(name: str, context: Context) -> str:
    if not name.startswith("["):
        return name
    made = _string(name, context.shaping(), None)
    if not isinstance(made, str):
        raise ExpressionError(f"The name of a property, '{name[:100]}', must be a string.")
    return made


def _string(text: str, context: Context, otherwise: Any, depth: int = 0) -> Any:
    if not is_expression(text):
        context.budget.made(text)
        return plain(text)
    try:
        made, secret = watched(lambda: _shown_value(text, context), context)
    except NotYetKnown:
        if otherwise is None:
            raise
        return otherwise(text)
    context.budget.made(made, depth)
    if secret and context.place in (Place.BODY, Place.SHAPE):
        context.hidden.update(traces(made))
    return made


def watched(work: Callable[[], Any], context: Context) -> tuple[Any, bool]:
    """What a part of an evaluation gives, and whether that comes from a secure parameter."""
    budget = context.budget
    around, budget.secret = budget.secret, False
    try:
        return work(), budget.secret
    finally:
        budget.secret = budget.secret or around


def _shown_value(text: str, context: Context) -> Any:
    """The value of an expression, whose errors do not quote what comes from secure parameters."""
    expression = read(text)
    try:
        return value_of(expression, context)
    except ExpressionError as error:
        if context.budget.secret:
            raise ExpressionError(
                f"The expression '{text[:200]}' cannot be evaluated. Why is not shown, because it has to do with a "
                "secure parameter"
            ) from error
        raise


def value_of(expression: Expression, context: Context) -> Any:
    """The value of a tree."""
    context.budget.step()
    match expression:
        case Literal(value):
            return value
        case Calling(name, arguments):
            return _call(name, arguments, context)
        case Selection():
            return _select(expression, context)


def _call(name: str, arguments: tuple[Expression, ...], context: Context) -> Any:
    folded = name.lower().removeprefix("sys.")
    if "." in folded:
        own = context.functions.get(folded)
        if own is None:
            raise _unknown(name)
        return _call_own(own, [value_of(each, context) for each in arguments], context)
    lazy, pure = LAZY.get(folded), PURE.get(folded)
    contextual = CONTEXTUAL.get("list*" if folded.startswith("list") else folded)
    if lazy is None and pure is None and contextual is None:
        raise _unknown(name)
    with explained(f"{EXPRESSIONS}/#"):
        if lazy is not None:
            return lazy(context, arguments, value_of)
        given = _arguments(folded, arguments, context)
        if pure is not None:
            return _pure(folded, pure, given, context)
        assert contextual is not None
        return contextual(name, context, given)


def check_form(value: Any, context: Context) -> None:
    """Return if every expression in a value can be read, and calls only what there is. Raises ExpressionError."""
    waiting: list[Any] = [value]
    while waiting:
        context.budget.work(1)
        each = waiting.pop()
        if isinstance(each, str):
            if is_expression(each):
                waiting.append(read(each))
        elif isinstance(each, list):
            waiting += cast("list[Any]", each)
        elif isinstance(each, dict):
            held = cast("Json", each)
            waiting += (*held, *held.values())
        elif isinstance(each, Calling):
            _check_name(each.name, context)
            waiting += [one for one in each.arguments if not isinstance(one, Literal)]
        elif isinstance(each, Selection):
            waiting += [one for one in (each.of, each.key) if not isinstance(one, Literal)]


def _check_name(name: str, context: Context) -> None:
    folded = name.lower().removeprefix("sys.")
    if "." in folded:
        known = folded in context.functions
    else:
        known = folded in LAZY or folded in PURE or folded in CONTEXTUAL or folded.startswith("list")
    if not known:
        raise _unknown(name)


def _arguments(folded: str, arguments: tuple[Expression, ...], context: Context) -> list[Any]:
    """Their values; only functions that take lambda expressions are given any."""
    takes = folded in LAMBDA_NAMES
    return [
        make_lambda(context, each.arguments, value_of) if takes and _is_lambda(each) else value_of(each, context)
        for each in arguments
    ]


def _is_lambda(expression: Expression) -> TypeGuard[Calling]:
    return isinstance(expression, Calling) and expression.name.lower().removeprefix("sys.") == "lambda"


def _pure(folded: str, function: Function, given: list[Any], context: Context) -> Any:
    """Its value; what it costs is counted before, and what it makes behind it."""
    if folded not in _AT_ONCE:
        context.budget.given(given)
    slow = _SLOW.get(folded)
    if slow is not None:
        context.budget.spend(slow * sum(len(each) for each in given if isinstance(each, str)))
    made = function(given)
    if isinstance(made, str):
        context.budget.made(made)
    elif isinstance(made, list | dict) and folded not in _PARTS:
        check_size(made, MOST_VALUE, MOST_VALUE)
    return cast("Any", made)


def _unknown(name: str) -> ExpressionError:
    return ExpressionError(f"The template function '{name}' is not valid. Please see {EXPRESSIONS} for usage details.")


def _call_own(own: UserFunction, given: list[Any], context: Context) -> Any:
    if len(given) != len(own.parameters):
        raise ExpressionError(
            f"The template function '{own.name}' expects '{len(own.parameters)}' parameter(s) and was given "
            f"'{len(given)}'. Please see https://aka.ms/arm-syntax-user-functions for usage details."
        )
    if context.calls >= DEEPEST_CALLS:
        raise ExpressionError(
            f"The template function '{own.name}' is called deeper than '{DEEPEST_CALLS}' functions inside one another."
        )
    for place, value in enumerate(given):
        own.check(place, value)
    inside = Context(
        context.facts,
        Place.FUNCTION,
        context.budget,
        parameters=dict(zip(own.parameters, given, strict=True)),
        functions=context.functions,
        calls=context.calls + 1,
    )
    return evaluated(own.output, inside)


def _select(selection: Selection, context: Context) -> Any:
    of, key = value_of(selection.of, context), value_of(selection.key, context)
    return selected(of, key)


def selected(of: Any, key: Any) -> Any:
    """A property of an object, in any letter case, or an item of an array. Raises ExpressionError."""
    if isinstance(of, list):
        return _item(cast("list[Any]", of), key)
    shown = text_of(key)[:80]
    if isinstance(of, dict) and isinstance(key, str):
        held = cast("Json", of)
        there, value = property_of(held, key)
        if there:
            return value
        raise _wrong(
            f"The language expression property '{shown}' doesn't exist, available properties are "
            f"'{', '.join(held)[:600]}'."
        )
    raise _wrong(f"The language expression property '{shown}' can't be evaluated.")


def _item(items: list[Any], key: Any) -> Any:
    if not isinstance(key, int) or isinstance(key, bool):
        raise _wrong(
            f"The language expression property '{text_of(key)[:80]}' can't be evaluated, property name must be an "
            "integer."
        )
    if not 0 <= key < len(items):
        raise _wrong(f"The language expression property array index '{key}' is out of bounds.")
    return items[key]


def _wrong(what: str) -> ExpressionError:
    return ExpressionError(f"{what} Please see {EXPRESSIONS} for usage details.")
