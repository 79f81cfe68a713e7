"""A call of a plugin as its bind function sees it: the rows, and arguments that are read by position and by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.conversion import convert
from vedette.kql.diagnostics import suggestion
from vedette.kql.environment import Environment, LambdaValue, LetValue, RowScope, ScalarValue
from vedette.kql.parser import parse_function
from vedette.kql.signatures import conversion_cost
from vedette.kql.tabular import table_value
from vedette.kql.types import ScalarType


@dataclass(frozen=True, slots=True)
class PluginCall:
    """`rows | evaluate plugin(arguments) : (schema)`."""

    binder: Binder
    node: syntax.Evaluate
    rows: plan.Plan
    environment: Environment

    @property
    def scope(self) -> RowScope:
        """Where arguments over the rows are read."""
        return RowScope(self.rows.fields, self.environment)

    @property
    def positional(self) -> tuple[syntax.Expression, ...]:
        """The arguments that have no name."""
        return tuple(argument.value for argument in self.node.call.arguments if argument.name is None)

    def named(self, *allowed: str) -> Mapping[str, syntax.Expression]:
        """The arguments given by name. Raises KqlError for a name that is not `allowed`."""
        given = {argument.name: argument.value for argument in self.node.call.arguments if argument.name is not None}
        for name, value in given.items():
            if name not in allowed:
                self.fail(f"There is no argument '{name}'.", value, suggestion(name, allowed))
        return given

    def numbered(self, least: int, most: int | None, says: str) -> Sequence[syntax.Expression]:
        """The positional arguments. Raises KqlError (`says` is what the plugin takes) for too few or too many."""
        given = self.positional
        if len(given) < least or (most is not None and len(given) > most):
            self.fail(f"It takes {says}.")
        return given

    def fail(self, message: str, at: syntax.Expression | None = None, hint: str | None = None) -> NoReturn:
        """Raise KqlError (SEM0310) for an argument or the whole call."""
        place = self.node.call.span if at is None else at.span
        self.binder.fail("SEM0310", f"'evaluate {self.node.call.name}': {message}", place, hint)

    def value(self, node: syntax.Expression) -> plan.Expression:
        """An argument over the rows' columns."""
        return self.binder.bind_scalar(self.binder, node, self.scope)

    def typed(self, node: syntax.Expression, type: ScalarType) -> plan.Expression:
        """An argument over the rows' columns, of a type that it converts to by itself."""
        value = self.value(node)
        if conversion_cost(value, type) is None:
            self.fail(f"This must be a {type.value}, not a {value.type.value}.", node)
        return convert(value, type)

    def column(self, node: syntax.Expression) -> plan.Field:
        """An argument that must be a column of the rows."""
        value = self.value(node)
        if not isinstance(value, plan.Reference):
            self.fail("This must be a column.", node)
        return value.field

    def fixed(self, node: syntax.Expression, type: ScalarType | None = None) -> plan.Expression:
        """An argument that reads no column, such as `ago(1d)`."""
        value = self.binder.bind_scalar(self.binder, node, RowScope((), self.environment))
        if type is None:
            return value
        if conversion_cost(value, type) is None:
            self.fail(f"This must be a {type.value}, not a {value.type.value}.", node)
        return convert(value, type)

    def constant(self, node: syntax.Expression, type: ScalarType) -> Any:
        """An argument that is known now, as `syntax.Literal` has it; never null."""
        value = self.fixed(node, type)
        if not isinstance(value, plan.Constant) or value.value is None:
            self.fail(f"This must be a constant {type.value}.", node)
        return value.value

    def table(self, node: syntax.Expression) -> plan.Plan:
        """An argument that is a table."""
        return self.binder.bind_table(self.binder, node, self.environment)

    def can_ask(self) -> bool:
        """Whether the data can be asked. The plan then depends on it; a query that is wrong asks nothing."""
        self.binder.reads_data = True
        return self.binder.data is not None and not self.binder.errors

    def ask(self, table: plan.Plan) -> Sequence[tuple[Any, ...]]:
        """All rows of a plan, now."""
        assert self.binder.data is not None
        return self.binder.data.rows(table, self.binder.externals)

    def kql(
        self,
        body: str,
        tables: Mapping[str, plan.Plan],
        scalars: Mapping[str, plan.Expression] | None = None,
    ) -> plan.Plan:
        """The plan of a query over `tables` and `scalars`, which are known to it by these names and nothing else is."""
        names: dict[str, LetValue] = {name: ScalarValue(value) for name, value in (scalars or {}).items()}
        names |= {name: table_value(self.binder, name, table) for name, table in tables.items()}
        place, name = self.node.call.span, self.node.call.name
        function = LambdaValue(name, _parsed(body), Environment(names), body)
        call = syntax.Call(place, name, place, ())
        return self.binder.bind_table(self.binder, call, Environment({name: function}))

    def renamed(self, table: plan.Plan, names: Sequence[str]) -> plan.Plan:
        """The table's columns under these names."""
        items = tuple(
            (self.binder.new_field(name, field.type), plan.Reference(field))
            for name, field in zip(names, table.fields, strict=True)
        )
        return plan.Project(table, items)


@lru_cache(maxsize=256)
def _parsed(body: str) -> syntax.Lambda:
    return parse_function("", body)
