"""Tables whose columns depend on data, and so may have more than are known: a name that is not among them is a column
of nulls there, and an error everywhere else."""

from collections.abc import Iterable, Sequence

from vedette.kql import plan
from vedette.kql.binder import Binder
from vedette.kql.diagnostics import Diagnostic, KqlError, Span
from vedette.kql.references import references
from vedette.kql.signatures import is_null
from vedette.kql.types import ScalarType


class UnknownColumn(KqlError):
    """A name that is no column of a row with these fields."""

    def __init__(
        self,
        text: str,
        diagnostics: Sequence[Diagnostic],
        name: str,
        fields: Iterable[plan.Field],
        function: str | None,
    ) -> None:
        super().__init__(text, diagnostics, function)
        self.name = name
        self.ids = frozenset(field.id for field in fields)


def unknown_column(
    binder: Binder, name: str, fields: Iterable[plan.Field], message: str, span: Span, hint: str | None
) -> UnknownColumn:
    """The error for a name that is not found."""
    finding = binder.finding("SEM0100", message, span, hint)
    return UnknownColumn(binder.text, [finding, *binder.warnings], name, fields, binder.called_function)


def is_open_here(binder: Binder, error: KqlError) -> bool:
    """Whether a name was not found in a row that may have more columns than are known."""
    return isinstance(error, UnknownColumn) and not binder.open_ids.keys().isdisjoint(error.ids)


def mark_open(binder: Binder, table: plan.Plan, type: ScalarType = ScalarType.dynamic) -> plan.Plan:
    """Note that a table may have more columns, of this type."""
    binder.open_ids.update((field.id, type) for field in table.fields)
    return table


def inherit_open(binder: Binder, table: plan.Plan) -> plan.Plan:
    """Note that a table made of others may have more columns because theirs are carried along."""
    type = open_type(binder, table) if binder.open_ids else None
    return table if type is None else mark_open(binder, table, type)


def open_type(binder: Binder, table: plan.Plan) -> ScalarType | None:
    """The type of the columns that a table may have besides those known; None where it has no others."""
    match table:
        case plan.Join():
            return _first_type(binder, table.sources)
        case plan.Union():
            found = (open_type(binder, _before_renaming(each)) for each in table.inputs)
            return next((type for type in found if type is not None), None)
        case plan.Shared():
            return open_type(binder, table.plan)
        case _:
            return _first_type(binder, table.fields)


def _first_type(binder: Binder, fields: Iterable[plan.Field]) -> ScalarType | None:
    return next((binder.open_ids[field.id] for field in fields if field.id in binder.open_ids), None)


def _before_renaming(table: plan.Plan) -> plan.Plan:
    """The columns of a union's input are brought into one order first."""
    return table.input if isinstance(table, plan.Project) else table


def is_surely_dynamic(binder: Binder, value: plan.Expression) -> bool:
    """Whether a value is dynamic, and not only because its column is not known."""
    if value.type is not ScalarType.dynamic or is_null(value) or binder.errors:
        return False
    return binder.open_ids.keys().isdisjoint(references(value))


def with_missing(binder: Binder, table: plan.Plan, error: KqlError) -> plan.Plan | None:
    """The table with a column of nulls for the name that is not found in it; None where that is not what is wrong."""
    if not isinstance(error, UnknownColumn) or not is_open_here(binder, error):
        return None
    names = {field.name for field in table.fields}
    if error.name in names or error.ids.isdisjoint(field.id for field in table.fields):
        return None
    span = next(finding.span for finding in error.diagnostics if finding.severity == "error")
    binder.warn(
        "WRN0010",
        f"The data has no column '{error.name}' at present; it is null here.",
        span,
        "An output schema after the plugin, such as ': (*, Name:string)', says which columns there are.",
    )
    type = open_type(binder, table) or ScalarType.dynamic
    nothing = plan.Constant("" if type is ScalarType.string else None, type)
    column = binder.new_field(error.name, type)
    binder.assumed_ids.add(column.id)
    return mark_open(binder, plan.Project(table, (*binder.keep(table.fields), (column, nothing))), type)
