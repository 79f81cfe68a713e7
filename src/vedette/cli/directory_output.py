"""Directory objects as the commands print them: a table for people, JSON for programs."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vedette.core.printable import printable

_UNBOUNDED = 1_000_000  # columns of text: what is not a terminal has no edge to wrap at

json_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON."
)


def print_objects(objects: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *, as_json: bool) -> None:
    """Print a table with a column for each property, headed as `columns` says, or all of it as JSON."""
    if as_json:
        click.echo(orjson.dumps(list(objects), option=orjson.OPT_INDENT_2).decode())
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in columns.values():
        table.add_column(title, overflow="fold")
    for each in objects:
        table.add_row(*(Text(_cell(each.get(name))) for name in columns))
    Console(width=None if sys.stdout.isatty() else _UNBOUNDED, highlight=False).print(table)


def print_object(object: Mapping[str, Any], *, as_json: bool) -> None:
    """Print what is known of one object, a line for each property, or as JSON."""
    known = {name: value for name, value in object.items() if not name.startswith("@") and value not in (None, [], {})}
    if as_json:
        click.echo(orjson.dumps(known, option=orjson.OPT_INDENT_2).decode())
        return
    width = max(map(len, known), default=0)
    for name, value in known.items():
        click.echo(f"{name:<{width}}  {_cell(value)}")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return printable(value if isinstance(value, str) else orjson.dumps(value).decode())
