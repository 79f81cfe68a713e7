"""The syntax tree: what the query text says, with spans, before any name is looked up."""

from dataclasses import dataclass, field
from typing import Any

from vedette.kql.diagnostics import Span
from vedette.kql.types import ScalarType


@dataclass(frozen=True, slots=True)
class Node:
    """Anything that stands somewhere in the text."""

    span: Span


# --- expressions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expression(Node):
    """Anything that may stand where a value or a table is expected."""


@dataclass(frozen=True, slots=True)
class Literal(Expression):
    """A constant. Values: bool, int (int, long), float, Decimal, str (string; guid in lower-case text), datetime
    (aware, UTC), int ticks of 100 ns (timespan), any JSON value (dynamic); None is the null of its type."""

    value: Any
    type: ScalarType


@dataclass(frozen=True, slots=True)
class Name(Expression):
    """A bare name, or one in brackets `['a b']`."""

    name: str


@dataclass(frozen=True, slots=True)
class Star(Expression):
    """`*` where a list of columns may stand: `arg_max(t, *)`, `count(*)`, `parse * with`."""


@dataclass(frozen=True, slots=True)
class Wildcard(Expression):
    """A name pattern: `Dev*`, `*_s`, `a*b`, in project-away, project-keep, project-reorder, union and find."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Member(Expression):
    """`base.name`, and `base['name']` with a constant string is an Index instead."""

    base: Expression
    name: str
    name_span: Span


@dataclass(frozen=True, slots=True)
class Index(Expression):
    """`base[index]`."""

    base: Expression
    index: Expression


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call; `name` where it is given by name (`f(x=1)`)."""

    value: Expression
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """`name(arguments)`; `workspace("w").T` is a Member of a Call. `base` is what stands before the dot in
    `cluster("c").database("d")`."""

    name: str
    name_span: Span
    arguments: tuple[Argument, ...]
    base: Expression | None = None


@dataclass(frozen=True, slots=True)
class Unary(Expression):
    """`-x` or `+x`."""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary(Expression):
    """`left operator right`. Operators in canonical lower case: `+ - * / % == != < <= > >= =~ !~ and or`, `has`,
    `!has`,
    `has_cs`, `contains`, `startswith`, `matches regex`, … `<>` is `!=`; `:` is kept (search)."""

    operator: str
    operator_span: Span
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class InList(Expression):
    """`operand operator (items)` with operator `in`, `!in`, `in~`, `!in~`, `has_any`, `has_all`. The items are
    expressions; a single item may be a table (a name, call or pipe), which the binder finds out."""

    operator: str
    operator_span: Span
    operand: Expression
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Between(Expression):
    """`operand between (low .. high)`, or `!between`."""

    operand: Expression
    low: Expression
    high: Expression
    negated: bool


@dataclass(frozen=True, slots=True)
class Named(Expression):
    """`name = value` in a list, or `(a, b) = value` with several names. `type` for `to typeof()` is elsewhere."""

    names: tuple[str, ...]
    name_spans: tuple[Span, ...]
    value: Expression


@dataclass(frozen=True, slots=True)
class Ordered(Expression):
    """`value asc|desc nulls first|last`; None where the text says nothing. `is_granny` where digits in names count as
    numbers (`project-reorder a* granny-asc`)."""

    value: Expression
    descending: bool | None = None
    nulls_first: bool | None = None
    is_granny: bool = False


@dataclass(frozen=True, slots=True)
class DataTable(Expression):
    """`datatable(a:type, …)[v, …]`; the values are constant expressions, row after row."""

    columns: tuple["ColumnDeclaration", ...]
    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ExternalData(Expression):
    """`externaldata(a:type, …)[uri, …] with (key=value, …)`."""

    columns: tuple["ColumnDeclaration", ...]
    uris: tuple[Expression, ...]
    properties: dict[str, Expression]


@dataclass(frozen=True, slots=True)
class Pipe(Expression):
    """`source | operator | operator …`. The source is None in the sub-queries that start with an operator and no `|`
    before it (`mv-apply … on (where …)`, `partition by`, `fork`, a lambda given to `invoke`)."""

    source: Expression | None
    operators: tuple["Operator", ...]


@dataclass(frozen=True, slots=True)
class Lambda(Expression):
    """`(parameters) { body }`, with `view` before it or not."""

    parameters: tuple["Parameter", ...]
    body: "Query"
    is_view: bool = False


@dataclass(frozen=True, slots=True)
class ColumnDeclaration:
    """`name:type`."""

    name: str
    type: ScalarType
    span: Span


