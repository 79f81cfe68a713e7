"""Items as files: one for each, under names that stay, or all in one; the same items give the same bytes.

A folder that has files already keeps them: an item goes into the file that it is in, a file that says the same as the
workspace is not touched, and in one that does not only what differs is changed; so comments and spelling stay.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vedette.content.bodies import properties_of
from vedette.content.document import Document, document_of
from vedette.content.forms.azsentinel import FORM as FORM_OF_AZSENTINEL
from vedette.content.forms.sigma import FORM as FORM_OF_SIGMA
from vedette.content.forms.template import FORM as FORM_OF_TEMPLATES
from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE_ACTION, WATCHLIST, WATCHLIST_ITEM
from vedette.content.managed import Place, place_of
from vedette.content.merging import merged
from vedette.content.normal_form import normal_form
from vedette.content.parameters import filled_items
from vedette.content.reading import ReadResult, read
from vedette.content.remote import Found
from vedette.content.rewriting import rewrite
from vedette.content.watchlist_rows import content_of, rows_of, text_of
from vedette.content.writing import write, write_all
from vedette.core.errors import Conflict, InvalidInput

_NOT_OF_NAME = re.compile(r"[^A-Za-z0-9]+")
_LONGEST = 80
_MOST_TOLD = 20
_SUFFIXES = {"yaml": ".yaml"}
_FORMAT_OF = {".json": "json"}
_OF_SETS = ("arm", "azsentinel")
_FIRST = ("displayName", "description", "enabled", "order", "state", "category", "provider", "source")
_LAST = ("triggeringLogic", "actions", "tags", "query", "parameters", "definition", "serializedData", "rawContent")


@dataclass(frozen=True, slots=True)
class Export:
    """The files to write, by their paths below the folder, and how many that are there say the same already."""

    files: Mapping[Path, str]
    untouched: int


def exported_items(found: Sequence[Found]) -> list[Item]:
    """What was found as items for files: the rows of a watchlist are its text."""
    rows: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for each in found:
        if each.item.kind is WATCHLIST_ITEM:
            rows[each.item.parent.casefold()].append(each.item.body["properties"].get("itemsKeyValue") or {})
    return [
        _in_order(_with_rows(each.item, rows[each.item.name.casefold()]) if each.item.kind is WATCHLIST else each.item)
        for each in found
        if each.item.kind is not WATCHLIST_ITEM
    ]


def bundle(items: Iterable[Item], format: str) -> str:
    """All items in one file, in the order in which they are applied."""
    return write_all(sorted(items, key=_order), format)


def export(
    items: Sequence[Item],
    folder: Path,
    format: str,
    there: ReadResult | None = None,
    values: Mapping[str, Any] | None = None,
    declared: Iterable[str] = (),
) -> Export:
    """The files that make a folder say what the items say; `there` is what it has, `values` are its placeholders'.

    Raises Conflict where a file cannot be read, where an item shares its file with others, and where a file says it in
    a way in which only people can change it: nothing is to be overwritten that is not an export's own.
    """
    there = there or (read([folder]) if folder.is_dir() else ReadResult((), (), {}))
    if there.errors:
        told = "".join(f"\n{each}" for each in there.errors[:_MOST_TOLD])
        raise Conflict("UnreadableFiles", f"{folder} has files that cannot be read; nothing was written.{told}")
    known: dict[Place, tuple[Item, Item]] = {}
    for each in there.items:
        (filled,) = filled_items([each], values or {}, declared)
        known[place_of(filled)] = each, filled
    crowded = _crowded(there)
    files: dict[Path, str] = {}
    untouched = 0
    for path, group in _grouped(items, _names(items), _SUFFIXES.get(format, ".json")).items():
        held = [known.get(place_of(each)) for each in group]
        if all(one is not None and _same(one[1], each) for one, each in zip(held, group, strict=True)):
            untouched += 1
            continue
        sources = [pair[0] for pair in held if pair is not None]
        target = _source(group, sources, crowded)
        if target is None:
            path = _free(folder / path, group[0], files)
            files[path] = _written(group, format)
        else:
            told = [merged(*one, each) if one else each for one, each in zip(held, group, strict=True)]
            files[target] = _changed(there.documents[target], sources, told)
    return Export(files, untouched)


def _changed(document: Document, sources: Sequence[Item], group: Sequence[Item]) -> str:
    """The text of a file with only what differs changed; one that is as an export wrote it is written anew."""
    for format in (_FORMAT_OF.get(document.path.suffix.lower(), "yaml"), *_OF_SETS):
        if _is_own(document, sources, format):
            return _written(group, format)
    form = next((each.source.form for each in sources if each.source is not None), "")
    if form in (FORM_OF_TEMPLATES, FORM_OF_SIGMA) or form.startswith(FORM_OF_AZSENTINEL):
        raise Conflict(
            "OtherForm",
            f"{sources[0].source}: '{group[0].title}' has changed, and only people can change a file of this form. "
            "Change it by hand, or export to another folder.",
        )
    keys = {each.key for each in sources}
    if document.is_yaml and all(each.key in keys for each in group):
        try:
            for each in group:
                document = document_of(document.path, rewrite(document, each).encode())
        except InvalidInput:  # in another form than the item needs now
            pass
        else:
            return document.text
    return _written(group, _FORMAT_OF.get(document.path.suffix.lower(), "yaml"))


def _is_own(document: Document, sources: Sequence[Item], format: str) -> bool:
    """Whether the text is what an export writes of these items."""
    try:
        return document.text == _written(sources, format)
    except InvalidInput:
        return False


def _written(group: Sequence[Item], format: str) -> str:
    return write(group[0], format) if len(group) == 1 else write_all(group, format)


def _source(group: Sequence[Item], held: Sequence[Item], crowded: Mapping[Path, set[Place]]) -> Path | None:
    """The file that the items are in already, and nothing else is. Raises Conflict."""
    sources = {each.source.path for each in held if each.source is not None}
    own = {place_of(each) for each in held}
    for source in sources:
        if crowded[source] - own or len(sources) > 1:
            raise Conflict(
                "SharedFile",
                f"{source}: '{group[0].title}' has changed, and the file holds other items too. "
                "Split the file, export to another folder, or change it by hand.",
            )
    return next(iter(sources), None)


def _free(path: Path, item: Item, files: Mapping[Path, str]) -> Path:
    """A path where nothing is yet: with the item's name where its title is taken. Raises Conflict."""
    named = path.with_name(f"{path.stem}-{_plain(item.name)}{path.suffix}")
    for each in (path, named):
        if each not in files and not each.exists() and not each.is_symlink():
            return each
    raise Conflict("PathTaken", f"{named} holds something else than '{item.title}' already. Move it away.")


