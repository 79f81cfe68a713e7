"""What happens to the published queries, whose answers nobody has recorded: whether each parses, binds and runs over
the tables of a workspace, without rows."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from tests.corpus.answers import CORPUS, NOW
from tests.corpus.workspace import PublishedWorkspace, parser_function
from vedette.core.errors import VedetteError
from vedette.engine.engine import QueryEngine
from vedette.engine.limits import DEFAULT_LIMITS
from vedette.kql.compile import compile_query
from vedette.kql.diagnostics import KqlError
from vedette.kql.parser import parse_function, parse_query
from vedette.kql.types import ScalarType
from vedette.logs import external_fetch
from vedette.logs.data import QueryData
from vedette.sql.lower import to_sql

PUBLISHED = ("sentinel_queries", "community_queries", "parsers")


def published(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The queries of a set by where they come from; the second one of a place is `place#2`."""
    seen: dict[str, int] = {}
    with (CORPUS / "kql" / f"{name}.jsonl").open(encoding="utf-8") as lines:
        for case in map(json.loads, lines):
            place = "/".join(case[key] for key in ("source", "path") if key in case)
            seen[place] = seen.get(place, 0) + 1
            yield (place if seen[place] == 1 else f"{place}#{seen[place]}"), case


def as_query(name: str, case: dict[str, Any], workspace: PublishedWorkspace) -> tuple[PublishedWorkspace, str]:
    """The query of a case and the workspace it is asked of: a parser is saved there as a function, and called."""
    if name != "parsers":
        return workspace, case["query"]
    saved = parser_function(case["query"])
    try:
        parameters = parse_function(saved.parameters, saved.body).parameters
    except KqlError:
        return workspace, saved.body  # which tells the error where it is
    given = ", ".join(_ARGUMENTS[each.type] for each in parameters if each.type is not None and each.default is None)
    table = next((each for each in parameters if each.is_tabular), None)
    if table is None:
        return workspace.saving(saved), f"{saved.name}({given})"
    columns = ", ".join(f"{each.name}:{each.type.value}" for each in table.columns or ()) or "x:string"
    return workspace.saving(saved), f"datatable({columns})[] | invoke {saved.name}({given})"


_ARGUMENTS = {
    ScalarType.datetime: "now()",
    ScalarType.dynamic: "dynamic([])",
    ScalarType.int: "int(1)",
    ScalarType.string: "'x'",
    ScalarType.timespan: "1d",
}


def fate(engine: QueryEngine, workspace: PublishedWorkspace, query: str) -> str:
    """`runs`, or the stage that fails, with the reason: `parse SYN0002: …`, `bind SEM0100: …`, `lower …`, `run …`."""
    try:
        parse_query(query)
    except KqlError as error:
        return f"parse {error.code}: {error.message}"
    data = QueryData(engine, {"now": NOW}, DEFAULT_LIMITS)
    try:
        compiled = compile_query(query, workspace, now=NOW)
    except KqlError as error:
        return f"bind {error.code}: {error.message}"
    try:
        with nothing_on_the_web():
            data.run(compiled, to_sql(compiled, engine.dialect))
    except VedetteError as error:
        return f"run {error.code}: {error.message} {str(error.__cause__)[:200]}"
    except Exception as error:
        return f"lower {type(error).__name__}: {error}"
    return "runs"


@contextmanager
def nothing_on_the_web() -> Iterator[None]:
    """Every file that a query reads from the web is there and empty, whatever the settings allow; all after the
    fetching is real."""

    def nothing(uri: str, *_: object) -> external_fetch.Fetched:
        return external_fetch.Fetched(b"", uri, {})

    with patch.object(external_fetch, "fetch", nothing):
        yield
