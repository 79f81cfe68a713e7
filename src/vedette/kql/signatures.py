"""Parameter lists of functions: reading them, and choosing the overload that a call means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from vedette.kql.functions.entry import AggregateFunction, Function, ReturnRule
from vedette.kql.plan import Constant, Expression
from vedette.kql.types import INTEGRAL, NUMERIC, ScalarType, type_named

_VARIABLES = frozenset({"T", "N", "S"})
_FRACTIONAL = frozenset({ScalarType.real, ScalarType.decimal})
_OF_DYNAMICS = {"N": ScalarType.real, "S": ScalarType.dynamic}
"""What a variable is where all arguments are dynamic."""
_WIDTH = {ScalarType.int: 0, ScalarType.long: 1, ScalarType.real: 2, ScalarType.decimal: 3}
_FROM_DYNAMIC = {
    ScalarType.string: 6,
    ScalarType.real: 7,
    ScalarType.long: 8,
    ScalarType.int: 9,
    ScalarType.datetime: 10,
    ScalarType.timespan: 11,
    ScalarType.bool: 12,
    ScalarType.decimal: 13,
    ScalarType.guid: 14,
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function: its type as the entry writes it, and what else the entry says."""

    name: str
    type: str
    default: str | None = None
    is_constant: bool = False
    is_rest: bool = False


@lru_cache(maxsize=2048)
def parse_parameters(text: str) -> tuple[Parameter, ...]:
    """The parameters of an entry's `params` text."""
    return tuple(_parameter(part) for part in text.split(",") if part.strip())


def _parameter(text: str) -> Parameter:
    head, _, default = text.partition("=")
    name, _, type_text = head.partition(":")
    name = name.strip()
    is_rest = name.startswith("*")
    is_constant = name.endswith("!")
    return Parameter(name.lstrip("*").rstrip("!"), type_text.strip(), default.strip() or None, is_constant, is_rest)


@dataclass(frozen=True, slots=True)
class Match:
    """A chosen overload: the type that each given argument must be converted to, and the parameter it goes to."""

    targets: tuple[ScalarType, ...]
    parameters: tuple[Parameter, ...]
    cost: int
    returns: ScalarType


def common_type(types: Iterable[ScalarType]) -> ScalarType | None:
    """The one type that values of all these types convert to without loss of meaning; None if there is none."""
    result: ScalarType | None = None
    for type in types:
        if result is None or result is type:
            result = type
        elif result in NUMERIC and type in NUMERIC:
            result = max(result, type, key=_WIDTH.__getitem__)
        elif ScalarType.dynamic in (result, type):
            result = ScalarType.dynamic
        else:
            return None
    return result


def is_null(expression: Expression) -> bool:
    """Whether the expression is a null literal, which fits any type."""
    return isinstance(expression, Constant) and expression.value is None


def conversion_cost(source: Expression, target: ScalarType) -> int | None:
    """How far `source` is from `target`: 0 for the same type, None where Kusto does not convert by itself."""
    actual = source.type
    if actual is target:
        return 0
    if is_null(source):
        return 1
    if actual in NUMERIC and target in NUMERIC:
        step = _WIDTH[target] - _WIDTH[actual]
        if step > 0:
            return step
        if actual is ScalarType.decimal and target is ScalarType.real:
            return 5
        if isinstance(source, Constant) and actual is ScalarType.long and target is ScalarType.int:
            return 1
        return None
    if actual is ScalarType.dynamic:
        return _FROM_DYNAMIC[target]
    if target is ScalarType.dynamic:
        return 20
    return None


def accepts(parameter: str, argument: Expression) -> int | None:
    """The cost of giving `argument` to a parameter of that type text; None if it does not fit."""
    if parameter in ("any", "T", "S"):
        return 0
    if parameter == "scalar":
        return None if argument.type is ScalarType.dynamic else 0
    if parameter in ("numeric", "N"):
        return (
            0 if argument.type in NUMERIC or is_null(argument) else (7 if argument.type is ScalarType.dynamic else None)
        )
    if parameter == "integral":
        return (
            0
            if argument.type in INTEGRAL or is_null(argument)
            else (8 if argument.type is ScalarType.dynamic else None)
        )
    return conversion_cost(argument, _named(parameter))