def _crowded(there: ReadResult) -> Mapping[Path, set[Place]]:
    places: dict[Path, set[Place]] = defaultdict(set)
    for each in there.items:
        if each.source is not None:
            places[each.source.path].add(place_of(each))
    return places


def _grouped(items: Sequence[Item], names: Mapping[Place, str], suffix: str) -> dict[Path, list[Item]]:
    """The items of each file: one, or the actions of one rule."""
    files: dict[Path, list[Item]] = defaultdict(list)
    for item in sorted(items, key=_order):
        if item.kind is ALERT_RULE_ACTION:
            stem = names.get(("alertRules", "", item.parent.casefold()), _plain(item.parent))
            files[Path(item.kind.folder) / f"{stem}.actions{suffix}"].append(item)
        else:
            files[Path(item.kind.folder) / f"{names[place_of(item)]}{suffix}"].append(item)
    return files


def _names(items: Sequence[Item]) -> dict[Place, str]:
    """A name for each item's file: its title, and its own name behind it where several are called the same."""
    stems: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in items:
        stems[item.kind.folder, _plain(item.title).casefold()].append(item)
    return {
        place_of(item): _plain(item.title) if len(group) == 1 else f"{_plain(item.title)}-{_plain(item.name)}"
        for group in stems.values()
        for item in group
    }


def _plain(text: str) -> str:
    return _NOT_OF_NAME.sub("_", text).strip("_")[:_LONGEST].rstrip("_") or "item"


def _same(one: Item, other: Item) -> bool:
    if normal_form(one) != normal_form(other):
        return False
    if one.kind is not WATCHLIST or content_of(one) == content_of(other):
        return True
    try:
        return sorted(map(str, rows_of(one))) == sorted(map(str, rows_of(other)))
    except InvalidInput:
        return False


def _with_rows(item: Item, rows: Sequence[Mapping[str, Any]]) -> Item:
    if not rows:
        return item
    key = str(item.body["properties"].get("itemsSearchKey") or "")
    told = {"rawContent": text_of(rows, key), "contentType": "text/csv", "numberOfLinesToSkip": 0}
    return replace(item, body={**item.body, "properties": {**item.body["properties"], **told}})


def _in_order(item: Item) -> Item:
    """The item with its properties in an order of their own, for servers give them in the order of the last change."""
    first = {name: at for at, name in enumerate(_FIRST)}
    last = {name: len(first) + at for at, name in enumerate(_LAST)}
    properties = properties_of(item.body)
    names = sorted(properties, key=lambda name: (first.get(name, last.get(name, len(first) - 0.5)), name))
    return replace(item, body={**item.body, "properties": {name: properties[name] for name in names}})


def _order(item: Item) -> tuple[int, str, str, str]:
    return item.kind.order, item.kind.name, item.parent.lower(), item.name.lower()
