"""Which function binds which operator."""

import re
from collections.abc import Callable, Mapping

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.environment import Environment
from vedette.kql.operators.aggregating import bind_summarize
from vedette.kql.operators.evaluating import bind_evaluate
from vedette.kql.operators.expanding import bind_mv_apply, bind_mv_expand
from vedette.kql.operators.filtering import bind_count, bind_distinct, bind_sort, bind_take, bind_top, bind_where
from vedette.kql.operators.graphs import bind_graph_step, bind_make_graph
from vedette.kql.operators.joining import bind_join, bind_union
from vedette.kql.operators.parsing import bind_parse
from vedette.kql.operators.parsing_pairs import bind_parse_kv
from vedette.kql.operators.partitioning import bind_partition
from vedette.kql.operators.reducing import bind_reduce
from vedette.kql.operators.rendering import bind_render
from vedette.kql.operators.sampling import bind_consume, bind_sample, bind_top_hitters
from vedette.kql.operators.scanning import bind_scan
from vedette.kql.operators.searching import bind_find, bind_search
from vedette.kql.operators.series import bind_make_series
from vedette.kql.operators.shaping import bind_extend, bind_getschema, bind_project
from vedette.kql.operators.sources import bind_print, bind_range
from vedette.kql.operators.top_nested import bind_top_nested

Bind = Callable[[Binder, syntax.Operator, plan.Plan | None, Environment], plan.Plan]

OPERATORS: Mapping[type[syntax.Operator], Bind] = {
    syntax.Consume: bind_consume,
    syntax.Count: bind_count,
    syntax.Distinct: bind_distinct,
    syntax.Evaluate: bind_evaluate,
    syntax.Extend: bind_extend,
    syntax.Find: bind_find,
    syntax.GetSchema: bind_getschema,
    syntax.GraphMarkComponents: bind_graph_step,
    syntax.GraphMatch: bind_graph_step,
    syntax.GraphShortestPaths: bind_graph_step,
    syntax.GraphToTable: bind_graph_step,
    syntax.Join: bind_join,
    syntax.MakeSeries: bind_make_series,
    syntax.MvApply: bind_mv_apply,
    syntax.MakeGraph: bind_make_graph,
    syntax.MvExpand: bind_mv_expand,
    syntax.Parse: bind_parse,
    syntax.Partition: bind_partition,
    syntax.ParseKv: bind_parse_kv,
    syntax.Print: bind_print,
    syntax.Project: bind_project,
    syntax.Range: bind_range,
    syntax.Reduce: bind_reduce,
    syntax.Render: bind_render,
    syntax.Sample: bind_sample,
    syntax.Scan: bind_scan,
    syntax.Search: bind_search,
    syntax.Serialize: bind_extend,
    syntax.Sort: bind_sort,
    syntax.Summarize: bind_summarize,
    syntax.Take: bind_take,
    syntax.Top: bind_top,
    syntax.TopHitters: bind_top_hitters,
    syntax.TopNested: bind_top_nested,
    syntax.Union: bind_union,
    syntax.Where: bind_where,
}
"""Operators that run. Any other is refused by its name."""

LAST_OPERATORS: Mapping[type[syntax.Operator], str] = {
    syntax.Facet: "it gives a table for each column, and is the last operator of a query whose results are shown",
    syntax.Fork: "it gives a table for each branch, and is the last operator of a query whose results are shown",
}
"""Operators that give several results, which `kql/several_results.py` takes apart; elsewhere they are refused."""


def operator_name(node: syntax.Operator | type[syntax.Operator]) -> str:
    """The operator's name as it is written: `MakeSeries` is `make-series`."""
    if isinstance(node, syntax.GraphOperator | syntax.MacroExpand):
        return node.name
    if isinstance(node, syntax.GetSchema) or node is syntax.GetSchema:
        return "getschema"
    kind = node if isinstance(node, type) else type(node)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__).lower()
