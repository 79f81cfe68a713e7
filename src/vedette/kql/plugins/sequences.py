"""Plugins that look for events one after the other: `sequence_detect`, `funnel_sequence_completion`."""

from typing import Any, cast

from vedette.kql import plan, syntax
from vedette.kql.column_names import implied_name, unique_name
from vedette.kql.conversion import convert
from vedette.kql.plugins.call import PluginCall
from vedette.kql.plugins.entry import Plugin
from vedette.kql.types import ScalarType

Item = tuple[plan.Field, plan.Expression]


def _sequence_detect(call: PluginCall) -> plan.Plan:
    """https://learn.microsoft.com/kusto/query/sequence-detect-plugin"""
    arguments = call.node.call.arguments
    if len(arguments) < 5:
        call.fail("It takes a timeline, two windows, at least two conditions, and dimensions.")
    time = call.column(arguments[0].value)
    step, span = (_window(call, argument.value, time) for argument in arguments[1:3])
    steps: list[tuple[str, plan.Expression]] = []
    dimensions: list[tuple[str, plan.Expression]] = []
    for argument in arguments[3:]:
        value = call.value(argument.value)
        if value.type is ScalarType.bool and (argument.name is not None or not dimensions):
            steps.append((argument.name or implied_name(argument.value) or f"Expr{len(steps) + 1}", value))
        else:
            dimensions.append((argument.name or implied_name(argument.value) or f"Dim{len(dimensions) + 1}", value))
    if len(steps) < 2:
        call.fail("It takes at least two conditions, which are the steps.")
    new = call.binder.new_field
    items: list[Item] = [(new("t", time.type), plan.Reference(time))]
    items += [(new(f"e{number}", ScalarType.bool), value) for number, (_, value) in enumerate(steps)]
    items += [(new(f"d{number}", value.type), value) for number, (_, value) in enumerate(dimensions)]
    table = plan.Project(call.rows, tuple(items))
    body = _chain(len(steps), len(dimensions))
    names: list[str] = []
    wanted = [*(name for name, _ in dimensions), *(f"{name}_{time.name}" for name, _ in steps), "Duration"]
    for name in wanted:
        names.append(unique_name(name, names))
    return call.renamed(call.kql(body, {"T": table}, {"step_": step, "span_": span}), names)


def _window(call: PluginCall, node: syntax.Expression, time: plan.Field) -> plan.Expression:
    value = call.fixed(node)
    return value if time.type is not ScalarType.datetime else call.fixed(node, ScalarType.timespan)


def _chain(steps: int, dimensions: int) -> str:
    """Each step is joined to those before it by the dimensions, and must follow in time."""
    keys = [f"d{number}" for number in range(dimensions)] or ["one_"]
    keep = ", ".join(keys)
    parts = ["T | extend one_ = 1 | where e0 | project t0 = t, " + keep]
    for number in range(1, steps):
        parts.append(
            f"| join kind=inner (T | extend one_ = 1 | where e{number} | project t{number} = t, {keep}) on {keep} "
            f"| where t{number} > t{number - 1} and t{number} - t{number - 1} <= step_ and t{number} - t0 <= span_ "
            f"| project {', '.join(f't{each}' for each in range(number + 1))}, {keep}"
        )
    times = ", ".join(f"t{number}" for number in range(steps))
    shown = f"{keep}, {times}" if dimensions else times
    return "\n".join((*parts, f"| sort by t0 asc, t{steps - 1} asc | project {shown}, t{steps - 1} - t0"))


def _funnel_completion(call: PluginCall) -> plan.Plan:
    """https://learn.microsoft.com/kusto/query/funnel-sequence-completion-plugin"""
    call.named()
    given = call.numbered(8, 8, "an id, a timeline, its start and end, a bin, a state, a sequence, and periods")
    id, time, state = call.value(given[0]), call.column(given[1]), call.column(given[5])
    states = call.constant(given[6], ScalarType.dynamic)
    periods = call.constant(given[7], ScalarType.dynamic)
    if not isinstance(states, list) or not states or not isinstance(periods, list):
        call.fail("The sequence and the periods are dynamic arrays.", given[6])
    new = call.binder.new_field
    text = convert(plan.Reference(state), ScalarType.string)
    items: list[Item] = [
        (new("id", id.type), id),
        (new("t", time.type), plan.Reference(time)),
        (new("s", ScalarType.string), text),
    ]
    is_time = time.type is ScalarType.datetime
    scalars = {
        "start": call.fixed(given[2], time.type),
        "stop": call.fixed(given[3], time.type),
        "step": call.fixed(given[4], ScalarType.timespan if is_time else time.type),
        "states": plan.Constant(states, ScalarType.dynamic),
        "periods": plan.Constant(periods, ScalarType.dynamic),
    }
    period = "timespan" if is_time else time.type.value
    body = _funnel(len(cast(list[Any], states)), period)
    table = call.kql(body, {"T": plan.Project(call.rows, tuple(items))}, scalars)
    return call.renamed(table, [time.name, state.name, "Period", "dcount"])


def _funnel(steps: int, period: str) -> str:
    """For each first event the earliest next one of each step, and how many ids get so far within each period."""
    parts = ["let E = T | where t between (start .. stop);"]
    parts.append("let C0 = E | where s == tostring(states[0]) | distinct id, t0 = t | extend reached = t0;")
    for number in range(1, steps):
        parts.append(
            f"let C{number} = C{number - 1} | join kind=inner (E | where s == tostring(states[{number}])"
            f" | project id, t) on id | where t > reached | summarize reached = min(t) by id, t0;"
        )
    counts = [
        f"(C{number} | extend p = periods | mv-expand p to typeof({period}) | where reached - t0 <= p"
        f" | summarize n = count_distinct(id) by b = bin_at(t0, step, start), p | extend i = {number})"
        for number in range(steps)
    ]
    shown = "| sort by b asc, p asc, i asc | project b, s = tostring(states[i]), p, n"
    return "\n".join((*parts, f"union {', '.join(counts)}", shown))


_T = (
    "datatable(t:datetime, user:string, act:string)"
    "['2024-05-01T10:00', 'ann', 'in', '2024-05-01T10:05', 'ann', 'out'] | evaluate "
)

PLUGINS: tuple[Plugin, ...] = (
    Plugin(
        "sequence_detect",
        "T | evaluate sequence_detect(Timeline, MaxStepWindow, MaxSpan, Name = Condition, ..., Dimension, ...)",
        "A row for each sequence of rows that fulfil the conditions one after the other, within the windows and with "
        "the same dimensions: the dimensions, the time of each step, and the whole duration.",
        f"{_T}sequence_detect(t, 10m, 1h, came = act == 'in', went = act == 'out', user)",
        _sequence_detect,
    ),
    Plugin(
        "funnel_sequence_completion",
        "T | evaluate funnel_sequence_completion(Id, Timeline, Start, End, Bin, State, Sequence, Periods)",
        "For each bin and period: how many ids went through the states of a sequence as far as each of them, in the "
        "period's time from the first.",
        f"{_T}funnel_sequence_completion(user, t, datetime(2024-05-01), datetime(2024-05-02), 1d, act, "
        "dynamic(['in', 'out']), dynamic([1m, 1h]))",
        _funnel_completion,
    ),
)
