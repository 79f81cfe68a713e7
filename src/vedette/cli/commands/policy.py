"""`vedette policy`: Azure Policy, of this server, of another one, or of files."""

from collections.abc import Mapping
from typing import Final

import click

from vedette.cli.lazy_group import Entry, LazyGroup


def _explain() -> click.Command:
    from vedette.cli.commands.policy_explain import explain

    return explain


def _diagnostics() -> click.Command:
    from vedette.cli.commands.policy_diagnostics import diagnostics

    return diagnostics


COMMANDS: Final[Mapping[str, Entry]] = {
    "explain": Entry("Tell why a resource complies with policies or not, condition by condition.", _explain),
    "diagnostics": Entry("Make policies that have every resource stream its logs.", _diagnostics),
}


@click.group(cls=LazyGroup, table=COMMANDS)
def policy() -> None:
    """Look at policies, and at what resources make of them.

    \b
    Examples:
      vedette policy explain /subscriptions/…/vaults/v
      vedette policy explain store.json --policy tls.json
      vedette policy diagnostics --out policies/
    """