@dataclass(frozen=True, slots=True)
class Parameter:
    """A lambda's parameter: scalar with `type` and maybe a default, or tabular with `columns` (None for `(*)`)."""

    name: str
    span: Span
    type: ScalarType | None = None
    default: Expression | None = None
    is_tabular: bool = False
    columns: tuple[ColumnDeclaration, ...] | None = None


# --- statements ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Statement(Node):
    """One statement of a query."""


@dataclass(frozen=True, slots=True)
class Let(Statement):
    """`let name = value;` where the value is a scalar, a table or a Lambda."""

    name: str
    name_span: Span
    value: Expression


@dataclass(frozen=True, slots=True)
class Set(Statement):
    """`set option = value;`."""

    name: str
    value: Expression | None


@dataclass(frozen=True, slots=True)
class DeclareParameters(Statement):
    """`declare query_parameters(name:type = default, …);`."""

    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class PatternCase(Node):
    """`(values).["path"] = { body }`: constant texts, and a table."""

    values: tuple[Expression, ...]
    path: Expression | None
    body: Expression


@dataclass(frozen=True, slots=True)
class DeclarePattern(Statement):
    """`declare pattern name = (arguments)[path:string] { cases };`, or just its name."""

    name: str
    arguments: tuple[Parameter, ...]
    path: Parameter | None
    cases: tuple[PatternCase, ...]


@dataclass(frozen=True, slots=True)
class Alias(Statement):
    """`alias database name = cluster(…).database(…);`."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Restrict(Statement):
    """`restrict access to (names);`."""

    names: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ExpressionStatement(Statement):
    """The statement that gives the result."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class Query(Node):
    """Statements in order."""

    statements: tuple[Statement, ...]


# --- tabular operators ---------------------------------------------------------------------------------------------
# `hints` are `hint.name = value` parameters, kept and ignored; `parameters` are an operator's own `name = value`
# options.


@dataclass(frozen=True, slots=True)
class Operator(Node):
    """One step of a pipe. Operators that start a query (print, range, find, search, union, datatable …) may be a Pipe's
    source: they are wrapped in a Pipe with source None whose first operator they are."""


@dataclass(frozen=True, slots=True)
class Where(Operator):
    """`where predicate` (or `filter`)."""

    predicate: Expression


@dataclass(frozen=True, slots=True)
class Extend(Operator):
    """`extend a = x, y`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Project(Operator):
    """`project`, `project-away`, `project-keep`, `project-rename`, `project-reorder`, `project-by-names`, by
    `variant`: the text after `project`, such as `""`, `"-away"`. Reorder items may be Ordered."""

    variant: str
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Summarize(Operator):
    """`summarize aggregates by keys`; either may be empty."""

    aggregates: tuple[Expression, ...]
    keys: tuple[Expression, ...]
    hints: dict[str, Expression] = field(default_factory=dict[str, Expression])


@dataclass(frozen=True, slots=True)
class Distinct(Operator):
    """`distinct a, b` or `distinct *`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Sort(Operator):
    """`sort by` (or `order by`)."""

    keys: tuple[Ordered, ...]


@dataclass(frozen=True, slots=True)
class Top(Operator):
    """`top count by key`."""

    count: Expression
    keys: tuple[Ordered, ...]


@dataclass(frozen=True, slots=True)
class TopNestedClause:
    """One level of `top-nested`: `count of key [with others = x] by aggregate`."""

    count: Expression | None
    key: Expression
    others: Expression | None
    aggregate: Ordered


@dataclass(frozen=True, slots=True)
class TopNested(Operator):
    """`top-nested … , top-nested …`."""

    clauses: tuple[TopNestedClause, ...]


@dataclass(frozen=True, slots=True)
class TopHitters(Operator):
    """`top-hitters count of key [by weight]`."""

    count: Expression
    key: Expression
    weight: Expression | None


@dataclass(frozen=True, slots=True)
class Take(Operator):
    """`take n` (or `limit n`)."""

    count: Expression


@dataclass(frozen=True, slots=True)
class Sample(Operator):
    """`sample n`, or `sample-distinct n of column`."""

    count: Expression
    of: Expression | None = None


