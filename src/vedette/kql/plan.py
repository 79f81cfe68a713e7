"""The typed plan: a small closed set of relational nodes over typed expressions; every name is resolved."""

from dataclasses import dataclass
from typing import Any, Literal

from vedette.kql.catalog import Table
from vedette.kql.functions.entry import AggregateFunction, Function, WindowFunction
from vedette.kql.types import ScalarType


@dataclass(frozen=True, slots=True)
class Field:
    """A column in flight. `id` is unique in the query, so that names may clash, shadow and differ in case only."""

    id: int
    name: str
    type: ScalarType


# --- expressions: each has a static `type` -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Constant:
    """A value of a type; None is null. Values as in `syntax.Literal`."""

    value: Any
    type: ScalarType


@dataclass(frozen=True, slots=True)
class Instant:
    """A datetime that each run of the plan brings with it, moved by `offset` ticks: `now`, or a bound of the request's
    timespan, `start` or `end`."""

    of: Literal["now", "start", "end"]
    offset: int = 0
    type: ScalarType = ScalarType.datetime


@dataclass(frozen=True, slots=True)
class Reference:
    """The value of a field of the input."""

    field: Field

    @property
    def type(self) -> ScalarType:
        """The field's type."""
        return self.field.type


@dataclass(frozen=True, slots=True)
class Convert:
    """An implicit conversion (int to real, dynamic to string, anything to dynamic)."""

    operand: "Expression"
    type: ScalarType


@dataclass(frozen=True, slots=True)
class Apply:
    """A scalar function on arguments that already have its parameters' types; defaults are filled in."""

    function: Function
    arguments: tuple["Expression", ...]
    type: ScalarType


@dataclass(frozen=True, slots=True)
class Extract:
    """`base.key` or `base[key]` on a dynamic; the key is a constant string or integer, or an expression."""

    base: "Expression"
    key: "Expression"
    type: ScalarType = ScalarType.dynamic


@dataclass(frozen=True, slots=True)
class Logical:
    """`and` / `or` of two or more operands."""

    operator: str
    operands: tuple["Expression", ...]
    type: ScalarType = ScalarType.bool


@dataclass(frozen=True, slots=True)
class ScalarSubquery:
    """`toscalar(table)`: the first column of the first row."""

    plan: "Plan"
    type: ScalarType


@dataclass(frozen=True, slots=True)
class InValues:
    """`operand in (values)`, all of one type; null is in nothing. `folded` compares without case."""

    operand: "Expression"
    values: tuple["Expression", ...]
    negated: bool
    folded: bool
    type: ScalarType = ScalarType.bool


@dataclass(frozen=True, slots=True)
class InSubquery:
    """`operand in (table)`: the plan has one field of the operand's type; `folded` compares without case."""

    operand: "Expression"
    plan: "Plan"
    negated: bool
    folded: bool
    type: ScalarType = ScalarType.bool


Expression = (
    Constant | Instant | Reference | Convert | Apply | Extract | Logical | ScalarSubquery | InValues | InSubquery
)


@dataclass(frozen=True, slots=True)
class AggregateCall:
    """An aggregate function on arguments."""

    function: AggregateFunction
    arguments: tuple[Expression, ...]
    type: ScalarType


@dataclass(frozen=True, slots=True)
class ArgBest:
    """`arg_max`, `arg_min`: `value` in the row where `key` is greatest or least; calls of one `group` share it."""

    key: Expression
    value: Expression
    is_max: bool
    group: int

    @property
    def type(self) -> ScalarType:
        """The type of the value carried along."""
        return self.value.type


Aggregate = AggregateCall | ArgBest


def arguments(call: Aggregate) -> tuple[Expression, ...]:
    """The expressions over the rows that an aggregate reads."""
    return (call.key, call.value) if isinstance(call, ArgBest) else call.arguments


@dataclass(frozen=True, slots=True)
class WindowCall:
    """A window function over the rows in their present order, or over those with the same `partition` only."""

    function: WindowFunction
    arguments: tuple[Expression, ...]
    type: ScalarType
    partition: tuple[Expression, ...] = ()


# --- relational nodes: each has `fields`, its output columns in order ----------------------------------------------


