"""`vedette test --record`: a test from real rows of a workspace, written beside its rule."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from vedette.cli.writing import write_file
from vedette.content.kinds import PARSER
from vedette.content.yaml_text import yaml_text
from vedette.core.errors import Conflict, InvalidInput
from vedette.core.instants import arm_time
from vedette.kql.catalog import StoredFunction
from vedette.kql.types import ScalarType
from vedette.logs.saved_functions import function_of
from vedette.notebook.connection import Connection, connect
from vedette.rule_tests.functions import FunctionFiles, folder_of_functions
from vedette.rule_tests.moments import moment_of
from vedette.rule_tests.record import Recorded, Source, case_of, record
from vedette.rule_tests.redaction import Redaction
from vedette.rule_tests.rule_file import RuleFile, read_rule_file
from vedette.rule_tests.session import Session
from vedette.rule_tests.stage import Stage
from vedette.rule_tests.test_file import TESTS, read_test_file


@dataclass(frozen=True, slots=True)
class Asked:
    """What is recorded, and where from: `to` and what follows it as `connect` takes them."""

    rule: Path
    at: str
    output: Path | None
    name: str
    near_misses: int
    redact: bool
    to: Path | str | None
    subscription: str | None
    resource_group: str | None
    workspace: str | None
    tenant: str


def recorded(asked: Asked) -> Sequence[str]:
    """Record, and say what was written, in lines. Raises InvalidInput, Conflict, and what a connection raises."""
    rule = read_rule_file(asked.rule)
    output = asked.output or asked.rule.with_name(f"{asked.rule.stem}{TESTS[0]}")
    if output.exists():
        raise Conflict("FileExists", f"{output} is there already; name another file with --output.")
    stage = Stage()
    try:
        with connect(
            asked.to,
            subscription=asked.subscription,
            resource_group=asked.resource_group,
            workspace=asked.workspace,
            tenant=asked.tenant,
        ) as workspace:
            found = _asked_for(stage, rule, workspace, asked)
            compared = list(_compared(workspace, rule, found))
    finally:
        stage.close()
    _write(output, asked, found)
    return _told(output, replace(found, notes=[*compared, *found.notes]))


def _asked_for(stage: Stage, rule: RuleFile, workspace: Connection, asked: Asked) -> Recorded:
    try:
        at = moment_of(asked.at, workspace.query("print now()")[0]["print_0"])
    except ValueError as error:
        raise InvalidInput("InvalidTime", f"{error}.") from error
    source = Source(lambda text, span: _rows(workspace, text, span), lambda: _functions(workspace))
    files = FunctionFiles(folder_of_functions(asked.rule, Path.cwd()))
    found = record(stage, rule, source, files, at, asked.near_misses)
    if not asked.redact:
        return found
    redaction = Redaction(str(rule.given.get("query", "")), *(each.body for each in found.functions.values()))
    events = redaction.rows(found.events)
    left = f"these columns have texts that were left as they are: {', '.join(sorted(redaction.left))}"
    return replace(found, events=events, notes=[*found.notes, *([left] if redaction.left else [])])


def _rows(
    workspace: Connection, text: str, span: tuple[datetime, datetime]
) -> tuple[Mapping[str, ScalarType], Sequence[dict[str, Any]]]:
    result = workspace.query(f"set query_now = datetime({arm_time(span[1])});\n{text}", span)
    return {column.name: ScalarType(column.type) for column in result.columns}, result.rows


def _functions(workspace: Connection) -> Mapping[str, StoredFunction]:
    parsers = (function_of(item.body["properties"]) for item in workspace.content.list(PARSER.name))
    return {each.name: each for each in parsers if each is not None}


def _compared(workspace: Connection, rule: RuleFile, found: Recorded) -> Iterator[str]:
    """What to know where the whole query gives other results in the workspace, or cannot be asked there."""
    lacking = found.functions.keys() - _functions(workspace) if found.functions else set[str]()
    if lacking:
        names = ", ".join(sorted(lacking))
        yield f"the workspace has no function {names}, so the query as a whole was not run there"
        return
    window, here = found.outcome.runs[-1].window, found.outcome.runs[-1].evaluation.results
    there = len(_rows(workspace, str(rule.given["query"]), (window.start, window.end))[1])
    if there != here:
        yield f"the query gives {there} results in the workspace, and {here} of the recorded rows"


def _write(output: Path, asked: Asked, found: Recorded) -> None:
    """Write the file. What it expects is what comes of the very text that is written, which may have other names in it
    than the workspace has. Raises InvalidInput where that is not as many alerts."""
    name = asked.name or f"recorded at {arm_time(found.clock, 'seconds')}"
    head = {} if asked.output is None else {"rule": _way(output, asked.rule)}
    session = Session(Path.cwd())
    try:
        write_file(output, yaml_text({**head, "tests": [case_of(found, name)]}))
        (case,) = read_test_file(output, allow_outside=True)
        outcome = session.outcome(case)
        if len(outcome.alerts) != len(found.outcome.alerts):
            raise InvalidInput(
                "CannotRecord",
                f"As they are written, the rows raise {len(outcome.alerts)} alerts instead of "
                f"{len(found.outcome.alerts)}{', for the query rests on the names in them' if asked.redact else ''}.",
            )
        write_file(output, yaml_text({**head, "tests": [case_of(replace(found, outcome=outcome), name)]}))
    except BaseException:
        output.unlink(missing_ok=True)
        raise
    finally:
        session.close()


def _way(output: Path, rule: Path) -> str:
    """How the rule is found from the test file."""
    return os.path.relpath(rule.resolve(), output.resolve().parent)


def _told(output: Path, found: Recorded) -> list[str]:
    counts = ", ".join(f"{len(rows)} of {table}" for table, rows in found.events.items()) or "no rows"
    alerts = len(found.outcome.alerts)
    done = f"{output}: {alerts} alert{'' if alerts == 1 else 's'} of {counts}."
    return [done, *(f"note: {each}." for each in found.notes)]
