"""Functions that give several columns where they stand as an item of extend, project or print."""

from collections.abc import Sequence

from vedette.kql import plan, syntax
from vedette.kql.column_names import implied_name
from vedette.kql.types import ScalarType

_SORTS = frozenset({"array_sort_asc", "array_sort_desc"})


def spread(
    node: syntax.Expression, value: plan.Expression, given: Sequence[str] = ()
) -> list[tuple[str | None, plan.Expression]] | None:
    """The columns of such a call as (name or None, value), or None for what gives one. `given` are names that the query
    gives to the first of them."""
    if not isinstance(node, syntax.Call) or node.name not in _SORTS or not isinstance(value, plan.Apply):
        return None
    arrays = [position for position, argument in enumerate(value.arguments) if argument.type is ScalarType.dynamic]
    if len(arrays) < 2:
        return None
    columns: list[tuple[str | None, plan.Expression]] = []
    for place, position in enumerate(arrays):
        argument = implied_name(node.arguments[position].value)
        name = given[place] if place < len(given) else f"{argument}_sorted" if argument else None
        columns.append((name, plan.Extract(value, plan.Constant(place, ScalarType.long))))
    return columns
