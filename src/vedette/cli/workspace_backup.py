"""A workspace's configuration, backed up and restored; what `vedette backup` and `restore` do with `--workspace`."""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from vedette import __version__
from vedette.cli.content_selection import KIND_NAMES, selected
from vedette.cli.content_targets import Asked, Target, targets
from vedette.cli.name_values import name_values
from vedette.cli.plan_text import print_outcomes, print_plan
from vedette.cli.progress import progress
from vedette.cli.writing import writing
from vedette.content.applying import apply_plan
from vedette.content.backup import configuration, for_workspace, origin_of
from vedette.content.backup_files import Backup, check_items, read_backup, write_backup
from vedette.content.item import Item
from vedette.content.kinds import KINDS, PLAYBOOK, ROLE_ASSIGNMENT, Kind
from vedette.content.managed import DEFAULT_SET
from vedette.content.planning import Plan, make_plan
from vedette.content.remote import list_items
from vedette.content.restoring import Restore, places_of_secrets, restored
from vedette.core.errors import InvalidInput
from vedette.core.printable import printable

without_option = click.option(
    "--without",
    metavar="KIND",
    multiple=True,
    help=f"Of a workspace's configuration: leave this kind out; may be repeated. The kinds: {', '.join(KIND_NAMES)}.",
)


@dataclass(frozen=True, slots=True)
class How:
    """How a workspace is restored."""

    only_plan: bool
    yes: bool
    keep_going: bool
    principals: tuple[str, ...]
    without: tuple[str, ...]


def back_up_workspace(asked: Asked, path: Path, without: tuple[str, ...]) -> None:
    """Write the workspace's configuration to a folder or an archive, whole or not at all."""
    kinds = _kinds(without)
    with targets(asked) as (target,):
        origin = origin_of(target.client, target.workspace)
        items = configuration(target.client, target.workspace, kinds)
        created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        with writing(path):
            files = write_backup(path, origin, items, created, __version__)
    click.echo(f"{path}: {len(items)} things of {target.workspace.title} in {files} files, as of {created}.", err=True)
    for each in items:
        places = list(places_of_secrets(each.body)) if each.kind is PLAYBOOK else []
        if places:
            told = f"{each.kind.name} '{each.title}' is without what looked secret in it: {', '.join(places)}."
            click.echo(printable(told), err=True)


def restore_workspace(asked: Asked, path: Path, how: How) -> None:
    """Check the backup, show the plan, ask, and apply it."""
    backup = read_backup(path)
    check_items(backup.items)
    principals = _principals(how.principals)
    kinds = _kinds(how.without)
    with targets(asked) as (target,):
        restore = _plan(target, backup, [each for each in backup.items if each.kind in kinds], principals)
        made = restore.plan
        print_plan(made)
        for each in restore.left:
            click.echo(printable(f"{each}."), err=True)
        if restore.lacking:
            click.echo(printable(f"To be given their secrets by hand: {', '.join(restore.lacking)}."), err=True)
        if how.only_plan or not made.changed or not _agreed(made, how):
            return
        with progress(f"Restore {target.workspace.title}", len(made.changed)) as advance:
            applied = apply_plan(
                target.client, made, keep_going=how.keep_going, manage=False, told=lambda _outcome: advance()
            )
    print_outcomes(made, applied)
    if applied.failed:
        sys.exit(1)


def _plan(target: Target, backup: Backup, items: list[Item], principals: dict[str, str]) -> Restore:
    place = origin_of(target.client, target.workspace)
    assigned = any(each.kind is ROLE_ASSIGNMENT for each in items)
    there = list_items(target.client, target.workspace, [ROLE_ASSIGNMENT]) if assigned else []
    moved = for_workspace(items, backup.origin, place, principals, there)
    made = make_plan(target.client, target.workspace, moved, set=DEFAULT_SET)
    return restored(made, backup.origin, place)


def _agreed(made: Plan, how: How) -> bool:
    if how.yes or not sys.stdin.isatty():
        return True
    return click.confirm(f"Restore this to {made.workspace.title}?", err=True)


def _kinds(without: tuple[str, ...]) -> tuple[Kind, ...]:
    if any(each.lower() == "all" for each in without):
        raise InvalidInput("NothingLeft", "--without all leaves nothing; name a kind.")
    left_out = {kind.name for kind in selected(without, ()).kinds} if without else set[str]()
    return tuple(kind for kind in KINDS if kind.name not in left_out and kind.parent not in left_out)


def _principals(said: tuple[str, ...]) -> dict[str, str]:
    found = name_values("--principal", said)
    if not all(found.values()):
        raise InvalidInput("InvalidPrincipal", "--principal is OLD=NEW, two object ids.")
    return found
