"""Which items a command about content means: by kind and by name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import click

from vedette.content.item import Item
from vedette.content.kinds import (
    ALERT_RULE,
    ALERT_RULE_ACTION,
    AUTOMATION_RULE,
    CONNECTION,
    HUNTING_QUERY,
    KINDS,
    PARSER,
    PLAYBOOK,
    SAVED_SEARCH,
    WATCHLIST,
    WATCHLIST_ITEM,
    WORKBOOK,
    Kind,
    kind_named,
)
from vedette.core.errors import InvalidInput

USUAL = (
    WATCHLIST,
    PARSER,
    HUNTING_QUERY,
    SAVED_SEARCH,
    ALERT_RULE,
    ALERT_RULE_ACTION,
    AUTOMATION_RULE,
    CONNECTION,
    PLAYBOOK,
    WORKBOOK,
)
"""What is meant by content where no kind is named; bookmarks, settings, metadata, connectors and roles are not."""

KIND_NAMES = tuple(kind.name for kind in KINDS if kind is not WATCHLIST_ITEM)


@dataclass(frozen=True, slots=True)
class Selection:
    """The kinds, and patterns of titles or names of which one has to fit; without any, all do."""

    kinds: tuple[Kind, ...]
    patterns: tuple[str, ...]

    def fits(self, item: Item) -> bool:
        """Whether an item is meant; children go with their parents."""
        if item.kind not in self.kinds and item.kind is not WATCHLIST_ITEM:
            return False
        return not self.patterns or item.kind.parent != "" or any(_fits(item, each) for each in self.patterns)

    def of(self, items: Iterable[Item]) -> list[Item]:
        """Those that are meant, and children whose parents are. Raises InvalidInput for a pattern of nothing."""
        all_items = list(items)
        meant = [each for each in all_items if self.fits(each)]
        if not self.patterns:
            return meant
        for pattern in self.patterns:
            if not any(_fits(each, pattern) for each in meant if not each.kind.parent):
                raise InvalidInput("NothingFits", f"Nothing is called '{pattern}'.")
        parents = {(each.kind.name, each.name.casefold()) for each in meant if not each.kind.parent}
        return [each for each in meant if not each.kind.parent or (each.kind.parent, each.parent.casefold()) in parents]


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--kind` and `--name` to a command, which gets `kinds` and `names`."""
    command = click.option(
        "--name",
        "names",
        metavar="PATTERN",
        multiple=True,
        help="Only what has this title or name; '*' stands for anything. May be repeated.",
    )(command)
    return click.option(
        "--kind",
        "kinds",
        metavar="KIND",
        multiple=True,
        help=f"Only this kind, or 'all'; may be repeated. The kinds: {', '.join(KIND_NAMES)}.",
    )(command)


def selected(kinds: tuple[str, ...], names: tuple[str, ...], usual: tuple[Kind, ...] = USUAL) -> Selection:
    """What the options mean. Raises InvalidInput for an unknown kind."""
    if any(each.lower() == "all" for each in kinds):
        return Selection(KINDS, names)
    return Selection(tuple(map(_kind, kinds)) or usual, names)


def _kind(name: str) -> Kind:
    found = kind_named(name)
    if found is None or found is WATCHLIST_ITEM:  # items go with their watchlists
        raise InvalidInput("UnknownKind", f"'{name}' is no kind of content; they are {', '.join(KIND_NAMES)} and all.")
    return found


def _fits(item: Item, pattern: str) -> bool:
    folded = pattern.casefold()
    return any(fnmatchcase(each.casefold(), folded) or each.casefold() == folded for each in (item.title, item.name))
