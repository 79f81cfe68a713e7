"""What the tests of one run share: the stage, the rules that were read, and what was seen of them for the coverage."""

import atexit
from collections.abc import Iterator, Sequence
from pathlib import Path

from vedette.kql.diagnostics import render
from vedette.rule_tests.case import Case
from vedette.rule_tests.comparison import differences
from vedette.rule_tests.failure import CaseFailed
from vedette.rule_tests.functions import FunctionFiles, folder_of_functions
from vedette.rule_tests.line_coverage import LineCoverage
from vedette.rule_tests.mitre_coverage import MitreCoverage
from vedette.rule_tests.rule_file import RuleFile, read_rule_file, rules_in
from vedette.rule_tests.run import Outcome, kql_error, run_case
from vedette.rule_tests.stage import Stage
from vedette.rule_tests.why import why_not
from vedette.rule_tests.workers import Workers


class Session:
    """Runs cases one after another. With `traces_all` it looks at every line of every rule, which takes time."""

    def __init__(self, root: Path, *, traces_all: bool = False) -> None:
        self._root = root
        self._stage: Stage | None = None
        self._rules: dict[tuple[Path, str], tuple[float, RuleFile]] = {}
        self._functions: dict[Path, FunctionFiles] = {}
        self._traces_all = traces_all
        self._workers: Workers | None = None
        self.lines = LineCoverage()
        self.mitre = MitreCoverage()

    def check(self, case: Case) -> None:
        """Run a case. Raises CaseFailed where something differs, InvalidInput where it cannot be run."""
        rule = self._rule(case.rule, case.rule_name)
        self.mitre.seen(rule)
        told_elsewhere = self._workers.told(case) if self._workers else None
        if told_elsewhere is not None:
            told_elsewhere.check()
            self.mitre.passed(rule, case)
            return
        outcome, stage = self.outcome(case), self._on()
        if self._traces_all:
            self.lines.add(stage, rule, outcome)
        told = differences(case, outcome)
        if told:
            raise CaseFailed("\n".join(_report(stage, case, rule, outcome, told)))
        self.mitre.passed(rule, case)

    def expect(self, cases: Sequence[Case]) -> None:
        """Begin with cases that are going to be checked, in other processes, if there are many."""
        if not self._traces_all and self._workers is None:
            self._workers = Workers(self._root, cases)

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
            self._look_for_untested()
            yield "coverage of MITRE ATT&CK by tests that passed", self.mitre.table()
        if "lines" in asked:
            yield "coverage of the lines of rules", self.lines.table(self._root)

    def is_covered(self, least: float) -> bool:
        """Whether so many percent of the rules' lines decided something."""
        return self.lines.percent() >= least

    def write_navigator(self, path: Path) -> None:
        """Write the techniques as a layer of the ATT&CK Navigator."""
        self._look_for_untested()
        path.write_bytes(self.mitre.navigator())

    def close(self) -> None:
        """Let go of the stage, and of other processes."""
        if self._workers is not None:
            self._workers.close()
            self._workers = None
        if self._stage is not None:
            self._stage.close()
            self._stage = None

    def _look_for_untested(self) -> None:
        """Take note of the rules beside the tested ones that have no test."""
        tested = {(path.resolve(), each.name) for (path, _), (_, each) in self._rules.items()}
        folders = sorted({path.parent for path, _ in tested})
        for path, name in rules_in(folders):
            if (path.resolve(), name) not in tested:
                self.mitre.untested(read_rule_file(path, name))

    def _rule(self, path: Path, name: str) -> RuleFile:
        changed = path.stat().st_mtime
        known = self._rules.get((path, name))
        if known is None or known[0] != changed:
            known = self._rules[path, name] = (changed, read_rule_file(path, name))
        return known[1]

    def _functions_around(self, rule: Path) -> FunctionFiles:
        folder = folder_of_functions(rule, self._root)
        return self._functions.setdefault(folder, FunctionFiles(folder))


_own: dict[Path, Session] = {}


def own_session(root: Path) -> Session:
    """The one session of a worker's process, closed when that ends."""
    if root not in _own:
        _own[root] = Session(root)
        atexit.register(_own[root].close)
    return _own[root]


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
