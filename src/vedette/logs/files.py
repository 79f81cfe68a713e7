"""KQL over files: no server, no workspace, nothing written."""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from vedette.core.settings import ExternalDataSettings
from vedette.engine.files import load_files
from vedette.engine.limits import DEFAULT_LIMITS, Limits
from vedette.kql.catalog import StoredFunction, Table
from vedette.kql.query_now import query_now
from vedette.logs.explain import Explanation, explain
from vedette.logs.external_data import NOTHING_ALLOWED
from vedette.logs.query import QueryText, run_query
from vedette.logs.result import QueryResult
from vedette.logs.several_results import NamedResult, all_results


class FileCatalog:
    """The tables that files hold; there are no saved functions."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self._tables = {table.name: table for table in tables}

    def table(self, name: str) -> Table | None:
        """The table of exactly this name; None when no file has it."""
        return self._tables.get(name)

    def function(self, name: str) -> StoredFunction | None:
        """None."""
        return None

    def table_names(self) -> list[str]:
        """In the order of the files."""
        return list(self._tables)

    def function_names(self) -> list[str]:
        """Empty."""
        return []

    def workspace(self, name: str) -> None:
        """None."""
        return


def query_files(
    paths: Sequence[Path],
    text: str,
    *,
    now: datetime,
    limits: Limits = DEFAULT_LIMITS,
    external: ExternalDataSettings = NOTHING_ALLOWED,
    ip_database: Path | None = None,
) -> tuple[NamedResult, ...]:
    """Run KQL over files and folders of files; each file is a table named as the file without its suffixes. `external`
    says what else may be fetched, `ip_database` where IP addresses are.

    Raises KqlError with positions, NotFound and InvalidInput for files, and what `QueryEngine.run` raises.
    """
    engine, tables = load_files(paths, ip_database)
    catalog = FileCatalog(tables)

    def run(text: str) -> QueryResult:
        query, has_places = QueryText(text, query_now(text) or now), ip_database is not None
        return run_query(engine, catalog, query, limits, has_ip_database=has_places, external=external)

    with closing(engine):
        return all_results(text, run)


def explain_files(paths: Sequence[Path], text: str, *, now: datetime) -> Explanation:
    """How KQL over files would run. Raises KqlError with positions, NotFound and InvalidInput for files."""
    engine, tables = load_files(paths)
    with closing(engine):
        return explain(engine, FileCatalog(tables), QueryText(text, query_now(text) or now))
