"""Plugins that turn the rows or pick some: `narrow`, `rows_near`, `schema_merge`, `dcount_intersect`."""

from itertools import combinations

from vedette.kql import plan
from vedette.kql.plugins.call import PluginCall
from vedette.kql.plugins.entry import Plugin
from vedette.kql.types import ScalarType

_MOST_INTERSECTED = 8


def _narrow(call: PluginCall) -> plan.Plan:
    """https://learn.microsoft.com/kusto/query/narrow-plugin"""
    call.numbered(0, 0, "no arguments")
    table = call.renamed(call.rows, [f"c{number}" for number in range(len(call.rows.fields))])
    numbers = range(len(table.fields))
    names = {f"n{n}": plan.Constant(field.name, ScalarType.string) for n, field in enumerate(call.rows.fields)}
    cells = ", ".join(f"tostring(c{number})" for number in numbers)
    columns = ", ".join(f"n{number}" for number in numbers)
    body = f"""
        T | serialize row_ = row_number(0)
        | project row_, column_ = pack_array({columns}), value_ = pack_array({cells})
        | mv-expand column_ to typeof(string), value_ to typeof(string)"""
    return call.renamed(call.kql(body, {"T": table}, names), ["Row", "Column", "Value"])


def _rows_near(call: PluginCall) -> plan.Plan:
    """https://learn.microsoft.com/kusto/query/rows-near-plugin"""
    given = call.numbered(2, 3, "a condition, how many rows before it, and how many after it")
    named = call.named("NumRowsAfter")
    before = call.constant(given[1], ScalarType.long)
    after_node = given[2] if len(given) > 2 else named.get("NumRowsAfter")
    after = before if after_node is None else call.constant(after_node, ScalarType.long)
    if before < 0 or after < 0:
        call.fail("The numbers of rows are not negative.")
    new = call.binder.new_field
    items = [(new(f"c{number}", field.type), plan.Reference(field)) for number, field in enumerate(call.rows.fields)]
    found = new("found", ScalarType.bool)
    table = plan.Project(call.rows, (*items, (found, call.typed(given[0], ScalarType.bool))))
    shown = ", ".join(field.name for field, _ in items)
    body = f"""
        let N = T | serialize at = row_number();
        let Near = N | where found | project near = range(at - {before}, at + {after}, 1)
            | mv-expand near to typeof(long) | distinct near;
        N | join kind=leftsemi (Near) on $left.at == $right.near | sort by at asc | project {shown}"""
    return call.renamed(call.kql(body, {"T": table}), [field.name for field in call.rows.fields])


_CONFLICT = "columns are out of order"
_SCHEMA = (
    ("ColumnName", ScalarType.string),
    ("ColumnOrdinal", ScalarType.long),
    ("DataType", ScalarType.string),
    ("ColumnType", ScalarType.string),
)


def _schema_merge(call: PluginCall) -> plan.Plan:
    """https://learn.microsoft.com/kusto/query/schema-merge-plugin"""
    given = call.numbered(0, 1, "PreserveOrder, true or false")
    named = call.named("PreserveOrder")
    node = given[0] if given else named.get("PreserveOrder")
    ordered = node is None or call.constant(node, ScalarType.bool)
    columns = {field.name: field for field in call.rows.fields}
    for name, _ in _SCHEMA:
        if name not in columns:
            call.fail(f"The input has no column '{name}': it is the output of getschema.")
    items = [(call.binder.new_field(name, columns[name].type), plan.Reference(columns[name])) for name, _ in _SCHEMA]
    strayed = "max_ != min_" if ordered else "false"
    body = f"""
        T | extend ColumnOrdinal = tolong(ColumnOrdinal)
        | summarize min_ = min(ColumnOrdinal), max_ = max(ColumnOrdinal), DataType = take_any(DataType),
            types = make_set(ColumnType), ColumnType = take_any(ColumnType) by ColumnName
        | extend wrong = case({strayed}, "{_CONFLICT}",
            array_length(types) > 1, strcat("column types differ: ", strcat_array(array_sort_asc(types), ",")), "")
        | extend ColumnOrdinal = iff(wrong == "", min_, -1)
        | extend ColumnType = iff(wrong == "", ColumnType, strcat("ERROR(", wrong, ")"))
        | extend DataType = iff(wrong == "", DataType, strcat("ERROR(unknown CSL type:", ColumnType, ")"))
        | sort by wrong asc, ColumnOrdinal asc, min_ asc
        | project ColumnName, ColumnOrdinal, DataType, ColumnType"""
    return call.kql(body, {"T": plan.Project(call.rows, tuple(items))})


def _dcount_intersect(call: PluginCall) -> plan.Plan:
    """The count of an intersection is that of unions of all choices, added and taken away in turn
    (https://learn.microsoft.com/kusto/query/dcount-intersect-plugin)."""
    given = call.numbered(2, _MOST_INTERSECTED, f"two to {_MOST_INTERSECTED} columns with hll values")
    call.named()
    sketches = [call.typed(node, ScalarType.dynamic) for node in given]
    new = call.binder.new_field
    items = [(new(f"h{number}", ScalarType.dynamic), value) for number, value in enumerate(sketches)]
    counts = ", ".join(f"s{number} = {_intersection(number + 1)}" for number in range(len(items)))
    return call.kql(f"T | project {counts}", {"T": plan.Project(call.rows, tuple(items))})


def _intersection(width: int) -> str:
    """The size of the intersection of the first so many sketches."""
    terms: list[str] = []
    for size in range(1, width + 1):
        sign = "+" if size % 2 else "-"
        for chosen in combinations(range(width), size):
            merged = f"h{chosen[0]}"
            for number in chosen[1:]:
                merged = f"hll_merge({merged}, h{number})"
            terms.append(f"{sign} dcount_hll({merged})")
    return f"max_of(0, {' '.join(terms).removeprefix('+ ')})"


_T = "datatable(user:string, n:long)['ann', 3, 'bob', 1]"

PLUGINS: tuple[Plugin, ...] = (
    Plugin(
        "dcount_intersect",
        "T | evaluate dcount_intersect(Hll, ...)",
        "How many values the first sketch has, how many of them the second has too, and so on, as s0, s1 and further.",
        "range x from 1 to 9 step 1 | summarize a = hll(x), b = hll_if(x, x > 3) | evaluate dcount_intersect(a, b)",
        _dcount_intersect,
    ),
    Plugin(
        "narrow",
        "T | evaluate narrow()",
        "A row for each cell: the number of its row, the name of its column, and its value as text.",
        f"{_T} | evaluate narrow()",
        _narrow,
    ),
    Plugin(
        "rows_near",
        "T | evaluate rows_near(Condition, RowsBefore, RowsAfter)",
        "The rows for which the condition is true, with so many rows before and after them.",
        f"{_T} | evaluate rows_near(n == 3, 1)",
        _rows_near,
    ),
    Plugin(
        "schema_merge",
        "T | evaluate schema_merge(PreserveOrder=true)",
        "One schema of several, which are outputs of getschema put together; what does not fit is told as an error.",
        f"let S = {_T} | getschema; union S, S | evaluate schema_merge()",
        _schema_merge,
    ),
)
