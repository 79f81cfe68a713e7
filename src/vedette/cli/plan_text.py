"""A plan, and what became of it, as text for people, in colour on a terminal."""

import difflib
from collections.abc import Iterator
from typing import Any

import click
import orjson

from vedette.content.applying import Applied, Outcome, Status
from vedette.content.differences import Difference
from vedette.content.planning import Action, Cause, Change, Plan
from vedette.core.printable import printable

_SIGNS = {Action.CREATE: ("+", "green"), Action.UPDATE: ("~", "yellow"), Action.DELETE: ("-", "red")}
_DONE = {Action.CREATE: "created", Action.UPDATE: "changed", Action.DELETE: "deleted"}
_CAUSES = {Cause.HAND: "changed by hand", Cause.BOTH: "changed in the file and by hand"}
_LONGEST = 160


def print_plan(plan: Plan) -> None:
    """Every change with its properties, and a line that counts them."""
    for line in plan_lines(plan):
        click.echo(line)


def plan_lines(plan: Plan) -> Iterator[str]:
    """The lines of a plan."""
    for change in plan.changed:
        yield from change_lines(change)
    counts = ", ".join(f"{plan.count(each)} to {each.value}" for each in _SIGNS if plan.count(each)) or "nothing to do"
    same = plan.count(Action.NONE)
    yield click.style(printable(f"{plan.workspace.title}: {counts}, {same} unchanged."), bold=True)


def change_lines(change: Change, *, with_source: bool = True) -> Iterator[str]:
    """A change: what of which item, where it stands, and property by property what differs."""
    sign, colour = _SIGNS[change.action]
    item = change.item
    parent = f" of {item.parent}" if item.parent else ""
    head = printable(f"{sign} {item.kind.name} {item.title}{parent}")
    told = [part for part in (item.name if item.title != item.name else "", _CAUSES.get(change.cause, "")) if part]
    if with_source and item.source:
        told.append(str(item.source))
    yield click.style(head, fg=colour) + (printable(f"  ({', '.join(told)})") if told else "")
    if change.action is Action.UPDATE:
        for each in change.differences:
            yield from difference_lines(each)


def difference_lines(told: Difference) -> Iterator[str]:
    """A property before and after; of a text with several lines, those that differ."""
    if isinstance(told.before, str) and isinstance(told.after, str) and "\n" in told.before + told.after:
        yield f"    {printable(told.place)}:"
        for line in difflib.unified_diff(told.before.splitlines(), told.after.splitlines(), n=1, lineterm=""):
            if not line.startswith(("---", "+++")):
                colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
                yield click.style(f"      {printable(line)}", fg=colour)
        return
    before, after = click.style(_value(told.before), fg="red"), click.style(_value(told.after), fg="green")
    yield f"    {printable(told.place)}: {before} → {after}"


def print_outcomes(plan: Plan, applied: Applied) -> None:
    """What failed, with its file and line, and a line that counts what was done. Then raises what ended the apply."""
    for each in applied.failed:
        click.echo(failure_line(each), err=True)
    parts = [
        f"{applied.count(Status.DONE, action)} {done}"
        for action, done in _DONE.items()
        if applied.count(Status.DONE, action)
    ]
    parts.append(f"{applied.count(Status.UNCHANGED)} unchanged")
    for status, word in ((Status.FAILED, "failed"), (Status.SKIPPED, "not attempted")):
        if applied.count(status):
            parts.append(f"{applied.count(status)} {word}")
    click.echo(f"{plan.workspace.title}: {', '.join(parts)}.", err=True)
    if applied.broken is not None:
        raise applied.broken


def failure_line(outcome: Outcome) -> str:
    """Where the item that was refused stands, and why it was."""
    item = outcome.change.item
    place = f"{item.source}: " if item.source else ""
    error = outcome.error
    why = f"{error.code}: {error.message}" if error is not None else "it was cut off, and may have been done"
    text = f"{place}{item.kind.name} '{item.title}' ({item.name}): {why}"
    return click.style(printable(text), fg="red")


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    text = printable(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
