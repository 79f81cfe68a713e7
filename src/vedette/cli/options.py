"""Options that several commands share."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from vedette.content.target import PIPELINES

Option = Callable[[Callable[..., Any]], Callable[..., Any]]

keep_going_option: Option = click.option(
    "--keep-going", is_flag=True, help="Go on after a refusal; the exit code is 1 all the same."
)
yes_option: Option = click.option("--yes", is_flag=True, help="Ask no question, not even before something is deleted.")
sigma_option: Option = click.option(
    "--sigma-pipeline",
    type=click.Choice(PIPELINES),
    default=PIPELINES[0],
    show_default=True,
    help="Which tables Sigma rules are turned to.",
)


def with_options(command: Callable[..., Any], options: Sequence[Option]) -> Callable[..., Any]:
    """The command with options, which its help shows in this order."""
    for option in reversed(options):
        command = option(command)
    return command
