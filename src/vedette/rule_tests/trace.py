"""How far rows came through a rule's query: how many passed each operator, and which conditions stopped the others.

The query is run again and again, each time one operator further. What stands in functions with parameters, and within
operators that run a query for each row or each part, cannot be run alone and is left out, by name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vedette.core.errors import VedetteError
from vedette.detect.schedule import Window
from vedette.kql import syntax
from vedette.kql.diagnostics import KqlError, line_and_column
from vedette.kql.parser import parse_query
from vedette.kql.walk import children, walk
from vedette.rule_tests.stage import Stage

_WITHIN: Final = (
    syntax.MvApply,
    syntax.Partition,
    syntax.Fork,
    syntax.Facet,
    syntax.Scan,
    syntax.MakeGraph,
    syntax.GraphMatch,
    syntax.MacroExpand,
)
"""They run a query for each row or each part."""

_STARTING: Final = (syntax.Union, syntax.Find, syntax.Search, syntax.Print, syntax.Range)
_DRAWING: Final = (syntax.Render, syntax.As, syntax.Consume)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of a `where`, one of those that `and` joins: its text, its line in the query, from one, its place."""

    text: str
    line: int
    span: tuple[int, int]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A source or an operator of a pipe: its line, its text, the query up to it, and for a `where` its conditions."""

    line: int
    text: str
    span: tuple[int, int]
    query: str
    before: str = ""
    conditions: tuple[Condition, ...] = ()
    is_source: bool = False


@dataclass(frozen=True, slots=True)
class Pipe:
    """The steps of a pipe that can be run alone. `name` is the `let` that it belongs to, empty for the query itself."""

    name: str
    steps: tuple[Step, ...]
    lets: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows a step was given and let through, and for how many of them each of its conditions held. None: it
    could not be counted."""

    step: Step
    given: int | None
    passed: int | None
    held: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TracedPipe:
    """A pipe with what was counted."""

    pipe: Pipe
    counted: tuple[Counted, ...]


@dataclass(frozen=True, slots=True)
class Pipes:
    """The pipes of a query in the order of the text, and what is left out: names with the reason."""

    pipes: tuple[Pipe, ...]
    left_out: tuple[str, ...]


def pipes_of(text: str) -> Pipes:
    """The pipes of a query that can be run alone; none of one that cannot be read."""
    try:
        query = parse_query(text)
    except KqlError:
        return Pipes((), ())
    reader = _Reader(text)
    reader.query(query, "")
    return Pipes(tuple(sorted(reader.pipes, key=lambda pipe: pipe.steps[0].span[0])), tuple(reader.left_out))


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self.pipes: list[Pipe] = []
        self.left_out: list[str] = []

    def query(self, query: syntax.Query, lets: str, name: str = "") -> None:
        """Take the pipes of a query that stands behind these statements."""
        start = query.statements[0].span.start if query.statements else 0
        for statement in query.statements:
            before = lets + self._text[start : statement.span.start]
            match statement:
                case syntax.Let(name=let, value=value):
                    self._value(value, before, let)
                case syntax.ExpressionStatement(expression=expression):
                    self._value(expression, before, name)
                case _:
                    pass

    def _value(self, value: Any, lets: str, name: str) -> None:
        if isinstance(value, syntax.Lambda):
            if value.parameters:
                self.left_out.append(f"the function '{name}' has parameters")
            else:
                self.query(value.body, lets, name)
            return
        for pipe in _standalone(value):
            self._pipe(pipe, lets, name)
        if isinstance(value, syntax.Name) and not name:
            self._bare(value, lets)

    def _bare(self, value: syntax.Expression, lets: str) -> None:
        """A query that is a table and nothing else."""
        self.pipes.append(Pipe("", (self._source(value.span.start, value.span.end, lets),), lets))

    def _source(self, start: int, end: int, lets: str) -> Step:
        text = self._text[start:end]
        line, _ = line_and_column(self._text, start)
        return Step(line, text, (start, end), lets + text, is_source=True)

    def _pipe(self, pipe: syntax.Pipe, lets: str, name: str) -> None:
        operators = list(pipe.operators)
        if pipe.source is None:
            first = operators.pop(0)
            start, end = first.span.start, first.span.end
        else:
            start, end = pipe.source.span.start, pipe.source.span.end
            if isinstance(pipe.source, syntax.Pipe) and self._text[start:end].count("|"):
                start, end = pipe.span.start, self._behind(end)
        steps = [self._source(start, end, lets)]
        for operator in operators:
            if isinstance(operator, _DRAWING):
                continue
            line, _ = line_and_column(self._text, operator.span.start)
            steps.append(
                Step(
                    line,
                    self._text[operator.span.start : operator.span.end],
                    (operator.span.start, operator.span.end),
                    lets + self._text[start : operator.span.end],
                    steps[-1].query,
                    tuple(self._conditions(operator.predicate)) if isinstance(operator, syntax.Where) else (),
                )
            )
        self.pipes.append(Pipe(name, tuple(steps), lets))

    def _behind(self, end: int) -> int:
        """Past the parenthesis that closes a pipe in parentheses."""
        rest = self._text[end:]
        return end + len(rest) - len(rest.lstrip()) + 1 if rest.lstrip().startswith(")") else end

    def _conditions(self, predicate: Any) -> Iterator[Condition]:
        if isinstance(predicate, syntax.Binary) and predicate.operator == "and":
            yield from self._conditions(predicate.left)
            yield from self._conditions(predicate.right)
            return
        start, end = predicate.span.start, predicate.span.end
        line, _ = line_and_column(self._text, start)
        names = dict.fromkeys(part.name for part in walk(predicate) if isinstance(part, syntax.Name))
        yield Condition(self._text[start:end], line, (start, end), tuple(names))


