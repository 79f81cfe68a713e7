"""`vedette lint`: what is wrong with content in files, said before it is deployed."""

from dataclasses import replace
from pathlib import Path

import click

from vedette.cli.options import sigma_option
from vedette.content.lint.reports import FORMATS


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1)
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True, help="Of the report."
)
@click.option("--output", metavar="FILE", type=click.Path(path_type=Path), help="Write the report there.")
@click.option(
    "--schema",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A workspace's tables, from vedette content schema.",
)
@sigma_option
@click.option("--parameter", "parameters", metavar="NAME=VALUE", multiple=True, help="For <<NAME>> and for templates.")
@click.option("--since", metavar="COMMIT", help="Ask of content that has changed since then for a higher version.")
@click.option("--baseline", metavar="FILE", type=click.Path(path_type=Path), help="Leave out what this file knows.")
@click.option("--write-baseline", metavar="FILE", type=click.Path(path_type=Path), help="Write what is found as known.")
@click.option("--select", metavar="IDS", help="Only these rules: VED604,VED6 (a beginning is enough).")
@click.option("--ignore", metavar="IDS", help="Not these rules.")
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--explain", metavar="ID", help="Say what a rule looks for and why, and end.")
@click.pass_context
def lint(
    ctx: click.Context,
    paths: tuple[str, ...],
    format_: str,
    output: Path | None,
    schema: Path | None,
    sigma_pipeline: str,
    parameters: tuple[str, ...],
    since: str | None,
    baseline: Path | None,
    write_baseline: Path | None,
    select: str | None,
    ignore: str | None,
    strict: bool,
    explain: str | None,
) -> None:
    """Say what is wrong with content in files, and what costs more than it should.

    PATH is a file, a folder or a pattern. Looked at are the form of everything, whether the service takes it, whether
    queries bind, give the columns that entities and details are made of, and how they read their tables; tactics and
    techniques; versions and duplicates. A comment `// vedette-disable VED604 why` keeps a finding. Exit codes: 0
    nothing that fails, 1 errors (with --strict also warnings), 2 the command itself cannot be carried out.

    \b
    Example:
      vedette lint rules/ hunting/ --format sarif --output lint.sarif
      vedette lint rules/ --since origin/main
      vedette lint --explain VED604
    """
    from vedette.cli.name_values import name_values
    from vedette.cli.writing import write_file
    from vedette.content.lint.baseline import baseline_text, read_baseline
    from vedette.content.lint.catalog import NO_SCHEMA, read_schema
    from vedette.content.lint.linting import lint as linted_of
    from vedette.content.lint.reports import explained, report, summary
    from vedette.content.lint.rules import Level, rules
    from vedette.content.parameters import filled_items
    from vedette.content.reading import read
    from vedette.content.target import Target
    from vedette.core.errors import InvalidInput

    if explain is not None:
        rule = rules().get(explain.upper())
        if rule is None:
            raise click.UsageError(f"There is no rule {explain}; there are {', '.join(rules())}.")
        click.echo(explained(rule), nl=False)
        return
    if not paths:
        raise click.UsageError("Name a file, a folder or a pattern.")
    try:
        known = read_baseline(baseline) if baseline else None
        tables = read_schema(schema) if schema else NO_SCHEMA
        values = name_values("--parameter", parameters)
        told = read(paths, Target(sigma_pipeline=sigma_pipeline, parameters=values))
        told = replace(told, items=tuple(filled_items(told.items, values, ())))
        linted = linted_of(told, tables, since, known).chosen(_codes(select), _codes(ignore) or ())
        text = report(linted, format_)
        if write_baseline:
            write_file(write_baseline, baseline_text(linted.findings))
        if output:
            write_file(output, text)
    except InvalidInput as error:
        raise click.UsageError(error.message) from error
    if output:
        click.echo(summary(linted), err=True)
    else:
        click.echo(text, nl=False)
    failing = linted.count(Level.ERROR) + (linted.count(Level.WARNING) if strict else 0)
    ctx.exit(1 if failing and not write_baseline else 0)


def _codes(text: str | None) -> tuple[str, ...] | None:
    return tuple(each.strip().upper() for each in text.split(",") if each.strip()) if text else None
