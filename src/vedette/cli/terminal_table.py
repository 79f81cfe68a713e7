"""A query's answer as a table for people."""

import sys
from collections.abc import Callable
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vedette.cli.answer import Answer
from vedette.core.printable import printable

_NUMERIC = frozenset({"int", "long", "real", "decimal"})
_UNBOUNDED = 1_000_000  # columns of text: what is not a terminal has no edge to wrap at


def print_table(answer: Answer) -> None:
    """Print the answer to standard output, folded into the terminal's width where there is a terminal."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in answer.columns:
        right = column.type in _NUMERIC
        table.add_column(Text(printable(column.name)), justify="right" if right else "left", overflow="fold")
    writers = [_writer(column.type) for column in answer.columns]
    for row in answer.rows:
        table.add_row(*(Text(write(cell)) for write, cell in zip(writers, row, strict=True)))
    width = None if sys.stdout.isatty() else _UNBOUNDED
    Console(width=width, highlight=False).print(table)
    count = len(answer.rows)
    click.echo(f"{count:,} row{'' if count == 1 else 's'}", err=True)


def _writer(type: str) -> Callable[[Any], str]:
    if type == "bool":
        return lambda cell: "" if cell is None else str(cell).lower()
    return lambda cell: "" if cell is None else printable(str(cell))
