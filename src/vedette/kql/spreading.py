"""Functions that give several columns where they stand as an item of extend, project or print."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.column_names import implied_name
from vedette.kql.conversion import convert
from vedette.kql.functions.entry import Function
from vedette.kql.types import ScalarType

_SORTS = frozenset({"array_sort_asc", "array_sort_desc"})

Columns = list[tuple[str | None, plan.Expression]]


@dataclass(slots=True)
class Spread:
    """Calls met while binding one operator that give several columns; each is computed once, in a step before."""

    binder: Binder
    items: list[tuple[plan.Field, plan.Expression]] = field(default_factory=list[tuple[plan.Field, plan.Expression]])

    def over(self, rows: plan.Plan) -> plan.Plan:
        """The rows with the calls computed."""
        return plan.Project(rows, (*self.binder.keep(rows.fields), *self.items)) if self.items else rows

    def columns(
        self, node: syntax.Expression, value: plan.Expression, given: Sequence[str] = (), *, named_only: bool = False
    ) -> Columns | None:
        """The columns of such a call as (name or None, value), or None for what gives one. `given` are names that the
        query gives to the first of them; with `named_only` there are no others, unless none is named."""
        if not isinstance(node, syntax.Call):
            return None
        bag = _bag(value)
        if bag is None:
            return _sorted_columns(node, value, given)
        carrier = self.binder.new_field(bag.function.name, ScalarType.dynamic)
        self.items.append((carrier, bag))
        argument = node.arguments[0].value if node.arguments else None
        prefix = f"{bag.function.name}_{argument.name if isinstance(argument, syntax.Name) else ''}"
        parts = bag.function.columns[: len(given)] if named_only and given else bag.function.columns
        return [
            (given[place] if place < len(given) else f"{prefix}_{name}", _part(plan.Reference(carrier), name, type))
            for place, (name, type) in enumerate(parts)
        ]


def first_column(function: Function, call: plan.Apply) -> plan.Expression:
    """What such a call means where it is one value."""
    name, type = function.columns[0]
    return _part(call, name, type)


def _part(bag: plan.Expression, name: str, type: ScalarType) -> plan.Expression:
    return convert(plan.Extract(bag, plan.Constant(name, ScalarType.string)), type)


def _bag(value: plan.Expression) -> plan.Apply | None:
    """The call that `first_column` was asked for."""
    if isinstance(value, plan.Convert):
        value = value.operand
    call = value.base if isinstance(value, plan.Extract) else None
    return call if isinstance(call, plan.Apply) and call.function.columns else None


def _sorted_columns(node: syntax.Call, value: plan.Expression, given: Sequence[str]) -> Columns | None:
    if node.name not in _SORTS or not isinstance(value, plan.Apply):
        return None
    arrays = [position for position, argument in enumerate(value.arguments) if argument.type is ScalarType.dynamic]
    if len(arrays) < 2:
        return None
    columns: Columns = []
    for place, position in enumerate(arrays):
        argument = implied_name(node.arguments[position].value)
        name = given[place] if place < len(given) else f"{argument}_sorted" if argument else None
        columns.append((name, plan.Extract(value, plan.Constant(place, ScalarType.long))))
    return columns
