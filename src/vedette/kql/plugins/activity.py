"""Who was active when: counts, retention and engagement over windows of a timeline. Each is a query over the columns t
(the timeline), id and d0, d1 … (the dimensions)."""

from dataclasses import dataclass, replace

from vedette.kql import plan, syntax
from vedette.kql.plugins.call import PluginCall
from vedette.kql.plugins.entry import Plugin
from vedette.kql.tabular import is_table
from vedette.kql.types import NUMERIC, ScalarType

_CALENDAR = {"week": "startofweek", "month": "startofmonth", "year": "startofyear"}
_SAYS = "an id, a timeline, its start and end, windows, and dimensions"


@dataclass(frozen=True, slots=True)
class _Timeline:
    """The arguments of one call: its columns, and its scalars by the names that the query knows."""

    call: PluginCall
    rows: plan.Plan
    time: plan.Field
    dimensions: tuple[plan.Field, ...]
    scalars: dict[str, plan.Expression]
    calendar: str | None = None

    @property
    def by(self) -> str:
        """The dimensions after a comma, or nothing."""
        return "".join(f", d{number}" for number in range(len(self.dimensions)))

    @property
    def window(self) -> str:
        """The start of the window that `t` is in."""
        if self.calendar:
            return f"{_CALENDAR[self.calendar]}(t)"
        return "bin_at(t, window, start)" if "start" in self.scalars else "bin(t, window)"

    def moved(self, steps: int) -> str:
        """The start of the window so many after that of `b`."""
        if self.calendar:
            return f"{_CALENDAR[self.calendar]}(b, {steps})"
        return f"b + window * {steps}" if steps >= 0 else f"b - window * {-steps}"

    def result(self, body: str, *names: str) -> plan.Plan:
        """The query's table; `t` in the names is the timeline's, `d` stands for all dimensions."""
        own = {"t": [self.time.name], "d": [field.name for field in self.dimensions]}
        table = self.call.kql(body, {"T": self.rows}, self.scalars)
        return self.call.renamed(table, [each for name in names for each in own.get(name, [name])])


def _read(call: PluginCall, windows: tuple[str, ...], *, has_range: bool | None = True) -> _Timeline:
    """The arguments: id, timeline, start and end (`has_range` None: where they are given), windows, dimensions."""
    call.named()
    given = call.numbered(2 + len(windows), None, _SAYS)
    id, time = call.value(given[0]), call.column(given[1])
    rest = list(given[2:])
    scalars: dict[str, plan.Expression] = {}
    if has_range or (has_range is None and _starts_with_range(call, rest, time)):
        if len(rest) < 2 + len(windows):
            call.fail(f"It takes {_SAYS}.")
        scalars = {name: call.fixed(rest.pop(0), time.type) for name in ("start", "stop")}
    calendar: str | None = None
    for name in windows:
        node = rest.pop(0)
        value = call.fixed(node)
        if name == "window" and isinstance(value, plan.Constant) and value.value in _CALENDAR:
            calendar = str(value.value)
            continue
        scalars[name] = value if name == "periods" else _window(call, node, value, time)
    dimensions = tuple(call.column(node) for node in rest)
    return _Timeline(call, _aliased(call, id, time, dimensions), time, dimensions, scalars, calendar)


def _starts_with_range(call: PluginCall, rest: list[syntax.Expression], time: plan.Field) -> bool:
    """Whether the first of the arguments is a moment of the timeline and not a window; numbers are told by a third."""
    first = call.fixed(rest[0])
    if time.type is ScalarType.datetime:
        return first.type is ScalarType.datetime
    return len(rest) > 2 and call.fixed(rest[2]).type in NUMERIC


def _window(call: PluginCall, node: syntax.Expression, value: plan.Expression, time: plan.Field) -> plan.Expression:
    wanted = ScalarType.timespan if time.type is ScalarType.datetime else time.type
    return value if value.type is wanted else call.fixed(node, wanted)


def _aliased(call: PluginCall, id: plan.Expression, time: plan.Field, dimensions: tuple[plan.Field, ...]) -> plan.Plan:
    new = call.binder.new_field
    items: list[tuple[plan.Field, plan.Expression]] = [
        (new("id", id.type), id),
        (new("t", time.type), plan.Reference(time)),
    ]
    items += [(new(f"d{n}", field.type), plan.Reference(field)) for n, field in enumerate(dimensions)]
    return plan.Project(call.rows, tuple(items))


