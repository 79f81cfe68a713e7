"""Microsoft's analyser of KQL as an independent check: what it says of a query's names, types and errors."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.corpus.answers import CORPUS
from vedette.kql.catalog import Catalog
from vedette.kql.compile import compile_query
from vedette.kql.diagnostics import KqlError

ORACLE = CORPUS.parent / "tools" / "kql_oracle.js"
MODULES = Path(__file__).parents[1] / "analyser" / "node_modules"
NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


def missing() -> str | None:
    """Why the analyser cannot be asked here; None when it can."""
    if shutil.which("node") is None:
        return "no node on this machine"
    if not ORACLE.is_file():
        return f"no analyser script at {ORACLE}"
    return None if MODULES.is_dir() else "no analyser: npm ci --prefix tests/analyser"


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the analyser says: `columns` as (name, type) or None, `errors` as code and message; `crash` if it failed."""

    columns: tuple[tuple[str, str], ...] | None
    errors: tuple[str, ...]
    crash: bool


def analyse(
    queries: Iterable[str],
    tables: Mapping[str, Mapping[str, str]],
    functions: Mapping[str, tuple[str, str]],
) -> list[Analysis]:
    """The analyses of queries over tables of these columns and saved functions (parameters and body)."""
    schema = {
        "tables": {name: _schema(columns) for name, columns in tables.items()},
        "functions": {name: [parameters, body] for name, (parameters, body) in functions.items()},
    }
    requests = [{"schema": schema}, *({"query": query} for query in queries)]
    answered = subprocess.run(
        ["node", str(ORACLE)],
        input="\n".join(map(json.dumps, requests)),
        env={**os.environ, "KUSTO_LS": str(MODULES / "@kusto" / "language-service-next")},
        capture_output=True,
        text=True,
        check=True,
    )
    return [_analysis(json.loads(line)) for line in answered.stdout.splitlines()]


def _schema(columns: Mapping[str, str]) -> str:
    pairs = ", ".join(f"['{name}']: {type}" for name, type in columns.items())
    return f"({pairs})"


def _analysis(answer: Mapping[str, object]) -> Analysis:
    columns = answer.get("columns")
    diagnostics = answer["diagnostics"]
    assert isinstance(diagnostics, list)
    errors = tuple(f"{each['code']} {each['message']}" for each in diagnostics if each["severity"] == "Error")
    known = tuple((name, type) for name, type in columns) if isinstance(columns, list) else None
    return Analysis(known, errors, "crash" in answer)


def difference(query: str, catalog: Catalog, theirs: Analysis) -> str | None:
    """How we and the analyser differ over a query; None where we agree (that both refuse it is agreement)."""
    try:
        ours = compile_query(query, catalog, now=NOW)
    except KqlError as error:
        if theirs.errors or theirs.crash:
            return None
        return f"only ours refuses: {error.diagnostics[0].code} {error.diagnostics[0].message}"
    if theirs.crash:
        return None
    if theirs.errors:
        return f"only theirs refuses: {theirs.errors[0]}"
    return _of_columns([(name, type.value) for name, type in ours.columns], theirs.columns)


def _of_columns(ours: Sequence[tuple[str, str]], theirs: Sequence[tuple[str, str]] | None) -> str | None:
    if theirs is None:
        return None
    if [name for name, _ in ours] != [name for name, _ in theirs]:
        left = [name for name, _ in ours if name not in dict(theirs)]
        right = [name for name, _ in theirs if name not in dict(ours)]
        return f"names: ours {left}, theirs {right}" if left or right else "names: another order"
    for (name, type), (_, other) in zip(ours, theirs, strict=True):
        if type != other:
            return f"types: {name} is {type} here, {other} there"
    return None
