"""Keys and values of texts where either may be quoted, or values hold delimiters: what `parse-kv` asks for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import orjson
import pyarrow as pa

from vedette.engine.python.function import PythonFunction


@dataclass(frozen=True, slots=True)
class Format:
    """How pairs are written. Without delimiters everything but letters, digits and quotes separates."""

    keys: tuple[str, ...]
    pair: str
    kv: str
    quotes: tuple[str, ...]
    escapes: str
    greedy: bool


def values(texts: pa.Array, formats: pa.Array) -> pa.Array:
    """For each text the value of each of the format's keys; '' for a key that it has not.

    https://learn.microsoft.com/kusto/query/parse-kv-operator
    """
    if not len(texts):
        return pa.array([], pa.list_(pa.string()))
    format = _format(formats[0].as_py())
    find = _delimited if format.pair and format.kv else _undelimited
    found: list[list[str]] = []
    for text in texts.to_pylist():
        pairs: dict[str, str] = {}
        for key, value in find(text or "", format):
            pairs.setdefault(key, value)
        found.append([pairs.get(key, "") for key in format.keys])
    return pa.array(found, pa.list_(pa.string()))


@lru_cache(maxsize=64)
def _format(text: str) -> Format:
    given = orjson.loads(text)
    return Format(
        tuple(given["keys"]),
        given["pair"],
        given["kv"],
        tuple(given["quotes"]),
        "".join(given["escapes"]),
        given["greedy"],
    )


def _delimited(text: str, format: Format) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        start = _skip_space(text, at)
        key, end = _quoted(text, start, format)
        if key is None:
            end = _first(text, start, format.kv, format.pair)
            key = text[start:end].strip()
        end = _skip_space(text, end) if not format.kv.isspace() else end
        if not text.startswith(format.kv, end):
            at = _after(text, max(end, at), format.pair)
            continue
        value, at = _value(text, end + len(format.kv), format)
        yield key, value


def _value(text: str, at: int, format: Format) -> tuple[str, int]:
    """The value that begins here, and where the next pair does."""
    start = at if format.pair.isspace() else _skip_space(text, at)
    quoted, end = _quoted(text, start, format)
    if quoted is not None:
        return quoted, _after(text, end, format.pair)
    end = text.find(format.pair, start)
    if end < 0:
        return text[start:].strip(), len(text)
    if format.greedy:
        end = _greedy_end(text, end, format.pair, format.kv)
    return text[start:end].strip(), end + len(format.pair)


def _greedy_end(text: str, end: int, pair: str, kv: str) -> int:
    """The last pair delimiter before the next key, or the end of the text."""
    next_kv = text.find(kv, end)
    if next_kv < 0:
        return len(text)
    key_start = text.rfind(pair, 0, next_kv)
    return max(key_start, end)


def _undelimited(text: str, format: Format) -> Iterator[tuple[str, str]]:
    """Each word or quoted text is a key, and the next one its value."""
    words: list[str] = []
    at = 0
    while at < len(text):
        quoted, end = _quoted(text, at, format)
        if quoted is not None:
            words.append(quoted)
            at = end
            continue
        match = _WORD.match(text, at)
        if match is None:
            at += 1
            continue
        words.append(match[0])
        at = match.end()
    return pairwise(words)


_WORD = re.compile(r"[^\W_]+")


def _quoted(text: str, at: int, format: Format) -> tuple[str | None, int]:
    """The quoted text that begins here, with what is escaped in it, and its end; None where none does."""
    for quotes in format.quotes:
        if not text.startswith(quotes[0], at):
            continue
        closing = quotes[-1]
        piece: list[str] = []
        position = at + 1
        while position < len(text):
            character = text[position]
            if character in format.escapes and position + 1 < len(text):
                piece.append(text[position + 1])
                position += 2
            elif character == closing:
                return "".join(piece).strip(), position + 1
            else:
                piece.append(character)
                position += 1
    return None, at


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _first(text: str, at: int, one: str, other: str) -> int:
    """Where the first of two delimiters is; the end of the text where there is none."""
    places = [place for place in (text.find(one, at), text.find(other, at)) if place >= 0]
    return min(places, default=len(text))


def _after(text: str, at: int, delimiter: str) -> int:
    place = text.find(delimiter, at)
    return len(text) if place < 0 else place + len(delimiter)


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_kv_values": PythonFunction(values, ("VARCHAR", "VARCHAR"), "VARCHAR[]", vectorized=True)
}
"""By the names that SQL calls them by."""