def _counts_metrics(call: PluginCall) -> plan.Plan:
    line = _read(call, ("window",))
    restart = " or ".join(f"d{n} != prev(d{n})" for n in range(len(line.dimensions)))
    order = "".join(f"d{n} asc, " for n in range(len(line.dimensions)))
    body = f"""
        let A = T | where t between (start .. stop) | extend b = {line.window};
        let First = A | summarize b = min(b) by id{line.by} | summarize fresh = count() by b{line.by};
        A | summarize all = count(), different = count_distinct(id) by b{line.by}
        | join kind=leftouter (First) on b{line.by}
        | extend fresh = coalesce(fresh, 0)
        | sort by {order}b asc
        | extend so_far = row_cumsum(fresh{f", {restart}" if restart else ""})
        | project b{line.by}, all, different, fresh, so_far"""
    return line.result(body, "t", "d", "count", "dcount", "new_dcount", "aggregated_dcount")


def _metrics(call: PluginCall) -> plan.Plan:
    line = _read(call, ("window",), has_range=None)
    body = f"""
        let U = T | {_within(line)} | extend b = {line.window}
            | distinct b, id{line.by};
        let Before = U | extend b = {line.moved(1)};
        U | join kind=leftouter (Before | extend seen = 1) on b, id{line.by}
        | summarize now = count(), kept = countif(seen == 1) by b{line.by}
        | join kind=leftouter (Before | summarize before = count() by b{line.by}) on b{line.by}
        | extend rate = iff(isnull(before), real(nan), todouble(kept) / before)
        | project b, now, fresh = now - kept, rate, churn = 1.0 - rate{line.by}
        | sort by b asc"""
    return line.result(body, "t", "dcount_values", "dcount_newvalues", "retention_rate", "churn_rate", "d")


def _within(line: _Timeline) -> str:
    return "where t between (start .. stop)" if "start" in line.scalars else "where isnotnull(t)"


def _engagement(call: PluginCall) -> plan.Plan:
    line = _read(call, ("window", "outer"), has_range=None)
    has_range = "start" in line.scalars
    lead = "where t > start - outer and t <= stop" if has_range else "where isnotnull(t)"
    shown = "| where b between (start .. stop)" if has_range else ""
    body = f"""
        let U = T | {lead} | extend b = {line.window} | distinct b, id{line.by};
        let Inner = U {shown} | summarize inner_ = count() by b{line.by};
        let Outer = U | extend each = range(0, tolong((outer - window) / window), 1)
            | mv-expand each to typeof(long) | extend b = b + window * each
            | distinct b, id{line.by} | summarize outer_ = count() by b{line.by};
        Inner | join kind=inner (Outer) on b{line.by}
        | project b, inner_, outer_, ratio = todouble(inner_) / outer_{line.by} | sort by b asc"""
    return line.result(body, "t", "dcount_activities_inner", "dcount_activities_outer", "activity_ratio", "d")


def _active_users(call: PluginCall) -> plan.Plan:
    line = _read(call, ("lookback", "period", "periods", "window"))
    body = f"""
        let P = T | where t > start - lookback and t <= stop;
        P | where t >= start
        | join kind=inner (P | extend seen = t | distinct id, seen{line.by}) on id{line.by}
        | where seen <= t and seen > t - lookback
        | summarize active = count_distinct(bin_at(seen, period, start)) by id, t{line.by}
        | where active >= periods
        | summarize users = count_distinct(id) by b = bin_at(t, window, start){line.by}
        | project b{line.by}, users | sort by b asc"""
    return line.result(body, "t", "d", "dcount")


def _session_count(call: PluginCall) -> plan.Plan:
    line = _read(call, ("window", "lookback"))
    same = "".join(f" and d{n} == prev(d{n})" for n in range(len(line.dimensions)))
    body = f"""
        T | where t between (start .. stop) | sort by id asc{line.by}, t asc
        | extend goes_on = id == prev(id){same} and t - prev(t) < lookback
        | where not(coalesce(goes_on, false))
        | summarize sessions = count() by b = bin(t, window){line.by}
        | project b{line.by}, sessions | sort by b asc"""
    return line.result(body, "t", "d", "count_sessions")


