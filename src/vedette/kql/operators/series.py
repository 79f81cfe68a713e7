"""`make-series`: aggregates along an axis, as arrays."""

from dataclasses import dataclass, replace
from datetime import datetime

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.column_names import aggregate_name, naming, unique_name
from vedette.kql.conversion import convert
from vedette.kql.environment import AggregateCollector, Environment, RowScope
from vedette.kql.functions.library import scalar_functions
from vedette.kql.functions.make_series import (
    AXIS,
    AXIS_TYPES,
    FIRST_PLACE,
    GATHERED,
    LAID,
    LAST_PLACE,
    PLACE,
    PLACE_AFTER,
)
from vedette.kql.operators.input import required
from vedette.kql.overloads import OPERATOR_ENTRIES, apply_entries
from vedette.kql.parse_options import name_value
from vedette.kql.signatures import common_type, conversion_cost, is_null
from vedette.kql.types import INTEGRAL, NUMERIC, ScalarType

_LONG, _DYNAMIC = ScalarType.long, ScalarType.dynamic
Item = tuple[plan.Field, plan.Expression]


@dataclass(frozen=True, slots=True)
class _Axis:
    """The axis: its steps are counted from `origin`; `start` and `stop` are None where the data decide. `is_legacy`:
    written `in range(start, stop, step)`, whose stop is included and whose steps are those of bin()."""

    value: plan.Expression
    name: str
    origin: plan.Expression
    start: plan.Expression | None
    stop: plan.Expression | None
    step: plan.Expression
    is_legacy: bool


@dataclass(frozen=True, slots=True)
class _Series:
    """One aggregate: its name, its value in each step, and what stands where there are no rows."""

    name: str
    value: plan.Expression
    filler: plan.Expression


def bind_make_series(
    binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment
) -> plan.Plan:
    """`make-series` (https://learn.microsoft.com/kusto/query/make-series-operator).

    Rows are grouped by the keys and the step of the axis that they are in, and the groups of each key then laid out as
    arrays.
    """
    assert isinstance(node, syntax.MakeSeries)
    rows = required(binder, node, source)
    scope = RowScope(rows.fields, environment)
    axis = _bind_axis(binder, node, scope)
    collector = AggregateCollector()
    keys = _bind_keys(binder, node, scope)
    series = _bind_series(binder, node, replace(scope, aggregates=collector))
    place = binder.new_field("place", _LONG)
    in_step = plan.Apply(PLACE, (axis.value, axis.origin, axis.step), _LONG)
    steps = plan.Summarize(
        plan.Filter(rows, _in_range(binder, node, axis)), (*keys, (place, in_step)), tuple(collector.items)
    )
    kind = node.hints.get("kind")
    always = kind is not None and name_value(kind) == "nonempty" and not keys
    return _laid_out(binder, steps, tuple(key for key, _ in keys), place, axis, series, always=always)


# --- what is asked for ---------------------------------------------------------------------------------------------


def _bind_axis(binder: Binder, node: syntax.MakeSeries, scope: RowScope) -> _Axis:
    names, value_node = naming(node.axis)
    value = binder.bind_scalar(binder, value_node, scope)
    if value.type is ScalarType.decimal:
        value = convert(value, ScalarType.real)
    if value.type not in AXIS_TYPES:
        binder.fail(
            "SEM0270",
            f"The axis of 'make-series' is a datetime, a timespan or a number, not a {value.type.value}.",
            value_node.span,
        )
    outside = RowScope((), scope.environment)
    step = binder.bind_scalar(binder, node.step, outside)
    if value.type in INTEGRAL and step.type in (ScalarType.real, ScalarType.decimal):
        value = convert(value, ScalarType.real)
    if value.type is ScalarType.int:
        value = convert(value, _LONG)
    step = _converted(binder, step, ScalarType.timespan if value.type is ScalarType.datetime else value.type, node.step)
    if isinstance(step, plan.Constant) and not (step.value is not None and step.value > 0):
        binder.fail("SEM0271", "The step of 'make-series' must be positive.", node.step.span)
    start, stop = (
        None if bound is None else _converted(binder, binder.bind_scalar(binder, bound, outside), value.type, bound)
        for bound in (node.start, node.stop)
    )
    origin = start if start is not None and not node.is_range else _zero(value.type)
    return _Axis(value, names[0] if names else "Column1", origin, start, stop, step, node.is_range)


def _converted(binder: Binder, value: plan.Expression, target: ScalarType, node: syntax.Expression) -> plan.Expression:
    if conversion_cost(value, target) is None:
        binder.fail("SEM0272", f"A {target.value} is expected here, not a {value.type.value}.", node.span)
    return convert(value, target)


def _zero(type: ScalarType) -> plan.Constant:
    if type is ScalarType.datetime:
        return plan.Constant(datetime(1, 1, 1), type)
    return plan.Constant(0.0 if type is ScalarType.real else 0, type)


def _bind_keys(binder: Binder, node: syntax.MakeSeries, scope: RowScope) -> tuple[Item, ...]:
    keys: list[Item] = []
    for item in node.keys:
        names, value_node = naming(item)
        value = binder.bind_scalar(binder, value_node, scope)
        name = unique_name(names[0] if names else f"Column{len(keys) + 1}", [key.name for key, _ in keys])
        keys.append((binder.new_field(name, value.type), value))
    return tuple(keys)


