"""`vedette content plan`, `apply`, `import` and `drift`: files against workspaces."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from vedette.cli.content_files import ContentFiles
from vedette.cli.content_selection import Selection, selected, selection_options
from vedette.cli.content_targets import Asked, Target, parameter_option, target_options, targets
from vedette.cli.many_workspaces import carry_out, for_each
from vedette.cli.options import keep_going_option, sigma_option, with_options, yes_option
from vedette.cli.plan_text import change_lines, plan_lines, print_outcomes, print_plan
from vedette.cli.progress import progress
from vedette.cli.writing import write_file
from vedette.content.applying import apply_plan
from vedette.content.drifting import Drift, drift_json, drift_lines, find_drift
from vedette.content.managed import DEFAULT_SET, check_set
from vedette.content.masking import secrets_of
from vedette.content.plan_reports import plan_json, plan_junit, plan_sarif
from vedette.content.planning import Action, Change, Plan, make_plan
from vedette.core.errors import InvalidInput

_FORMATS: dict[str, Callable[[Sequence[Plan]], str]] = {"json": plan_json, "sarif": plan_sarif, "junit": plan_junit}
_CHANGES = 2

_files = click.argument("files", metavar="FILES…", nargs=-1, required=True, type=click.Path(path_type=Path))
_set = click.option(
    "--set",
    "set_name",
    metavar="NAME",
    default=DEFAULT_SET,
    show_default=True,
    help="The name of this set of files; what is managed from another set is left alone by --prune.",
)
_by_title = click.option(
    "--by-title",
    is_flag=True,
    help="Take an item that has no resource of its name for the only one of its kind and title, as AZSentinel does.",
)
_detailed = click.option(
    "--detailed-exitcode", is_flag=True, help="End with 2 where something differs; 0 is then nothing, 1 an error."
)
_format = click.option(
    "--format",
    "format",
    type=click.Choice(("text", *_FORMATS)),
    default="text",
    show_default=True,
    help="What is written.",
)
_output = click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write there, not to standard output.",
)
_parameters = parameter_option("files and for templates")
_prune = click.option(
    "--prune",
    is_flag=True,
    help="Also delete what an earlier apply of this set made and no file has any more, and rows of watchlists that "
    "their files do not have.",
)


@dataclass(frozen=True, slots=True)
class _How:
    """How files are applied."""

    set: str
    prune: bool
    by_title: bool
    keep_going: bool = False
    yes: bool = False
    ask: bool = False
    at_once: int = 8


@click.command()
@_files
@selection_options
@sigma_option
@_set
@_prune
@_by_title
@_format
@_output
@_detailed
@_parameters
@target_options
def plan(
    asked: Asked,
    files: tuple[Path, ...],
    kinds: tuple[str, ...],
    names: tuple[str, ...],
    sigma_pipeline: str,
    set_name: str,
    prune: bool,
    by_title: bool,
    format: str,
    output: Path | None,
    detailed_exitcode: bool,
) -> None:
    """Show what applying FILES would change, property by property. Nothing is changed.

    \b
    Examples:
      vedette content plan rules/
      vedette content plan rules/ --format sarif --output plan.sarif
      vedette content plan rules/ --prune --detailed-exitcode
    """
    how = _How(check_set(set_name), prune, by_title)
    content = ContentFiles(files, sigma_pipeline)
    selection = selected(kinds, names) if kinds or names else None
    with targets(asked) as found:
        made, _ = for_each(found, lambda target: _planned(target, content, selection, how))
    plans = [each for _, each in made]
    if format == "text":
        _write(output, "".join(f"{line}\n" for each in plans for line in plan_lines(each)))
    else:
        _write(output, _FORMATS[format](plans))
    if detailed_exitcode and any(each.changed for each in plans):
        sys.exit(_CHANGES)


def _apply_options(command: Callable[..., Any]) -> Callable[..., Any]:
    at_once = click.option(
        "--at-once",
        metavar="N",
        type=click.IntRange(1, 64),
        default=8,
        show_default=True,
        help="Requests at a time.",
    )
    own = (_files, selection_options, sigma_option, _set, _prune, _by_title, keep_going_option, yes_option, at_once)
    return with_options(command, own)


@click.command()
@_apply_options
@_parameters
@target_options
def apply(asked: Asked, files: tuple[Path, ...], kinds: tuple[str, ...], names: tuple[str, ...], **said: Any) -> None:
    """Make a workspace say what FILES say.

    Only what differs is sent: watchlists first, then functions, each after those that it calls, then queries, then
    rules, then playbooks and automation. The plan is shown, and on a terminal confirmed. The first refusal ends it, and
    the exit code is 1; the same command goes on from there. Nothing is deleted without --prune.

    \b
    Examples:
      vedette content apply rules/
      vedette content apply rules/ --prune --yes
      vedette content apply rules/ --workspaces workspaces.yaml --group production --yes
    """
    _apply(asked, files, kinds, names, said["sigma_pipeline"], _how(said, ask=True))


@click.command("import")
@_apply_options
@_parameters
@target_options
def import_(asked: Asked, files: tuple[Path, ...], kinds: tuple[str, ...], names: tuple[str, ...], **said: Any) -> None:
    """Apply FILES without showing a plan.

    Only what would be deleted is shown, and on a terminal confirmed; elsewhere --yes has it so.

    \b
    Examples:
      vedette content import AlertRules.json --by-title
      vedette content import all.yaml
    """
    _apply(asked, files, kinds, names, said["sigma_pipeline"], _how(said, ask=False))


@click.command()
@click.argument("files", metavar="[FILES…]", nargs=-1, type=click.Path(path_type=Path))
@selection_options
@sigma_option
@_set
@click.option("--unmanaged", is_flag=True, help="Also show what is in the workspace and not from this set of files.")
@_format
@_output
@_detailed
@_parameters
@target_options
def drift(
    asked: Asked,
    files: tuple[Path, ...],
    kinds: tuple[str, ...],
    names: tuple[str, ...],
    sigma_pipeline: str,
    set_name: str,
    unmanaged: bool,
    format: str,
    output: Path | None,
    detailed_exitcode: bool,
) -> None:
    """Show what somebody changed or deleted by hand since files were applied.

    With FILES every property is shown that differs from its file; without, which items have changed since the last
    apply of the set. What is only not applied yet is no drift: 'vedette content plan' shows it.

    \b
    Examples:
      vedette content drift
      vedette content drift rules/ --unmanaged --detailed-exitcode
    """
    content = ContentFiles(files, sigma_pipeline)
    selection = selected(kinds, names)
    own = selection if kinds or names else None
    with targets(asked) as found:
        made, _ = for_each(
            found,
            lambda target: find_drift(
                target.client,
                target.workspace,
                content.items_for(target, own) if files else [],
                set=check_set(set_name),
                kinds=selection.kinds,
                with_others=unmanaged,
                secrets=secrets_of(target.parameters),
            ),
        )
    drifts = [each for _, each in made]
    _write(output, _drift_text(drifts, format))
    if detailed_exitcode and any(each.changes or each.others for each in drifts):
        sys.exit(_CHANGES)


def _drift_text(drifts: Sequence[Drift], format: str) -> str:
    if format == "json":
        return drift_json(drifts)
    if format != "text":
        return _FORMATS[format]([each.as_plan() for each in drifts])
    return "".join(f"{line}\n" for each in drifts for line in drift_lines(each, change_lines))


def _how(said: dict[str, Any], *, ask: bool) -> _How:
    return _How(
        set=check_set(said["set_name"]),
        prune=said["prune"],
        by_title=said["by_title"],
        keep_going=said["keep_going"],
        yes=said["yes"],
        ask=ask,
        at_once=said["at_once"],
    )


def _apply(
    asked: Asked,
    files: tuple[Path, ...],
    kinds: tuple[str, ...],
    names: tuple[str, ...],
    sigma_pipeline: str,
    how: _How,
) -> None:
    if how.prune and (kinds or names):
        raise InvalidInput(
            "PruneSelection", "--prune looks at all of the files; it goes with neither --kind nor --name."
        )
    content = ContentFiles(files, sigma_pipeline)
    selection = selected(kinds, names) if kinds or names else None
    with targets(asked) as found:
        plans, failed = for_each(
            found, lambda target: _planned(target, content, selection, how), keep_going=how.keep_going
        )
        for _, made in plans:
            _check_allowed(made, how)
        fine = carry_out(plans, lambda target, made: _apply_to(target, made, how), keep_going=how.keep_going)
    if failed or not fine:
        sys.exit(1)


def _planned(target: Target, content: ContentFiles, selection: Selection | None, how: _How) -> Plan:
    items = content.items_for(target, selection)
    made = make_plan(
        target.client,
        target.workspace,
        items,
        set=how.set,
        prune=how.prune,
        by_title=how.by_title,
        secrets=secrets_of(target.parameters),
    )
    content.check_deleted(made)
    return made


def _apply_to(target: Target, made: Plan, how: _How) -> bool:
    """Ask and apply; whether nothing failed, and nobody said no."""
    if how.ask:
        print_plan(made)
    elif _asks(made, how):
        for change in made.changed:
            if _deletes(change):
                click.echo("\n".join(change_lines(change)))
    if made.changed and not _confirmed(made, how):
        click.echo(f"{target.workspace.title}: nothing was changed.", err=True)
        return False
    with progress(f"Apply to {target.workspace.title}", len(made.changed)) as advance:
        applied = apply_plan(
            target.client,
            made,
            keep_going=how.keep_going,
            at_once=how.at_once,
            told=lambda _outcome: advance(),
        )
    print_outcomes(made, applied)
    return not applied.failed


def _check_allowed(made: Plan, how: _How) -> None:
    """What deletes needs a word, where nobody can be asked. Raises InvalidInput."""
    deleted = _deleted(made)
    if deleted and not how.yes and not sys.stdin.isatty():
        raise InvalidInput("NotConfirmed", f"{deleted} things would be deleted. Say --yes to have it so.")


def _asks(made: Plan, how: _How) -> bool:
    return not how.yes and sys.stdin.isatty() and (how.ask or _deleted(made) > 0)


def _confirmed(made: Plan, how: _How) -> bool:
    """Asked on a terminal."""
    return not _asks(made, how) or click.confirm(f"Apply this to {made.workspace.title}?", err=True)


def _deleted(made: Plan) -> int:
    return sum(map(_deletes, made.changed))


def _deletes(change: Change) -> int:
    """How many things a change deletes: the item, or rows of a watchlist."""
    if change.action is Action.DELETE:
        return 1
    return len(change.rows.extra) if change.rows else 0


def _write(path: Path | None, text: str) -> None:
    if path is None:
        click.echo(text, nl=False)
        return
    write_file(path, click.unstyle(text))
