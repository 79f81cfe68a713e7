"""What the tests of one run share: the stage, the rules that were read, and what was seen of them for the coverage."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from vedette.kql.diagnostics import render
from vedette.rule_tests.case import Case
from vedette.rule_tests.comparison import differences
from vedette.rule_tests.functions import FunctionFiles
from vedette.rule_tests.line_coverage import LineCoverage
from vedette.rule_tests.mitre_coverage import MitreCoverage
from vedette.rule_tests.rule_file import RuleFile, read_rule_file
from vedette.rule_tests.run import Outcome, kql_error, run_case
from vedette.rule_tests.stage import Stage
from vedette.rule_tests.why import why_not


class CaseFailed(Exception):
    """What came of a case is not what it expects; the text says what differs, and why."""


class Session:
    """Runs cases one after another. With `traces_all` it looks at every line of every rule, which takes time."""

    def __init__(self, root: Path, *, traces_all: bool = False) -> None:
        self._root = root
        self._stage: Stage | None = None
        self._rules: dict[tuple[Path, str], tuple[float, RuleFile]] = {}
        self._functions: dict[Path, FunctionFiles] = {}
        self._traces_all = traces_all
        self.lines = LineCoverage()
        self.mitre = MitreCoverage()

    def check(self, case: Case) -> None:
        """Run a case. Raises CaseFailed where something differs, InvalidInput where it cannot be run."""
        rule = self._rule(case.rule, case.rule_name)
        self.mitre.seen(rule)
        outcome, stage = self.outcome(case), self._on()
        if self._traces_all:
            self.lines.add(stage, rule, outcome)
        told = differences(case, outcome)
        if told:
            raise CaseFailed("\n".join(_report(stage, case, rule, outcome, told)))
        self.mitre.passed(rule, case)

    def outcome(self, case: Case) -> Outcome:
        """What comes of a case. Raises InvalidInput where it cannot be run."""
        rule = self._rule(case.rule, case.rule_name)
        return run_case(self._on(), rule, case, self._functions_around(case.rule))

    def _on(self) -> Stage:
        self._stage = self._stage or Stage()
        return self._stage

    def summaries(self, asked: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
        """What is asked for of the coverage, each with its title."""
        if "mitre" in asked:
            yield "coverage of MITRE ATT&CK by tests that passed", self.mitre.table()
        if "lines" in asked:
            yield "coverage of the lines of rules", self.lines.table(self._root)

    def is_covered(self, least: float) -> bool:
        """Whether so many percent of the rules' lines decided something."""
        return self.lines.percent() >= least

    def write_navigator(self, path: Path) -> None:
        """Write the techniques as a layer of the ATT&CK Navigator."""
        path.write_bytes(self.mitre.navigator())

    def close(self) -> None:
        """Let go of the stage."""
        if self._stage is not None:
            self._stage.close()
            self._stage = None

    def _rule(self, path: Path, name: str) -> RuleFile:
        changed = path.stat().st_mtime
        known = self._rules.get((path, name))
        if known is None or known[0] != changed:
            known = self._rules[path, name] = (changed, read_rule_file(path, name))
        return known[1]

    def _functions_around(self, rule: Path) -> FunctionFiles:
        """The functions in the repository that a rule is in: below the nearest folder with a `.git`, else the root."""
        folder = rule.parent.resolve()
        found = next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)
        root = found or (self._root if folder.is_relative_to(self._root) else folder)
        return self._functions.setdefault(root, FunctionFiles(root))


def _report(stage: Stage, case: Case, rule: RuleFile, outcome: Outcome, told: Sequence[str]) -> Iterator[str]:
    yield f"{case.node.path}:{case.node.line}: {case.name}"
    yield f"rule: {rule.path}"
    yield ""
    yield from (f"E   {line}" for each in told for line in each.splitlines())
    error = kql_error(outcome)
    if error is not None and case.expect.error is None:
        yield ""
        for each in error.diagnostics:
            yield from render(error.text, each).splitlines()
    if outcome.failure is None and case.expect.error is None:
        yield ""
        yield from why_not(stage, case, rule, outcome)
