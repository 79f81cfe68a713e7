"""What each operator does, as people are told: its syntax, a sentence, an example that runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OperatorDescription:
    """`syntax` in Kusto's notation; `example` is a whole query."""

    name: str
    syntax: str
    doc: str
    example: str


_T = "datatable(user:string, n:long)['ann', 3, 'bob', 1, 'ann', 2]"

_EDGES = (
    "datatable(source:string, target:string)['ann', 'bob', 'bob', 'eve'] | make-graph source --> target with_node_id=id"
)

OPERATOR_DESCRIPTIONS: tuple[OperatorDescription, ...] = (
    OperatorDescription(
        "as",
        "T | as Name",
        "Gives the table a name that later operators of the query can use.",
        f"{_T} | as T | where n > 1 | union T",
    ),
    OperatorDescription("count", "T | count", "The number of rows, as the column Count.", f"{_T} | count"),
    OperatorDescription(
        "consume",
        "T | consume",
        "Reads all rows and gives none of them.",
        f"{_T} | consume",
    ),
    OperatorDescription(
        "datatable",
        "datatable(Column:type, ...)[value, ...]",
        "A table written in the query.",
        _T,
    ),
    OperatorDescription(
        "distinct",
        "T | distinct Column, ...",
        "Each combination of values once; * means all columns.",
        f"{_T} | distinct user",
    ),
    OperatorDescription(
        "evaluate",
        "T | evaluate Plugin(arguments)",
        "Runs a plugin over the table.",
        "datatable(d:dynamic)[dynamic({'a': 1})] | evaluate bag_unpack(d)",
    ),
    OperatorDescription(
        "extend",
        "T | extend Name = Expression, ...",
        "Adds columns, or replaces columns of the same name.",
        f"{_T} | extend twice = n * 2",
    ),
    OperatorDescription(
        "externaldata",
        "externaldata(Column:type, ...)[Url, ...] with (format='csv', ignoreFirstRecord=true)",
        "Rows of files on the web. The addresses must be on the server's allow-list.",
        "",
    ),
    OperatorDescription(
        "facet",
        "T | facet by Column, ... [with (operators)]",
        "A table of counts for each column, and one more of what the operators give.",
        f"{_T} | facet by user",
    ),
    OperatorDescription(
        "find",
        "find [in (T, ...)] where Predicate [project Column, ...]",
        "Rows of several tables for which the predicate holds, with the table's name in source_.",
        f"let T = {_T}; find in (T) where user == 'ann'",
    ),
    OperatorDescription(
        "fork",
        "T | fork (operators) (operators) ...",
        "Several results from one table.",
        f"{_T} | fork (where n > 1) (count)",
    ),
    OperatorDescription(
        "getschema",
        "T | getschema",
        "The table's columns: name, position, types.",
        f"{_T} | getschema",
    ),
    OperatorDescription(
        "graph-mark-components",
        "G | graph-mark-components [kind=weak|strong] [with_component_id=Name]",
        "Gives each node of a graph the number of the component it is in.",
        f"{_EDGES} | graph-mark-components | graph-to-table nodes",
    ),
    OperatorDescription(
        "graph-match",
        "G | graph-match [cycles=unique_edges|none|all] (a)-[e]->(b), ... [where Predicate] project Expression, ...",
        "A row for each place in a graph where the pattern is found; -[e*1..5]-> is a path.",
        f"{_EDGES} | graph-match (a)-[e*1..3]->(b) where a.id == 'ann' project b.id, path = map(e, target)",
    ),
    OperatorDescription(
        "graph-shortest-paths",
        "G | graph-shortest-paths [output=any|all] (a)-[e*1..5]->(b) [where Predicate] project Name = Expression, ...",
        "The shortest paths between each pair of nodes that the pattern's ends may be.",
        f"{_EDGES} | graph-shortest-paths (a)-[e*1..5]->(b) project a.id, b.id, length = array_length(map(e, target))",
    ),
    OperatorDescription(
        "graph-to-table",
        "G | graph-to-table nodes [with_node_id=Name], or edges [with_source_id=Name] [with_target_id=Name]",
        "The nodes or the edges of a graph with their properties.",
        f"{_EDGES} | graph-to-table nodes with_node_id=Hash",
    ),
    OperatorDescription(
        "invoke",
        "T | invoke Function(arguments)",
        "Calls a function whose first parameter is a table with this one.",
        f"let more = (T:(n:long), least:long) {{ T | where n > least }}; {_T} | invoke more(1)",
    ),
    OperatorDescription(
        "join",
        "T | join kind=Kind (Right) on Key, ...",
        "Pairs rows of two tables whose keys are equal. Without a kind it is innerunique: one row of the left side for "
        "each key.",
        f"{_T} | join kind=inner (datatable(user:string, team:string)['ann', 'red']) on user",
    ),
    OperatorDescription(
        "lookup",
        "T | lookup kind=Kind (Right) on Key, ...",
        "Adds the right table's columns to the rows whose keys are equal; leftouter unless told.",
        f"{_T} | lookup (datatable(user:string, team:string)['ann', 'red']) on user",
    ),
    OperatorDescription(
        "make-graph",
        "T | make-graph Source --> Target [with Nodes on Id | with_node_id=Name] [partitioned-by Column (operators)]",
        "A graph of edges, and of tables with the properties of nodes; an operator on graphs follows it.",
        f"{_EDGES} | graph-match (a)-->(b) project a.id, b.id",
    ),
    OperatorDescription(
        "make-series",
        "T | make-series Name = Aggregate default = Value on Axis from Start to End step Step by Key, ...",
        "A row for each group with arrays: the aggregate in each step of the axis.",
        "datatable(t:long, v:long)[1, 5, 3, 7] | make-series s = sum(v) default = 0 on t from 1 to 4 step 1",
    ),
    OperatorDescription(
        "mv-apply",
        "T | mv-apply Name = Array to typeof(type) on (operators)",
        "Expands arrays as mv-expand does and runs the operators over each row's own expansion.",
        "datatable(a:dynamic)[dynamic([3, 1, 2])] | mv-apply x = a to typeof(long) on (summarize top = max(x))",
    ),
    OperatorDescription(
        "mv-expand",
        "T | mv-expand Name = Array to typeof(type), ...",
        "A row for each element of the arrays; several arrays go side by side.",
        "datatable(a:dynamic)[dynamic([1, 2])] | mv-expand a to typeof(long)",
    ),
    OperatorDescription(
        "parse",
        "T | parse [kind=simple|relaxed|regex] Text with 'literal' Column:type ...",
        "Columns from the parts of a text; what does not match gets empty ones.",
        "datatable(m:string)['port=22 open'] | parse m with 'port=' port:long ' ' state",
    ),
    OperatorDescription(
        "parse-kv",
        "T | parse-kv Text as (Key:type, ...) with (pair_delimiter=',', kv_delimiter='=')",
        "Columns from the keys and values of a text.",
        "datatable(m:string)['a=1,b=x'] | parse-kv m as (a:long, b:string) with (pair_delimiter=',', kv_delimiter='=')",
    ),
    OperatorDescription(
        "parse-where",
        "T | parse-where Text with 'literal' Column:type ...",
        "As parse, without the rows that do not match.",
        "datatable(m:string)['port=22', 'no'] | parse-where m with 'port=' port:long",
    ),
    OperatorDescription(
        "partition",
        "T | partition by Column (operators)",
        "Runs the operators over the rows of each value of the column, and unites the results.",
        f"{_T} | partition by user (top 1 by n)",
    ),
    OperatorDescription("print", "print Name = Expression, ...", "One row of values.", "print a = 1, b = 'x'"),
    OperatorDescription(
        "project",
        "T | project Name = Expression, ...",
        "Just these columns, in this order.",
        f"{_T} | project n, who = user",
    ),
    OperatorDescription(
        "project-away",
        "T | project-away Column, ...",
        "All columns but these; names may hold *.",
        f"{_T} | project-away n",
    ),
    OperatorDescription(
        "project-by-names",
        "T | project-by-names Names, ...",
        "The columns of these names, in this order: texts, arrays of texts, patterns with *; others are passed over.",
        f"{_T} | project-by-names dynamic(['n', 'nothing']), 'u*'",
    ),
    OperatorDescription(
        "project-keep",
        "T | project-keep Column, ...",
        "Just these columns, in the order that they have; names may hold *.",
        f"{_T} | project-keep u*",
    ),
    OperatorDescription(
        "project-rename",
        "T | project-rename New = Old, ...",
        "Columns under other names.",
        f"{_T} | project-rename who = user",
    ),
    OperatorDescription(
        "project-reorder",
        "T | project-reorder Column [asc|desc], ...",
        "These columns first, the others after them.",
        f"{_T} | project-reorder n",
    ),
    OperatorDescription(
        "range",
        "range Name from Start to End step Step",
        "A table of one column: numbers, times or timespans at even steps, both ends included.",
        "range x from 1 to 3 step 1",
    ),
    OperatorDescription(
        "reduce",
        "T | reduce [kind=source] by Text [with threshold=0.1, characters='-']",
        "Groups texts that share terms: a pattern with * for what differs, how many, and one of them. 'threshold' is "
        "the share of terms that texts must have in common, 'characters' separate terms; kind=source keeps the rows "
        "and adds the pattern. Which groups are found is not always what Kusto finds.",
        "datatable(m:string)['login of ann', 'login of bob'] | reduce by m",
    ),
    OperatorDescription(
        "render",
        "T | render Visualization [with (property=value)]",
        "Says how the result should be drawn; the rows stay as they are.",
        f"{_T} | summarize sum(n) by user | render columnchart",
    ),
    OperatorDescription(
        "sample",
        "T | sample Count",
        "So many rows at random.",
        f"{_T} | sample 2 | count",
    ),
    OperatorDescription(
        "sample-distinct",
        "T | sample-distinct Count of Column",
        "So many different values of a column.",
        f"{_T} | sample-distinct 5 of user | count",
    ),
    OperatorDescription(
        "scan",
        "T | scan declare (Name:type = Default) with (step Name: Condition => Assignments; ...)",
        "Goes through ordered rows and matches sequences, with variables that are carried along.",
        "range x from 1 to 3 step 1 | scan declare (sum:long = 0) with (step s: true => sum = x + s.sum;)",
    ),
    OperatorDescription(
        "search",
        "search [in (T, ...)] [kind=case_sensitive] 'term' and ...",
        "Rows of several tables that hold the terms in any column, with the table's name in $table.",
        f"let T = {_T}; search in (T) 'ann'",
    ),
    OperatorDescription(
        "serialize",
        "T | serialize Name = Expression, ...",
        "Says that the rows' present order matters, so that window functions can be used.",
        f"{_T} | sort by n asc | serialize twice = n * 2",
    ),
    OperatorDescription(
        "sort",
        "T | sort by Expression [asc|desc] [nulls first|last], ...",
        "The rows in order; descending unless told. Also written order by.",
        f"{_T} | sort by n asc",
    ),
    OperatorDescription(
        "summarize",
        "T | summarize Name = Aggregate, ... by Key, ...",
        "A row of aggregates for each group.",
        f"{_T} | summarize total = sum(n) by user",
    ),
    OperatorDescription("take", "T | take Count", "So many rows, whichever. Also written limit.", f"{_T} | take 1"),
    OperatorDescription(
        "top",
        "T | top Count by Expression [asc|desc]",
        "The first rows in an order.",
        f"{_T} | top 2 by n",
    ),
    OperatorDescription(
        "top-hitters",
        "T | top-hitters Count of Expression [by Number]",
        "The values that occur most, or whose numbers add up to most.",
        f"{_T} | top-hitters 1 of user",
    ),
    OperatorDescription(
        "top-nested",
        "T | top-nested Count of Expression by Aggregate, top-nested ...",
        "The largest groups, within each the largest of the next level, and so on.",
        f"{_T} | top-nested 1 of user by sum(n)",
    ),
    OperatorDescription(
        "union",
        "union [kind=outer|inner] [withsource=Name] [isfuzzy=true] T, ...",
        "The rows of several tables; columns are paired by name.",
        f"let T = {_T}; union T, (T | where n > 1)",
    ),
    OperatorDescription(
        "where", "T | where Predicate", "The rows for which the predicate is true.", f"{_T} | where n > 1"
    ),
)
