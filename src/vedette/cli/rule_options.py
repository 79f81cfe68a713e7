"""The options of `vedette up` that say how analytics rules run."""

from collections.abc import Callable
from typing import Any

import click

from vedette.cli.options import with_options

_OPTIONS = (
    click.option(
        "--rule-delay",
        metavar="SECONDS",
        type=click.FloatRange(0, 3600),
        default=0,
        show_default=True,
        help="Run a scheduled rule so long after the end of its window, so that events which arrive late are in it. "
        "Azure waits 300; here rows can be queried once they are acknowledged, and only late senders need it.",
    ),
    click.option(
        "--rule-workers",
        metavar="N",
        type=click.IntRange(1, 64),
        default=4,
        show_default=True,
        help="How many rules may run at a time. A workspace among several leaves one of these to the others.",
    ),
    click.option(
        "--rule-timeout",
        metavar="SECONDS",
        type=click.FloatRange(1, 3600),
        default=180,
        show_default=True,
        help="How long a run of a rule may take before it is ended, and tried again later.",
    ),
)


def rule_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, which gets `rule_delay`, `rule_workers` and `rule_timeout`."""
    return with_options(command, _OPTIONS)
