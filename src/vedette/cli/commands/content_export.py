"""`vedette content export`: what a workspace has, as files."""

from pathlib import Path

import click

from vedette.cli.content_files import read_for
from vedette.cli.content_selection import Selection, selected, selection_options
from vedette.cli.content_targets import Asked, Target, parameter_option, target_options, targets
from vedette.cli.writing import write_file
from vedette.content.exporting import bundle, exported_items
from vedette.content.exporting import export as files_of
from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE, ALERT_RULE_ACTION, WATCHLIST, WATCHLIST_ITEM, Kind
from vedette.content.remote import list_items
from vedette.content.writing import FORMATS
from vedette.core.errors import InvalidInput


@click.command()
@click.argument("target", metavar="TARGET", type=click.Path(path_type=Path))
@selection_options
@click.option(
    "--format", "format", type=click.Choice(FORMATS), default="yaml", show_default=True, help="The files' form."
)
@click.option("--bundle", is_flag=True, help="All in one file, TARGET, not one file each below the folder TARGET.")
@parameter_option("files")
@target_options
def export(
    asked: Asked, target: Path, kinds: tuple[str, ...], names: tuple[str, ...], format: str, bundle: bool
) -> None:
    """Write what a workspace has to files below the folder TARGET.

    The same content always gives the same bytes. In a folder that has files already, an item stays in its file, and a
    file that says the same as the workspace is left as it is, with its comments; so an export shows in a diff what was
    changed by hand. With several workspaces each has a folder of its own.

    \b
    Examples:
      vedette content export rules/ --kind AlertRule
      vedette content export all.yaml --bundle
      vedette content export soc/ --workspaces workspaces.yaml --group production
    """
    selection = selected(kinds, names)
    with targets(asked) as found:
        if bundle and len(found) > 1:
            raise InvalidInput("ManyWorkspaces", "A bundle is of one workspace; name it with --workspace.")
        for each in found:
            items = _items(each, selection)
            if bundle:
                _write_bundle(target, items, format)
            else:
                _write_files(each, target / each.workspace.title if len(found) > 1 else target, items, format)


def _items(target: Target, selection: Selection) -> list[Item]:
    kinds: list[Kind] = [*selection.kinds]
    if WATCHLIST in kinds:
        kinds.append(WATCHLIST_ITEM)
    if ALERT_RULE_ACTION in kinds and ALERT_RULE not in kinds:
        kinds.append(ALERT_RULE)
    found = list_items(target.client, target.workspace, kinds, selection.fits)
    return selection.of(exported_items(found))


def _write_bundle(path: Path, items: list[Item], format: str) -> None:
    if path.is_dir():
        raise InvalidInput("IsFolder", f"'{path}' is a folder; a bundle is one file.")
    format = "json" if format == "yaml" and path.suffix.lower() == ".json" else format
    write_file(path, bundle(items, format), folders=True)
    click.echo(f"{len(items)} items in {path}.", err=True)


def _write_files(target: Target, folder: Path, items: list[Item], format: str) -> None:
    there = read_for(target, [folder]) if folder.is_dir() else None
    export = files_of(items, folder, format, there, target.parameters, target.declared)
    for path, text in export.files.items():
        write_file(path, text, folders=True)
    same = f", {export.untouched} files were the same already" if export.untouched else ""
    click.echo(f"{len(items)} items in {folder}: {len(export.files)} files written{same}.", err=True)