def _sliding_window(call: PluginCall) -> plan.Plan:
    line = _read(call, ("lookback", "window"))
    body = f"""
        T | where t > start - lookback and t <= stop
        | summarize n = count() by id, b = bin_at(t, window, start){line.by}
        | extend each = range(0, tolong((lookback - window) / window), 1)
        | mv-expand each to typeof(long) | extend b = b + window * each
        | where b between (start .. stop)
        | summarize all = sum(n), different = count_distinct(id) by b{line.by}
        | project b{line.by}, all, different | sort by b asc"""
    return line.result(body, "t", "d", "Count", "Dcount")


def _new_metrics(call: PluginCall) -> plan.Plan:
    """`Cohort` is a constant after the window, `Lookback` a table at the end."""
    given = list(call.numbered(5, None, _SAYS))
    lookback = given.pop() if len(given) > 5 and _is_table(call, given[-1]) else None
    cohort = given.pop(5) if len(given) > 5 and not _is_column(call, given[5]) else None
    arguments = tuple(syntax.Argument(node) for node in given)
    line = _read(replace(call, node=replace(call.node, call=replace(call.node.call, arguments=arguments))), ("window",))
    wanted = ""
    if cohort is not None:
        line.scalars["cohort"] = call.fixed(cohort, line.time.type)
        wanted = f"| where b == {line.window.replace('(t', '(cohort', 1)}"
    known = "" if lookback is None else "| join kind=leftanti (L) on id"
    windows = "U | distinct w = b" if line.calendar else "range w from start to stop step window"
    body = f"""
        let U = T | where t between (start .. stop) | extend b = {line.window} | distinct b, id{line.by} {known};
        let First = U | summarize first_ = min(b) by id{line.by};
        let Seen = U | join kind=inner (First) on id{line.by} | summarize n = count() by first_, w = b{line.by};
        First | project-rename b = first_ {wanted} | summarize size = count() by b{line.by} | extend one = 1
        | join kind=inner ({windows} | extend one = 1) on one | where w >= b | project b, w, size{line.by}
        | join kind=leftouter (Seen) on w{line.by}
        | summarize fresh = sumif(n, first_ > b or (w == b and first_ == b)), kept = sumif(n, first_ == b)
            by b, w, size{line.by}
        | project b, w, fresh, kept, lost = size - kept, rate = todouble(kept) / size,
            churn = todouble(size - kept) / size{line.by}
        | sort by b asc, w asc"""
    tables = {"T": line.rows} if lookback is None else {"T": line.rows, "L": _ids(call, call.table(lookback), given[0])}
    names = [f"from_{line.time.name}", f"to_{line.time.name}", "dcount_new_values", "dcount_retained_values"]
    names += ["dcount_churn_values", "retention_rate", "churn_rate", *(field.name for field in line.dimensions)]
    return call.renamed(call.kql(body, tables, line.scalars), names)


def _is_table(call: PluginCall, node: syntax.Expression) -> bool:
    return is_table(call.binder, node, call.scope)


def _is_column(call: PluginCall, node: syntax.Expression) -> bool:
    return isinstance(node, syntax.Name) and call.scope.column(node.name) is not None


def _ids(call: PluginCall, table: plan.Plan, node: syntax.Expression) -> plan.Plan:
    """The ids of a table whose column has the name of that of the rows."""
    name = call.column(node).name
    field = next((field for field in table.fields if field.name == name), None)
    if field is None:
        call.fail(f"The table of earlier ids has no column '{name}'.")
    return plan.Project(table, ((call.binder.new_field("id", field.type), plan.Reference(field)),))


