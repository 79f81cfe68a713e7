"""The binder's state and its entry points: syntax and catalog in, typed plan out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from vedette.kql import plan, syntax
from vedette.kql.catalog import Catalog
from vedette.kql.diagnostics import Diagnostic, KqlError, Span
from vedette.kql.environment import Environment, RowScope, TableValue
from vedette.kql.types import ScalarType

MAX_CALL_DEPTH = 32


@dataclass(slots=True)
class Binder:
    """One query being bound. `bind_table` and `bind_scalar` are set by `compile.py`, so that tables can stand in
    expressions and the other way round without the modules importing each other."""

    text: str
    catalog: Catalog
    clock: datetime
    timespan: tuple[datetime | None, datetime | None] | None
    bind_table: Callable[["Binder", syntax.Expression, Environment], plan.Plan]
    bind_scalar: Callable[["Binder", syntax.Expression, RowScope], plan.Expression]
    warnings: list[Diagnostic] = field(default_factory=list[Diagnostic])
    render: syntax.Render | None = None
    reads_clock: bool = False
    call_depth: int = 0
    call_span: Span | None = None
    _next_id: int = 0

    def fail(self, code: str, message: str, span: Span, hint: str | None = None) -> NoReturn:
        """Raise KqlError for what stands at `span`; inside a saved function the span of its call is meant."""
        raise KqlError(self.text, [Diagnostic(code, message, self.call_span or span, hint), *self.warnings])

    def warn(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        """Note something that runs but is probably not meant, once for each place."""
        place = self.call_span or span
        if all((known.code, known.span) != (code, place) for known in self.warnings):
            self.warnings.append(Diagnostic(code, message, place, hint, "warning"))

    @property
    def now(self) -> datetime:
        """The instant that now() means; asking for it makes the plan one of this instant (`plan.Instant` does not)."""
        self.reads_clock = True
        return self.clock

    def new_id(self) -> int:
        """An id that nothing else in the query has."""
        self._next_id += 1
        return self._next_id

    def new_field(self, name: str, type: ScalarType) -> plan.Field:
        """A new column."""
        return plan.Field(self.new_id(), name, type)

    def table_of(self, value: TableValue) -> plan.Plan:
        """A use of a let table: the same rows under columns of its own, so that a table can meet itself."""
        fields = tuple(self.new_field(source.name, source.type) for source in value.plan.fields)
        return plan.Shared(value.id, value.name, value.plan, fields, value.is_materialized)

    def keep(self, fields: Sequence[plan.Field]) -> tuple[tuple[plan.Field, plan.Expression], ...]:
        """Projection items that carry these fields on unchanged."""
        return tuple((field, plan.Reference(field)) for field in fields)
