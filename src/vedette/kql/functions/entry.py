"""The form of a function's entry: everything the compiler, the reference and the tests know of it, in one place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vedette.kql.types import ScalarType


class NotConstant:
    """The type of `NOT_CONSTANT`."""


NOT_CONSTANT: Final = NotConstant()


@dataclass(frozen=True, slots=True)
class SqlCall:
    """A call as a template function sees it.

    `arguments` is SQL text that may be put anywhere (already in parentheses where that matters); `types` are the
    argument types after conversion to the parameters'; `constants` hold an argument's value, or NOT_CONSTANT;
    `nullable` says whether an argument can be null at all (strings never are). `filtering` is true where a null
    result counts as false, so that the cheap form may be used. `digits` are the seventh digits of datetimes
    (`kql/seventh_digit.py`), 0 for the rest. `grouped` says of an aggregate that its rows are grouped by keys.
    """

    arguments: tuple[str, ...]
    types: tuple[ScalarType, ...]
    constants: tuple[Any, ...]
    nullable: tuple[bool, ...]
    filtering: bool = False
    digits: tuple[int, ...] = ()
    grouped: bool = False


SqlTemplate = str | Callable[[SqlCall], str]
ReturnRule = str | Callable[[Sequence[ScalarType]], ScalarType]


@dataclass(frozen=True, slots=True)
class Function:
    """A scalar function; several entries of one name are its overloads, tried in order.

    `params`: comma-separated `name: type`, `name: type = default` (a KQL constant), a last `*name: type` for any
    number more. Types are Kusto's, and
    `any`, `scalar` (all but dynamic), `numeric` (int, long, real, decimal), `integral` (int, long), and the variables
    `T`, `S` and `N` (numeric), which must come out as one type everywhere they stand: the common type of the arguments,
    where `S` takes no integers beside fractions. A parameter written `name!: type` must be a constant.
    `returns`: a type, a variable, the name of a parameter in angle brackets (`<value>`: the type of that argument),
    or a function of the argument types.
    `sql`: text of the reference dialect with `{name}` holes, `{*name}` for the rest joined by commas; or a function.
    `examples`: `(kql expression, expected)`, run by the tests on each engine. A timespan is expected as Kusto's text,
    a datetime as its ISO text with Z, a dynamic as a JSON value.
    `naming` says how an unnamed column with this call is called, with `{}` for the name of the first argument:
    `{}` makes `tostring(B)` a `B`, `type_{}` makes `gettype(B)` a `type_B`; where it is empty Kusto numbers the column.
    `columns`: names and types of the columns that a call gives as an item of extend, project or print; the value is
    then a bag of these, and anywhere else the call means the first of them.
    `refuses` is asked with the constants of a call (as in SqlCall) and says what is wrong with one of them, or None.
    """

    name: str
    params: str
    returns: ReturnRule
    doc: str
    sql: SqlTemplate
    examples: Sequence[tuple[str, Any]]
    aliases: tuple[str, ...] = ()
    naming: str = ""
    deprecated_aliases: tuple[str, ...] = ()
    refuses: Callable[[Sequence[Any]], str | None] | None = None
    columns: tuple[tuple[str, ScalarType], ...] = ()


@dataclass(frozen=True, slots=True)
class AggregateFunction:
    """An aggregate function; `params`, `returns`, `sql` as in Function.

    The template must give a string as '' and never null. `prefix` names the result column: `make_set(x)` is `set_x`;
    an empty prefix keeps the argument's name as `x`, and `named_arguments` says how many arguments the name takes up.
    `examples` are whole queries from a datatable with the rows
    expected.
    """

    name: str
    params: str
    returns: ReturnRule
    doc: str
    sql: SqlTemplate
    prefix: str
    examples: Sequence[tuple[str, Any]]
    aliases: tuple[str, ...] = ()
    named_arguments: int = 1


@dataclass(frozen=True, slots=True)
class WindowFunction(Function):
    """A function over rows in their order: a Function whose template has a `{window}` hole, which stands for what rows
    belong together and how they are ordered, and whose examples are whole queries with the rows expected.

    A last parameter `restart: bool` is none of the template's: the binder makes it a part of the window.
    """


@dataclass(frozen=True, slots=True)
class Refused:
    """A name that Kusto knows and Vedette does not run, with the reason; using it is an error that says so."""

    name: str
    reason: str


def quote(text: str) -> str:
    """A string as an SQL literal: the only way by which user text gets into SQL."""
    return "'" + text.replace("\x00", "").replace("'", "''") + "'"
