"""The raw content of a watchlist read into items: text with a header, separated by commas or tabs.

Limits: https://learn.microsoft.com/azure/sentinel/watchlists#limitations-of-watchlists
"""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

from vedette.core.errors import InvalidInput

_LARGEST = 3_984_588  # bytes: 3.8 MB
_LONGEST_LINE = 10_240  # characters
_MOST_COLUMNS = 500
_DELIMITERS = {"text/csv": ",", "text/tsv": "\t", "text/tab-separated-values": "\t"}


def check_content(properties: Mapping[str, Any]) -> None:
    """Read the content of a watchlist's properties to its end. Raises InvalidInput (BadRequest) that names the line."""
    for _ in read_items(properties):
        pass


def read_items(properties: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The items that `rawContent` holds, by `contentType`, `numberOfLinesToSkip` and `itemsSearchKey`.

    Raises InvalidInput (BadRequest).
    """
    content = str(properties["rawContent"]).removeprefix("\ufeff")
    if len(content.encode("utf-8", "replace")) > _LARGEST:
        raise _refused("is larger than 3.8 MB; send it in parts, whose items are added to those that are there")
    kind = str(properties.get("contentType") or "text/csv").partition(";")[0].strip().lower()
    delimiter = _DELIMITERS.get(kind)
    if delimiter is None:
        raise InvalidInput(
            "BadRequest",
            f"'properties.contentType' is one of text/csv and text/tsv, not '{kind[:40]}'.",
            target="properties.contentType",
        )
    skipped = _number_of_lines(properties.get("numberOfLinesToSkip"))
    lines = StringIO(content, newline="").readlines()  # cut at \n, \r\n and \r alone, as the csv module wants it
    _check_lines(lines)
    reader = csv.reader(lines[skipped:], delimiter=delimiter, strict=True)
    yield from _items(reader, skipped, properties.get("itemsSearchKey"))


def _number_of_lines(value: Any) -> int:
    if value is None:
        return 0
    if not isinstance(value, int) or value < 0:
        raise InvalidInput("BadRequest", "'properties.numberOfLinesToSkip' is a whole number from 0 on.")
    return value


def _check_lines(lines: list[str]) -> None:
    for number, line in enumerate(lines, 1):
        if len(line.rstrip("\r\n")) > _LONGEST_LINE:
            raise _refused(f"has more than {_LONGEST_LINE} characters in line {number}")


def _items(reader: Any, skipped: int, key: Any) -> Iterator[dict[str, str]]:
    header: list[str] | None = None
    try:
        for values in reader:
            if not any(value.strip() for value in values):
                continue
            if header is None:
                header = _header(values, skipped, key)
                continue
            if len(values) > len(header):
                line = skipped + reader.line_num
                raise _refused(f"has {len(values)} values in line {line}, and its header has {len(header)} columns")
            yield dict(zip(header, values + [""] * (len(header) - len(values)), strict=True))
    except csv.Error as error:
        raise _refused(f"cannot be read in line {skipped + reader.line_num}: {error}") from error
    if header is None:
        raise _refused(f"has no header after {skipped} skipped lines")


def _header(values: list[str], skipped: int, key: Any) -> list[str]:
    header = [value.strip() for value in values]
    if len(header) > _MOST_COLUMNS:
        raise _refused(f"has {len(header)} columns; a watchlist has at most {_MOST_COLUMNS}")
    empty = next((at for at, name in enumerate(header, 1) if not name), None)
    if empty is not None:
        raise _refused(f"has no name for column {empty} in its header, which is line {skipped + 1}")
    twice = next((name for at, name in enumerate(header) if name in header[:at]), None)
    if twice is not None:
        raise _refused(f"has two columns with the name '{twice[:60]}'")
    if key and key not in header:
        raise InvalidInput(
            "BadRequest",
            f"'properties.itemsSearchKey' is '{str(key)[:60]}', which is no column of 'properties.rawContent': "
            f"{', '.join(header)[:300]}.",
            target="properties.itemsSearchKey",
        )
    return header


def _refused(reason: str) -> InvalidInput:
    return InvalidInput("BadRequest", f"'properties.rawContent' {reason}.", target="properties.rawContent")
