"""The files that commands about content are given, read into items; what is wrong with them is told at once."""

from collections.abc import Sequence
from pathlib import Path

import click

from vedette.cli.content_selection import Selection
from vedette.cli.content_targets import Target
from vedette.content.item import Item
from vedette.content.parameters import filled_items
from vedette.content.planning import check_items
from vedette.content.reading import read
from vedette.core.errors import InvalidInput

_MOST_SHOWN = 50


def read_items(paths: Sequence[Path]) -> list[Item]:
    """The items of files and folders. Nothing is done with files of which one cannot be read: raises InvalidInput."""
    found = read(paths)
    for problem in found.problems[:_MOST_SHOWN]:
        click.echo(str(problem), err=True)
    if found.errors:
        count = len(found.errors)
        raise InvalidInput(
            "InvalidContent", f"{count} problem{'s' if count != 1 else ''} in the files; nothing was done."
        )
    if not found.items:
        raise InvalidInput("NoContent", f"There is no content in {', '.join(str(each) for each in paths)}.")
    return list(found.items)


def items_for(target: Target, items: Sequence[Item], selection: Selection | None = None) -> list[Item]:
    """The items as they are in that workspace: with its parameters, and of them those that are meant."""
    filled = filled_items(items, target.parameters, target.declared)
    check_items(filled)
    return selection.of(filled) if selection is not None else filled
