"""What became of a case, as JSON values: what it expected, what came of it, and the line that let nothing through."""

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, Final

from vedette.core.errors import VedetteError
from vedette.core.instants import arm_time
from vedette.detect.rule import ScheduledRule
from vedette.detect.would_be_json import would_be_alert
from vedette.kql.diagnostics import described
from vedette.rule_tests.case import Case
from vedette.rule_tests.comparison import differences
from vedette.rule_tests.functions import Functions
from vedette.rule_tests.rule_file import RuleFile
from vedette.rule_tests.run import Outcome, kql_error, run_case
from vedette.rule_tests.stage import Stage
from vedette.rule_tests.trace import Counted, pipes_of, traced
from vedette.rule_tests.why import why_not

_LISTED: Final = 20
_LINES: Final = 200


def told_case(stage: Stage, rule: RuleFile, case: Case, functions: Functions) -> dict[str, Any]:
    """What becomes of a case; the status of one that cannot be run is `error`."""
    base: dict[str, Any] = {"name": case.name, "line": case.node.line, "expected": case.expect.told}
    if case.skip:
        return {**base, "status": "skipped", "reason": case.skip}
    began = perf_counter()
    try:
        outcome = run_case(stage, rule, case, functions)
    except VedetteError as error:
        return {**base, "status": "error", "error": {"code": error.code, "message": _plain(error.message, case)}}
    told = differences(case, outcome)
    result = {**base, "status": _status(case, told), "got": _got(outcome), "seconds": round(perf_counter() - began, 3)}
    if case.xfail:
        result["reason"] = case.xfail
    if told:
        result |= {"differences": told, **_lines(stage, outcome)}
        if outcome.failure is None:
            result["report"] = why_not(stage, case, rule, outcome)[:_LINES]
    return result


def _status(case: Case, told: Sequence[str]) -> str:
    if case.xfail:
        return "expectedFailure" if told else "unexpectedPass"
    return "failed" if told else "passed"


def _plain(message: str, case: Case) -> str:
    """A message without the name of a file that there is not."""
    return message.removeprefix(f"{case.node.path}:").partition(": ")[2] or message


def _got(outcome: Outcome) -> dict[str, Any]:
    error = kql_error(outcome)
    failure = outcome.failure
    return {
        "runs": len(outcome.runs),
        "results": sum(run.evaluation.results for run in outcome.runs),
        "rows": dict(outcome.rows),
        "alertsCount": len(outcome.alerts),
        "alerts": [{"at": arm_time(each.at), **would_be_alert(each.alert)} for each in outcome.alerts[:_LISTED]],
        "incidentsCount": len(outcome.incidents),
        "incidents": [_incident(each.properties, each.alerts) for each in outcome.incidents[:_LISTED]],
        "error": None if failure is None else {"code": failure.code, "message": failure.reason},
        "diagnostics": [described(error.text, each) for each in error.diagnostics] if error else [],
    }


def _incident(properties: Mapping[str, Any], alerts: int) -> dict[str, Any]:
    shown = {name: properties.get(name) for name in ("title", "severity", "status", "createdTimeUtc")}
    return {**shown, "alertsCount": alerts}


def _lines(stage: Stage, outcome: Outcome) -> dict[str, Any]:
    """How many rows each line of the query was given and let through in the last run, and the first that let none."""
    if not outcome.runs or outcome.failure is not None:
        return {"lines": [], "stoppedAt": None}
    window = outcome.runs[-1].window
    properties = window.rule.properties
    if not isinstance(properties, ScheduledRule):
        return {"lines": [], "stoppedAt": None}
    found = traced(stage, window, pipes_of(properties.query).pipes)
    lines = [_line(counted, each.pipe.name) for each in found for counted in each.counted]
    own = [each for each in lines if not each["of"]] or lines
    stopped = next((each for each in own if each["passed"] == 0), None)
    at = None if stopped is None else {"line": stopped["line"], "text": stopped["text"]}
    return {"lines": lines, "stoppedAt": at}


def _line(counted: Counted, of: str) -> dict[str, Any]:
    step = counted.step
    return {
        "of": of,
        "line": step.line,
        "text": step.text,
        "given": counted.given,
        "passed": counted.passed,
        "conditions": [
            {"line": each.line, "text": each.text, "held": held}
            for each, held in zip(step.conditions, counted.held, strict=False)
        ],
    }