@dataclass(frozen=True, slots=True)
class Scan:
    """The rows of a table; `fields` pair with `columns`, names the engine knows them by."""

    table: Table
    columns: tuple[str, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Values:
    """Rows written in the query (datatable, print)."""

    fields: tuple[Field, ...]
    rows: tuple[tuple[Expression, ...], ...]


@dataclass(frozen=True, slots=True)
class Series:
    """`range`: one field from start to stop by step."""

    field: Field
    start: Expression
    stop: Expression
    step: Expression

    @property
    def fields(self) -> tuple[Field, ...]:
        """The one field."""
        return (self.field,)


@dataclass(frozen=True, slots=True)
class Filter:
    """The rows for which the predicate is true."""

    input: "Plan"
    predicate: Expression

    @property
    def fields(self) -> tuple[Field, ...]:
        """The input's fields."""
        return self.input.fields


@dataclass(frozen=True, slots=True)
class Project:
    """New columns from expressions over the input; a plain Reference keeps a column."""

    input: "Plan"
    items: tuple[tuple[Field, Expression], ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that the items define."""
        return tuple(field for field, _ in self.items)


@dataclass(frozen=True, slots=True)
class Summarize:
    """Groups by keys (null is a group) and one row of aggregates each; without keys always one row. With `number`, a
    field of the input, the groups come in the order of their least number."""

    input: "Plan"
    keys: tuple[tuple[Field, Expression], ...]
    aggregates: tuple[tuple[Field, Aggregate], ...]
    number: Field | None = None

    @property
    def fields(self) -> tuple[Field, ...]:
        """Keys, then aggregates."""
        return tuple(field for field, _ in (*self.keys, *self.aggregates))


@dataclass(frozen=True, slots=True)
class SortKey:
    """An ordering by an expression."""

    value: Expression
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Sort:
    """The rows in order; only the first `limit` where that is given. Without keys their present order is kept, and
    counts from here on (`serialize`)."""

    input: "Plan"
    keys: tuple[SortKey, ...]
    limit: Expression | None = None

    @property
    def fields(self) -> tuple[Field, ...]:
        """The input's fields."""
        return self.input.fields


@dataclass(frozen=True, slots=True)
class Window:
    """The rows in their present order with columns from window functions, which may read each other's. `order` is
    where the rows' order is kept meanwhile."""

    input: "Plan"
    calls: tuple[tuple[Field, WindowCall], ...]
    order: Field

    @property
    def fields(self) -> tuple[Field, ...]:
        """The input's fields, then the calls'."""
        return (*self.input.fields, *(field for field, _ in self.calls))


@dataclass(frozen=True, slots=True)
class Numbered:
    """The rows with a number more: the place, from 1, among the rows with the same `partition`, in an order. With
    neither it is just a number that no other row has."""

    input: "Plan"
    number: Field
    partition: tuple[Expression, ...] = ()
    order: tuple[SortKey, ...] = ()

    @property
    def fields(self) -> tuple[Field, ...]:
        """The input's fields, then the number."""
        return (*self.input.fields, self.number)


@dataclass(frozen=True, slots=True)
class Limit:
    """Some `count` rows; the first ones where the rows have an order."""

    input: "Plan"
    count: Expression

    @property
    def fields(self) -> tuple[Field, ...]:
        """The input's fields."""
        return self.input.fields


@dataclass(frozen=True, slots=True)
class Join:
    """Rows of both sides whose keys are equal (null equals null). `kind`: inner, leftouter, rightouter, fullouter,
    leftsemi, leftanti, rightsemi, rightanti (innerunique is a de-duplicated left side under inner). `fields` are the
    output: each is a field of one side (semi and anti joins have one side's only); an unmatched string is ''."""

    left: "Plan"
    right: "Plan"
    kind: str
    keys: tuple[tuple[Expression, Expression], ...]
    fields: tuple[Field, ...]
    sources: tuple[Field, ...]  # the side's field that each output field carries, pair by pair


@dataclass(frozen=True, slots=True)
class DistinctOn:
    """One row for each value of the keys, whichever."""

    input: "Plan"
    keys: tuple[Expression, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The input's fields."""
        return self.input.fields


@dataclass(frozen=True, slots=True)
class Union:
    """All rows of the inputs; each input has exactly `fields` by position and type."""

    inputs: tuple["Plan", ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Expand:
    """`mv-expand`: each row once per element of the arrays (zipped; the longest wins). `items` pair an output field
    with the array expression; a field that is no dynamic takes the elements converted to its type. `carried` are the
    input fields kept. Bags expand to one-property bags."""

    input: "Plan"
    items: tuple[tuple[Field, Expression], ...]
    carried: tuple[Field, ...]
    fields: tuple[Field, ...]
    index: Field | None
    limit: int | None
    bags_as_arrays: bool


@dataclass(frozen=True, slots=True)
class Shared:
    """A plan that is named (`let`, `as`, `materialize`) and may be read several times; `name` is for people."""

    id: int
    name: str
    plan: "Plan"
    fields: tuple[Field, ...]
    is_materialized: bool = False


@dataclass(frozen=True, slots=True)
class TableFunction:
    """What a Python function makes of all rows of the input at once, taken in their order where they have one.

    `function` is `py_<topic>_<name>`, among the `TABLE_FUNCTIONS` of `engine/python/<topic>.py`. It gets the input's
    fields named in `columns`, and `arguments`, which read no columns; it gives the output's `fields`, by position.
    """

    input: "Plan"
    function: str
    arguments: tuple[Expression, ...]
    columns: tuple[Field, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Stepwise:
    """The rows beside what a Python function makes of them going from row to row, each once for each result it gets.

    `function` is one as in TableFunction. Its columns are `begins`, whether it starts anew at the row, the row's
    position, and `columns`; it gives positions and `results`, in the order of the rows wanted. The rows themselves do
    not pass through Python.
    """

    input: "Plan"
    function: str
    arguments: tuple[Expression, ...]
    begins: Expression
    columns: tuple[tuple[Field, Expression], ...]
    results: tuple[Field, ...]
    marks: tuple[Field, Field, Field]  # for begins, the position, and the results' order

    @property
    def fields(self) -> tuple[Field, ...]:
        """The input's fields, then the results."""
        return (*self.input.fields, *self.results)


Plan = (
    Scan
    | Values
    | Series
    | Filter
    | Project
    | Summarize
    | Sort
    | Window
    | Numbered
    | Limit
    | Join
    | DistinctOn
    | Union
    | Expand
    | Shared
    | TableFunction
    | Stepwise
)


def inputs(node: Plan) -> "tuple[Plan, ...]":
    """The plans that a node reads."""
    match node:
        case Scan() | Values() | Series():
            return ()
        case Join():
            return (node.left, node.right)
        case Union():
            return node.inputs
        case Shared():
            return (node.plan,)
        case _:
            return (node.input,)
