"""Plugins that find patterns of values: `autocluster`, `basket`, `diffpatterns`."""

from collections.abc import Sequence

from vedette.kql import plan, syntax
from vedette.kql.conversion import convert
from vedette.kql.functions.library import aggregate_functions
from vedette.kql.plugins.call import PluginCall
from vedette.kql.plugins.entry import Plugin
from vedette.kql.signatures import choose
from vedette.kql.types import NUMERIC, ScalarType

_DEFAULT_DIMENSIONS = 5
_UNLIMITED = 100
_SEEDS = 25


def _autocluster(call: PluginCall) -> plan.Plan:
    """https://learn.microsoft.com/kusto/query/autocluster-plugin"""
    call.named()
    given = call.numbered(0, None, "a size weight, a weight column, a number of seeds, and wildcards")
    arguments = (_real(call, given, 0, 0.5, (0.0, 1.0)), _long(call, given, 2, _SEEDS))
    return _patterns(call, "py_patterns_autocluster", arguments, given, weight_at=1, wildcards_at=3)


def _basket(call: PluginCall) -> plan.Plan:
    """https://learn.microsoft.com/kusto/query/basket-plugin"""
    call.named()
    given = call.numbered(0, None, "a threshold, a weight column, a number of dimensions, and wildcards")
    arguments = (_real(call, given, 0, 0.05, (0.0, 1.0)), _long(call, given, 2, _DEFAULT_DIMENSIONS))
    return _patterns(call, "py_patterns_basket", arguments, given, weight_at=1, wildcards_at=3)


def _diffpatterns(call: PluginCall) -> plan.Plan:
    """https://learn.microsoft.com/kusto/query/diffpatterns-plugin"""
    call.named()
    given = call.numbered(3, None, "a column with its two values, a weight column, a threshold, dimensions, wildcards")
    split = call.column(given[0])
    text = convert(plan.Reference(split), ScalarType.string)
    first, second = (call.constant(_as_text(node), ScalarType.string) for node in given[1:3])
    arguments = (_real(call, given, 4, 0.05, (0.0, 1.0)), _long(call, given, 5, _UNLIMITED))
    side = plan.InValues(text, (plan.Constant(first, ScalarType.string),), False, False)
    both = tuple(plan.Constant(value, ScalarType.string) for value in (first, second))
    rows = plan.Filter(call.rows, plan.InValues(text, both, False, False))
    return _patterns(
        call, "py_patterns_diffpatterns", arguments, given, weight_at=3, wildcards_at=6, rows=rows, split=(split, side)
    )


def _as_text(node: syntax.Expression) -> syntax.Expression:
    """A value of the split column, which may be written as a number."""
    if isinstance(node, syntax.Literal) and not isinstance(node.value, str):
        return syntax.Literal(node.span, str(node.value), ScalarType.string)
    return node


def _patterns(
    call: PluginCall,
    function: str,
    arguments: tuple[plan.Expression, ...],
    given: Sequence[syntax.Expression],
    *,
    weight_at: int,
    wildcards_at: int,
    rows: plan.Plan | None = None,
    split: tuple[plan.Field, plan.Expression] | None = None,
) -> plan.Plan:
    """The function over the distinct rows with their weights; its columns are numbers and then those of the rows."""
    new = call.binder.new_field
    weight = None if _is_default(given, weight_at) else call.column(given[weight_at])
    if weight is not None and weight.type not in NUMERIC:
        call.fail(f"The weight must be a number, not a {weight.type.value}.", given[weight_at])
    left_out = {field.id for field in (weight, split[0] if split else None) if field is not None}
    attributes = [field for field in call.rows.fields if field.id not in left_out]
    if not attributes:
        call.fail("There is no column to find patterns in.")
    values = [(new(field.name, field.type), plan.Reference(field)) for field in attributes]
    side = [(new("is_a", ScalarType.bool), split[1])] if split else []
    one = plan.Constant(1, ScalarType.long)
    counted = (new("weight", weight.type if weight else ScalarType.long), plan.Reference(weight) if weight else one)
    projected = plan.Project(rows or call.rows, (*side, *values, counted))
    table = (
        _distinct(call, projected) if all(field.type is not ScalarType.dynamic for field, _ in values) else projected
    )
    columns = table.fields
    wildcards = tuple(_wildcard(call, given[wildcards_at:], field.type) for field in attributes)
    number = columns[-1].type if columns[-1].type is ScalarType.real else ScalarType.long
    head = [("SegmentId", ScalarType.long), ("Count", number), ("Percent", ScalarType.real)]
    if split:
        head = [("SegmentId", ScalarType.long), ("CountA", number), ("CountB", number)]
        head += [(name, ScalarType.real) for name in ("PercentA", "PercentB", "PercentDiffAB")]
    fields = [new(name, type) for name, type in (*head, *((field.name, field.type) for field in attributes))]
    return plan.TableFunction(table, function, (*arguments, *wildcards), columns, tuple(fields))


