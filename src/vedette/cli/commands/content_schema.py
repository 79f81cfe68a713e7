"""`vedette content schema`: the tables and functions of a workspace, for `vedette lint --schema`."""

from pathlib import Path

import click

from vedette.cli.content_targets import Asked, target_options, targets
from vedette.cli.writing import write_file
from vedette.content.kinds import PARSER
from vedette.content.lint.schema_file import TABLES_VERSION, schema_text
from vedette.core.errors import InvalidInput


@click.command()
@click.argument("target", metavar="TARGET", type=click.Path(path_type=Path, dir_okay=False))
@target_options
def schema(asked: Asked, target: Path) -> None:
    """Write the tables and functions of a workspace to the file TARGET.

    With it, `vedette lint --schema TARGET` knows the custom tables that queries read.

    \b
    Example:
      vedette content schema schema.json
      vedette lint rules/ --schema schema.json
    """
    with targets(asked) as found:
        if len(found) > 1:
            raise InvalidInput("ManyWorkspaces", "A schema is of one workspace; name it with --workspace.")
        client, workspace = found[0].client, found[0].workspace
        tables = client.all(f"{workspace.id}/tables", {"api-version": TABLES_VERSION})
        searches = client.all(workspace.collection(PARSER), {"api-version": PARSER.version})
    write_file(target, schema_text(tables, searches))
    click.echo(f"{len(tables)} tables in {target}.", err=True)
