"""The files that an export puts items into: folders by kind, names by title, the same from one export to the next."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from vedette.content.item import Item

SUFFIXES: Mapping[str, str] = {"yaml": ".yaml", "json": ".json", "arm": ".json", "azsentinel": ".json"}
_LONGEST = 100
_NOT_OF_NAMES = re.compile(r"[^\w.\-]+")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""https://learn.microsoft.com/windows/win32/fileio/naming-a-file"""


def file_paths(items: Iterable[Item], format: str = "yaml") -> list[tuple[PurePosixPath, Item]]:
    """Each item with the path of its own file. Where titles would give one path to several, all get their names too."""
    held = list(items)
    plain = [_path(item, _slug(item.title)) for item in held]
    times = Counter(str(path).casefold() for path in plain)
    suffix = SUFFIXES[format]
    found: list[tuple[PurePosixPath, Item]] = []
    for item, path in zip(held, plain, strict=True):
        if times[str(path).casefold()] > 1:
            path = _path(item, f"{_slug(item.title)[: _LONGEST // 2]}-{_slug(f'{item.parent}-{item.name}'.strip('-'))}")
        found.append((path.with_name(f"{path.name}{suffix}"), item))
    return found


def _path(item: Item, name: str) -> PurePosixPath:
    return PurePosixPath(item.kind.folder) / name


def _slug(text: str) -> str:
    """The text with what file systems do not take, and blanks, as dashes."""
    slug = _NOT_OF_NAMES.sub("-", text).strip("-. ")[:_LONGEST].rstrip("-. ")
    return f"_{slug}" if _RESERVED.fullmatch(slug) or not slug else slug
