"""Plain values → YAML text in one way only: block style, two spaces, texts of several lines as they are."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

_PLAIN = re.compile(r"[A-Za-z_/.$(][^\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]*")
_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.\-]*")
_NOT_PLAIN = re.compile(r": |:$| #| $")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
_NUMBER_LIKE = re.compile(r"[-+.]?[0-9._]+(?:[eE][-+]?[0-9]+)?|\.(?:inf|nan)", re.IGNORECASE)
_NOT_LITERAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_ESCAPED = re.compile(r"[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def yaml_text(value: Mapping[str, Any]) -> str:
    """The text of one document. What is read from it is equal to the value.

    >>> print(yaml_text({"name": "A", "query": "T\\n| take 1\\n", "tactics": ["Impact"]}), end="")
    name: A
    query: |
      T
      | take 1
    tactics:
      - Impact
    """
    return "".join(f"{line}\n" for line in _mapping(value, "")) or "{}\n"


def entry_text(key: str, value: Any, indent: str = "") -> str:
    """An entry of a mapping that is set in by `indent`, without what stands before its first line."""
    return "\n".join(_entry(f"{_flow_key(key)}:", value, indent))


def scalar_text(value: Any, indent: str = "") -> str:
    """A scalar as it stands behind `key: `, where `indent` is that of the key's mapping; may have several lines."""
    if isinstance(value, str):
        return _literal(value, indent) if _is_literal(value) else _flow(value)
    text = json.dumps(value)
    return re.sub(r"^(-?[0-9]+)e", r"\1.0e", text)  # YAML 1.1 takes 1e-05 for a text


def _mapping(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, each in value.items():
        yield from _entry(f"{indent}{_flow_key(key)}:", each, indent)


def _entry(head: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        yield head
        yield from _mapping(cast("Mapping[str, Any]", value), f"{indent}  ")
    elif isinstance(value, list | tuple) and value:
        yield head
        for each in cast("list[Any]", value):
            yield from _item(each, f"{indent}  ")
    else:
        yield f"{head} {_small(value, indent)}"


def _item(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        lines = _mapping(cast("Mapping[str, Any]", value), f"{indent}  ")
        yield f"{indent}- {next(lines)[len(indent) + 2 :]}"
        yield from lines
    elif isinstance(value, list | tuple) and value:
        yield f"{indent}-"
        for each in cast("list[Any]", value):
            yield from _item(each, f"{indent}  ")
    else:
        yield f"{indent}- {_small(value, indent)}"


def _small(value: Any, indent: str) -> str:
    if isinstance(value, Mapping):
        return "{}"
    return "[]" if isinstance(value, list | tuple) else scalar_text(value, indent)


def _flow_key(key: str) -> str:
    return key if _KEY.fullmatch(key) and key.lower() not in _WORDS else _quoted(key)


def _flow(text: str) -> str:
    plain = (
        _PLAIN.fullmatch(text)
        and not _NOT_PLAIN.search(text)
        and text.lower() not in _WORDS
        and not _NUMBER_LIKE.fullmatch(text)
    )
    return text if plain or _is_short_word(text) else _quoted(text)


def _is_short_word(text: str) -> bool:
    """A number with letters behind it, such as 5m, T1078's like or a GUID: no parser takes it for something else."""
    return re.fullmatch(r"[0-9]+(?:[smhd]|[0-9a-f]*-[0-9a-f\-]*[a-f][0-9a-f\-]*)", text) is not None


def _quoted(text: str) -> str:
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _is_literal(text: str) -> bool:
    return (
        "\n" in text and not _NOT_LITERAL.search(text) and bool(text.strip()) and not text.lstrip("\n").startswith("\t")
    )


def _literal(text: str, indent: str) -> str:
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    indicator = "2" if text[0] in " \n" else ""
    chomping = ("-", "", "+")[min(ends, 2)]
    lines = [f"{indent}  {line}" if line else "" for line in (*body.split("\n"), *[""] * max(ends - 1, 0))]
    return "\n".join((f"|{indicator}{chomping}", *lines))
