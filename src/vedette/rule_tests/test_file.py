"""Reads a test file: `*.test.yaml` with what its cases share, and `tests`, each a case or several by a matrix."""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any, Final, cast

from vedette.content.boundary import boundary_of
from vedette.content.reading import TESTS
from vedette.core.errors import InvalidInput
from vedette.formats.record_files import CsvTypes, read_records
from vedette.kql.catalog import StoredFunction
from vedette.kql.diagnostics import suggestion_or_all
from vedette.kql.types import ScalarType
from vedette.rule_tests.case import Case, Watchlist
from vedette.rule_tests.change import read_change
from vedette.rule_tests.custom_tables import read_columns
from vedette.rule_tests.events import read_events
from vedette.rule_tests.expectation import read_expectation
from vedette.rule_tests.moments import as_utc, moment_of
from vedette.rule_tests.node import Node, plain_text, read_node

RULE_SUFFIXES: Final = (".yaml", ".yml", ".json")
DEFAULT_CLOCK: Final = datetime(2024, 1, 3, 12, tzinfo=UTC)
"""A Wednesday, so that a rule about office hours finds some."""

MOST_CASES: Final = 2_000
MOST_ROWS: Final = 10_000_000
SHARED: Final = (
    "rule",
    "clock",
    "until",
    "events",
    "defaults",
    "tables",
    "watchlists",
    "functions",
    "content",
    "change",
    "tags",
)
FILE_KEYS: Final = (*SHARED, "description", "tests")
CASE_KEYS: Final = ("name", "description", *SHARED, "matrix", "expect", "skip", "xfail")
_PLACEHOLDER = re.compile(r"\$\{\s*([\w.-]+)\s*\}")


def is_test_file(path: Path) -> bool:
    """Whether a file is one by its name."""
    return path.name.lower().endswith(TESTS)


def read_test_file(path: Path, *, allow_outside: bool = False) -> list[Case]:
    """The cases of a file, in order. What it names lies in the repository that it is in, or in its folder where there
    is none, unless files outside are allowed. Raises WrongTestFile."""
    return read_cases(read_node(path, None if allow_outside else boundary_of(path.parent) or path.parent))


def read_cases(node: Node, rule: Path | None = None, most_rows: int = MOST_ROWS) -> list[Case]:
    """The cases of what a test file says, in order; all of one `rule`, whatever it names, where that is given, and with
    no more rows than so many together. Raises WrongTestFile."""
    node.mapping(FILE_KEYS)
    tests = node.get("tests")
    if tests is None or not isinstance(tests.value, list) or not tests.value:
        raise node.wrong("it has no 'tests', a list of cases.")
    cases: list[Case] = []
    rows = 0
    for each in tests.items():
        each.mapping(CASE_KEYS)
        for parameters in combinations(each):
            cases.append(_case(node, filled(each, parameters), parameters, rule))
            rows += len(cases[-1].events)
            if len(cases) > MOST_CASES:
                raise each.wrong(f"there are more than {MOST_CASES:,} cases in one file.")
            if rows > most_rows:
                raise each.wrong(f"there are more than {most_rows:,} rows in one file.")
    _check_names(cases)
    return cases


def _check_names(cases: Sequence[Case]) -> None:
    seen: set[str] = set()
    for case in cases:
        if case.name in seen:
            raise case.node.wrong(f"there is another test with the name '{case.name}'.")
        seen.add(case.name)


def combinations(node: Node) -> Iterator[Mapping[str, Any]]:
    """The parameters of each case: of lists every combination, of a table each row."""
    matrix = node.get("matrix")
    if matrix is None:
        yield {}
    elif isinstance(matrix.value, list):
        for row in matrix.items():
            yield row.mapping()
    else:
        told = matrix.mapping()
        values = [[one.value for one in each.items()] for _, each in matrix.entries()]
        for combination in product(*values):
            yield dict(zip(told, combination, strict=True))


def filled(node: Node, parameters: Mapping[str, Any]) -> Node:
    """The case with its parameters in the places of `${name}`."""
    if not parameters:
        return node
    told = {key: value for key, value in cast("dict[str, Any]", node.value).items() if key != "matrix"}
    return node.with_value(_substituted(node.with_value(deepcopy(told)), parameters))


def _substituted(node: Node, parameters: Mapping[str, Any]) -> Any:
    value = node.value
    if isinstance(value, dict):
        return {
            str(_text(node, key, parameters)): _substituted(node.child(key), parameters)
            for key in cast("dict[str, Any]", value)
        }
    if isinstance(value, list):
        return [_substituted(node.child(number), parameters) for number in range(len(cast("list[Any]", value)))]
    return _text(node, value, parameters) if isinstance(value, str) else value


def _text(node: Node, text: str, parameters: Mapping[str, Any]) -> Any:
    def value(match: re.Match[str]) -> Any:
        if match[1] not in parameters:
            raise node.wrong(f"the matrix has no '{match[1]}'. {suggestion_or_all(match[1], parameters)}")
        return parameters[match[1]]

    whole = _PLACEHOLDER.fullmatch(text)
    return value(whole) if whole else _PLACEHOLDER.sub(lambda match: plain_text(value(match)), text)


