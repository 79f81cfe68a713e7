"""Which lines of rules the tests tried: a line that lets rows through and stops others has decided something.

A `where` counts once for each condition that `and` joins. Every other operator, and every source, is tried when rows
came through it.
"""

from dataclasses import dataclass, field
from pathlib import Path

from vedette.detect.stored_rule import query_rule
from vedette.rule_tests.rule_file import RuleFile
from vedette.rule_tests.run import Outcome
from vedette.rule_tests.stage import Stage
from vedette.rule_tests.trace import Counted, pipes_of, traced


@dataclass(slots=True)
class _Point:
    """A place of a query: whether rows came through it, and for one that decides, whether it stopped some."""

    line: int
    text: str
    decides: bool
    passed: bool = False
    stopped: bool = False

    @property
    def is_covered(self) -> bool:
        return self.passed and (self.stopped or not self.decides)


@dataclass(slots=True)
class _Rule:
    first: int
    points: dict[tuple[int, int], _Point] = field(default_factory=dict[tuple[int, int], _Point])
    left_out: set[str] = field(default_factory=set[str])


class LineCoverage:
    """What the tests of a run tried of their rules."""

    def __init__(self) -> None:
        self._rules: dict[tuple[Path, str], _Rule] = {}

    def add(self, stage: Stage, rule: RuleFile, outcome: Outcome) -> None:
        """Take note of what a case tried; every run of the rule counts."""
        known = self._rules.setdefault((rule.path, rule.name), _Rule(rule.first_line))
        windows = [run.window for run in outcome.runs if run.evaluation.failure is None]
        if not windows or outcome.rule is None:
            return
        query = query_rule(outcome.rule).query
        if query != rule.given.get("query"):
            return  # the case changed the query: its places are of another text
        pipes = pipes_of(query)
        known.left_out.update(pipes.left_out)
        for window in windows:
            for pipe in traced(stage, window, pipes.pipes):
                for counted in pipe.counted:
                    _take(known, counted)

    def percent(self) -> float:
        """How many percent of all places were tried; a hundred where there are none."""
        points = [point for rule in self._rules.values() for point in rule.points.values()]
        return 100.0 * sum(point.is_covered for point in points) / len(points) if points else 100.0

    def table(self, root: Path) -> list[str]:
        """A line for each rule, and one for each place of it that no test tried."""
        lines: list[str] = []
        for (path, _), rule in sorted(self._rules.items()):
            covered = sum(point.is_covered for point in rule.points.values())
            share = 100.0 * covered / len(rule.points) if rule.points else 100.0
            shown = path.relative_to(root) if path.is_relative_to(root) else path
            lines.append(f"{share:4.0f}%  {covered:3}/{len(rule.points):<3}  {shown}")
            for point in sorted(rule.points.values(), key=lambda each: each.line):
                if not point.is_covered:
                    line = rule.first + point.line - 1 if rule.first else point.line
                    lines.append(f"         line {line}: {_lacking(point)}: {_one_line(point.text)}")
            lines += [f"         not counted: {each}" for each in sorted(rule.left_out)]
        return [*lines, f"{self.percent():4.0f}%  of all lines decided something"]


def _take(rule: _Rule, counted: Counted) -> None:
    step = counted.step
    if not step.conditions:
        point = rule.points.setdefault(step.span, _Point(step.line, step.text, decides=False))
        point.passed = point.passed or bool(counted.passed)
        return
    for condition, held in zip(step.conditions, counted.held, strict=False):
        point = rule.points.setdefault(condition.span, _Point(condition.line, condition.text, decides=True))
        point.passed = point.passed or held > 0
        point.stopped = point.stopped or held < (counted.given or 0)
    for condition in step.conditions[len(counted.held) :]:
        rule.points.setdefault(condition.span, _Point(condition.line, condition.text, decides=True))


def _lacking(point: _Point) -> str:
    if not point.passed:
        return "no row came through it" if point.decides else "no row came to it"
    return "it stopped no row"


def _one_line(text: str) -> str:
    told = " ".join(text.split())
    return told if len(told) <= 80 else f"{told[:79]}…"
