"""What holds for every text and every query, whatever it is."""

from datetime import UTC, datetime
from typing import Any

from tests.spec.kql.running import TablesInMemory, run_rows
from tests.unit.kql.printing import text_of, without_spans
from vedette.core.errors import VedetteError
from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.catalog import Catalog
from vedette.kql.compile import compile_query
from vedette.kql.diagnostics import KqlError
from vedette.kql.parser import parse_query
from vedette.sql.dialects.duckdb import DuckDB
from vedette.sql.lower import to_sql

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


def check_text(text: str, catalog: Catalog) -> None:
    """Any text is compiled or refused with places in it; what is read is printed and read again as itself."""
    try:
        tree = parse_query(text)
    except KqlError as error:
        _check_places(error, text)
        return
    try:
        printed = text_of(tree)
    except NotImplementedError:
        printed = None  # a statement that is kept as text only
    if printed is not None:
        assert without_spans(parse_query(printed)) == without_spans(tree), printed
    try:
        to_sql(compile_query(text, catalog, now=NOW), DuckDB())
    except KqlError as error:
        _check_places(error, text)


def _check_places(error: KqlError, text: str) -> None:
    assert error.diagnostics
    for finding in error.diagnostics:
        assert 0 <= finding.span.start <= finding.span.end <= max(len(text), len(error.text)), finding


def check_query(engine: DuckDBEngine, query: str) -> str:
    """A query gives the same whether its steps are folded into each other or not. Gives what it came to: `rows`, or the
    code of an error that a value caused."""
    folded = _outcome(engine, query, in_steps=False)
    steps = _outcome(engine, query, in_steps=True)
    assert folded == steps, f"{query}\nfolded: {folded}\nin steps: {steps}"
    return folded if isinstance(folded, str) else "rows"


def _outcome(engine: DuckDBEngine, query: str, *, in_steps: bool) -> Any:
    try:
        columns, rows = run_rows(engine, TablesInMemory(), query, NOW, in_steps=in_steps)
    except KqlError:
        raise
    except VedetteError as error:
        return error.code
    return columns, sorted(map(repr, rows))


def check_conjunction(engine: DuckDBEngine, table: str, left: str, right: str) -> None:
    """`where a and b` is `where a | where b`."""
    together = _outcome(engine, f"{table}\n| where {left} and {right}", in_steps=False)
    apart = _outcome(engine, f"{table}\n| where {left}\n| where {right}", in_steps=False)
    assert together == apart, f"{table}\n| where {left} and {right}\n{together}\n{apart}"
