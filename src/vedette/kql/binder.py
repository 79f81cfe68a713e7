"""The binder's state and its entry points: syntax and catalog in, typed plan out."""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from vedette.kql import plan, syntax
from vedette.kql.catalog import Catalog
from vedette.kql.data import Data
from vedette.kql.diagnostics import Diagnostic, KqlError, Span, line_and_column, suggestion
from vedette.kql.environment import Environment, RowScope, TableValue
from vedette.kql.external import External
from vedette.kql.types import ScalarType

MAX_CALL_DEPTH = 32
MOST_ERRORS = 20
"""How many errors of one query are looked for."""


@dataclass(slots=True)
class Binder:
    """One query being bound. `bind_table` and `bind_scalar` are set by `compile.py`, so that tables can stand in
    expressions and the other way round without the modules importing each other.

    Binding goes on after an error, so that one pass finds several: `errors` are those found so far. `is_broken` says
    that columns are missing because of one of them, and so a name that is not found may well be right.

    `calling` are the saved functions that are being bound, the outermost first, and `call_span` is where the query
    calls that; `bodies` are the texts of all that were called.

    `time_column` is the one that `timespan` confines in every table.

    `options` are the values that the query sets for itself and that mean something here.

    `parameters` are the texts that the request gives to the parameters that the query declares.

    `data` answers what columns depend on; without it there are none of these. Who asks it says so in `reads_data`.
    `open_ids` are fields of rows that may have more columns than are known, with the type that these have, and
    `assumed_ids` those that were named and the data has not at present (see `open_columns.py`).
    """

    text: str
    catalog: Catalog
    clock: datetime
    timespan: tuple[datetime | None, datetime | None] | None
    bind_table: Callable[["Binder", syntax.Expression, Environment], plan.Plan]
    bind_scalar: Callable[["Binder", syntax.Expression, RowScope], plan.Expression]
    data: Data | None = None
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    warnings: list[Diagnostic] = field(default_factory=list[Diagnostic])
    errors: list[Diagnostic] = field(default_factory=list[Diagnostic])
    is_broken: bool = False
    is_trying: bool = False
    render: syntax.Render | None = None
    options: dict[str, plan.Expression] = field(default_factory=dict[str, plan.Expression])
    reads_clock: bool = False
    locates: Span | None = None
    reads_data: bool = False
    time_column: str = "TimeGenerated"
    externals: list[External] = field(default_factory=list[External])
    open_ids: dict[int, ScalarType] = field(default_factory=dict[int, ScalarType])
    assumed_ids: set[int] = field(default_factory=set[int])
    call_depth: int = 0
    call_span: Span | None = None
    calling: tuple[str, ...] = ()
    bodies: list[str] = field(default_factory=list[str])
    _next_id: int = 0

    def fail(self, code: str, message: str, span: Span, hint: str | None = None) -> NoReturn:
        """Raise KqlError for what stands at `span`; inside a saved function its call is pointed to and it is named."""
        raise KqlError(self.text, [self.finding(code, message, span, hint), *self.warnings], self.called_function)

    def finding(self, code: str, message: str, span: Span, hint: str | None = None) -> Diagnostic:
        """The error for what stands at `span`, in the query or in a saved function."""
        if self.call_span is None:
            return Diagnostic(code, message, span, hint)
        if self.calling:
            line, _ = line_and_column(self.bodies[-1], span.start)
            message = f"In the function '{self.calling[-1]}', line {line}: {message}"
        return Diagnostic(code, message, self.call_span, hint)

    @property
    def called_function(self) -> str | None:
        """The innermost saved function that is being bound."""
        return self.calling[-1] if self.calling else None

    def nearest(self, name: str, known: Iterable[str], *more: Callable[[], Iterable[str]]) -> str | None:
        """What was probably meant, of names that are known and of those that `more` lists; nothing while the binding is
        only tried, for who tries does not tell."""
        if self.is_trying:
            return None
        return suggestion(name, [*known, *(each for names in more for each in names())])

    def go_on_after(self, error: KqlError) -> None:
        """Keep an error for later, unless it follows from one that is known. Raises it where one error is enough: a
        limit is passed, too many are found, or the binding is only tried."""
        if self.is_trying or error.code.startswith("LIM"):
            raise error
        self._note(error)
        if len(self.errors) >= MOST_ERRORS:
            raise error

    def _note(self, error: KqlError) -> None:
        for finding in error.diagnostics:
            if finding.severity == "error" and not self._follows(finding):
                self.errors.append(finding)

    def _follows(self, finding: Diagnostic) -> bool:
        span = finding.span
        overlaps = any(span.start < known.span.end and known.span.start < span.end for known in self.errors)
        return overlaps or (self.is_broken and finding.code == "SEM0100")

    def missing_table(self, error: KqlError) -> plan.Plan:
        """What stands for a table that is wrong: no row, and columns that are not known."""
        self.go_on_after(error)
        self.is_broken = True
        return plan.Values((self.new_field("", ScalarType.dynamic),), ())

    @contextmanager
    def trying(self) -> Generator[None]:
        """Errors in here are raised at once: the caller has another way to go."""
        before, self.is_trying = self.is_trying, True
        try:
            yield
        finally:
            self.is_trying = before

    def finish(self, last: KqlError | None = None) -> None:
        """Raise KqlError with all errors in text order, where there are any, and the warnings; `last` ended the
        binding."""
        if last is not None:
            self._note(last)
        if self.errors:
            in_order = sorted(self.errors, key=lambda finding: finding.span.start)
            raise KqlError(self.text, [*in_order, *self.warnings])

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
