"""Why a rule did not fire: the lines of its query with what passed each, and the rows that came nearest."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from vedette.core.errors import VedetteError
from vedette.core.instants import arm_time
from vedette.detect.rule import ScheduledRule
from vedette.detect.schedule import Window
from vedette.rule_tests.case import Case
from vedette.rule_tests.moments import told_distance
from vedette.rule_tests.rule_file import RuleFile
from vedette.rule_tests.run import Outcome
from vedette.rule_tests.showing import shown_value
from vedette.rule_tests.stage import Stage
from vedette.rule_tests.trace import Condition, Counted, Step, TracedPipe, pipes_of, traced

_WIDTH: Final = 76
_NEAREST: Final = 3
_COLUMNS: Final = 6
_STOPS: Final = 3
_EVER: Final = timedelta(days=3650)


def why_not(stage: Stage, case: Case, rule: RuleFile, outcome: Outcome) -> list[str]:
    """What the last run's query made of the rows, in lines."""
    if not outcome.runs:
        return []
    window = outcome.runs[-1].window
    properties = window.rule.properties
    if not isinstance(properties, ScheduledRule):
        return []
    pipes = pipes_of(properties.query)
    found = traced(stage, window, pipes.pipes)
    first = rule.first_line
    lines = list(_head(case, window, outcome))
    for each in found:
        lines += _pipe(each, first)
    lines += [f"  (not counted: {each})" for each in pipes.left_out]
    for counted in list(_stops(found))[:_STOPS]:
        lines += _nearest(stage, case, window, counted, first)
    lines += _threshold(properties, outcome)
    return lines


def _head(case: Case, window: Window, outcome: Outcome) -> Iterator[str]:
    since, until = (told_distance(each, case.clock) for each in (window.start, window.end))
    told = f"the time from {since} to {until} ({arm_time(window.start)} to {arm_time(window.end)})"
    kind = "what arrived in" if window.rule.by_arrival else "events of"
    runs = f", the last of {len(outcome.runs)} runs" if len(outcome.runs) > 1 else ""
    yield f"rows that passed each line of the query, of {kind} {told}{runs}:"


def _pipe(traced_pipe: TracedPipe, first: int) -> Iterator[str]:
    counted = traced_pipe.counted
    yield "" if not traced_pipe.pipe.name else f"  {traced_pipe.pipe.name}:"
    widest = max(len(_shown(each.passed)) for each in counted)
    for each in counted:
        mark = "  <- none left" if each.passed == 0 and (each.given or each.step.is_source) else ""
        sign = "  " if each.step.is_source else "| "
        place = f"{_line(each.step.line, first):>5} {_shown(each.passed):>{widest}}"
        yield f"  {place}  {sign}{_one_line(each.step.text)}{mark}"
        if each.given and len(each.step.conditions) > 1 and (each.passed or 0) < each.given:
            for condition, held in zip(each.step.conditions, each.held, strict=False):
                line = _line(condition.line, first)
                yield f"  {line:>5} {_shown(held):>{widest}}      where {_one_line(condition.text)}"


def _line(line: int, first: int) -> str:
    return str(first + line - 1) if first else f"q{line}"


def _shown(count: int | None) -> str:
    return "?" if count is None else str(count)


def _one_line(text: str) -> str:
    told = " ".join(text.split())
    return told if len(told) <= _WIDTH else f"{told[: _WIDTH - 1]}…"


def _stops(found: Sequence[TracedPipe]) -> Iterator[Counted]:
    """Where the last rows of a pipe were lost."""
    for each in found:
        for counted in each.counted:
            if counted.passed == 0 and (counted.given or counted.step.is_source):
                yield counted
                break


def _nearest(stage: Stage, case: Case, window: Window, counted: Counted, first: int) -> Iterator[str]:
    try:
        if counted.step.is_source:
            yield from _outside(stage, case, window, counted.step, first)
        else:
            yield from _before(stage, window, counted.step, first)
    except VedetteError as error:
        yield f"  the rows before line {_line(counted.step.line, first)} cannot be shown: {error.message}"


def _outside(stage: Stage, case: Case, window: Window, step: Step, first: int) -> Iterator[str]:
    """A source that gives nothing: whether it has rows of another time."""
    around = (window.end - _EVER, window.end + _EVER)
    text = f"{step.query}\n| summarize r = count(), a = min(TimeGenerated), b = max(TimeGenerated)"
    try:
        ((count, oldest, newest),) = stage.query(text, around).rows()
    except VedetteError:
        return
    if not count:
        yield f"  {_one_line(step.text)} in line {_line(step.line, first)} has no rows at all."
        return
    span = _span(oldest, newest, case.clock)
    yield f"  {_one_line(step.text)} in line {_line(step.line, first)} has {count} rows, all of another time: {span}."


def _span(oldest: datetime, newest: datetime, clock: datetime) -> str:
    first, last = told_distance(oldest, clock), told_distance(newest, clock)
    return f"at {first}" if first == last else f"from {first} to {last}"


def _before(stage: Stage, window: Window, step: Step, first: int) -> Iterator[str]:
    """The rows that a step was given and let none through of, those first for which most of its conditions hold."""
    conditions = step.conditions
    held = "".join(f", ['{_HELD}{number}'] = ({each.text}\n)" for number, each in enumerate(conditions))
    score = " + ".join(f"toint(['{_HELD}{number}'])" for number in range(len(conditions))) or "0"
    extended = f"{step.before}\n| extend ['{_HELD}'] = 0{held}\n| extend ['{_HELD}'] = {score}"
    text = f"{extended}\n| top {_NEAREST} by ['{_HELD}'] desc"
    answer = stage.query(text, (window.start, window.end), by_arrival=window.rule.by_arrival)
    names = [column.name for column in answer.columns]
    yield f"  the rows that came nearest, before line {_line(step.line, first)}:"
    for row in answer.rows():
        told = dict(zip(names, row, strict=True))
        failing = [each for number, each in enumerate(conditions) if not told.get(f"{_HELD}{number}")]
        yield f"    {_row(told, failing)}"
        for each in failing:
            yield f"      not: {_one_line(each.text)}"


_HELD: Final = "_held_"


def _row(told: dict[str, Any], failing: Sequence[Condition]) -> str:
    """A row: the columns that the failing conditions name, then its first ones."""
    named = [name for each in failing for name in each.names if name in told]
    others = [name for name in told if not name.startswith((_HELD, "_")) and told[name] not in (None, "", [], {})]
    names = list(dict.fromkeys([*named, *(name for name in others if name not in _DULL)]))[:_COLUMNS]
    return "  ".join(f"{name}={shown_value(told[name])}" for name in names)


_DULL: Final = frozenset({"TenantId", "SourceSystem", "Type"})


def _threshold(rule: ScheduledRule, outcome: Outcome) -> Iterator[str]:
    results = outcome.runs[-1].evaluation.results
    if results and not outcome.runs[-1].evaluation.alerts:
        wanted = f"{rule.trigger_operator.value} {rule.trigger_threshold}"
        yield f"  the query gave {results} results; the rule asks for {wanted}."
