"""`vedette content`: rules, queries, functions, watchlists and the like as files, for one workspace or for many."""

from collections.abc import Mapping

import click

from vedette.cli.lazy_group import Entry, LazyGroup


def _export() -> click.Command:
    from vedette.cli.commands.content_export import export

    return export


def _plan() -> click.Command:
    from vedette.cli.commands.content_apply import plan

    return plan


def _apply() -> click.Command:
    from vedette.cli.commands.content_apply import apply

    return apply


def _import() -> click.Command:
    from vedette.cli.commands.content_apply import import_

    return import_


def _drift() -> click.Command:
    from vedette.cli.commands.content_apply import drift

    return drift


def _enable() -> click.Command:
    from vedette.cli.commands.content_changes import enable

    return enable


def _disable() -> click.Command:
    from vedette.cli.commands.content_changes import disable

    return disable


def _rename() -> click.Command:
    from vedette.cli.commands.content_changes import rename

    return rename


def _remove() -> click.Command:
    from vedette.cli.commands.content_changes import remove

    return remove


def _schema() -> click.Command:
    from vedette.cli.commands.content_schema import schema

    return schema


def _attach_playbook() -> click.Command:
    from vedette.cli.commands.content_changes import attach_playbook

    return attach_playbook


def _sync() -> click.Command:
    from vedette.cli.commands.content_sync import sync

    return sync


COMMANDS: Mapping[str, Entry] = {
    "export": Entry("Write what a workspace has to files.", _export),
    "plan": Entry("Show what applying files would change, property by property.", _plan),
    "apply": Entry("Make a workspace say what files say; only what differs is sent.", _apply),
    "import": Entry("Apply files without showing a plan.", _import),
    "drift": Entry("Show what somebody changed by hand since files were applied.", _drift),
    "enable": Entry("Enable rules or playbooks.", _enable),
    "disable": Entry("Disable rules or playbooks.", _disable),
    "rename": Entry("Give a rule, query or watchlist another title.", _rename),
    "remove": Entry("Remove content from a workspace.", _remove),
    "schema": Entry("Write a workspace's tables and functions for vedette lint.", _schema),
    "attach-playbook": Entry("Have rules start a playbook with their alerts.", _attach_playbook),
    "sync": Entry("Deploy a repository that was made for Microsoft Sentinel's Repositories.", _sync),
}


@click.group(cls=LazyGroup, table=COMMANDS)
def content() -> None:
    """Keep rules, queries, watchlists and the like as files, here and in Azure.

    \b
    Examples:
      vedette content export rules/
      vedette content plan rules/
      vedette content apply rules/ --azure --subscription 00000000-… --resource-group soc --workspace soc
      vedette content apply rules/ --workspaces workspaces.yaml --group production --yes
    """
