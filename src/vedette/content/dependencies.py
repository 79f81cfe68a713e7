"""In which order items are applied: by their kinds, and functions after those that they call."""

import re
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from itertools import groupby

from vedette.content.bodies import property_of
from vedette.content.item import Item
from vedette.content.kinds import PARSER
from vedette.core.errors import InvalidInput

_WORD = re.compile(r"[A-Za-z_]\w*")
_STRING_OR_COMMENT = re.compile(r"""//[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""")


def stages(items: Iterable[Item]) -> list[list[Item]]:
    """The items in groups; what is in a group needs nothing of it, only of groups before.

    Raises InvalidInput for functions that call each other in a circle.
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
    sorter = TopologicalSorter(calls)
    try:
        sorter.prepare()
    except CycleError as error:
        circle = [by_alias[alias] for alias in error.args[1]]
        raise InvalidInput(
            "FunctionsCallEachOther",
            f"{circle[0].source or circle[0].name}: functions call each other in a circle: "
            f"{' → '.join(_alias(each) for each in circle)}.",
        ) from error
    levels: list[list[Item]] = []
    while sorter.is_active():
        ready = sorter.get_ready()
        levels.append([by_alias[alias] for alias in ready])
        sorter.done(*ready)
    twice = [each for each in functions if by_alias[_alias(each)] is not each]
    return [*levels, *([twice] if twice else [])]


def _alias(item: Item) -> str:
    return str(property_of(item.body, "functionAlias") or item.name)


def _called(item: Item) -> set[str]:
    return set(_WORD.findall(_STRING_OR_COMMENT.sub(" ", str(property_of(item.body, "query") or ""))))
