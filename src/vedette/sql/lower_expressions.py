"""Expressions of the plan as SQL fragments."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count

from vedette.kql import plan
from vedette.kql.functions.entry import NOT_CONSTANT, AggregateFunction, Function, SqlCall, SqlTemplate
from vedette.kql.overloads import OPERATOR_ENTRIES
from vedette.kql.plan_expressions import operands
from vedette.kql.seventh_digit import digit, settled
from vedette.kql.signatures import parse_parameters
from vedette.kql.types import ScalarType
from vedette.sql.dialects.base import Dialect
from vedette.sql.dialects.gap import DialectGap
from vedette.sql.fragment import Fragment
from vedette.sql.template import calls_macro, is_atom, template

_MOST_COPIED = 1
"""How deep an argument may be that is still written as often as a template has it."""


@dataclass(frozen=True, slots=True)
class Expressions:
    """Lowers expressions over the columns in scope. `subquery` lowers a plan to SQL text for toscalar and in()."""

    dialect: Dialect
    subquery: Callable[[plan.Plan], str]
    names: Iterator[int] = field(default_factory=lambda: count(1))
    digits: Mapping[int, int] = field(default_factory=dict[int, int])

    def lower(self, node: plan.Expression, columns: Mapping[int, Fragment], *, filtering: bool = False) -> Fragment:
        """The fragment; with `filtering`, a null result counts as false."""
        match node:
            case plan.Constant():
                return self.dialect.constant(node)
            case plan.Instant():
                return self.dialect.instant(node.of, node.offset)
            case plan.Reference():
                return columns[node.field.id]
            case plan.Convert():
                return self._convert(node, columns)
            case plan.Apply():
                node = settled(node, self.digits)
                arguments = [self.lower(argument, columns) for argument in node.arguments]
                return self._fill(
                    self.dialect.function(node.function), node.function, node.arguments, arguments, filtering
                )
            case plan.Extract():
                return self._extract(node, columns)
            case plan.Logical():
                joiner = f" {node.operator.upper()} "
                parts = [self.lower(operand, columns, filtering=filtering) for operand in node.operands]
                return Fragment(joiner.join(part.atom() for part in parts), depth=_deepest(parts))
            case plan.InValues():
                return self._in_values(node, columns, filtering)
            case plan.InSubquery():
                return self._in_subquery(node, columns, filtering)
            case plan.ScalarSubquery():
                return columns.get(value_key(node)) or Fragment(self._scalar(node), True)

    def aggregate(self, node: plan.AggregateCall, columns: Mapping[int, Fragment], *, is_grouped: bool) -> Fragment:
        """An aggregate call over all rows, or over those of each group."""
        arguments = [self.lower(argument, columns) for argument in node.arguments]
        sql = self.dialect.aggregate(node.function)
        if not isinstance(sql, str):
            sql = partial(_over_groups, sql, is_grouped)
        return self._fill(sql, node.function, node.arguments, arguments, False)

    def window(self, node: plan.WindowCall, columns: Mapping[int, Fragment], order: str | None) -> Fragment:
        """A window function's call; without `order` over the rows as they come."""
        parts: list[str] = []
        if node.partition:
            parts.append("PARTITION BY " + ", ".join(self.lower(each, columns).text for each in node.partition))
        if order is not None:
            parts.append(f"ORDER BY {order}")
        arguments = [self.lower(argument, columns) for argument in node.arguments]
        window = Fragment(" ".join(parts), True)
        return self._fill(self.dialect.function(node.function), node.function, node.arguments, arguments, False, window)

    def sort_key(self, key: plan.SortKey, columns: Mapping[int, Fragment]) -> str:
        """An item of ORDER BY."""
        value = self.dialect.ordered(self.lower(key.value, columns), key.value.type)
        return f"{value.atom()} {'DESC' if key.descending else 'ASC'} NULLS {'FIRST' if key.nulls_first else 'LAST'}"

    def _fill(
        self,
        sql: SqlTemplate,
        entry: Function | AggregateFunction,
        nodes: Sequence[plan.Expression],
        arguments: Sequence[Fragment],
        filtering: bool,
        window: Fragment | None = None,
    ) -> Fragment:
        if not isinstance(sql, str):

            def called(given: Sequence[Fragment]) -> Fragment:
                call = SqlCall(
                    tuple(argument.atom() for argument in given),
                    tuple(node.type for node in nodes),
                    tuple(node.value if isinstance(node, plan.Constant) else NOT_CONSTANT for node in nodes),
                    tuple(is_nullable(node) for node in nodes),
                    filtering,
                    tuple(digit(node, self.digits) for node in nodes),
                )
                text = sql(call)
                return Fragment(text, is_atom(text), _deepest(given) + _copies(text, given))

            return called(arguments) if isinstance(entry, AggregateFunction) else self._once(arguments, called)
        parameters = parse_parameters(entry.params)
        compiled = template(sql)

        def filled(given: Sequence[Fragment]) -> Fragment:
            named: dict[str, Fragment] = {} if window is None else {"window": window}
            rest: tuple[str, tuple[Fragment, ...]] | None = None
            for position, parameter in enumerate(parameters):
                if parameter.is_rest:
                    rest = (parameter.name, tuple(given[position:]))
                elif position < len(given):
                    named[parameter.name] = given[position]
            return Fragment(compiled.fill(named, rest), compiled.is_atom, _deepest(given) + compiled.copies)

        return filled(arguments) if not isinstance(entry, Function) or window else self._once(arguments, filled)

    def _once(self, arguments: Sequence[Fragment], fill: Callable[[Sequence[Fragment]], Fragment]) -> Fragment:
        """What `fill` makes of the arguments; one that is deep is computed before, if it were written several times."""
        filled = fill(arguments)
        deepest = _deepest(arguments)
        if deepest <= _MOST_COPIED or filled.depth == deepest:
            return filled
        given = list(arguments)
        values: list[tuple[str, Fragment]] = []
        for position, argument in enumerate(arguments):
            if argument.depth > _MOST_COPIED or "SELECT" in argument.text:
                name = f"x{next(self.names)}"
                values.append((name, argument))
                given[position] = Fragment(name, True)
        body = fill(given)
        for name, value in values:
            body = self.dialect.once(value, name, body.text)
        return Fragment(body.text, True, deepest)

    def _convert(self, node: plan.Convert, columns: Mapping[int, Fragment]) -> Fragment:
        operand = self.lower(node.operand, columns)
        sql = self.dialect.conversion(node.operand.type, node.type)
        if sql is None:
            raise DialectGap(self.dialect.name, f"{node.operand.type.value} to {node.type.value}")
        last = digit(node.operand, self.digits)
        compiled = template(self.dialect.with_digit(sql, last, node.type) if last else sql)
        return self._once(
            (operand,),
            lambda given: Fragment(compiled.fill({"x": given[0]}), compiled.is_atom, given[0].depth + compiled.copies),
        )

    def _extract(self, node: plan.Extract, columns: Mapping[int, Fragment]) -> Fragment:
        constant = node.key.value if isinstance(node.key, plan.Constant) else None

        def part(given: Sequence[Fragment]) -> Fragment:
            found = self.dialect.extract(given[0], given[1], constant, node.key.type)
            return replace(found, depth=_deepest(given) + _copies(found.text, given))

        return self._once((self.lower(node.base, columns), self.lower(node.key, columns)), part)

    def _in_values(self, node: plan.InValues, columns: Mapping[int, Fragment], filtering: bool) -> Fragment:
        operand = self.lower(node.operand, columns)
        values = [self.lower(value, columns) for value in node.values]
        if node.folded:
            operand = self.dialect.lower(operand)
            values = [
                self.dialect.constant(plan.Constant(value.value.lower(), ScalarType.string))
                if isinstance(value, plan.Constant) and isinstance(value.value, str)
                else self.dialect.lower(lowered)
                for value, lowered in zip(node.values, values, strict=True)
            ]
        test = f"{operand.atom()} IN ({', '.join(value.text for value in values)})"
        return _membership(test, negated=node.negated, nullable=is_nullable(node.operand), filtering=filtering)

    def _in_subquery(self, node: plan.InSubquery, columns: Mapping[int, Fragment], filtering: bool) -> Fragment:
        operand = self.lower(node.operand, columns)
        sql = self.subquery(node.plan)
        name = f"c{node.plan.fields[0].id}"
        if node.folded:
            operand = self.dialect.lower(operand)
            sql = f"SELECT {self.dialect.lower(Fragment(name, True)).text} FROM ({sql})"
        elif node.plan.fields[0].type is not ScalarType.string:
            sql = f"SELECT {name} FROM ({sql}) WHERE {name} IS NOT NULL"
        test = f"{operand.atom()} IN ({sql})"
        return _membership(test, negated=node.negated, nullable=is_nullable(node.operand), filtering=filtering)

    def _scalar(self, node: plan.ScalarSubquery) -> str:
        name = f"c{node.plan.fields[0].id}"
        sql = f"(SELECT {name} FROM ({self.subquery(node.plan)}) LIMIT 1)"
        return f"coalesce({sql}, '')" if node.type is ScalarType.string else sql


