"""`vedette functions`: the reference of the language, on the command line."""

import sys

import click
import orjson

from vedette.kql.diagnostics import suggestion
from vedette.kql.reference import Page, find, pages

_MOST_EXAMPLES = 8


@click.command()
@click.argument("name", required=False)
@click.option(
    "--kind",
    type=click.Choice(["operator", "scalar function", "aggregate function", "window function", "plugin", "refused"]),
    help="List only these.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def functions(name: str | None, kind: str | None, as_json: bool) -> None:
    """Show the reference of KQL's functions and operators.

    With a NAME, all that is known of it: its signatures, what it does, examples with their results. Without, the list
    of names. No server is needed.

    \b
    Examples:
      vedette functions bin
      vedette functions --kind 'aggregate function'

    Exit code 1 means that there is no such name; the nearest one is told.
    """
    shown = find(name) if name is not None else tuple(page for page in pages() if kind in (None, page.kind))
    if name is not None and not shown:
        hint = suggestion(name, (page.name for page in pages()))
        click.echo(f"vedette: KQL has no function or operator '{name}'." + (f" {hint}" if hint else ""), err=True)
        sys.exit(1)
    if as_json:
        click.echo(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode())
    elif name is not None:
        click.echo("\n\n".join(map(_full, shown)))
    else:
        for page in shown:
            click.echo(f"{page.name:<36} {page.kind:<20} {page.doc}")


def _full(page: Page) -> str:
    lines = [f"{page.name} ({page.kind})", f"  {page.doc}"]
    lines += [f"  {signature}" for signature in page.signatures]
    if page.aliases:
        lines.append(f"  Also: {', '.join(page.aliases)}")
    if page.deprecated_aliases:
        lines.append(f"  Old names: {', '.join(page.deprecated_aliases)}")
    lines += [f"  {text}" + (f"  →  {value}" if value else "") for text, value in page.examples[:_MOST_EXAMPLES]]
    return "\n".join(lines)
