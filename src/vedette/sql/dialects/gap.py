"""What one engine does not run yet, said by name."""

from vedette.core.errors import Unsupported

_TITLES = {"clickhouse": "ClickHouse", "duckdb": "DuckDB"}


class DialectGap(Unsupported):
    """A function, conversion or step of a query that the language knows and an engine's dialect does not say yet.

    `name` is Kusto's name for it; `dialect` is the engine's.
    """

    def __init__(self, dialect: str, name: str, reason: str = "") -> None:
        title = _TITLES.get(dialect, dialect)
        super().__init__(
            "UnsupportedByEngine",
            f"'{name}' does not run on {title} yet{f': {reason}' if reason else ''}.",
        )
        self.dialect = dialect
        self.name = name