@dataclass(frozen=True, slots=True)
class Count(Operator):
    """`count`, with `as name` where given."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class Join(Operator):
    """`join kind=k (right) on conditions`, and `lookup` with `is_lookup`. A condition is a Name or a Binary `==` of
    `$left.a` and `$right.b` (Members of the Names `$left`, `$right`), or any expression."""

    right: Expression
    conditions: tuple[Expression, ...]
    kind: str | None
    kind_span: Span
    is_lookup: bool = False
    hints: dict[str, Expression] = field(default_factory=dict[str, Expression])


@dataclass(frozen=True, slots=True)
class Union(Operator):
    """`union kind=outer|inner withsource=name isfuzzy=true a, (b), c*`. Inside a pipe the source is the first table."""

    tables: tuple[Expression, ...]
    kind: str | None = None
    with_source: str | None = None
    is_fuzzy: bool = False


@dataclass(frozen=True, slots=True)
class Print(Operator):
    """`print a = x, y`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Range(Operator):
    """`range name from a to b step c`."""

    name: str
    start: Expression
    stop: Expression
    step: Expression


@dataclass(frozen=True, slots=True)
class MvExpandItem:
    """`name = value to typeof(type)`; `name` None for a plain column."""

    name: str | None
    value: Expression
    type: ScalarType | None


@dataclass(frozen=True, slots=True)
class MvExpand(Operator):
    """`mv-expand [kind=bag|array] [bagexpansion=…] [with_itemindex=i] items [limit n]`."""

    items: tuple[MvExpandItem, ...]
    item_index: str | None = None
    bag_expansion: str | None = None
    limit: Expression | None = None


@dataclass(frozen=True, slots=True)
class MvApply(Operator):
    """`mv-apply [with_itemindex=i] items [limit n] [id column] on ( subquery )`; the sub-query is a Pipe with source
    None."""

    items: tuple[MvExpandItem, ...]
    item_index: str | None
    limit: Expression | None
    subquery: Expression
    id: Expression | None = None


@dataclass(frozen=True, slots=True)
class ParsePart:
    """A part of a parse pattern: a text, a `*`, or a column with its type (string when not said)."""

    text: Expression | None = None
    column: str | None = None
    type: ScalarType | None = None
    span: Span = field(default_factory=lambda: Span(0, 0))

    @property
    def is_star(self) -> bool:
        """Whether this part skips text."""
        return self.text is None and self.column is None


@dataclass(frozen=True, slots=True)
class Parse(Operator):
    """`parse [kind=simple|regex|relaxed [flags=x]] value with parts`; `is_where` for `parse-where`."""

    value: Expression
    parts: tuple[ParsePart, ...]
    kind: str
    flags: str | None
    is_where: bool


@dataclass(frozen=True, slots=True)
class ParseKv(Operator):
    """`parse-kv value as (columns) with (options)`; an option may be given several times."""

    value: Expression
    columns: tuple[ColumnDeclaration, ...]
    options: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class MakeSeriesAggregate:
    """`[name =] aggregate [default = value]`."""

    value: Expression
    default: Expression | None


@dataclass(frozen=True, slots=True)
class MakeSeries(Operator):
    """`make-series aggregates on axis [from a to b] step s [by keys]`; `is_range` for `on axis in range(a, b, s)`."""

    aggregates: tuple[MakeSeriesAggregate, ...]
    axis: Expression
    start: Expression | None
    stop: Expression | None
    step: Expression
    keys: tuple[Expression, ...]
    hints: dict[str, Expression] = field(default_factory=dict[str, Expression])
    is_range: bool = False


@dataclass(frozen=True, slots=True)
class Evaluate(Operator):
    """`evaluate plugin(arguments) : (schema)`; `keeps_columns` where the schema has a `*`."""

    call: Call
    columns: tuple[ColumnDeclaration, ...] | None = None
    hints: dict[str, Expression] = field(default_factory=dict[str, Expression])
    keeps_columns: bool = False


@dataclass(frozen=True, slots=True)
class Invoke(Operator):
    """`invoke f(arguments)`."""

    call: Call


@dataclass(frozen=True, slots=True)
class As(Operator):
    """`as name`."""

    name: str
    hints: dict[str, Expression] = field(default_factory=dict[str, Expression])


