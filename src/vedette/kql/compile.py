"""Text to typed plan: the compiler's front door."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vedette.kql import plan, syntax
from vedette.kql.bind_expressions import bind_scalar
from vedette.kql.bind_query import bind_query, bind_table
from vedette.kql.binder import Binder
from vedette.kql.catalog import Catalog
from vedette.kql.data import Data
from vedette.kql.diagnostics import Diagnostic, KqlError, Span
from vedette.kql.environment import Environment, RowScope
from vedette.kql.external import External
from vedette.kql.open_columns import is_open_here
from vedette.kql.parser import parse_query
from vedette.kql.seventh_digit import seventh_digits
from vedette.kql.types import ScalarType


@dataclass(frozen=True, slots=True)
class Query:
    """A query that has been understood: its plan, the names and types of its columns, how it wants to be drawn, and
    warnings. One that `reads_clock` has the instant of its compilation in it, and means something else at another; the
    columns of one that `reads_data` are those of the rows at that time. `locates` is where the query first asks for the
    location of an IP address, which needs a database that not every server has. `externals` are the files that it
    reads: a table of each, by its name, has to be there when it runs."""

    plan: plan.Plan
    columns: tuple[tuple[str, ScalarType], ...]
    render: dict[str, Any] | None
    warnings: tuple[Diagnostic, ...]
    reads_clock: bool
    reads_data: bool = False
    locates: Span | None = None
    externals: tuple[External, ...] = ()

    @property
    def digits(self) -> tuple[int, ...]:
        """The seventh digits of its columns (`kql/seventh_digit.py`), 0 for most."""
        known = seventh_digits(self.plan)
        return tuple(known.get(field.id, 0) for field in self.plan.fields)


def compile_query(
    text: str,
    catalog: Catalog,
    *,
    now: datetime,
    timespan: tuple[datetime | None, datetime | None] | None = None,
    data: Data | None = None,
    parameters: Mapping[str, str] | None = None,
    time_column: str = "TimeGenerated",
) -> Query:
    """Parse and bind. `now` is the instant that now() means; `timespan` limits `time_column` of every table read.
    `data` is asked where columns depend on it; without it the query is bound as over empty tables. `parameters` are
    literals for the parameters that the query declares.

    Raises KqlError with positions, of every error that does not follow from another.
    """
    query = parse_query(text)
    binder = Binder(
        text, catalog, now, timespan, bind_table, _bind_or_go_on, data, parameters or {}, time_column=time_column
    )
    try:
        bound = bind_query(binder, query, Environment())
    except KqlError as error:
        binder.finish(error)
        raise
    binder.finish()
    columns = tuple((field.name, field.type) for field in bound.fields)
    return Query(
        bound,
        columns,
        _render(binder.render),
        tuple(binder.warnings),
        binder.reads_clock,
        binder.reads_data,
        binder.locates,
        tuple(binder.externals),
    )


def columns_of(text: str, catalog: Catalog, *, now: datetime) -> tuple[tuple[str, ScalarType], ...]:
    """The columns that a query gives, as far as they can be told of one that may have errors."""
    try:
        binder = Binder(text, catalog, now, None, bind_table, _bind_or_go_on)
        return tuple((field.name, field.type) for field in bind_query(binder, parse_query(text), Environment()).fields)
    except KqlError:  # a text that cannot be read at all has no columns to tell of
        return ()


def _bind_or_go_on(binder: Binder, node: syntax.Expression, scope: RowScope) -> plan.Expression:
    """A scalar expression; one that is wrong is noted and stands for a null, which fits everywhere."""
    try:
        return bind_scalar(binder, node, scope)
    except KqlError as error:
        if is_open_here(binder, error):
            raise
        binder.go_on_after(error)
        return plan.Constant(None, ScalarType.dynamic)


def _render(node: syntax.Render | None) -> dict[str, Any] | None:
    if node is None:
        return None
    properties = {name: _property(value) for name, value in node.properties.items()}
    return {"visualization": node.visualization, **properties}


def _property(node: syntax.Expression) -> Any:
    if isinstance(node, syntax.Literal):
        return node.value
    return node.name if isinstance(node, syntax.Name) else None