def _distinct(call: PluginCall, table: plan.Plan) -> plan.Plan:
    """Each row once, with the sum of its weights in the last column."""
    *attributes, weight = table.fields
    found = choose(aggregate_functions()["sum"], (plan.Reference(weight),))
    assert found is not None
    entry, matched = found
    total = plan.AggregateCall(entry, (convert(plan.Reference(weight), matched.targets[0]),), matched.returns)
    new = call.binder.new_field
    keys = tuple((new(field.name, field.type), plan.Reference(field)) for field in attributes)
    return plan.Summarize(table, keys, ((new("weight", total.type), total),))


def _is_default(given: Sequence[syntax.Expression], position: int) -> bool:
    """Whether an argument is left to its default: not given, or `'~'`."""
    if position >= len(given):
        return True
    node = given[position]
    return isinstance(node, syntax.Literal) and node.value == "~"


def _real(
    call: PluginCall, given: Sequence[syntax.Expression], position: int, default: float, bounds: tuple[float, float]
) -> plan.Expression:
    value = default
    if not _is_default(given, position):
        value = call.constant(given[position], ScalarType.real)
        if not bounds[0] <= value <= bounds[1]:
            call.fail(f"This must be from {bounds[0]:g} to {bounds[1]:g}.", given[position])
    return plan.Constant(float(value), ScalarType.real)


def _long(call: PluginCall, given: Sequence[syntax.Expression], position: int, default: int) -> plan.Expression:
    value = default if _is_default(given, position) else call.constant(given[position], ScalarType.long)
    return plan.Constant(value, ScalarType.long)


def _wildcard(call: PluginCall, given: Sequence[syntax.Expression], type: ScalarType) -> plan.Expression:
    """What stands for any value of a type: the wildcard given of that type, or null."""
    for position, node in enumerate(given):
        value = call.fixed(node)
        if not _is_default(given, position) and value.type is type:
            return value
    return plan.Constant("" if type is ScalarType.string else None, type)


_T = (
    "datatable(user:string, act:string, ok:bool)['ann', 'read', true, 'bob', 'read', true, 'cid', 'write', false] | "
    "evaluate "
)

PLUGINS: tuple[Plugin, ...] = (
    Plugin(
        "autocluster",
        "T | evaluate autocluster(SizeWeight=0.5, WeightColumn, NumSeeds=25, Wildcard, ...)",
        "A few patterns of values that describe much of the rows; '~' stands for a default. Which patterns are found "
        "depends on the search: they are not always those that Kusto finds.",
        f"{_T}autocluster()",
        _autocluster,
    ),
    Plugin(
        "basket",
        "T | evaluate basket(Threshold=0.05, WeightColumn, MaxDimensions=5, Wildcard, ...)",
        "Every pattern of values that a share of the rows has; '~' stands for a default.",
        f"{_T}basket(0.5)",
        _basket,
    ),
    Plugin(
        "diffpatterns",
        "T | evaluate diffpatterns(SplitColumn, ValueA, ValueB, WeightColumn, Threshold=0.05, MaxDimensions, "
        "Wildcard, ...)",
        "Patterns of values that the rows with one value of a column have much more often than those with another.",
        f"{_T}diffpatterns(ok, 'True', 'False')",
        _diffpatterns,
    ),
)
