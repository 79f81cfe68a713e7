"""Plans as SQL: each node becomes a SELECT, folded into its input's where the meaning allows; only needed columns are
carried."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from vedette.kql import plan
from vedette.kql.compile import Query
from vedette.kql.plan_text import node_title
from vedette.kql.references import references
from vedette.kql.seventh_digit import seventh_digits
from vedette.kql.types import ScalarType
from vedette.sql.dialects.base import Dialect
from vedette.sql.fragment import Fragment
from vedette.sql.lower_expressions import Expressions, called_subqueries, is_nullable, value_key
from vedette.sql.lower_windows import lower_stepwise, lower_window
from vedette.sql.select import Select, column_name


def to_sql(query: Query, dialect: Dialect, *, in_steps: bool = False) -> str:
    """The SQL text of a query. Its columns are in the query's order, under internal names, in the form that leaves
    the engine (dynamic, guid and decimal as text).

    With `in_steps` each node of the plan is a CTE of its own, for people to read; it means the same and is slower.
    """
    lowering = _Lowering(dialect, in_steps, seventh_digits(query.plan))
    fields = query.plan.fields
    lowering.count_uses(query.plan)
    select = lowering.lower(query.plan, {column.id for column in fields})
    edge = {column.id for column in fields if column.type in dialect.edge_types}
    if edge and select.prefix:
        select = lowering.wrap(select)
    columns = {
        column.id: dialect.edge(select.columns[column.id], column.type)
        if column.id in edge
        else select.columns[column.id]
        for column in fields
    }
    body = replace(select, columns=columns).sql()
    if not lowering.ctes:
        return body
    named = ",\n".join(dialect.cte(name, sql, is_kept=kept) for name, kept, sql in lowering.ctes)
    return f"WITH {named}\n{body}"


@dataclass(slots=True)
class _Lowering:
    dialect: Dialect
    in_steps: bool
    digits: dict[int, int]
    ctes: list[tuple[str, bool, str]] = field(default_factory=list[tuple[str, bool, str]])
    expressions: Expressions = field(init=False)
    _uses: dict[int, int] = field(default_factory=dict[int, int])
    _named: dict[int, str] = field(default_factory=dict[int, str])
    _own_ids: Iterator[int] = field(default_factory=lambda: count(1_000_000))
    _aliases: int = 0
    _steps: int = 0

    def __post_init__(self) -> None:
        self.expressions = Expressions(self.dialect, self.subquery, digits=self.digits)

    def subquery(self, node: plan.Plan) -> str:
        """A plan inside an expression, with its first column only."""
        self.count_uses(node)
        self.digits.update(seventh_digits(node))
        return self.lower(node, {node.fields[0].id}).sql()

    def count_uses(self, node: plan.Plan) -> None:
        """Count how often each shared plan is read, so that one read once is written in place."""
        if isinstance(node, plan.Shared):
            self._uses[node.id] = self._uses.get(node.id, 0) + 1
            if self._uses[node.id] > 1:
                return
        for child in plan.inputs(node):
            self.count_uses(child)

    def keep(self, select: Select) -> str:
        """The name of a CTE that holds the rows of a SELECT."""
        self._steps += 1
        name = f"rows{self._steps}"
        self.ctes.append((name, True, select.sql()))
        return name

    def alias(self) -> str:
        """A fresh name for a FROM item."""
        self._aliases += 1
        return f"s{self._aliases}"

    def wrap(self, select: Select) -> Select:
        """A SELECT over another, with every column plain."""
        columns = {id: Fragment(column_name(id), True) for id in select.columns}
        return Select(columns, f"({select.sql()}) AS {self.alias()}")

    def over(self, select: Select, used: Iterable[int], *, rows_matter: bool) -> Select:
        """`select` itself where the fields used are plain columns of it (and it still takes conditions, where
        `rows_matter`); otherwise a SELECT over it."""
        if rows_matter and (select.is_closed or select.limit is not None):
            return self.wrap(select)
        if select.prefix or any(not select.is_plain(id) for id in used):
            return self.wrap(select)
        return select

    def lower(self, node: plan.Plan, needed: set[int]) -> Select:
        """The SELECT of a node with (at least) the needed fields."""
        select = self._lower(node, needed)
        return self._as_step(node, select) if self.in_steps and not isinstance(node, plan.Shared) else select

    def _as_step(self, node: plan.Plan, select: Select) -> Select:
        """The node as a CTE that says which column is which."""
        self._steps += 1
        name = f"step{self._steps}_{type(node).__name__.lower()}"
        columns = ", ".join(
            f"{column_name(field.id)} = {field.name}" for field in node.fields if field.id in select.columns
        )
        sql = f"-- {comment(node_title(node))}\n-- {comment(columns)}\n{select.sql()}"
        self.ctes.append((name, False, sql))
        alias = self.alias()
        return Select({id: Fragment(f"{alias}.{column_name(id)}", True) for id in select.columns}, f"{name} AS {alias}")

    def _lower(self, node: plan.Plan, needed: set[int]) -> Select:
        match node:
            case plan.Scan():
                return self._scan(node, needed)
            case plan.Values():
                return self._values(node)
            case plan.Series():
                return self._series(node)
            case plan.Filter():
                return self._filter(node, needed)
            case plan.Project():
                return self._project(node, needed)
            case plan.Summarize():
                return self._summarize(node, needed)
            case plan.Sort():
                return self._sort(node, needed)
            case plan.Window():
                return lower_window(node, needed, self)
            case plan.Numbered():
                return self._numbered(node, needed)
            case plan.Limit():
                select = self.lower(node.input, needed)
                if select.limit is not None:
                    select = self.wrap(select)
                return replace(select, limit=self.expressions.lower(node.count, {}).text)
            case plan.Join():
                return self._join(node, needed)
            case plan.DistinctOn():
                return self._distinct_on(node, needed)
            case plan.Union():
                return self._union(node, needed)
            case plan.Expand():
                return self._expand(node, needed)
            case plan.Stepwise():
                return lower_stepwise(node, needed, self)
            case plan.TableFunction():
                return self._table_function(node)
            case plan.Shared():
                return self._shared(node, needed)

    # --- sources

    def _scan(self, node: plan.Scan, needed: set[int]) -> Select:
        wanted = [(column, name) for column, name in zip(node.fields, node.columns, strict=True) if column.id in needed]
        if node.table.relation is None:
            nothing = {column.id: self.dialect.constant(plan.Constant(None, column.type)) for column, _ in wanted}
            return Select(nothing, "", ("FALSE",), is_closed=True)
        alias = self.alias()
        columns = {column.id: Fragment(f"{alias}.{self.dialect.relation((name,))}", True) for column, name in wanted}
        return Select(columns, f"{self.dialect.relation(node.table.relation)} AS {alias}")

    def _values(self, node: plan.Values) -> Select:
        if len(node.rows) == 1:
            return Select(
                {
                    column.id: self.expressions.lower(value, {})
                    for column, value in zip(node.fields, node.rows[0], strict=True)
                },
                "",
                is_closed=True,
            )
        if not node.rows:
            nothing = {column.id: self.dialect.constant(plan.Constant(None, column.type)) for column in node.fields}
            return Select(nothing, "", ("FALSE",), is_closed=True)
        rows = [[self.expressions.lower(value, {}) for value in row] for row in node.rows]
        names = [column_name(column.id) for column in node.fields]
        return Select(
            {column.id: Fragment(column_name(column.id), True) for column in node.fields},
            self.dialect.values(rows, names, self.alias()),
        )

    def _series(self, node: plan.Series) -> Select:
        parts = [self.expressions.lower(part, {}) for part in (node.start, node.stop, node.step)]
        source = self.dialect.series(parts[0], parts[1], parts[2], node.field.type)
        return Select({node.field.id: Fragment("value", True)}, f"{source} AS {self.alias()}")

    # --- rows

    def _filter(self, node: plan.Filter, needed: set[int]) -> Select:
        used = set(references(node.predicate))
        select = self.over(self.lower(node.input, needed | used), used, rows_matter=True)
        select, scope = self._with_values(select, (node.predicate,))
        where = tuple(self.expressions.lower(test, scope, filtering=True).atom() for test in conjuncts(node.predicate))
        return replace(select, where=select.where + where)

    def _sort(self, node: plan.Sort, needed: set[int]) -> Select:
        if not node.keys and node.limit is None:
            return self.lower(node.input, needed)
        used = {id for key in node.keys for id in references(key.value)}
        select = self.over(self.lower(node.input, needed | used), used, rows_matter=True)
        if select.order_by:
            select = replace(select, order_by=())
        keys = tuple(
            self.expressions.sort_key(key, select.columns)
            for key in node.keys
            if not isinstance(key.value, plan.Constant)  # engines refuse those
            and self.expressions.lower(key.value, select.columns).text not in ("TRUE", "FALSE")
        )
        limit = None if node.limit is None else self.expressions.lower(node.limit, {}).text
        return replace(select, order_by=keys, limit=limit)

    def _numbered(self, node: plan.Numbered, needed: set[int]) -> Select:
        if node.number.id not in needed:
            return self.lower(node.input, needed)
        used = {id for value in (*node.partition, *(key.value for key in node.order)) for id in references(value)}
        select = self.wrap(self.lower(node.input, (needed | used) - {node.number.id}))
        partition = ", ".join(self.expressions.lower(value, select.columns).text for value in node.partition)
        order = ", ".join(self.expressions.sort_key(key, select.columns) for key in node.order)
        parts = (f"PARTITION BY {partition}" if partition else "", f"ORDER BY {order}" if order else "")
        number = Fragment(f"row_number() OVER ({' '.join(part for part in parts if part)})", True)
        return replace(select, columns={**select.columns, node.number.id: number}, is_closed=True)

    def _distinct_on(self, node: plan.DistinctOn, needed: set[int]) -> Select:
        used = {id for key in node.keys for id in references(key)}
        select = self.over(self.lower(node.input, needed | used), used, rows_matter=True)
        keys = ", ".join(self.expressions.lower(key, select.columns).text for key in node.keys)
        return replace(select, prefix=f"DISTINCT ON ({keys}) ", order_by=(), is_closed=True)

    # --- columns

    def _project(self, node: plan.Project, needed: set[int]) -> Select:
        items = [(column, value) for column, value in node.items if column.id in needed]
        used = {id for _, value in items for id in references(value)}
        computed = {id for _, value in items if not isinstance(value, plan.Reference) for id in references(value)}
        select = self.over(self.lower(node.input, used), computed, rows_matter=False)
        select, scope = self._with_values(select, [value for _, value in items])
        columns = {column.id: self.expressions.lower(value, scope) for column, value in items}
        return replace(select, columns=columns)

    def _with_values(self, select: Select, nodes: Iterable[plan.Expression]) -> tuple[Select, Mapping[int, Fragment]]:
        """The values of subqueries that stand in a function's arguments as columns of one row beside the others, and
        the columns in scope. An engine's macro may put an argument into a lambda, where no subquery can stand."""
        found = {value_key(value): value for node in nodes for value in called_subqueries(node)}
        if not found:
            return select, select.columns
        if select.is_closed or select.limit is not None or not select.source:
            select = self.wrap(select)
        names = {key: f"v{number}" for number, key in enumerate(found, start=1)}
        items = ", ".join(f"{self.expressions.lower(value, {}).text} AS {names[key]}" for key, value in found.items())
        alias = self.alias()
        values = {key: Fragment(f"{alias}.{name}", True) for key, name in names.items()}
        return replace(select, source=f"{select.source}, (SELECT {items}) AS {alias}"), {**select.columns, **values}

    def _with_arguments(
        self, select: Select, aggregates: "list[tuple[plan.Field, plan.Aggregate]]", *, is_grouped: bool
    ) -> "tuple[Select, list[tuple[plan.Field, plan.Aggregate]]]":
        """Computed arguments of aggregates that write them several times as columns of the input. Written in place, as
        in `list(f(x)) … list(DISTINCT f(x))`, they lead the engine's optimizer to lose track of its columns."""
        fields: dict[int, plan.Field] = {}
        computed: dict[int, Fragment] = {}
        given: list[tuple[plan.Field, plan.Aggregate]] = []
        for column, call in aggregates:
            if isinstance(call, plan.AggregateCall) and not isinstance(self.dialect.aggregate(call.function), str):
                written = self.expressions.aggregate(call, select.columns, is_grouped=is_grouped).text
                for value in call.arguments:
                    if isinstance(value, plan.Reference | plan.Constant | plan.Instant):
                        continue
                    lowered = self.expressions.lower(value, select.columns)
                    if written.count(lowered.text) > 1:
                        fields[id(value)] = plan.Field(next(self._own_ids), "", value.type)
                        computed[fields[id(value)].id] = lowered
                arguments = (
                    plan.Reference(fields[id(value)]) if id(value) in fields else value for value in call.arguments
                )
                call = replace(call, arguments=tuple(arguments))
            given.append((column, call))
        if not fields:
            return select, aggregates
        return self.wrap(replace(select, columns={**select.columns, **computed})), given

    def _summarize(self, node: plan.Summarize, needed: set[int]) -> Select:
        aggregates = [(column, call) for column, call in node.aggregates if column.id in needed]
        used = {id for _, value in node.keys for id in references(value)}
        used |= {id for _, call in aggregates for id in references(call)}
        used |= {node.number.id} if node.number is not None else set[int]()
        select = self.over(self.lower(node.input, used), used, rows_matter=True)
        if select.order_by and aggregates:
            select = self.wrap(select)  # make_list and its like take the rows in this order
        parts = [part for _, call in aggregates for part in plan.arguments(call)]
        select, scope = self._with_values(select, [*(value for _, value in node.keys), *parts])
        if scope is select.columns:
            select, aggregates = self._with_arguments(select, aggregates, is_grouped=bool(node.keys))
            scope = select.columns
        columns = {column.id: self.expressions.lower(value, scope) for column, value in node.keys}
        group_by = tuple(value.atom() for value in columns.values())
        records: dict[int, list[tuple[plan.Field, plan.ArgBest]]] = {}
        for column, call in aggregates:
            if isinstance(call, plan.ArgBest):
                records.setdefault(call.group, []).append((column, call))
            else:
                columns[column.id] = self.expressions.aggregate(call, scope, is_grouped=bool(node.keys))
        for group, members in records.items():
            columns[group] = self._best(members, scope)
        if not columns:
            columns = {0: Fragment("count(*)", True)}
        order_by = (f"min({scope[node.number.id].text})",) if node.number is not None else ()
        grouped = replace(select, columns=columns, group_by=group_by, order_by=order_by, is_closed=True)
        if records:
            return self._unpack(grouped, records)
        return grouped if group_by else self.wrap(grouped)  # its one row comes of the aggregates, needed or not

    def _best(self, members: Sequence[tuple[plan.Field, plan.ArgBest]], scope: Mapping[int, Fragment]) -> Fragment:
        record = self.dialect.record(
            [(column_name(column.id), self.expressions.lower(call.value, scope)) for column, call in members]
        )
        call = members[0][1]
        key = self.dialect.ordered(self.expressions.lower(call.key, scope), call.key.type)
        return self.dialect.best(record, key, is_max=call.is_max)

    def _unpack(self, grouped: Select, records: dict[int, list[tuple[plan.Field, plan.ArgBest]]]) -> Select:
        outer = self.wrap(grouped)
        columns = {id: value for id, value in outer.columns.items() if id not in records}
        for group, members in records.items():
            for position, (column, _) in enumerate(members):
                part = self.dialect.record_part(column_name(group), column_name(column.id), position)
                columns[column.id] = _never_null(part, column)
        return replace(outer, columns=columns)

    def _expand(self, node: plan.Expand, needed: set[int]) -> Select:
        used = {id for _, value in node.items for id in references(value)}
        carried = [column for column in node.carried if column.id in needed]
        select = self.over(self.lower(node.input, used | {column.id for column in carried}), used, rows_matter=False)
        select, scope = self._with_values(select, [value for _, value in node.items])
        lists: dict[int, Fragment] = {column.id: select.columns[column.id] for column in carried}
        for element, value in node.items:
            elements = self._elements(node, element, self.expressions.lower(value, scope))
            lists[element.id] = self.dialect.first(elements, node.limit) if node.limit is not None else elements
        inner = self.wrap(replace(select, columns=lists))
        columns = {column.id: inner.columns[column.id] for column in carried}
        names = [column_name(element.id) for element, _ in node.items]
        for (element, _), name in zip(node.items, names, strict=True):
            columns[element.id] = Fragment(self.dialect.unnest(name), True)
        if node.index is not None and node.index.id in needed:
            columns[node.index.id] = Fragment(self.dialect.positions(names), True)
        source = self.dialect.unfolded(inner.source, names)
        unfolded = self.wrap(replace(inner, columns=columns, source=source, is_closed=True))
        typed = {element.id: self._element(node, element, unfolded) for element, _ in node.items}
        return replace(unfolded, columns={**unfolded.columns, **typed})

    def _elements(self, node: plan.Expand, element: plan.Field, value: Fragment) -> Fragment:
        """The list of the elements, of the element's type where the dialect has a quick way to that."""
        typed = self._typed_elements(node, element, value)
        return typed or self.dialect.elements(value, bags_as_arrays=node.bags_as_arrays)

    def _typed_elements(self, node: plan.Expand, element: plan.Field, value: Fragment) -> Fragment | None:
        if element.type is ScalarType.dynamic or node.bags_as_arrays:
            return None
        return self.dialect.typed_elements(value, element.type)

    def _element(self, node: plan.Expand, element: plan.Field, unfolded: Select) -> Fragment:
        """An unfolded element in its type; where a list was shorter than others there is a null."""
        value = unfolded.columns[element.id]
        if element.type is ScalarType.dynamic:
            return value
        if self._typed_elements(node, element, value) is not None:
            return _never_null(value, element)
        given = plan.Reference(plan.Field(element.id, element.name, ScalarType.dynamic))
        return self.expressions.lower(plan.Convert(given, element.type), unfolded.columns)

    def _table_function(self, node: plan.TableFunction) -> Select:
        select = self.lower(node.input, {column.id for column in node.columns})
        source = self.dialect.table_function(
            node.function,
            [(self.expressions.lower(argument, {}), argument.type) for argument in node.arguments],
            select.sql(),
            [(column_name(column.id), column.type) for column in node.columns],
            [(column_name(column.id), column.type) for column in node.fields],
        )
        columns = {column.id: Fragment(column_name(column.id), True) for column in node.fields}
        return Select(columns, f"{source} AS {self.alias()}")

    # --- several inputs

    def _join(self, node: plan.Join, needed: set[int]) -> Select:
        pairs = [
            (column, source) for column, source in zip(node.fields, node.sources, strict=True) if column.id in needed
        ]
        wanted = {source.id for _, source in pairs}
        left_ids = {column.id for column in node.left.fields}
        left_used = {id for key, _ in node.keys for id in references(key)}
        right_used = {id for _, key in node.keys for id in references(key)}
        left = self._side(node.left, (wanted & left_ids) | left_used)
        right = self._side(node.right, (wanted - left_ids) | right_used)
        if node.kind.startswith("right"):
            left, right = right, left
        kind = self.dialect.join(node.kind.replace("right", "left"))
        scope = {**left.columns, **right.columns}
        tests = " AND ".join(self._key_test(one, other, scope) for one, other in node.keys)
        padded = self._padded(node)
        columns = {
            column.id: _never_null(scope[source.id], source) if source.id in padded else scope[source.id]
            for column, source in pairs
        }
        return Select(columns, f"{left.source} {kind} {right.source} ON {tests}")

    def _side(self, node: plan.Plan, needed: set[int]) -> Select:
        select = self.lower(node, needed)
        alias = self.alias()
        columns = {id: Fragment(f"{alias}.{column_name(id)}", True) for id in select.columns}
        return Select(columns, f"({select.sql()}) AS {alias}")

    def _key_test(self, one: plan.Expression, other: plan.Expression, scope: dict[int, Fragment]) -> str:
        left, right = self.expressions.lower(one, scope).atom(), self.expressions.lower(other, scope).atom()
        if not is_nullable(one) and not is_nullable(other):
            return f"{left} = {right}"
        return f"{left} IS NOT DISTINCT FROM {right}"

    def _padded(self, node: plan.Join) -> set[int]:
        """Fields of the sides whose rows may be missing."""
        left = {column.id for column in node.left.fields}
        right = {column.id for column in node.right.fields}
        return {"leftouter": right, "rightouter": left, "fullouter": left | right}.get(node.kind, set[int]())

    def _union(self, node: plan.Union, needed: set[int]) -> Select:
        positions = [position for position, column in enumerate(node.fields) if column.id in needed]
        branches: list[str] = []
        for branch in node.inputs:
            fields = branch.fields  # put together anew each time it is asked for
            ids = [fields[position].id for position in positions]
            select = self.lower(branch, set(ids))
            if select.order_by or select.limit is not None:
                select = self.wrap(select)
            columns = {
                node.fields[position].id: select.columns[id] for position, id in zip(positions, ids, strict=True)
            }
            branches.append(replace(select, columns=columns).sql())
        columns = {
            node.fields[position].id: Fragment(column_name(node.fields[position].id), True) for position in positions
        }
        return Select(columns, f"({' UNION ALL '.join(branches)}) AS {self.alias()}")

    def _shared(self, node: plan.Shared, needed: set[int]) -> Select:
        originals = {column.id: source.id for column, source in zip(node.fields, node.plan.fields, strict=True)}
        if self._uses.get(node.id, 0) <= 1 and node.id not in self._named:
            select = self.lower(node.plan, {originals[id] for id in needed})
            columns = {column.id: select.columns[originals[column.id]] for column in node.fields if column.id in needed}
            return replace(select, columns=columns)
        name = self._named.get(node.id)
        if name is None:
            name = f"t{node.id}"
            self._named[node.id] = name
            body = self.lower(node.plan, {column.id for column in node.plan.fields})
            ordered = {column.id: body.columns[column.id] for column in node.plan.fields}
            self.ctes.append(
                (name, node.is_materialized or _calls_python(node.plan), replace(body, columns=ordered).sql())
            )
        alias = self.alias()
        columns = {
            column.id: Fragment(f"{alias}.{column_name(originals[column.id])}", True)
            for column in node.fields
            if column.id in needed
        }
        return Select(columns, f"{name} AS {alias}")


def _calls_python(node: plan.Plan) -> bool:
    """Whether a table function is somewhere inside, which is not to be run for each reader of its rows."""
    return isinstance(node, plan.TableFunction | plan.Stepwise) or any(map(_calls_python, plan.inputs(node)))


def conjuncts(node: plan.Expression) -> tuple[plan.Expression, ...]:
    """The conditions that must all hold."""
    return node.operands if isinstance(node, plan.Logical) and node.operator == "and" else (node,)


def comment(text: str) -> str:
    """A text as the rest of an SQL comment's line."""
    return text.replace("\0", "").replace("\n", " ").replace("\r", " ")[:400]


def _never_null(value: Fragment, column: plan.Field) -> Fragment:
    return Fragment(f"coalesce({value.text}, '')", True) if column.type is ScalarType.string else value