def _case(file: Node, node: Node, parameters: Mapping[str, Any], given: Path | None) -> Case:
    name = node.get("name")
    if name is None or not name.text().strip():
        raise node.wrong("a test needs a 'name'.")
    expect = node.get("expect")
    if expect is None:
        raise node.wrong(f"the test '{name.text()}' says nothing to 'expect'.")
    clock = clock_of(node.get("clock") or file.get("clock"))
    until = _until(node.get("until") or file.get("until"), clock)
    defaults = _defaults([file.get("defaults"), node.get("defaults")])
    label = name.text() if not parameters else f"{name.text()} [{'-'.join(map(plain_text, parameters.values()))}]"
    events = [
        each
        for part in (file.get("events"), node.get("events"))
        if part is not None
        for each in read_events(part, clock, defaults)
    ]
    rule, rule_name = _rule(file, node) if given is None else (given, "")
    return Case(
        name=label,
        rule=rule,
        rule_name=rule_name,
        node=node,
        clock=clock,
        until=until,
        events=events,
        tables=_merged(_tables, file, node, "tables"),
        watchlists=tuple(_merged(_watchlists, file, node, "watchlists").values()),
        functions=_merged(_functions, file, node, "functions"),
        content=(*named_paths(file, "content", folders=True), *named_paths(node, "content", folders=True)),
        change=read_change(file.get("change")) | read_change(node.get("change")),
        expect=read_expectation(expect),
        parameters=parameters,
        tags=(*file.texts_under("tags"), *node.texts_under("tags")),
        skip=reason(node, "skip"),
        xfail=reason(node, "xfail"),
    )


def reason(node: Node, key: str) -> str:
    told = node.get(key)
    if told is None or told.value is False:
        return ""
    return "no reason given" if told.value is True else told.text()


def named_paths(node: Node, key: str, *, folders: bool) -> Iterator[Path]:
    """The paths of a list, each of them there; `folders` may be among them. Raises WrongTestFile."""
    told = node.get(key)
    for each in told.items() if told else ():
        path = each.named_path(each.text())
        if not (path.exists() if folders else path.is_file()):
            raise each.wrong(f"there is no file '{each.text()}'.")
        yield path


def clock_of(node: Node | None) -> datetime:
    if node is None:
        return DEFAULT_CLOCK
    try:
        return as_utc(moment_of(node.text(), DEFAULT_CLOCK))
    except ValueError as error:
        raise node.wrong(f"{error}.") from error


def _until(node: Node | None, clock: datetime) -> datetime:
    if node is None:
        return clock
    try:
        until = moment_of(node.text(), clock)
    except ValueError as error:
        raise node.wrong(f"{error}.") from error
    if until < clock:
        raise node.wrong("'until' lies before the clock.")
    return until


def _rule(file: Node, node: Node) -> tuple[Path, str]:
    """The rule's file, and the rule's name where the file has several."""
    told = node.get("rule") or file.get("rule")
    if told is not None:
        name, _, rule = told.text().partition("#")
        path = told.named_path(name)
        if not path.is_file():
            raise told.wrong(f"there is no rule file '{name}'.")
        return path, rule
    stem = next(file.path.name[: -len(end)] for end in TESTS if file.path.name.lower().endswith(end))
    beside = [file.named_path(stem + suffix) for suffix in RULE_SUFFIXES]
    found = next((path for path in beside if path.is_file()), None)
    if found is None:
        raise file.wrong(f"there is no rule '{stem}.yaml' or '.json' beside it; name one with 'rule'.")
    return found, ""


def _merged(read: Any, file: Node, node: Node, key: str) -> dict[str, Any]:
    parts = (file.get(key), node.get(key))
    return {name: value for part in parts if part is not None for name, value in read(part)}


def _tables(node: Node) -> Iterator[tuple[str, Mapping[str, ScalarType]]]:
    for name, each in node.entries():
        yield name, read_columns(each)


def _watchlists(node: Node) -> Iterator[tuple[str, Watchlist]]:
    for alias, each in node.entries():
        if isinstance(each.value, list):
            rows = [item.mapping() for item in each.items()]
            yield alias, Watchlist(alias, next(iter(rows[0]), "") if rows else "", rows)
            continue
        each.mapping(("file", "key", "items"))
        key, items = each.get("key"), each.get("items")
        rows = [item.mapping() for item in items.items()] if items else list(_watchlist_file(each))
        yield alias, Watchlist(alias, key.text() if key else next(iter(rows[0]), "") if rows else "", rows)


def _watchlist_file(node: Node) -> Iterator[dict[str, Any]]:
    file = node.get("file")
    if file is None:
        raise node.wrong("a watchlist is a list of items, or has 'items' or a 'file'.")
    path = file.named_path(file.text())
    if not path.is_file():
        raise file.wrong(f"there is no file '{file.text()}'.")
    try:
        yield from read_records(path, lambda _: None, CsvTypes())
    except InvalidInput as error:
        raise file.wrong(error.message) from error


def _functions(node: Node) -> Iterator[tuple[str, StoredFunction]]:
    for name, each in node.entries():
        if isinstance(each.value, str):
            yield name, StoredFunction(name, "", each.value)
            continue
        each.mapping(("query", "parameters"))
        query, parameters = each.get("query"), each.get("parameters")
        if query is None:
            raise each.wrong(f"the function '{name}' has no 'query'.")
        yield name, StoredFunction(name, parameters.text() if parameters else "", query.text())


def _defaults(parts: Sequence[Node | None]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for part in parts:
        for table, each in part.entries() if part else ():
            found[table] = {**found.get(table, {}), **each.mapping()}
    return found
