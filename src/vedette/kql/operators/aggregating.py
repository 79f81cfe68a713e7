"""`summarize`: groups and aggregates, arg_max and its family, and the names of their columns."""

from dataclasses import dataclass, field, replace

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.column_names import aggregate_name, implied_name, naming, percentile_label, unique_name
from vedette.kql.conversion import convert
from vedette.kql.environment import AggregateCollector, Environment, RowScope
from vedette.kql.functions.library import aggregate_functions
from vedette.kql.open_columns import is_surely_dynamic
from vedette.kql.operators.groups import grouped
from vedette.kql.operators.input import required
from vedette.kql.overloads import convert_arguments
from vedette.kql.references import references
from vedette.kql.signatures import choose
from vedette.kql.types import ScalarType

_BEST = {"arg_max": True, "argmax": True, "arg_min": False, "argmin": False}
_OLD_BEST = frozenset({"argmax", "argmin"})
_ANY = frozenset({"take_any", "any"})
_PERCENTILES = {"percentiles": ("percentile", 1), "percentilesw": ("percentilew", 2)}


@dataclass(slots=True)
class _Output:
    """What a summarize gives: group keys, aggregates to compute, and the columns over them."""

    keys: list[tuple[plan.Field, plan.Expression]] = field(default_factory=list[tuple[plan.Field, plan.Expression]])
    columns: list[tuple[plan.Field, plan.Expression]] = field(default_factory=list[tuple[plan.Field, plan.Expression]])

    def names(self) -> list[str]:
        return [column.name for column, _ in (*self.keys, *self.columns)]

    def add(self, binder: Binder, name: str, value: plan.Expression) -> None:
        self.columns.append((binder.new_field(unique_name(name, self.names()), value.type), value))


def bind_summarize(
    binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment
) -> plan.Plan:
    """`summarize aggregates by keys` (https://learn.microsoft.com/kusto/query/summarize-operator)."""
    assert isinstance(node, syntax.Summarize)
    rows = required(binder, node, source)
    collector = AggregateCollector()
    scope = RowScope(rows.fields, environment, aggregates=collector)
    output = _Output()
    number = _bind_keys(binder, node, scope, output)
    for item in node.aggregates:
        names, value_node = naming(item)
        given = names if isinstance(item, syntax.Named) else ()
        if isinstance(value_node, syntax.Call) and _bind_family(binder, value_node, given, scope, output):
            continue
        value = binder.bind_scalar(binder, value_node, replace(scope, fields=()) if _is_bare(value_node) else scope)
        _check_aggregated(binder, value_node, value, rows, collector)
        name = given[0] if given else aggregate_name(value_node)
        if name is None:
            number += 1
            name = f"Column{number}"
        output.add(binder, name, value)
    if [value for _, value in output.columns] == [plan.Reference(carrier) for carrier, _ in collector.items]:
        renamed = tuple(
            (column, aggregate) for (column, _), (_, aggregate) in zip(output.columns, collector.items, strict=True)
        )
        return grouped(binder, rows, tuple(output.keys), renamed)
    groups = grouped(binder, rows, tuple(output.keys), tuple(collector.items))
    keys = binder.keep([key for key, _ in output.keys])
    return plan.Project(groups, (*keys, *output.columns))


def _is_bare(node: syntax.Expression) -> bool:
    """A column by itself is no aggregate; bound without columns it is refused by name."""
    return isinstance(node, syntax.Name | syntax.Member | syntax.Index)


def _check_aggregated(
    binder: Binder, node: syntax.Expression, value: plan.Expression, rows: plan.Plan, collector: AggregateCollector
) -> None:
    """Columns stand within aggregates only: `a + count()` has as many values as there are rows."""
    carried = {carrier.id for carrier, _ in collector.items}
    loose = set(references(value)) - carried
    if loose:
        name = next((column.name for column in rows.fields if column.id in loose), "")
        hint = f"Use take_any({name}) for any of its values, or put it after 'by'."
        binder.fail("SEM0110", f"The column '{name}' stands outside of an aggregate.", node.span, hint)


def _bind_keys(binder: Binder, node: syntax.Summarize, scope: RowScope, output: _Output) -> int:
    number = 0
    inner = replace(scope, aggregates=None)
    for item in node.keys:
        names, value_node = naming(item)
        if not names:
            number += 1
        value = binder.bind_scalar(binder, value_node, inner)
        if is_surely_dynamic(binder, value):
            hint = "Convert it, for example with tostring()."
            binder.fail("SEM0113", "Rows cannot be grouped by a dynamic value.", value_node.span, hint)
        name = unique_name(names[0] if names else f"Column{number}", output.names())
        output.keys.append((binder.new_field(name, value.type), value))
    return number


def _bind_family(binder: Binder, node: syntax.Call, names: tuple[str, ...], scope: RowScope, output: _Output) -> bool:
    """Aggregates that give several columns. False for any other call."""
    if node.name in _BEST:
        _bind_best(binder, node, names, scope, output)
    elif node.name in _ANY and (len(node.arguments) > 1 or _has_star(node)):
        _bind_any(binder, node, names, scope, output)
    elif node.name in _PERCENTILES:
        _bind_percentiles(binder, node, names, scope, output)
    else:
        return False
    return True


