"""`vedette content enable`, `disable`, `rename`, `remove` and `attach-playbook`: one change of what is there."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import click

from vedette.cli.content_selection import Selection, selected
from vedette.cli.content_targets import Asked, Target, client_of, target_options, targets
from vedette.cli.many_workspaces import carry_out, for_each
from vedette.cli.options import keep_going_option, yes_option
from vedette.cli.plan_text import print_outcomes, print_plan
from vedette.cli.ready import find_server
from vedette.content.applying import apply_plan
from vedette.content.bodies import properties_of
from vedette.content.differences import differences
from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE, ALERT_RULE_ACTION, AUTOMATION_RULE, PLAYBOOK, Kind
from vedette.content.managed import Record
from vedette.content.management_client import ManagementClient
from vedette.content.normal_form import normal_form
from vedette.content.planning import Action, Change, Plan
from vedette.content.playbook_triggers import playbook_id, trigger_address
from vedette.content.remote import Found, list_items
from vedette.core.errors import InvalidInput
from vedette.core.ids import derived_id
from vedette.core.printable import printable

_WITH_ACTIONS = ("scheduled", "nrt")
_UNRECORDED = Record("", {}, {})

_kind = click.option("--kind", "kinds", metavar="KIND", multiple=True, help="Look among this kind; may be repeated.")


@click.command()
@click.argument("names", metavar="NAME…", nargs=-1, required=True)
@_kind
@keep_going_option
@target_options
def enable(asked: Asked, names: tuple[str, ...], kinds: tuple[str, ...], keep_going: bool) -> None:
    """Enable analytics rules or automation rules, by title or name; '*' stands for anything.

    With --kind Playbook, playbooks are enabled.

    \b
    Example:
      vedette content enable 'Rare *' --kind AlertRule
    """
    _switch(asked, names, kinds, keep_going, on=True)


@click.command()
@click.argument("names", metavar="NAME…", nargs=-1, required=True)
@_kind
@keep_going_option
@target_options
def disable(asked: Asked, names: tuple[str, ...], kinds: tuple[str, ...], keep_going: bool) -> None:
    """Disable analytics rules or automation rules, by title or name; '*' stands for anything.

    With --kind Playbook, playbooks are disabled.

    \b
    Example:
      vedette content disable 'Rare process' --workspaces workspaces.yaml
    """
    _switch(asked, names, kinds, keep_going, on=False)


@click.command()
@click.argument("name", metavar="NAME")
@click.argument("title", metavar="TITLE")
@_kind
@target_options
def rename(asked: Asked, name: str, title: str, kinds: tuple[str, ...]) -> None:
    """Give what is called NAME the title TITLE; its name in the API stays.

    \b
    Example:
      vedette content rename 'Rare process' 'Rare process by user'
    """

    def renamed(item: Item) -> Item:
        if not item.kind.title:
            raise InvalidInput("NoTitle", f"{item.kind.name} '{item.name}' has no title.")
        return _with(item, {item.kind.title: title})

    _change(asked, selected(kinds, (name,)), renamed, at_most_one=True)


@click.command()
@click.argument("names", metavar="NAME…", nargs=-1, required=True)
@_kind
@keep_going_option
@yes_option
@target_options
def remove(asked: Asked, names: tuple[str, ...], kinds: tuple[str, ...], keep_going: bool, yes: bool) -> None:
    """Remove content from a workspace, by title or name; '*' stands for anything.

    \b
    Example:
      vedette content remove 'Old rule' 'Test *' --kind AlertRule
    """
    selection = selected(kinds, names)
    with targets(asked) as found:
        plans, failed = for_each(found, lambda target: _removal(target, selection), keep_going=keep_going)
        for _, plan in plans:
            print_plan(plan)
        number = sum(len(plan.changes) for _, plan in plans)
        if number and not yes and not sys.stdin.isatty():
            raise InvalidInput("NotConfirmed", f"{number} things would be removed. Say --yes to have it so.")
        agreed = [each for each in plans if yes or _says_yes(each[1], "Remove this from")]
        fine = carry_out(
            agreed, lambda target, plan: _done(target, plan, keep_going, shown=True), keep_going=keep_going
        )
    if failed or not fine:
        sys.exit(1)


@click.command("attach-playbook")
@click.argument("playbook", metavar="PLAYBOOK")
@click.argument("names", metavar="RULE…", nargs=-1, required=True)
@click.option("--trigger", metavar="NAME", default="", help="The playbook's trigger; without it, the one on alerts.")
@click.option("--playbook-tenant", metavar="ID", default="", help="The tenant that the playbook is in, if another.")
@keep_going_option
@yes_option
@target_options
def attach_playbook(
    asked: Asked, playbook: str, names: tuple[str, ...], trigger: str, playbook_tenant: str, keep_going: bool, yes: bool
) -> None:
    """Have analytics rules start the playbook PLAYBOOK with their alerts.

    PLAYBOOK is the name of a playbook of the workspace's subscription, or the whole id of one in any group,
    subscription or tenant. A rule that starts it already is left as it is, and so is one that is neither
    scheduled nor NRT. The plan is shown, and on a terminal confirmed.

    \b
    Examples:
      vedette content attach-playbook block-ip 'Rare process' 'Brute force *'
      vedette content attach-playbook /subscriptions/…/providers/Microsoft.Logic/workflows/block-ip '*' \\
          --playbook-tenant 00000000-…
    """
    selection = Selection((ALERT_RULE,), names)
    with targets(asked) as found, ExitStack() as opened:
        plans, failed = for_each(
            found,
            lambda target: _attachment(
                target, selection, playbook, trigger, _playbook_client(asked, target, playbook_tenant, opened)
            ),
            keep_going=keep_going,
        )
        for _, plan in plans:
            print_plan(plan)
        agreed = [each for each in plans if yes or not each[1].changed or _says_yes(each[1], "Attach it in")]
        fine = carry_out(
            agreed, lambda target, plan: _done(target, plan, keep_going, shown=True), keep_going=keep_going
        )
    if failed or not fine:
        sys.exit(1)


def _switch(asked: Asked, names: tuple[str, ...], kinds: tuple[str, ...], keep_going: bool, *, on: bool) -> None:
    selection = selected(kinds, names, (ALERT_RULE, AUTOMATION_RULE))

    def switched(item: Item) -> Item:
        if item.kind is ALERT_RULE:
            return _with(item, {"enabled": on})
        if item.kind is AUTOMATION_RULE:
            return _with(item, {"triggeringLogic": {**item.body["properties"]["triggeringLogic"], "isEnabled": on}})
        if item.kind is PLAYBOOK:
            return _with(item, {"state": "Enabled" if on else "Disabled"})
        raise InvalidInput("NotSwitched", f"{item.kind.name} '{item.title}' can be neither enabled nor disabled.")

    _change(asked, selection, switched, keep_going=keep_going)


def _change(
    asked: Asked,
    selection: Selection,
    changed: Callable[[Item], Item],
    *,
    keep_going: bool = False,
    at_most_one: bool = False,
) -> None:
    def planned(target: Target) -> Plan:
        meant = _found(target, selection)
        if at_most_one and len(meant) > 1:
            names = ", ".join(f"{each.item.kind.name} {each.item.name}" for each in meant)
            raise InvalidInput("Ambiguous", f"'{selection.patterns[0]}' is the title of several: {names}.")
        return Plan(target.workspace, _UNRECORDED, tuple(_update(each, changed(each.item)) for each in meant))

    with targets(asked) as found:
        plans, failed = for_each(found, planned, keep_going=keep_going)
        fine = carry_out(plans, lambda target, plan: _done(target, plan, keep_going), keep_going=keep_going)
    if failed or not fine:
        sys.exit(1)


def _done(target: Target, plan: Plan, keep_going: bool, *, shown: bool = False) -> bool:
    """Show a plan and carry it out; whether nothing failed."""
    if not shown:
        print_plan(plan)
    applied = apply_plan(target.client, plan, keep_going=keep_going, manage=False)
    print_outcomes(plan, applied)
    return not applied.failed


def _update(found: Found, item: Item) -> Change:
    told = tuple(differences(normal_form(found.item), normal_form(item)))
    return Change(Action.UPDATE if told else Action.NONE, item, found, told)


def _found(target: Target, selection: Selection) -> list[Found]:
    """What the patterns mean. Raises InvalidInput where one means nothing."""
    kinds = [kind for kind in selection.kinds if not kind.parent]
    found = list_items(target.client, target.workspace, kinds)
    meant = {id(each) for each in selection.of(each.item for each in found)}
    return [each for each in found if id(each.item) in meant]


def _removal(target: Target, selection: Selection) -> Plan:
    changes = tuple(Change(Action.DELETE, each.item, each) for each in _found(target, selection))
    return Plan(target.workspace, _UNRECORDED, changes)


def _says_yes(plan: Plan, question: str) -> bool:
    """On a terminal somebody is asked."""
    return not sys.stdin.isatty() or click.confirm(f"{question} {plan.workspace.title}?", err=True)


def _with(item: Item, told: Mapping[str, Any]) -> Item:
    return replace(item, body={**item.body, "properties": {**properties_of(item.body), **told}})


def _attachment(target: Target, selection: Selection, playbook: str, trigger: str, asker: ManagementClient) -> Plan:
    """An action for each rule that does not start the playbook yet."""
    workspace = target.workspace
    id = playbook_id(asker, workspace, playbook)
    meant = [each.item for each in _found(target, selection)]
    rules = [each for each in meant if str(each.body.get("kind", "")).lower() in _WITH_ACTIONS]
    left = [each for each in meant if each not in rules]
    if left:
        told = ", ".join(f"'{each.title}' ({each.body.get('kind')})" for each in left)
        click.echo(printable(f"{workspace.title}: left out, for they are neither scheduled nor NRT: {told}."), err=True)
    wanted = {each.name.casefold() for each in rules}
    kinds: Sequence[Kind] = (ALERT_RULE_ACTION,)
    there = list_items(target.client, workspace, kinds, lambda rule: rule.name.casefold() in wanted)
    attached = {
        each.item.parent.casefold()
        for each in there
        if str(each.item.body["properties"].get("logicAppResourceId", "")).casefold() == id.casefold()
    }
    address = trigger_address(asker, id, trigger)
    changes = [
        Change(Action.NONE if rule.name.casefold() in attached else Action.CREATE, _action(rule, id, address))
        for rule in rules
    ]
    return Plan(workspace, _UNRECORDED, tuple(changes))


def _action(rule: Item, playbook: str, address: str) -> Item:
    """The same name each time, so that doing it twice is doing it once."""
    name = derived_id("action", rule.name.casefold(), playbook.casefold())
    properties = {"logicAppResourceId": playbook, "triggerUri": address}
    return Item(ALERT_RULE_ACTION, name, {"properties": properties}, rule.name)


def _playbook_client(asked: Asked, target: Target, tenant: str, opened: ExitStack) -> ManagementClient:
    """Who asks for the playbook: the same as for the workspace, unless it is in another tenant."""
    if not tenant or tenant == target.workspace.tenant:
        return target.client
    own = find_server(asked.server_data) if not asked.endpoint and asked.file is None else None
    if own is not None and own.tenant_id == tenant:
        return target.client
    return opened.enter_context(client_of(target.workspace.endpoint, tenant, None))
