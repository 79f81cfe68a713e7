"""What a query answers, as rows, and as whichever data frame one likes."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from vedette.cli.answer import Answer, Column
from vedette.cli.answer_files import arrow_table
from vedette.cli.cells import parsed
from vedette.core.errors import Unsupported
from vedette.notebook.html import shown, table_html

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

_SHOWN = 50
_WIDTH = 32


class Result:
    """A result: its columns, and its rows as mappings of Python values. Datetimes are aware, in UTC.

    `partial` says what is missing where the server cut the result off, and is None otherwise.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    @property
    def name(self) -> str:
        """The result's name, which tells several results of one query apart."""
        return self._answer.name

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns: each its name and its KQL type."""
        return self._answer.columns

    @property
    def partial(self) -> str | None:
        """What is missing, if anything is."""
        return self._answer.partial

    @cached_property
    def rows(self) -> Sequence[dict[str, Any]]:
        """The rows in order."""
        return [
            {column.name: parsed(cell, column.type) for column, cell in zip(self._answer.columns, row, strict=True)}
            for row in self._answer.rows
        ]

    def __len__(self) -> int:
        return len(self._answer.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.rows[index]

    def to_arrow(self) -> "pyarrow.Table":
        """As an Arrow table; dynamics and guids are text, in JSON."""
        return arrow_table(self._answer)

    def to_pandas(self) -> "pandas.DataFrame":
        """As a pandas data frame; dynamics are Python values. Raises Unsupported where pandas is not installed."""
        _installed("pandas")
        frame = self.to_arrow().to_pandas()
        for column in self._dynamics():
            frame[column] = [row[column] for row in self.rows]
        return frame

    def to_polars(self) -> "polars.DataFrame":
        """As a Polars data frame; dynamics are JSON text. Raises Unsupported where Polars is not installed."""
        _installed("polars")
        import polars  # noqa: PLC0415  (it need not be installed)

        frame = polars.from_arrow(self.to_arrow())
        assert isinstance(frame, polars.DataFrame)
        return frame

    @property
    def df(self) -> Any:
        """As a pandas data frame where pandas is installed, else of Polars, else an Arrow table."""
        if find_spec("pandas"):
            return self.to_pandas()
        return self.to_polars() if find_spec("polars") else self.to_arrow()

    def _dynamics(self) -> list[str]:
        return [column.name for column in self._answer.columns if column.type == "dynamic"]

    def _repr_html_(self) -> str:
        names = [column.name for column in self._answer.columns]
        rows = [list(row.values()) for row in self.rows[:_SHOWN]]
        return table_html(names, rows, self._told())

    def __repr__(self) -> str:
        names = [column.name for column in self._answer.columns]
        lines = [[name[:_WIDTH] for name in names]]
        lines += [[shown(value).replace("\n", " ")[:_WIDTH] for value in row.values()] for row in self.rows[:_SHOWN]]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)] if names else []
        told = ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in lines]
        return "\n".join([*(line.rstrip() for line in told), self._told()])

    def _told(self) -> str:
        count = len(self)
        told = f"{count:,} row{'' if count == 1 else 's'}" + (
            f", of which {_SHOWN} are shown" if count > _SHOWN else ""
        )
        return f"{told}; not the whole result: {self.partial}" if self.partial else told


def _installed(name: str) -> None:
    if find_spec(name) is None:
        raise Unsupported("NotInstalled", f"{name} is not installed; install it with: pip install 'vedette[{name}]'")