def _has_star(node: syntax.Call) -> bool:
    return any(isinstance(argument.value, syntax.Star) for argument in node.arguments)


def _carried(
    binder: Binder,
    node: syntax.Call,
    scope: RowScope,
    output: _Output,
    arguments: tuple[syntax.Argument, ...],
    prefix: str = "any",
) -> list[tuple[str, plan.Expression]]:
    """The named values of `a, b, *`; a star is every column that is no key and not yet there. A value without a name is
    called by its place, `any_arg0`."""
    inner = replace(scope, aggregates=None)
    values: list[tuple[str, plan.Expression]] = []
    for place, argument in enumerate(arguments):
        if isinstance(argument.value, syntax.Star):
            keys = {value.field.id for _, value in output.keys if isinstance(value, plan.Reference)}
            present = {value.field.id for _, value in values if isinstance(value, plan.Reference)}
            values.extend(
                (column.name, plan.Reference(column))
                for column in scope.fields
                if column.id not in keys and column.id not in present
            )
            continue
        value = binder.bind_scalar(binder, argument.value, inner)
        values.append((argument.name or implied_name(argument.value) or f"{prefix}_arg{place}", value))
    return values


def _collect(
    binder: Binder,
    scope: RowScope,
    output: _Output,
    key: plan.Expression,
    values: list[tuple[str, plan.Expression]],
    names: tuple[str, ...],
    *,
    is_max: bool,
) -> None:
    assert scope.aggregates is not None
    group = binder.new_id()
    for position, (name, value) in enumerate(values):
        carrier = binder.new_field(name, value.type)
        scope.aggregates.items.append((carrier, plan.ArgBest(key, value, is_max, group)))
        output.add(binder, names[position] if position < len(names) else name, plan.Reference(carrier))


def _bind_best(binder: Binder, node: syntax.Call, names: tuple[str, ...], scope: RowScope, output: _Output) -> None:
    if not node.arguments:
        binder.fail("SEM0061", f"'{node.name}()' needs the value to compare by.", node.span)
    best = "max" if _BEST[node.name] else "min"
    compared = implied_name(node.arguments[0].value)
    values = _carried(binder, node, scope, output, node.arguments, f"{best}_{compared or ''}")
    if compared is None and values:
        values[0] = (f"{best}_", values[0][1])
    key = values[0][1]
    if key.type is ScalarType.dynamic:
        key = convert(key, ScalarType.string)
    if node.name in _OLD_BEST:
        values = _old_names(values, best)
    _collect(binder, scope, output, key, values, names, is_max=_BEST[node.name])


def _old_names(values: list[tuple[str, plan.Expression]], prefix: str) -> list[tuple[str, plan.Expression]]:
    """argmax(t, a) gives `max_t` and `max_t_a`, where arg_max gives `t` and `a`."""
    (first, key), *others = values
    named = f"{prefix}_{first}"
    return [
        (named, key),
        *((name if name.startswith(f"{named}_arg") else f"{named}_{name}", value) for name, value in others),
    ]


def _bind_any(binder: Binder, node: syntax.Call, names: tuple[str, ...], scope: RowScope, output: _Output) -> None:
    values = _carried(binder, node, scope, output, node.arguments)
    if node.name == "any" and not names:
        values = [(f"any_{name}", value) for name, value in values]
    _collect(binder, scope, output, plan.Constant(1, ScalarType.long), values, names, is_max=True)


def _bind_percentiles(
    binder: Binder, node: syntax.Call, names: tuple[str, ...], scope: RowScope, output: _Output
) -> None:
    """One column for each percentage: `percentiles(x, 5, 95)`, `percentilesw(x, weight, 5, 95)`."""
    assert scope.aggregates is not None
    inner = replace(scope, aggregates=None)
    single, first = _PERCENTILES[node.name]
    bound = [binder.bind_scalar(binder, argument.value, inner) for argument in node.arguments]
    if len(bound) <= first:
        binder.fail("SEM0061", f"'{node.name}()' takes at least {first + 1} arguments, not {len(bound)}.", node.span)
    argument_name = implied_name(node.arguments[0].value) or ""
    for position, percent in enumerate(bound[first:]):
        given = (*bound[:first], percent)
        chosen = choose(aggregate_functions()[single], given)
        if chosen is None:
            types = ", ".join(value.type.value for value in given)
            binder.fail("SEM0061", f"'{node.name}()' cannot take ({types}).", node.span)
        entry, matched = chosen
        carrier = binder.new_field(single, matched.returns)
        call = plan.AggregateCall(entry, convert_arguments(entry, matched, given), matched.returns)
        scope.aggregates.items.append((carrier, call))
        label = percentile_label(percent.value if isinstance(percent, plan.Constant) else None)
        name = names[position] if position < len(names) else f"percentile_{argument_name}_{label}"
        output.add(binder, name, plan.Reference(carrier))
