"""In which order items are applied: by their kinds, and functions after those that they call."""

import re
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import groupby

from vedette.content.bodies import property_of
from vedette.content.item import Item
from vedette.content.kinds import PARSER
from vedette.kql import syntax
from vedette.kql.diagnostics import KqlError
from vedette.kql.parser import parse_query
from vedette.kql.walk import walk

_WORD = re.compile(r"[A-Za-z_]\w*")
_STRING_OR_COMMENT = re.compile(r"""//[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""")


def stages(items: Iterable[Item]) -> list[list[Item]]:
    """The items in groups; what is in a group needs nothing of it, only of groups before.

    Functions that seem to call each other in a circle go in the order of their files; the service judges them.
    """
    ordered = sorted(items, key=lambda each: (each.kind.order, each.kind.name))
    groups: list[list[Item]] = []
    for kind, of_kind in groupby(ordered, key=lambda each: each.kind):
        group = list(of_kind)
        groups += _by_calls(group) if kind is PARSER else [group]
    return groups


def _by_calls(functions: list[Item]) -> list[list[Item]]:
    by_alias = {_alias(each): each for each in functions}
    calls = {alias: _called(each) & by_alias.keys() - {alias} for alias, each in by_alias.items()}
    sorter = _without_circles(calls, {alias: at for at, alias in enumerate(by_alias)})
    levels: list[list[Item]] = []
    while sorter.is_active():
        ready = sorter.get_ready()
        levels.append([by_alias[alias] for alias in ready])
        sorter.done(*ready)
    twice = [each for each in functions if by_alias[_alias(each)] is not each]
    return [*levels, *([twice] if twice else [])]


def _alias(item: Item) -> str:
    return str(property_of(item.body, "functionAlias") or item.name)


def _without_circles(calls: dict[str, set[str]], order: Mapping[str, int]) -> TopologicalSorter[str]:
    """Of a circle those calls are left out that lead to a function of a later file."""
    while True:
        sorter = TopologicalSorter(calls)
        try:
            sorter.prepare()
        except CycleError as error:
            circle = set(error.args[1])
            for alias in circle:
                calls[alias] -= {each for each in circle if order[each] > order[alias]}
        else:
            return sorter


def _called(item: Item) -> set[str]:
    """The names that may be functions: columns too, but nothing of strings and comments, and no names of its own."""
    query = str(property_of(item.body, "query") or "")
    try:
        tree = parse_query(query)
    except KqlError:  # nothing to go by but words
        return set(_WORD.findall(_STRING_OR_COMMENT.sub(" ", query)))
    own = {each.name for each in walk(tree) if isinstance(each, syntax.Let)}
    return {each.name for each in walk(tree) if isinstance(each, syntax.Name | syntax.Call)} - own
