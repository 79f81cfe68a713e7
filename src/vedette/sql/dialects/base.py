"""What the lowering asks of a dialect: everything that engines say differently."""

from collections.abc import Sequence
from typing import Protocol

from vedette.kql import plan
from vedette.kql.functions.entry import AggregateFunction, Function, SqlTemplate
from vedette.kql.types import ScalarType
from vedette.sql.fragment import Fragment

TABLE_FUNCTION_ROWS = 2_000_000
"""How many rows a table function is given at most. A dialect hands over one more, so that the function can refuse."""

Columns = Sequence[tuple[str, ScalarType]]
"""Names in SQL with their types, in order."""


class Dialect(Protocol):
    """One engine's SQL. What it cannot say it refuses with DialectGap, by Kusto's name."""

    @property
    def name(self) -> str: ...

    def wrapping(self) -> "Dialect | None":
        """The same dialect with integers that wrap around, or None where the engine's own do."""
        ...

    def runs(self, entry: Function | AggregateFunction) -> bool:
        """Whether there is a template for the function at all; some forms of a call may be refused all the same."""
        ...

    def constant(self, constant: plan.Constant) -> Fragment:
        """A typed literal."""
        ...

    def instant(self, of: str, offset: int) -> Fragment:
        """A datetime that each run fills in: `instants.hole(of, offset)` within what makes a literal of it."""
        ...

    def conversion(self, source: ScalarType, target: ScalarType) -> str | None:
        """The template (hole `x`) of a conversion, or None where there is none."""
        ...

    def with_digit(self, template: str, digit: int, target: ScalarType) -> str:
        """The template of a datetime's conversion with a seventh digit that is not 0."""
        ...

    def function(self, entry: Function) -> SqlTemplate:
        """The template of a scalar function."""
        ...

    def streams(self, call: plan.WindowCall) -> bool:
        """Whether `OVER ()` alone computes a window function from row to row, in the present order, which it keeps."""
        ...

    def aggregate(self, entry: AggregateFunction) -> SqlTemplate:
        """The template of an aggregate function."""
        ...

    def extract(self, base: Fragment, key: Fragment, constant: str | int | None, key_type: ScalarType) -> Fragment:
        """A part of a dynamic by a key; `constant` is the key's value where it is known."""
        ...

    @property
    def edge_types(self) -> frozenset[ScalarType]:
        """The types whose values leave the engine in another form than they have inside."""
        ...

    def edge(self, value: Fragment, type: ScalarType) -> Fragment:
        """A result column of such a type in the form that leaves the engine: dynamic, guid and decimal as text."""
        ...

    def lower(self, text: Fragment) -> Fragment:
        """A text in lower case, of whatever alphabet."""
        ...

    def cte(self, name: str, sql: str, *, is_kept: bool) -> str:
        """A named SELECT for WITH; one that `is_kept` is run once, however often it is read."""
        ...

    def join(self, kind: str) -> str:
        """The keywords of a join: inner, leftouter, fullouter, leftsemi or leftanti."""
        ...

    def record(self, items: list[tuple[str, Fragment]]) -> Fragment:
        """Named values as one record."""
        ...

    def record_part(self, record: str, name: str, position: int) -> Fragment:
        """A value of such a record, by its name and its position from 0."""
        ...

    def best(self, record: Fragment, key: Fragment, *, is_max: bool) -> Fragment:
        """The aggregate that gives `record` in the row where `key` is greatest or least."""
        ...

    def ordered(self, value: Fragment, type: ScalarType) -> Fragment:
        """What puts values of a type in their order."""
        ...

    def once(self, value: Fragment, name: str, body: str) -> Fragment:
        """The body, in which `name` stands for the value, so that this is written and computed once."""
        ...

    def elements(self, value: Fragment, *, bags_as_arrays: bool) -> Fragment:
        """The list of the values that `mv-expand` makes of a dynamic."""
        ...

    def typed_elements(self, value: Fragment, type: ScalarType) -> Fragment | None:
        """The same list with the values converted; None where there is no quicker way than converting each."""
        ...

    def unfolded(self, source: str, list_names: list[str]) -> str:
        """A FROM item whose rows `unnest` and `positions` can unfold; the item itself where a SELECT's columns do."""
        ...

    def unnest(self, list_name: str) -> str:
        """A column that unfolds the list to rows; several in one SELECT go side by side."""
        ...

    def positions(self, list_names: list[str]) -> str:
        """A column that unfolds beside the longest of the lists and counts from 0."""
        ...

    def first(self, list: Fragment, count: int) -> Fragment:
        """The first `count` elements of a list."""
        ...

    def values(self, rows: Sequence[Sequence[Fragment]], names: Sequence[str], alias: str) -> str:
        """Rows written in the query as a FROM item with named columns."""
        ...

    def series(self, start: Fragment, stop: Fragment, step: Fragment, type: ScalarType) -> str:
        """The rows of `range` as a FROM item with one column named `value`."""
        ...

    def table_function(
        self,
        function: str,
        arguments: Sequence[tuple[Fragment, ScalarType]],
        source: str,
        columns: Columns,
        fields: Columns,
    ) -> str:
        """A FROM item: the rows (under the names of `fields`) that a Python function makes of all rows of `source`,
        which is the text of a SELECT; the function gets its `columns`, in its order, and the arguments."""
        ...

    def type_name(self, type: ScalarType) -> str:
        """The engine's type of a column."""
        ...

    def relation(self, parts: tuple[str, ...]) -> str:
        """A qualified table name."""
        ...
