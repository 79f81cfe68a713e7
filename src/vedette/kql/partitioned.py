"""A plan over one table as a plan over many at once: each value of a key is a table of its own (`mv-apply`,
`partition`)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn

from vedette.kql import plan
from vedette.kql.binder import Binder
from vedette.kql.diagnostics import Span
from vedette.kql.functions.entry import WindowFunction
from vedette.kql.functions.library import aggregate_functions, scalar_functions
from vedette.kql.functions.windows import CHANGED, ROW_NUMBER
from vedette.kql.overloads import OPERATOR_ENTRIES, apply_entries
from vedette.kql.plan_expressions import operands, rebuilt
from vedette.kql.signatures import choose
from vedette.kql.types import ScalarType

_ZERO, _ONE = plan.Constant(0, ScalarType.long), plan.Constant(1, ScalarType.long)

Item = tuple[plan.Field, plan.Expression]
AggregateItem = tuple[plan.Field, plan.Aggregate]


@dataclass(frozen=True, slots=True)
class Partition:
    """Columns that go along with the rows of the many tables: the `key` that tells them apart, the `place` of a row in
    its table where the rows still have one, and values that are `shared` by all rows of a table."""

    key: plan.Field
    place: plan.Field | None
    shared: tuple[plan.Field, ...]

    @property
    def fields(self) -> tuple[plan.Field, ...]:
        """All of them."""
        return (self.key, *((self.place,) if self.place is not None else ()), *self.shared)


def partitioned(
    binder: Binder,
    node: plan.Plan,
    source_id: int,
    source: plan.Plan,
    partition: Partition,
    span: Span,
    *,
    outer: plan.Field | None = None,
) -> tuple[plan.Plan, Partition]:
    """`node`, which reads the table `source_id`, over each partition of `source` alone.

    `source` has the fields of that table first and those of `partition` after them. The plan returned has at least
    the fields of `node`, and those of the partition returned. By `outer` conditions and columns of `node` mean the
    key. Raises KqlError (SEM0299) for what cannot be said for many tables at once.
    """
    return _Rewriting(binder, source_id, source, partition, span, outer).rewrite(node)


@dataclass(slots=True)
class _Rewriting:
    binder: Binder
    source_id: int
    source: plan.Plan
    partition: Partition
    span: Span
    outer: plan.Field | None = None
    _reads: dict[int, bool] = field(default_factory=dict[int, bool])
    _named: dict[int, tuple[int, plan.Plan, Partition]] = field(
        default_factory=dict[int, tuple[int, plan.Plan, Partition]]
    )
    _alive: list[plan.Plan] = field(default_factory=list[plan.Plan])

    def __post_init__(self) -> None:
        self._named[self.source_id] = (self.binder.new_id(), self.source, self.partition)

    def rewrite(self, node: plan.Plan) -> tuple[plan.Plan, Partition]:
        """The node for each partition; it must read the source."""
        if not isinstance(node, plan.Filter | plan.Project):
            self._refuse_inside_expressions(node)
        match node:
            case plan.Shared():
                return self._shared(node)
            case plan.Filter():
                rows, partition = self.rewrite(node.input)
                rows, values = self._with_values(rows, partition, (node.predicate,))
                return plan.Filter(rows, self._at(_replaced(node.predicate, values), partition)), partition
            case plan.Project():
                return self._project(node)
            case plan.Summarize():
                return self._summarize(node) if node.keys else self._one_row(node)
            case plan.Sort():
                return self._sort(node)
            case plan.Window():
                return self._window(node)
            case plan.Numbered():
                return self._numbered(node)
            case plan.Stepwise():
                return self._stepwise(node)
            case plan.Limit():
                return self._limit(node)
            case plan.DistinctOn():
                rows, partition = self.rewrite(node.input)
                return replace(node, input=rows, keys=(plan.Reference(partition.key), *node.keys)), partition
            case plan.Join():
                return self._join(node)
            case plan.Union():
                return self._union(node)
            case plan.Expand():
                rows, partition = self.rewrite(node.input)
                carried = (*node.carried, *partition.fields)
                return replace(node, input=rows, carried=carried, fields=(*node.fields, *partition.fields)), partition
            case _:
                self._refuse(type(node).__name__.lower())

    def _refuse(self, what: str) -> NoReturn:
        self.binder.fail(
            "SEM0299", f"'{what}' is not supported in a subquery that runs for each row or key.", self.span
        )

    def reads(self, node: plan.Plan) -> bool:
        """Whether the node is over the source."""
        known = self._reads.get(id(node))
        if known is None:
            self._alive.append(node)  # so that no other node gets its id
            known = (isinstance(node, plan.Shared) and node.id == self.source_id) or any(
                self.reads(child) for child in plan.inputs(node)
            )
            self._reads[id(node)] = known
        return known

    def _refuse_inside_expressions(self, node: plan.Plan) -> None:
        for inner in _subqueries(node):
            if self.reads(inner):
                self._refuse("toscalar() or in() of the rows of the subquery itself")

    # --- one node each

    def _shared(self, node: plan.Shared) -> tuple[plan.Plan, Partition]:
        if node.id not in self._named:
            rows, partition = self.rewrite(node.plan)
            kept = plan.Project(rows, self.binder.keep((*node.plan.fields, *partition.fields)))
            self._named[node.id] = (self.binder.new_id(), kept, partition)
        id, rows, partition = self._named[node.id]
        own = self._renamed(partition)
        return plan.Shared(id, node.name, rows, (*node.fields, *own.fields), is_materialized=True), own

    def _renamed(self, partition: Partition) -> Partition:
        place = None if partition.place is None else self._copy(partition.place)
        return Partition(self._copy(partition.key), place, tuple(map(self._copy, partition.shared)))

    def _copy(self, field: plan.Field) -> plan.Field:
        return self.binder.new_field(field.name, field.type)

    def _project(self, node: plan.Project) -> tuple[plan.Plan, Partition]:
        rows, partition = self.rewrite(node.input)
        rows, values = self._with_values(rows, partition, [value for _, value in node.items])
        items = [(column, self._at(_replaced(value, values), partition)) for column, value in node.items]
        return plan.Project(rows, (*items, *self.binder.keep(partition.fields))), partition

    def _with_values(
        self, rows: plan.Plan, partition: Partition, expressions: Sequence[plan.Expression]
    ) -> tuple[plan.Plan, list[tuple[plan.ScalarSubquery, plan.Field]]]:
        """The rows with each single value that the expressions take of their own partition, as `toscalar` does."""
        values: list[tuple[plan.ScalarSubquery, plan.Field]] = []
        for query in _inside(expressions):
            if not self.reads(query.plan):
                continue
            if isinstance(query, plan.InSubquery):
                self._refuse("in() of the rows of the subquery itself")
            table, own = self.rewrite(query.plan)
            first, own = self._first_rows(table, own, (), _ONE)
            value = self._copy(query.plan.fields[0])
            fields, sources = (*rows.fields, value), (*rows.fields, query.plan.fields[0])
            keys = ((plan.Reference(partition.key), plan.Reference(own.key)),)
            rows = plan.Join(rows, first, "leftouter", keys, fields, sources)
            values.append((query, value))
        return rows, values

    def _at(self, node: plan.Expression, partition: Partition) -> plan.Expression:
        """The expression where the key has this field."""
        if self.outer is None:
            return node
        if node == plan.Reference(self.outer):
            return plan.Reference(partition.key)
        return rebuilt(node, lambda each: self._at(each, partition))

    def _stepwise(self, node: plan.Stepwise) -> tuple[plan.Plan, Partition]:
        """Rows of one key after those of another, and begun anew where the key changes."""
        rows, partition = self.rewrite(node.input)
        key, place = plan.Reference(partition.key), self._new_long("place")
        placed = plan.Window(rows, ((place, self._window_call(ROW_NUMBER, _ONE)),), self._new_long("order"))
        by_key = plan.SortKey(key, False, False)
        ordered = plan.Sort(placed, (by_key, plan.SortKey(plan.Reference(place), False, False)))
        changed = self._new_long("changed")
        marked = plan.Window(ordered, ((changed, self._window_call(CHANGED, key)),), self._new_long("order"))
        is_new = apply_entries(self.binder, ">", OPERATOR_ENTRIES[">"], (plan.Reference(changed), _ZERO), self.span)
        return replace(node, input=marked, begins=plan.Logical("or", (is_new, node.begins))), partition

    def _window_call(self, function: WindowFunction, argument: plan.Expression) -> plan.WindowCall:
        return plan.WindowCall(function, (argument,), ScalarType.long)

    def _new_long(self, name: str) -> plan.Field:
        return self.binder.new_field(name, ScalarType.long)

    def _window(self, node: plan.Window) -> tuple[plan.Plan, Partition]:
        rows, partition = self.rewrite(node.input)
        key = plan.Reference(partition.key)
        calls = tuple((column, replace(call, partition=(key, *call.partition))) for column, call in node.calls)
        return replace(node, input=rows, calls=calls), partition

    def _numbered(self, node: plan.Numbered) -> tuple[plan.Plan, Partition]:
        rows, partition = self.rewrite(node.input)
        if node.partition or node.order:
            node = replace(node, partition=(plan.Reference(partition.key), *node.partition))
        return replace(node, input=rows), partition

    def _summarize(self, node: plan.Summarize) -> tuple[plan.Plan, Partition]:
        rows, before = self.rewrite(node.input)
        return self._grouped(rows, before, node.keys, node.aggregates)

    def _grouped(
        self,
        rows: plan.Plan,
        before: Partition,
        keys: tuple[Item, ...] = (),
        aggregates: tuple[AggregateItem, ...] = (),
    ) -> tuple[plan.Plan, Partition]:
        after = Partition(self._copy(before.key), None, tuple(map(self._copy, before.shared)))
        shared = tuple(zip(after.shared, map(_any_of, before.shared), strict=True))
        own = (after.key, plan.Reference(before.key))
        return plan.Summarize(rows, (*keys, own), (*aggregates, *shared)), after

    def _one_row(self, node: plan.Summarize) -> tuple[plan.Plan, Partition]:
        """Aggregates without keys give a row for every partition, also for one that has lost its rows by then."""
        grouped, partition = self._summarize(node)
        if self._keeps_all(node.input):
            return grouped, partition
        present = self.binder.new_field("present", ScalarType.bool)
        found = plan.Project(
            grouped, (*self.binder.keep(grouped.fields), (present, plan.Constant(True, ScalarType.bool)))
        )
        seen = self.source.fields[: len(self.source.fields) - len(self.partition.fields)]
        rows, own = self._shared(plan.Shared(self.source_id, "rows", self.source, tuple(map(self._copy, seen))))
        everyone, all_partitions = self._grouped(rows, own)
        joined_fields = (*all_partitions.fields, *(column for column, _ in node.aggregates), present)
        keys = ((plan.Reference(all_partitions.key), plan.Reference(partition.key)),)
        joined = plan.Join(everyone, found, "leftouter", keys, joined_fields, joined_fields)
        absent = self._call("isnull", plan.Reference(present))
        nothing = plan.Summarize(plan.Values(node.input.fields, ()), (), node.aggregates)
        filled = tuple(
            (column, self._call("iff", absent, _first(self.binder, nothing, column), plan.Reference(column)))
            for column, _ in node.aggregates
        )
        return plan.Project(joined, (*filled, *self.binder.keep(all_partitions.fields))), all_partitions

    def _call(self, name: str, *arguments: plan.Expression) -> plan.Expression:
        return apply_entries(self.binder, f"{name}()", scalar_functions()[name], arguments, self.span)

    def _sort(self, node: plan.Sort) -> tuple[plan.Plan, Partition]:
        rows, partition = self.rewrite(node.input)
        if node.limit is None and not node.keys:
            return plan.Sort(rows, ()), partition
        if node.limit is None:
            first = plan.SortKey(plan.Reference(partition.key), False, False)
            return plan.Sort(rows, (first, *node.keys)), partition
        return self._first_rows(rows, partition, node.keys, node.limit)

    def _limit(self, node: plan.Limit) -> tuple[plan.Plan, Partition]:
        inner = node.input
        keys: tuple[plan.SortKey, ...] = ()
        if isinstance(inner, plan.Sort) and inner.limit is None and inner.keys:
            inner, keys = inner.input, inner.keys
        rows, partition = self.rewrite(inner)
        return self._first_rows(rows, partition, keys, node.count)

    def _first_rows(
        self, rows: plan.Plan, partition: Partition, keys: tuple[plan.SortKey, ...], count: plan.Expression
    ) -> tuple[plan.Plan, Partition]:
        number = self.binder.new_field("number", ScalarType.long)
        order = keys
        if partition.place is not None:
            order = (*keys, plan.SortKey(plan.Reference(partition.place), False, False))
        numbered = plan.Numbered(rows, number, (plan.Reference(partition.key),), order)
        within = apply_entries(self.binder, "<=", OPERATOR_ENTRIES["<="], (plan.Reference(number), count), self.span)
        first = plan.Filter(numbered, within)
        if not keys or count == plan.Constant(1, ScalarType.long):
            return first, partition
        key = plan.SortKey(plan.Reference(partition.key), False, False)
        return plan.Sort(first, (key, *order)), partition

    def _join(self, node: plan.Join) -> tuple[plan.Plan, Partition]:
        left_reads, right_reads = self.reads(node.left), self.reads(node.right)
        if not left_reads:
            if node.kind != "inner":
                self._refuse("join with the rows of the subquery on the right side")
            right, partition = self.rewrite(node.right)
            fields, sources = (*node.fields, *partition.fields), (*node.sources, *partition.fields)
            return plan.Join(node.left, right, "inner", node.keys, fields, sources), partition
        if node.kind not in ("inner", "leftouter", "leftsemi", "leftanti"):
            self._refuse(f"join kind={node.kind}")
        left, partition = self.rewrite(node.left)
        right, keys = node.right, node.keys
        if right_reads:
            right, other = self.rewrite(node.right)
            keys = (*keys, (plan.Reference(partition.key), plan.Reference(other.key)))
        return plan.Join(
            left,
            right,
            node.kind,
            keys,
            (*node.fields, *partition.fields),
            (*node.sources, *partition.fields),
        ), partition

    def _union(self, node: plan.Union) -> tuple[plan.Plan, Partition]:
        if not all(map(self.reads, node.inputs)):
            self._refuse("union with another table")
        branches = [self.rewrite(branch) for branch in node.inputs]
        key = self._copy(branches[0][1].key)
        partition = Partition(key, None, tuple(map(self._copy, branches[0][1].shared)))
        inputs: list[plan.Plan] = []
        for original, (rows, own) in zip(node.inputs, branches, strict=True):
            own_fields = (own.key, *own.shared)
            inputs.append(plan.Project(rows, self.binder.keep((*original.fields, *own_fields))))
        return plan.Union(tuple(inputs), (*node.fields, *partition.fields)), partition

    # --- whether every partition still has a row

    def _keeps_all(self, node: plan.Plan) -> bool:
        match node:
            case plan.Shared():
                return node.id == self.source_id or self._keeps_all(node.plan)
            case plan.Project() | plan.Window() | plan.Numbered() | plan.DistinctOn():
                return self._keeps_all(node.input)
            case plan.Summarize():
                return not node.keys or self._keeps_all(node.input)
            case plan.Sort():
                return (node.limit is None or _is_positive(node.limit)) and self._keeps_all(node.input)
            case plan.Limit():
                return _is_positive(node.count) and self._keeps_all(node.input)
            case plan.Join():
                return node.kind == "leftouter" and self._keeps_all(node.left)
            case plan.Union():
                return any(map(self._keeps_all, node.inputs))
            case _:
                return False


def _any_of(field: plan.Field) -> plan.AggregateCall:
    reference = plan.Reference(field)
    chosen = choose(aggregate_functions()["take_any"], (reference,))
    assert chosen is not None
    return plan.AggregateCall(chosen[0], (reference,), field.type)


def _first(binder: Binder, table: plan.Plan, column: plan.Field) -> plan.ScalarSubquery:
    one = plan.Project(table, ((binder.new_field(column.name, column.type), plan.Reference(column)),))
    return plan.ScalarSubquery(one, column.type)


def _is_positive(count: plan.Expression) -> bool:
    return isinstance(count, plan.Constant) and isinstance(count.value, int) and count.value > 0


def _subqueries(node: plan.Plan) -> Iterator[plan.Plan]:
    """The tables inside the expressions of a node."""
    return (query.plan for query in _inside(_own(node)))


def _inside(expressions: Sequence[plan.Expression]) -> Iterator[plan.ScalarSubquery | plan.InSubquery]:
    """The subqueries of expressions."""
    pending = list(expressions)
    while pending:
        value = pending.pop()
        if isinstance(value, plan.ScalarSubquery | plan.InSubquery):
            yield value
        pending.extend(operands(value))


def _replaced(node: plan.Expression, values: Sequence[tuple[plan.ScalarSubquery, plan.Field]]) -> plan.Expression:
    """The expression with columns in the place of subqueries."""
    for query, value in values:
        if node is query:
            return plan.Reference(value)
    return rebuilt(node, lambda each: _replaced(each, values)) if values else node


def _own(node: plan.Plan) -> Sequence[plan.Expression]:
    """The expressions of a node."""
    match node:
        case plan.Filter():
            return (node.predicate,)
        case plan.Project() | plan.Expand():
            return tuple(value for _, value in node.items)
        case plan.Summarize():
            calls = tuple(part for _, call in node.aggregates for part in plan.arguments(call))
            return (*(value for _, value in node.keys), *calls)
        case plan.Window():
            return tuple(part for _, call in node.calls for part in (*call.arguments, *call.partition))
        case plan.Sort():
            return tuple(key.value for key in node.keys)
        case plan.DistinctOn():
            return node.keys
        case plan.Join():
            return tuple(side for pair in node.keys for side in pair)
        case _:
            return ()