@dataclass(frozen=True, slots=True)
class Serialize(Operator):
    """`serialize [items]`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class GetSchema(Operator):
    """`getschema`."""


@dataclass(frozen=True, slots=True)
class Consume(Operator):
    """`consume`."""


@dataclass(frozen=True, slots=True)
class Render(Operator):
    """`render kind [with (properties)]`; properties also in the old form without `with`."""

    visualization: str
    properties: dict[str, Expression]


@dataclass(frozen=True, slots=True)
class Search(Operator):
    """`search [kind=…] [in (tables)] predicate`; a bare string predicate is a term anywhere; `column:"term"` is
    Binary `:`."""

    predicate: Expression
    tables: tuple[Expression, ...] = ()
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Find(Operator):
    """`find [withsource=name] [in (tables)] where predicate [project items] [project-away …]`; items may be
    `column:type` or
    `pack(*)`."""

    predicate: Expression
    tables: tuple[Expression, ...] = ()
    with_source: str | None = None
    project: tuple[Expression | ColumnDeclaration, ...] = ()
    is_away: bool = False


@dataclass(frozen=True, slots=True)
class Partition(Operator):
    """`partition [hint.strategy=…] by key ( subquery )` or `{ query }`."""

    key: Expression
    subquery: Expression
    hints: dict[str, Expression] = field(default_factory=dict[str, Expression])


@dataclass(frozen=True, slots=True)
class Fork(Operator):
    """`fork name=(subquery) (subquery)`."""

    branches: tuple[tuple[str | None, Expression], ...]


@dataclass(frozen=True, slots=True)
class Facet(Operator):
    """`facet by columns with (subquery)`."""

    columns: tuple[Expression, ...]
    subquery: Expression | None


@dataclass(frozen=True, slots=True)
class Reduce(Operator):
    """`reduce [kind=source] by value with threshold=…, characters=…`."""

    value: Expression
    parameters: dict[str, Expression]
    kind: Expression | None = None


@dataclass(frozen=True, slots=True)
class ScanStep:
    """`step name [optional] [output=all|last|none]: condition => assignments;`."""

    name: str
    is_optional: bool
    output: str | None
    condition: Expression
    assignments: tuple[Named, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Scan(Operator):
    """`scan [with_match_id=m] [order by …] [partition by …] [declare (…)] with ( steps )`."""

    steps: tuple[ScanStep, ...]
    match_id: str | None
    order: tuple[Ordered, ...]
    partition: tuple[Expression, ...]
    declared: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class GraphNode(Node):
    """`(name)` in a pattern of a graph."""

    name: str | None


@dataclass(frozen=True, slots=True)
class GraphEdge(Node):
    """`-[name]->`, `<-[name]-`, `-[name]-` in a pattern, by `direction`: right, left, any; maybe `*least..most`."""

    name: str | None
    direction: str
    least: Expression | None = None
    most: Expression | None = None


GraphPattern = tuple[GraphNode | GraphEdge, ...]


@dataclass(frozen=True, slots=True)
class MakeGraph(Operator):
    """`make-graph source --> target [with_node_id=x] [with T on id, …] [partitioned-by c]`, and the steps over the
    graph that follow it; `rest` are the steps for each partition that come after those, a Pipe with source None."""

    source: str
    target: str
    node_id: str | None
    nodes: tuple[tuple[Expression, str], ...]
    partition: str | None
    steps: tuple[Operator, ...]
    rest: Expression | None = None


@dataclass(frozen=True, slots=True)
class GraphMatch(Operator):
    """`graph-match [cycles=c] patterns [where predicate] project items`."""

    patterns: tuple[GraphPattern, ...]
    predicate: Expression | None
    items: tuple[Expression, ...]
    cycles: str | None


@dataclass(frozen=True, slots=True)
class GraphShortestPaths(Operator):
    """`graph-shortest-paths [output=o] [cycles=c] pattern [where predicate] project items`."""

    pattern: GraphPattern
    predicate: Expression | None
    items: tuple[Expression, ...]
    output: str | None
    cycles: str | None


@dataclass(frozen=True, slots=True)
class GraphToTable(Operator):
    """`graph-to-table nodes|edges`, with the names of columns for ids by option; `is_several` where both are wanted."""

    kind: str
    ids: dict[str, str]
    is_several: bool


@dataclass(frozen=True, slots=True)
class GraphMarkComponents(Operator):
    """`graph-mark-components [kind=weak|strong] [with_component_id=name]`."""

    kind: str
    component: str


@dataclass(frozen=True, slots=True)
class GraphOperator(Operator):
    """`graph-merge`, `graph-where-nodes`, `graph-where-edges`: named, with its raw text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class AssertSchema(Operator):
    """`assert-schema (columns)`."""

    columns: tuple[ColumnDeclaration, ...]


@dataclass(frozen=True, slots=True)
class MacroExpand(Operator):
    """`macro-expand …`, `execute-and-cache` and other operators that are known by name only."""

    name: str
    text: str