def _over_groups(sql: Callable[[SqlCall], str], is_grouped: bool, call: SqlCall) -> str:
    return sql(replace(call, grouped=is_grouped))


def _deepest(fragments: Iterable[Fragment]) -> int:
    return max((fragment.depth for fragment in fragments), default=0)


def _copies(text: str, arguments: Sequence[Fragment]) -> bool:
    """Whether a text made of the arguments writes one of them more than once."""
    for argument in sorted(arguments, key=lambda each: -len(each.text)):
        if len(argument.text) > 2 and text.count(argument.text) > 1:
            return True
        text = text.replace(argument.text, "")
    return calls_macro(text)


def _membership(test: str, *, negated: bool, nullable: bool, filtering: bool) -> Fragment:
    if not nullable:
        return Fragment(f"NOT ({test})" if negated else test)
    if negated:
        return Fragment(f"NOT coalesce({test}, FALSE)")
    return Fragment(test) if filtering else Fragment(f"coalesce({test}, FALSE)", True)


def is_nullable(node: plan.Expression) -> bool:
    """Whether the value can be null: strings and instants never are, constants only when they say so."""
    if node.type is ScalarType.string:
        return False
    if isinstance(node, plan.Instant):
        return False
    return not isinstance(node, plan.Constant) or node.value is None


def value_key(node: plan.ScalarSubquery) -> int:
    """What stands for the value of a subquery among the ids of fields, which are positive."""
    return -id(node)


def called_subqueries(node: plan.Expression, *, is_argument: bool = False) -> Iterator[plan.ScalarSubquery]:
    """The subqueries that stand in the arguments of functions, other than those of comparisons and arithmetic."""
    if isinstance(node, plan.ScalarSubquery):
        if is_argument or node.type is ScalarType.dynamic:
            yield node
        return
    inside = is_argument or (isinstance(node, plan.Apply) and node.function.name not in OPERATOR_ENTRIES)
    for operand in operands(node):
        yield from called_subqueries(operand, is_argument=inside)
