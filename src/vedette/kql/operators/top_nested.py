"""`top-nested`: the largest groups, within each the largest of the next level, and what is left of each level."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.column_names import naming, unique_name
from vedette.kql.conversion import convert
from vedette.kql.diagnostics import Span
from vedette.kql.environment import AggregateCollector, Environment, RowScope, TableValue
from vedette.kql.functions.library import scalar_functions
from vedette.kql.functions.operators import NOT
from vedette.kql.operators.filtering import row_count
from vedette.kql.operators.input import required
from vedette.kql.overloads import OPERATOR_ENTRIES, apply_entries
from vedette.kql.signatures import conversion_cost
from vedette.kql.types import ScalarType

_FALSE = plan.Constant(False, ScalarType.bool)

Item = tuple[plan.Field, plan.Expression]


@dataclass(frozen=True, slots=True)
class _Level:
    """One clause. `column` is where the input has its key; `is_rest` and `key` are what the level calls a row: part of
    what was left over, or of a group. Two levels have the same columns of both wherever they are carried."""

    node: syntax.TopNestedClause
    column: plan.Field
    count: plan.Expression | None
    others: plan.Expression | None
    is_rest: plan.Field
    key: plan.Field

    @property
    def label(self) -> tuple[plan.Field, plan.Field]:
        """Both."""
        return (self.is_rest, self.key)


def bind_top_nested(
    binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment
) -> plan.Plan:
    """`top-nested n of key [with others = x] by aggregate, …`; groups come in the order of their totals
    (https://learn.microsoft.com/kusto/query/top-nested-operator)."""
    assert isinstance(node, syntax.TopNested)
    rows = required(binder, node, source)
    levels = [_level(binder, clause, rows, environment) for clause in node.clauses]
    columns = tuple((level.column, value) for level, value in levels)
    first = plan.Project(rows, (*binder.keep(rows.fields), *columns))
    nesting = _Nesting(binder, environment, node.span, rows.fields, _named(binder, first))
    for number, (level, _) in enumerate(levels, start=1):
        nesting.add(level, is_last=number == len(levels))
    result, totals = nesting.result()
    keys = [
        key
        for level, total in zip(nesting.levels, totals, strict=True)
        for key in (_ascending(level.is_rest), _by_total(level, total), _ascending(level.key))
    ]
    return plan.Project(plan.Sort(result, tuple(keys)), tuple(_columns(binder, node, nesting.levels, totals)))


def _level(
    binder: Binder, node: syntax.TopNestedClause, rows: plan.Plan, environment: Environment
) -> tuple[_Level, plan.Expression]:
    _, key_node = naming(node.key)
    value = binder.bind_scalar(binder, key_node, RowScope(rows.fields, environment))
    count = None if node.count is None else row_count(binder, node.count, environment)
    others = None
    if node.others is not None:
        others = binder.bind_scalar(binder, node.others, RowScope((), environment))
        if conversion_cost(others, value.type) is None:
            binder.fail(
                "SEM0240", f"'others' is a {others.type.value}, and the key a {value.type.value}.", node.others.span
            )
        others = convert(others, value.type)
    column, key = binder.new_field("", value.type), binder.new_field("", value.type)
    return _Level(node, column, count, others, binder.new_field("", ScalarType.bool), key), value


def _columns(
    binder: Binder, node: syntax.TopNested, levels: Sequence[_Level], totals: Sequence[plan.Field]
) -> list[Item]:
    items: list[Item] = []
    for number, (clause, level, total) in enumerate(zip(node.clauses, levels, totals, strict=True), start=1):
        names, _ = naming(clause.key)
        key = names[0] if names else f"Column{number}"
        given = clause.aggregate.value
        name = given.names[0] if isinstance(given, syntax.Named) else f"aggregated_{key}"
        for wanted, column in ((key, level.key), (name, total)):
            own = unique_name(wanted, [field.name for field, _ in items])
            items.append((binder.new_field(own, column.type), plan.Reference(column)))
    return items


def _named(binder: Binder, rows: plan.Plan) -> TableValue:
    return TableValue(binder.new_id(), "top-nested", rows, is_materialized=True)


def _ascending(column: plan.Field) -> plan.SortKey:
    return plan.SortKey(plan.Reference(column), False, False)


def _by_total(level: _Level, total: plan.Field) -> plan.SortKey:
    descending = level.node.aggregate.descending is not False
    return plan.SortKey(plan.Reference(total), descending, not descending)


def _negated(value: plan.Expression) -> plan.Expression:
    return plan.Apply(NOT, (value,), ScalarType.bool)


@dataclass(slots=True)
class _Nesting:
    """The work on one operator. `rows` are the input with the keys of all levels, and with the labels of those done."""

    binder: Binder
    environment: Environment
    span: Span
    seen: tuple[plan.Field, ...]
    rows: TableValue
    levels: list[_Level] = field(default_factory=list[_Level])
    _totals: list[tuple[plan.Plan, plan.Field]] = field(default_factory=list[tuple[plan.Plan, plan.Field]])

    def add(self, level: _Level, *, is_last: bool) -> None:
        """Narrow the rows to the level's largest groups, and to what is left over where that is asked for."""
        above = list(self.levels)
        self.levels.append(level)
        ranked, number, total = self._ranked(above, level)
        keeps_rest = any(each.others is not None for each in self.levels)
        if not (is_last and not keeps_rest):
            self.rows = _named(self.binder, self._labelled(ranked, number, above, level))
        if keeps_rest:
            self._totals.append(self._of_labels(above, level))
        else:
            largest = ranked if level.count is None else plan.Filter(ranked, self._within(number, level.count))
            marks = ((each.is_rest, _FALSE) for each in self.levels)
            keys = self.binder.keep([each.key for each in self.levels])
            self._totals.append((plan.Project(largest, (*marks, *keys, *self.binder.keep((total,)))), total))

    def result(self) -> tuple[plan.Plan, list[plan.Field]]:
        """The last level's groups with the totals of all levels, in the levels' order."""
        result, last = self._totals[-1]
        for count, (groups, total) in enumerate(self._totals[:-1], start=1):
            shared = [label for level in self.levels[:count] for label in level.label]
            value = _named(self.binder, groups)
            table = self.binder.table_of(value)
            own = dict(zip((each.id for each in groups.fields), table.fields, strict=True))
            pairs = tuple((plan.Reference(each), plan.Reference(own[each.id])) for each in shared)
            fields, sources = (*result.fields, total), (*result.fields, own[total.id])
            result = plan.Join(result, table, "inner", pairs, fields, sources)
        return result, [*(total for _, total in self._totals[:-1]), last]

    def _use(self) -> tuple[plan.Plan, Mapping[int, plan.Field]]:
        """The rows, and where each of their columns is."""
        table = self.binder.table_of(self.rows)
        return table, dict(zip((each.id for each in self.rows.plan.fields), table.fields, strict=True))

    def _ranked(self, above: Sequence[_Level], level: _Level) -> tuple[plan.Plan, plan.Field, plan.Field]:
        """The level's groups within those above, with their place and their total."""
        rows, own = self._use()
        if above:
            rows = plan.Filter(rows, _negated(plan.Reference(own[above[-1].is_rest.id])))
        parents = [(each.key, plan.Reference(own[each.key.id])) for each in above]
        groups, total = self._totalled(rows, own, [*parents, (level.key, plan.Reference(own[level.column.id]))], level)
        number = self.binder.new_field("number", ScalarType.long)
        partition = tuple(plan.Reference(each.key) for each in above)
        return plan.Numbered(groups, number, partition, (_by_total(level, total),)), number, total

    def _totalled(
        self, rows: plan.Plan, own: Mapping[int, plan.Field], keys: Sequence[Item], level: _Level
    ) -> tuple[plan.Plan, plan.Field]:
        collector = AggregateCollector()
        scope = RowScope(tuple(own[each.id] for each in self.seen), self.environment, aggregates=collector)
        _, node = naming(level.node.aggregate.value)
        value = self.binder.bind_scalar(self.binder, node, scope)
        total = self.binder.new_field("", value.type)
        grouped = plan.Summarize(rows, tuple(keys), tuple(collector.items))
        return plan.Project(grouped, (*self.binder.keep([each for each, _ in keys]), (total, value))), total

    def _labelled(self, ranked: plan.Plan, number: plan.Field, above: Sequence[_Level], level: _Level) -> plan.Plan:
        rows, own = self._use()
        was_rest: plan.Expression = plan.Reference(own[above[-1].is_rest.id]) if above else _FALSE
        column = plan.Reference(own[level.column.id])
        items = [(each, plan.Reference(own[each.id])) for each in self.rows.plan.fields]
        is_rest = was_rest
        if level.count is not None:
            pairs = [(plan.Reference(own[each.key.id]), plan.Reference(each.key)) for each in above]
            pairs.append((column, plan.Reference(level.key)))
            fields = (*rows.fields, number)
            rows = plan.Join(rows, ranked, "leftouter", tuple(pairs), fields, fields)
            within = self._within(number, level.count)
            if level.others is None:
                rows = plan.Filter(rows, plan.Logical("or", (was_rest, within)))
            else:
                is_rest = plan.Logical("or", (was_rest, _negated(within)))
        key = self._iff(is_rest, level.others or self._null(column.type), column)
        return plan.Project(rows, (*items, (level.is_rest, is_rest), (level.key, key)))

    def _of_labels(self, above: Sequence[_Level], level: _Level) -> tuple[plan.Plan, plan.Field]:
        """The level's groups under their labels; below what is left over, a level has a total only for its own."""
        rows, own = self._use()
        keys = [(label, plan.Reference(own[label.id])) for each in (*above, level) for label in each.label]
        groups, total = self._totalled(rows, own, keys, level)
        if level.others is not None or not above:
            return groups, total
        shown = self.binder.new_field("", total.type)
        value = self._iff(plan.Reference(level.is_rest), self._null(total.type), plan.Reference(total))
        return plan.Project(groups, (*self.binder.keep([label for label, _ in keys]), (shown, value))), shown

    def _within(self, number: plan.Field, count: plan.Expression) -> plan.Expression:
        return apply_entries(self.binder, "<=", OPERATOR_ENTRIES["<="], (plan.Reference(number), count), self.span)

    def _iff(self, *arguments: plan.Expression) -> plan.Expression:
        return apply_entries(self.binder, "iff()", scalar_functions()["iff"], arguments, self.span)

    def _null(self, type: ScalarType) -> plan.Constant:
        return plan.Constant("" if type is ScalarType.string else None, type)