def _named(text: str) -> ScalarType:
    type = type_named(text)
    if type is None:
        raise ValueError(f"'{text}' is not a type of a function's parameter")
    return type


def match(entry: Function | AggregateFunction, arguments: Sequence[Expression]) -> Match | None:
    """How these arguments fit this entry, or None if they do not."""
    paired = _pair(parse_parameters(entry.params), len(arguments))
    if paired is None:
        return None
    cost = 0
    for parameter, argument in zip(paired, arguments, strict=True):
        if parameter.is_constant and not isinstance(argument, Constant):
            return None
        step = accepts(parameter.type, argument)
        if step is None:
            return None
        cost += step
    variables = _solve(paired, arguments)
    if variables is None:
        return None
    targets: list[ScalarType] = []
    for parameter, argument in zip(paired, arguments, strict=True):
        target = variables.get(parameter.type) or _fixed(parameter.type, argument)
        step = conversion_cost(argument, target)
        if step is None:
            return None
        if parameter.type in variables:
            cost += step
        targets.append(target)
    returns = _returns(entry.returns, paired, targets, variables)
    return Match(tuple(targets), paired, cost, returns)


def takes(params: str, count: int) -> bool:
    """Whether an entry with these `params` can be called with so many arguments."""
    return _pair(parse_parameters(params), count) is not None


def _pair(parameters: tuple[Parameter, ...], count: int) -> tuple[Parameter, ...] | None:
    fixed = parameters[:-1] if parameters and parameters[-1].is_rest else parameters
    if count > len(fixed):
        if len(fixed) == len(parameters):
            return None
        return fixed + (parameters[-1],) * (count - len(fixed))
    if any(parameter.default is None for parameter in fixed[count:]):
        return None
    return fixed[:count]


def _solve(parameters: Sequence[Parameter], arguments: Sequence[Expression]) -> dict[str, ScalarType] | None:
    solved: dict[str, ScalarType] = {}
    for variable in _VARIABLES:
        bound = [
            argument for parameter, argument in zip(parameters, arguments, strict=True) if parameter.type == variable
        ]
        if not bound:
            continue
        known = [argument.type for argument in bound if not is_null(argument)] or [bound[0].type]
        if variable in ("N", "S"):  # a dynamic gives way
            known = [type for type in known if type is not ScalarType.dynamic] or [_OF_DYNAMICS[variable]]
        type = common_type(known)
        if type is None or (variable == "S" and type in _FRACTIONAL and not all(one is type for one in known)):
            return None
        solved[variable] = type
    return solved


def _fixed(parameter: str, argument: Expression) -> ScalarType:
    if parameter in ("any", "scalar"):
        return argument.type
    if parameter == "numeric":
        return argument.type if argument.type in NUMERIC else ScalarType.real
    if parameter == "integral":
        return argument.type if argument.type in INTEGRAL else ScalarType.long
    return _named(parameter)


def _returns(
    rule: ReturnRule,
    parameters: Sequence[Parameter],
    targets: Sequence[ScalarType],
    variables: dict[str, ScalarType],
) -> ScalarType:
    if not isinstance(rule, str):
        return rule(targets)
    if rule in variables:
        return variables[rule]
    if rule.startswith("<"):
        named = rule.strip("<>")
        return next(target for parameter, target in zip(parameters, targets, strict=True) if parameter.name == named)
    return _named(rule)


E = TypeVar("E", bound=Function | AggregateFunction)


def choose(entries: Sequence[E], arguments: Sequence[Expression]) -> tuple[E, Match] | None:
    """The entry that the arguments fit best (the first of equals), or None."""
    best: tuple[E, Match] | None = None
    for entry in entries:
        found = match(entry, arguments)
        if found is not None and (best is None or found.cost < best[1].cost):
            best = (entry, found)
    return best
