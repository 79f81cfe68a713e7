"""Several workspaces, one after the other: all are planned before one is changed, and one's failure is told as its."""

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from vedette.cli.content_targets import Target
from vedette.content.planning import Plan
from vedette.core.errors import VedetteError
from vedette.core.printable import printable

Made = TypeVar("Made")


def for_each(
    found: Sequence[Target], make: Callable[[Target], Made], *, keep_going: bool = False
) -> tuple[list[tuple[Target, Made]], bool]:
    """What is made for each workspace, and whether that failed for some.

    Without `keep_going` the first failure ends the command. Raises the error where there is only one workspace.
    """
    made: list[tuple[Target, Made]] = []
    failed = False
    for each in found:
        try:
            made.append((each, make(each)))
        except VedetteError as error:
            if len(found) == 1:
                raise
            tell(each, error)
            failed = True
            if not keep_going:
                sys.exit(1)
    return made, failed


def carry_out(plans: Sequence[tuple[Target, Plan]], apply: Callable[[Target, Plan], bool], *, keep_going: bool) -> bool:
    """Carry plans out, each by `apply`, which says whether it is as it should be; whether all are.

    Without `keep_going` the first that is not ends it, and the others are named. Raises the error of the only one.
    """
    fine = True
    for number, (target, plan) in enumerate(plans):
        if not fine and not keep_going:
            click.echo(f"Not attempted: {', '.join(each.workspace.title for each, _ in plans[number:])}.", err=True)
            break
        try:
            fine = apply(target, plan) and fine
        except VedetteError as error:
            if len(plans) == 1:
                raise
            tell(target, error)
            fine = False
    return fine


def tell(target: Target, error: VedetteError) -> None:
    """Say of which workspace an error is."""
    click.echo(click.style(printable(f"{target.workspace.title}: {error.message}"), fg="red"), err=True)
