"""Evaluates templates: a JSON value of a definition in, the value that it stands for out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import Any, Protocol, cast

from vedette.automation.expressions.conversions import CONVERSIONS
from vedette.automation.expressions.dates import DATES, later
from vedette.automation.expressions.syntax import Joined, Template, read_template
from vedette.expressions.collections import COLLECTIONS
from vedette.expressions.date_formats import format_datetime
from vedette.expressions.errors import ExpressionError, about, explained
from vedette.expressions.functions import Function, function, table
from vedette.expressions.logic import LOGIC
from vedette.expressions.mathematics import MATHEMATICS
from vedette.expressions.strings import STRINGS, shaped_guid
from vedette.expressions.syntax import Calling, Expression, Literal, Selection
from vedette.expressions.values import MOST_TEXT, Json, joined, limited, property_of, text_of, type_name

_USAGE = "https://aka.ms/logicexpressions"
_MOST_STEPS = 200_000
_DEEPEST_VALUE = 200
_MOST_MADE = 20 * MOST_TEXT
"""Characters of all texts that the expressions of one value come by on their way."""


class Environment(Protocol):
    """What is known where an expression stands. `functions` are those of workflows, by folded name."""

    @property
    def functions(self) -> Mapping[str, Function]:
        """Functions beside those of the language, such as `triggerBody`."""
        ...

    def now(self) -> datetime:
        """The present instant."""
        ...

    def new_id(self) -> str:
        """A random GUID."""
        ...


PURE: Mapping[str, Function] = table((*STRINGS, *COLLECTIONS, *LOGIC, *CONVERSIONS, *MATHEMATICS, *DATES))
"""The functions that give the same for the same arguments."""


def _rand(environment: Environment, least: int, above: int) -> int:
    if least >= above:
        raise about("rand", "expects its first parameter to be less than its second.")
    return Random(environment.new_id()).randrange(least, above)


def _future(environment: Environment, interval: int, unit: str, format: str | None = None) -> str:
    return format_datetime(later(environment.now(), interval, unit), format)


_OF_ENVIRONMENT: Mapping[str, tuple[Function, Callable[..., Any]]] = {
    each.name.lower(): (each, call)
    for each, call in (
        (
            function("utcNow", "format?: string", lambda: None),
            lambda environment, format=None: format_datetime(environment.now(), format),
        ),
        (
            function("guid", "format?: string", lambda: None),
            lambda environment, format=None: shaped_guid(environment.new_id(), format),
        ),
        (function("rand", "minValue: integer, maxValue: integer", lambda: None), _rand),
        (function("getFutureTime", "interval: integer, timeUnit: string, format?: string", lambda: None), _future),
        (
            function("getPastTime", "interval: integer, timeUnit: string, format?: string", lambda: None),
            lambda environment, interval, unit, format=None: _future(environment, -interval, unit, format),
        ),
    )
}


@lru_cache(maxsize=2000)
def _read(text: str) -> Template:
    return read_template(text)


def evaluate(value: Any, environment: Environment) -> Any:
    """The value with every expression in it evaluated, names of properties included. Raises ExpressionError."""
    return _Evaluation(environment).value(value, 0)


def evaluate_text(text: str, environment: Environment) -> Any:
    """The value of one string of a definition. Raises ExpressionError."""
    return _Evaluation(environment).template(text)


def check_expressions(value: Any, known: Mapping[str, Function], depth: int = 0) -> None:
    """Raises ExpressionError for a string in a definition that is no expression though it begins as one, or that calls
    a function that there is not; `known` are those of workflows."""
    if depth > _DEEPEST_VALUE:
        raise ExpressionError(f"The definition is nested deeper than {_DEEPEST_VALUE} levels.")
    if isinstance(value, str):
        template = _read(value) if "@" in value else value
        for part in template.parts if isinstance(template, Joined) else (template,):
            if not isinstance(part, str):
                _check(part, known)
    elif isinstance(value, list):
        for each in cast("list[Any]", value):
            check_expressions(each, known, depth + 1)
    elif isinstance(value, dict):
        for key, each in cast("Json", value).items():
            check_expressions(key, known, depth + 1)
            check_expressions(each, known, depth + 1)


def _check(expression: Expression, known: Mapping[str, Function]) -> None:
    match expression:
        case Calling(name, arguments):
            folded = name.lower()
            found = PURE.get(folded) or known.get(folded)
            if found is None and folded in _OF_ENVIRONMENT:
                found = _OF_ENVIRONMENT[folded][0]
            if found is None:
                raise ExpressionError(f"The template function '{name}' is not defined or not valid.")
            with explained(f"{_USAGE}#"):
                found.check_number(len(arguments))
            for each in arguments:
                _check(each, known)
        case Selection(of, key):
            _check(of, known)
            _check(key, known)
        case _:
            return


class _Evaluation:
    """One evaluation, whose steps are counted, and the characters of the texts that it makes."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.steps = 0
        self.left = MOST_TEXT
        self.left_on_the_way = _MOST_MADE

    def value(self, value: Any, depth: int) -> Any:
        if depth > _DEEPEST_VALUE:
            raise ExpressionError(f"The value is nested deeper than {_DEEPEST_VALUE} levels.")
        if isinstance(value, str):
            made = self.template(value) if "@" in value else value
            if isinstance(made, str):
                self.left -= len(made)
                if self.left < 0:
                    raise ExpressionError(f"The value has more than {MOST_TEXT} characters.")
            return made
        if isinstance(value, list):
            return [self.value(each, depth + 1) for each in cast("list[Any]", value)]
        if isinstance(value, dict):
            return {
                text_of(self.template(key)) if "@{" in key else key: self.value(each, depth + 1)
                for key, each in cast("Json", value).items()
            }
        return value

    def template(self, text: str) -> Any:
        template = _read(text)
        if isinstance(template, str):
            return template
        if isinstance(template, Joined):
            parts = template.parts
            return joined(each if isinstance(each, str) else text_of(self.of(each)) for each in parts)
        return self.of(template)

    def of(self, expression: Expression) -> Any:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise ExpressionError(f"The expressions take more than {_MOST_STEPS} steps.")
        match expression:
            case Literal(value):
                return value
            case Calling(name, arguments):
                given = [self.of(each) for each in arguments]
                with explained(f"{_USAGE}#"):
                    return self._call(name, given)
            case Selection():
                return self._select(expression)

    def _call(self, name: str, arguments: Sequence[Any]) -> Any:
        folded = name.lower()
        known = PURE.get(folded) or self.environment.functions.get(folded)
        if known is not None:
            result = known(list(arguments))
            if isinstance(result, str) and folded in PURE:  # others give what is there already
                self.left_on_the_way -= len(limited(result))
                if self.left_on_the_way < 0:
                    raise ExpressionError(f"The expressions make texts of more than {_MOST_MADE} characters.")
            return result
        if folded in _OF_ENVIRONMENT:
            checked, call = _OF_ENVIRONMENT[folded]
            checked.check_number(len(arguments))
            try:
                return call(self.environment, *arguments)
            except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
                raise about(checked.name, "was invoked with a parameter of the wrong type.") from error
        raise ExpressionError(f"The template function '{name}' is not defined or not valid.")

    def _select(self, selection: Selection) -> Any:
        of, key = self.of(selection.of), self.of(selection.key)
        if of is None and selection.safe:
            return None
        if isinstance(of, list):
            return self._item(selection, cast("list[Any]", of), key)
        if isinstance(of, dict) and isinstance(key, str):
            held = cast("Json", of)
            there, value = property_of(held, key)
            if there or selection.safe:
                return value
            raise self._wrong(
                selection, f"property '{key[:80]}' doesn't exist, available properties are '{', '.join(held)[:400]}'"
            )
        if selection.safe and (of is None or key is None):
            return None
        shown = text_of(key)[:80]
        raise self._wrong(
            selection,
            f"property '{shown}' cannot be selected. Property selection is not supported on values of type "
            f"'{type_name(of)}'",
        )

    def _item(self, selection: Selection, items: list[Any], key: Any) -> Any:
        if not isinstance(key, int) or isinstance(key, bool):
            raise self._wrong(
                selection,
                f"property '{text_of(key)[:80]}' cannot be selected. Array elements can only be selected using an "
                "integer index",
            )
        if 0 <= key < len(items):
            return items[key]
        if selection.safe:
            return None
        raise self._wrong(
            selection,
            f"array index '{key}' is outside bounds (0, {len(items) - 1}) of array"
            if items
            else f"array index '{key}' cannot be selected from empty array",
        )

    def _wrong(self, selection: Selection, what: str) -> ExpressionError:
        return ExpressionError(
            f"The template language expression '{selection.text[:200]}' cannot be evaluated because {what}. Please see "
            f"{_USAGE} for usage details."
        )
