"""`vedette content sync`: a repository that was made for Microsoft Sentinel's Repositories, deployed unchanged."""

import sys
from pathlib import Path

import click

from vedette.cli.content_targets import Asked, Target, parameter_option, target_options, targets
from vedette.cli.many_workspaces import for_each
from vedette.cli.plan_text import print_outcomes
from vedette.content.applying import apply_plan
from vedette.content.backup import origin_of
from vedette.content.item import Item
from vedette.content.parameters import filled_items
from vedette.content.planning import make_plan
from vedette.content.problem import Problem
from vedette.content.reading import read
from vedette.content.repository import CONTENT_TYPES, Config, known_source_control, read_config, yaml_files
from vedette.content.repository_sync import FileOutcome, Result, Sync, sync_templates
from vedette.core.errors import InvalidInput
from vedette.core.ids import derived_id, new_id
from vedette.core.printable import printable

_COLOURS = {Result.DEPLOYED: "green", Result.FAILED: "red", Result.SKIPPED: "yellow"}


@click.command()
@click.argument("repository", metavar="REPOSITORY", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--content-type",
    "content_types",
    multiple=True,
    type=click.Choice(tuple(CONTENT_TYPES)),
    help="Deploy this type of content; may be repeated. Without it, all of them.",
)
@click.option("--directory", metavar="PATH", default="", help="Only what is below this folder of the repository.")
@click.option("--full", is_flag=True, help="Deploy files that have not changed too, as 'smartDeployment: false' does.")
@click.option(
    "--source-control-id",
    metavar="ID",
    default="",
    help="The connection's id, which names the tracking table and is in the metadata. Without it, the one of the table "
    "that is there, else one of the workspace's own.",
)
@parameter_option("YAML files, and in no template")
@target_options
def sync(
    asked: Asked,
    repository: Path,
    content_types: tuple[str, ...],
    directory: str,
    full: bool,
    source_control_id: str,
) -> None:
    """Deploy REPOSITORY, made for Microsoft Sentinel's Repositories, to a workspace.

    ARM templates are deployed as its own workflow does: those that sentinel-deployment.config puts first, each with
    the parameter file that goes before the others, validated, in up to three tries, and with metadata; what has not
    changed since, by .sentinel/tracking_table_*.csv, is left alone. YAML content is applied too. The exit code is 1
    where a file failed; the others are deployed.

    \b
    Examples:
      vedette content sync .
      vedette content sync . --content-type AnalyticsRule --full
    """
    types = content_types or tuple(CONTENT_TYPES)

    def done(target: Target) -> bool:
        made = _sync(target, repository, directory, types, full, source_control_id)
        failed = _templates(made)
        return _yaml(target, made) or failed

    with targets(asked) as found:
        results, failed = for_each(found, done, keep_going=True)
    if failed or any(result for _, result in results):
        sys.exit(1)


def _sync(
    target: Target, root: Path, directory: str, content_types: tuple[str, ...], full: bool, source_control_id: str
) -> Sync:
    below = (root / directory).resolve()
    if not below.is_relative_to(root.resolve()) or not below.is_dir():
        raise InvalidInput("NoFolder", f"'{directory}' is no folder of '{root}'.")
    workspace_id = origin_of(target.client, target.workspace).customer_id
    own_id = derived_id("sync", target.workspace.id.lower())
    return Sync(
        root=root.resolve(),
        directory=below,
        client=target.client,
        workspace=target.workspace,
        workspace_id=workspace_id,
        source_control_id=source_control_id or known_source_control(root) or own_id,
        config=read_config(root, workspace_id),
        content_types=content_types,
        full=full,
        new_id=new_id,
    )


def _templates(made: Sync) -> bool:
    """Deploy the templates; whether one failed."""
    outcomes: list[FileOutcome] = []
    for outcome in sync_templates(made):
        outcomes.append(outcome)
        if outcome.result is not Result.UNCHANGED:
            reason = f": {printable(outcome.reason)}" if outcome.reason else ""
            told = printable(f"{outcome.result.value} {outcome.path}")
            click.echo(click.style(told, fg=_COLOURS[outcome.result]) + reason)
    numbers = {result: sum(each.result is result for each in outcomes) for result in Result}
    told = ", ".join(f"{number} {result.value}" for result, number in numbers.items() if number) or "no templates"
    click.echo(printable(f"{made.workspace.title}: {told}."), err=True)
    if numbers[Result.FAILED]:
        attempted = numbers[Result.FAILED] + numbers[Result.DEPLOYED]
        click.echo(f"{numbers[Result.FAILED]} of {attempted} deployments failed.", err=True)
    return bool(numbers[Result.FAILED])


def _yaml(target: Target, made: Sync) -> bool:
    """Apply the YAML content; whether some of it was refused or could not be read."""
    items, errors = _content(made, made.config)
    for problem in errors:
        click.echo(printable(str(problem)), err=True)
    if not items:
        return bool(errors)
    filled = filled_items(items, target.parameters, target.declared)
    plan = make_plan(target.client, target.workspace, filled, set=f"sync-{made.source_control_id.lower()}")
    applied = apply_plan(target.client, plan, keep_going=True)
    print_outcomes(plan, applied)
    return bool(errors or applied.failed)


def _content(made: Sync, config: Config) -> tuple[list[Item], list[Problem]]:
    """The items of YAML files, and what is wrong with files that are content; pipelines and the like are none."""
    wanted = set(yaml_files(made.root, made.directory, config))
    if not wanted:
        return [], []
    found = read([made.directory])
    items = [each for each in found.items if each.source is not None and each.source.path in wanted]
    return items, [each for each in found.errors if each.path in wanted]