def _bind_series(binder: Binder, node: syntax.MakeSeries, scope: RowScope) -> tuple[_Series, ...]:
    series: list[_Series] = []
    for item in node.aggregates:
        names, value_node = naming(item.value)
        is_bare = isinstance(value_node, syntax.Name | syntax.Member | syntax.Index)
        value = binder.bind_scalar(binder, value_node, replace(scope, fields=()) if is_bare else scope)
        given = names[0] if isinstance(item.value, syntax.Named) else aggregate_name(value_node)
        name = given if given is not None else f"Column{len(series) + 1}"
        filler: plan.Expression = plan.Constant(0, _LONG)
        if item.default is not None:
            filler = binder.bind_scalar(binder, item.default, RowScope((), scope.environment))
        series.append(_Series(name, *_alike(value, filler)))
    return tuple(series)


def _alike(value: plan.Expression, filler: plan.Expression) -> tuple[plan.Expression, plan.Expression]:
    """The value and what stands in its place in one type."""
    if is_null(filler) and value.type is not ScalarType.string:
        return value, plan.Constant(None, value.type)
    if value.type in NUMERIC and filler.type in NUMERIC:
        shared = common_type((value.type, filler.type)) or _DYNAMIC
        return convert(value, shared), convert(filler, shared)
    if value.type is filler.type:
        return value, filler
    return convert(value, _DYNAMIC), convert(filler, _DYNAMIC)


def _in_range(binder: Binder, node: syntax.MakeSeries, axis: _Axis) -> plan.Expression:
    """Which rows have a place between the start and the stop."""

    def test(operator: str, value: plan.Expression, bound: plan.Expression) -> plan.Expression:
        return apply_entries(binder, operator, OPERATOR_ENTRIES[operator], (value, bound), node.span)

    present = apply_entries(binder, "isnotnull()", scalar_functions()["isnotnull"], (axis.value,), node.span)
    if axis.is_legacy and axis.start is not None and axis.stop is not None:
        place, first, last = (
            plan.Apply(PLACE, (value, axis.origin, axis.step), _LONG) for value in (axis.value, axis.start, axis.stop)
        )
        return plan.Logical("and", (present, test(">=", place, first), test("<=", place, last)))
    tests = [present]
    if axis.start is not None:
        tests.append(test(">=", axis.value, axis.start))
    if axis.stop is not None:
        tests.append(test("<", axis.value, axis.stop))
    return plan.Logical("and", tuple(tests)) if len(tests) > 1 else present


# --- arrays --------------------------------------------------------------------------------------------------------


def _laid_out(
    binder: Binder,
    steps: plan.Plan,
    keys: tuple[plan.Field, ...],
    place: plan.Field,
    axis: _Axis,
    series: tuple[_Series, ...],
    *,
    always: bool,
) -> plan.Plan:
    """A row for each group of keys: an array for each series, and the axis. Without keys there is a row only where
    there are rows, unless it is wanted `always`."""
    values = tuple((binder.new_field(each.name, each.value.type), each.value) for each in series)
    each_step = plan.Project(steps, (*binder.keep((*keys, place)), *values))
    at = plan.Reference(place)
    gathered = tuple(
        (binder.new_field(field.name, _DYNAMIC), plan.AggregateCall(GATHERED, (plan.Reference(field), at), _DYNAMIC))
        for field in (place, *(field for field, _ in values))
    )
    first, after = binder.new_field("first", _LONG), binder.new_field("after", _LONG)
    bounds = (
        (first, plan.AggregateCall(FIRST_PLACE, (at,), _LONG)),
        (after, plan.AggregateCall(LAST_PLACE, (at,), _LONG)),
    )
    own_keys = tuple((key, plan.Reference(key)) for key in keys)
    if not keys and not always:
        own_keys = ((binder.new_field("all", _LONG), plan.Constant(0, _LONG)),)
    groups = plan.Summarize(each_step, own_keys, (*gathered, *bounds))
    begin, end = _bounds(axis, plan.Reference(first), plan.Reference(after))
    places, *lists = (plan.Reference(field) for field, _ in gathered)
    taken = [key.name for key in keys]
    columns: list[Item] = list(binder.keep(keys))
    for each, items in zip(series, lists, strict=True):
        name = unique_name(each.name, taken)
        taken.append(name)
        laid = plan.Apply(LAID, (items, places, begin, end, each.filler), _DYNAMIC)
        columns.append((binder.new_field(name, _DYNAMIC), laid))
    along = plan.Apply(AXIS, (axis.origin, axis.step, begin, end), _DYNAMIC)
    columns.append((binder.new_field(unique_name(axis.name, taken), _DYNAMIC), along))
    return plan.Project(groups, tuple(columns))


def _bounds(axis: _Axis, first: plan.Expression, after: plan.Expression) -> tuple[plan.Expression, plan.Expression]:
    """The first place of the arrays, and the one after the last."""
    begin, end = first, after
    if axis.start is not None:
        begin = plan.Apply(PLACE, (axis.start, axis.origin, axis.step), _LONG)
    if axis.stop is not None:
        end = plan.Apply(PLACE_AFTER, (axis.stop, axis.origin, axis.step), _LONG)
        if axis.is_legacy:
            end = plan.Apply(OPERATOR_ENTRIES["+"][0], (_last(axis), plan.Constant(1, _LONG)), _LONG)
    return begin, end


def _last(axis: _Axis) -> plan.Expression:
    assert axis.stop is not None
    return plan.Apply(PLACE, (axis.stop, axis.origin, axis.step), _LONG)
