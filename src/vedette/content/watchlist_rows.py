"""The items of a watchlist as rows of a table: read from the text of an upload, written as one, and compared."""

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from vedette.content.bodies import property_of
from vedette.content.item import Item
from vedette.content.remote import Found
from vedette.core.errors import InvalidInput

_DELIMITERS = {"text/csv": ",", "text/tsv": "\t", "text/tab-separated-values": "\t"}
_PIECE = 1_500_000  # bytes of an upload; a request may hold 3.8 MB

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class RowChange:
    """The rows that a watchlist lacks, and the items that it has beyond its file; digests of all of its rows as they
    are, and as they are to be."""

    added: tuple[Row, ...]
    extra: tuple[Found, ...]
    before: str = ""
    after: str = ""


def content_of(item: Item) -> str | None:
    """The text that a watchlist is uploaded with; None where its file has none."""
    content = property_of(item.body, "rawContent")
    return str(content) if content else None


def rows_of(item: Item) -> list[Row]:
    """The rows of a watchlist's text. Raises InvalidInput with the file and line of the item."""
    kind = str(property_of(item.body, "contentType") or "text/csv").partition(";")[0].strip().lower()
    skipped = int(property_of(item.body, "numberOfLinesToSkip") or 0)
    lines = io.StringIO((content_of(item) or "").removeprefix("\ufeff"), newline="").readlines()
    try:
        read = [
            each for each in csv.reader(lines[skipped:], delimiter=_DELIMITERS.get(kind, ","), strict=True) if any(each)
        ]
    except csv.Error as error:
        raise InvalidInput(
            "InvalidWatchlist", f"{_where(item)}the content of '{item.name}' is no CSV: {error}."
        ) from error
    if not read:
        return []
    header = [name.strip() for name in read[0]]
    return [dict(zip(header, values + [""] * (len(header) - len(values)), strict=False)) for values in read[1:]]


def compare_rows(item: Item, there: Iterable[Found], *, keep_extra: bool) -> RowChange:
    """What a watchlist has to gain, and, unless that is kept, has too much of. It has a row once, however often its
    text does."""
    wanted = {_key(row): row for row in rows_of(item)}
    missing = dict(wanted)
    have: set[bytes] = set()
    extra: list[Found] = []
    for found in there:
        key = _key_of(found)
        have.add(key)
        if missing.pop(key, None) is None:
            extra.append(found)
    after = have | wanted.keys() if keep_extra else wanted.keys()
    return RowChange(tuple(missing.values()), () if keep_extra else tuple(extra), _digest(have), _digest(after))


def digest_of_rows(there: Iterable[Found]) -> str:
    """By what the rows of a watchlist are known again, in any order."""
    return _digest({_key_of(found) for found in there})


def _digest(keys: Iterable[bytes]) -> str:
    return hashlib.sha256(b"\n".join(sorted(keys))).hexdigest()[:24]


def _key_of(found: Found) -> bytes:
    return _key(found.item.body["properties"].get("itemsKeyValue") or {})


def text_of(rows: Iterable[Mapping[str, Any]], key: str) -> str:
    """Rows as a text that is always the same: with the search key first, in the order of its values."""
    ordered = sorted(rows, key=lambda row: (str(row.get(key, "")), _key(row)))
    names = [name for row in ordered for name in row]
    columns: list[str] = list(dict.fromkeys([key, *names] if key in names else names))
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[_cell(row.get(name)) for name in columns] for row in ordered])
    return written.getvalue()


def pieces(rows: Iterable[Row], key: str) -> Iterable[str]:
    """Rows as texts that are each small enough to be sent."""
    piece: list[Row] = []
    size = 0
    for row in rows:
        length = sum(len(value.encode()) + 3 for value in row.values())
        if piece and size + length > _PIECE:
            yield text_of(piece, key)
            piece, size = [], 0
        piece.append(row)
        size += length
    if piece:
        yield text_of(piece, key)


def _key(row: Mapping[str, Any]) -> bytes:
    cells = {str(name): _cell(value) for name, value in row.items() if _cell(value)}
    return orjson.dumps(cells, option=orjson.OPT_SORT_KEYS)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _where(item: Item) -> str:
    return f"{item.source}: " if item.source else ""