def _rolling_percentile(call: PluginCall) -> plan.Plan:
    call.named()
    given = call.numbered(5, None, "a value, a percentile, a timeline, the size of a bin, bins, and dimensions")
    value, time = call.value(given[0]), call.column(given[2])
    percent, count = call.fixed(given[1], ScalarType.real), call.constant(given[4], ScalarType.long)
    size = _window(call, given[3], call.fixed(given[3]), time)
    dimensions = tuple(call.column(node) for node in given[5:])
    line = _Timeline(
        call, _aliased(call, value, time, dimensions), time, dimensions, {"percent": percent, "size": size}
    )
    body = f"""
        let A = T | extend b = bin(t, size);
        let Bins = A | distinct b{line.by};
        A | extend each = range(0, {count - 1}, 1) | mv-expand each to typeof(long) | extend b = b + size * each
        | summarize p = percentile(id, percent) by b{line.by}
        | join kind=leftsemi (Bins) on b{line.by} | project b{line.by}, p | sort by b asc"""
    of = value.field.name if isinstance(value, plan.Reference) else ""
    shown = percent.value if isinstance(percent, plan.Constant) else ""
    name = (
        f"rolling_{count}_percentile_{of}_{shown:g}".replace(".", "_") if shown != "" else f"rolling_{count}_percentile"
    )
    return line.result(body, "t", "d", name)


_T = (
    "datatable(id:string, t:datetime)['a', '2024-05-01', 'b', '2024-05-01', 'a', '2024-05-02', 'c', '2024-05-02'] | "
    "evaluate "
)
_RANGE = "id, t, datetime(2024-05-01), datetime(2024-05-02)"

PLUGINS: tuple[Plugin, ...] = (
    Plugin(
        "active_users_count",
        "T | evaluate active_users_count(Id, Timeline, Start, End, LookbackWindow, Period, ActivePeriodsCount, Bin, "
        "Dimension, ...)",
        "How many ids were seen, up to some moment in each bin, in at least so many periods of the lookback window.",
        f"{_T}active_users_count({_RANGE}, 7d, 1d, 2, 1d)",
        _active_users,
    ),
    Plugin(
        "activity_counts_metrics",
        "T | evaluate activity_counts_metrics(Id, Timeline, Start, End, Window, Dimension, ...)",
        "For each window: rows, ids, ids not seen in any window before, and all ids up to it.",
        f"{_T}activity_counts_metrics({_RANGE}, 1d)",
        _counts_metrics,
    ),
    Plugin(
        "activity_engagement",
        "T | evaluate activity_engagement(Id, Timeline, Start, End, InnerWindow, OuterWindow, Dimension, ...)",
        "For each inner window: its ids, those of the outer window that ends with it, and the ratio of both.",
        f"{_T}activity_engagement({_RANGE}, 1d, 2d)",
        _engagement,
    ),
    Plugin(
        "activity_metrics",
        "T | evaluate activity_metrics(Id, Timeline, Start, End, Window, Dimension, ...)",
        "For each window: ids, those not seen in the window before, and the shares of the latter's ids that came back "
        "and that did not. The window may be 'week', 'month' or 'year'.",
        f"{_T}activity_metrics({_RANGE}, 1d)",
        _metrics,
    ),
    Plugin(
        "new_activity_metrics",
        "T | evaluate new_activity_metrics(Id, Timeline, Start, End, Window, Cohort, Dimension, ..., Lookback)",
        "For the ids first seen in a window, and each window from then on: how many came back and how many did not, "
        "and how many ids there are that had not been seen by then.",
        f"{_T}new_activity_metrics({_RANGE}, 1d)",
        _new_metrics,
    ),
    Plugin(
        "rolling_percentile",
        "T | evaluate rolling_percentile(Value, Percentile, Timeline, BinSize, BinsPerWindow, Dimension, ...)",
        "For each bin the percentile of the values in it and in the bins before it that make a window.",
        "range t from 1 to 6 step 1 | extend v = t * 10 | evaluate rolling_percentile(v, 50, t, 2, 2)",
        _rolling_percentile,
    ),
    Plugin(
        "session_count",
        "T | evaluate session_count(Id, Timeline, Start, End, Bin, LookBackWindow, Dimension, ...)",
        "How many sessions begin in each bin: a row begins one where its id was not seen in the window before it.",
        f"{_T}session_count({_RANGE}, 1d, 2d)",
        _session_count,
    ),
    Plugin(
        "sliding_window_counts",
        "T | evaluate sliding_window_counts(Id, Timeline, Start, End, LookbackWindow, Bin, Dimension, ...)",
        "For each bin the rows and the ids of the lookback window that ends with it.",
        f"{_T}sliding_window_counts({_RANGE}, 2d, 1d)",
        _sliding_window,
    ),
)
"""https://learn.microsoft.com/kusto/query/user-analytics"""
