"""`vedette content`: rules, queries, functions, watchlists and the like as files, for one workspace or for many."""

from collections.abc import Callable, Mapping

import click

_SUMMARIES: Mapping[str, str] = {
    "export": "Write what a workspace has to files.",
    "plan": "Show what applying files would change, property by property.",
    "apply": "Make a workspace say what files say; only what differs is sent.",
    "import": "Apply files without a question.",
    "drift": "Show what somebody changed by hand since files were applied.",
    "enable": "Enable rules.",
    "disable": "Disable rules.",
    "rename": "Give a rule, query or watchlist another title.",
    "remove": "Remove content from a workspace.",
    "schema": "Write a workspace's tables and functions for vedette lint.",
    "attach-playbook": "Have rules start a playbook with their alerts.",
    "sync": "Deploy a repository that was made for Microsoft Sentinel's Repositories.",
}


def _load(name: str) -> click.Command:
    from vedette.cli.commands import content_apply, content_changes, content_export, content_schema, content_sync

    commands: Mapping[str, Callable[[], click.Command]] = {
        "export": lambda: content_export.export,
        "plan": lambda: content_apply.plan,
        "apply": lambda: content_apply.apply,
        "import": lambda: content_apply.import_,
        "drift": lambda: content_apply.drift,
        "enable": lambda: content_changes.enable,
        "disable": lambda: content_changes.disable,
        "rename": lambda: content_changes.rename,
        "remove": lambda: content_changes.remove,
        "schema": lambda: content_schema.schema,
        "attach-playbook": lambda: content_changes.attach_playbook,
        "sync": lambda: content_sync.sync,
    }
    return commands[name]()


class _Lazy(click.Group):
    """Loads a command when it is called, so that help is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table."""
        return list(_SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        return _load(cmd_name) if cmd_name in _SUMMARIES else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_SUMMARIES.items()))


@click.group(cls=_Lazy)
def content() -> None:
    """Keep rules, queries, watchlists and the like as files, here and in Azure.

    \b
    Examples:
      vedette content export rules/
      vedette content plan rules/
      vedette content apply rules/ --azure --subscription 00000000-… --resource-group soc --workspace soc
      vedette content apply rules/ --workspaces workspaces.yaml --group production --yes
    """