def _standalone(part: Any) -> Iterator[syntax.Pipe]:
    """The pipes within a piece of syntax that mean the same when they are run alone."""
    if isinstance(part, syntax.Pipe):
        if part.source is not None or isinstance(part.operators[0], _STARTING):
            yield part
        yield from _standalone(part.source)
        for operator in part.operators:
            if not isinstance(operator, _WITHIN):
                yield from _standalone(operator)
        return
    if isinstance(part, syntax.Lambda) or part is None:
        return
    for child in children(part):
        yield from _standalone(child)


def traced(stage: Stage, window: Window, pipes: Sequence[Pipe]) -> list[TracedPipe]:
    """The pipes with what passed each step in a window, over the rows that the stage holds now."""
    return [TracedPipe(pipe, tuple(_counted(stage, window, pipe))) for pipe in pipes]


def _counted(stage: Stage, window: Window, pipe: Pipe) -> list[Counted]:
    try:
        return _at_once(stage, window, pipe)
    except VedetteError:  # what cannot be asked together may be asked one by one
        return _one_by_one(stage, window, pipe)


def _at_once(stage: Stage, window: Window, pipe: Pipe) -> list[Counted]:
    """All steps of a pipe in one query. Raises what a query raises."""
    parts: list[str] = []
    for number, step in enumerate(pipe.steps):
        body = step.query[len(pipe.lets) :]
        parts.append(f"(\n{body}\n| summarize r = count() | project s = {number}, r, h = dynamic([]))")
        if step.conditions:
            held = ", ".join(f"countif({each.text}\n)" for each in step.conditions)
            before = step.before[len(pipe.lets) :]
            parts.append(
                f"(\n{before}\n| summarize r = count(), h = pack_array({held}) | project s = {number}, r = -1, h)"
            )
    text = f"{pipe.lets}union {', '.join(parts)}"
    rows = stage.query(text, (window.start, window.end), by_arrival=window.rule.by_arrival).rows()
    passed = {int(number): int(count) for number, count, _ in rows if count >= 0}
    held = {int(number): tuple(int(each) for each in counts) for number, count, counts in rows if count < 0}
    return [
        Counted(step, passed.get(number - 1), passed[number], held.get(number, ()))
        for number, step in enumerate(pipe.steps)
    ]


def _one_by_one(stage: Stage, window: Window, pipe: Pipe) -> list[Counted]:
    counted: list[Counted] = []
    given: int | None = None
    for step in pipe.steps:
        try:
            text = f"{step.query}\n| summarize r = count()"
            ((rows,),) = stage.query(text, (window.start, window.end), by_arrival=window.rule.by_arrival).rows()
            passed: int | None = int(rows)
        except VedetteError:
            passed = None
        counted.append(Counted(step, given, passed))
        given = passed
    return counted
