"""Deterministic names: the hash behind `uniqueString` and a deployment's template hash, and `guid`.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-string#uniquestring
"""

from typing import Any
from uuid import UUID, uuid5

import orjson

_NAMESPACE = UUID("11fb06fb-712d-4ddd-98c7-e71bbd588830")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_MASK = 0xFFFFFFFF
_FIRST, _SECOND = 0x239B961B, 0xAB0E9789


def unique_string(*texts: str) -> str:
    """Thirteen letters and digits that are the same for the same texts."""
    hash = hash64("-".join(texts).encode("utf-8", "surrogatepass"))
    return "".join(_ALPHABET[(hash << 5 * at & 0xFFFFFFFFFFFFFFFF) >> 59] for at in range(13))


def guid(*texts: str) -> str:
    """The name-based GUID of the texts."""
    return str(uuid5(_NAMESPACE, "-".join(texts)))


def template_hash(template: Any) -> str:
    """The number by which a deployment tells its template, the one that Bicep writes into what it compiles."""
    return str(hash64(orjson.dumps(template).decode().upper().encode()))


def hash64(data: bytes) -> int:
    """A hash of 64 bits of the Murmur family: two lanes of 32 bits, in blocks of eight bytes."""
    one = other = 0
    whole = len(data) - len(data) % 8
    for at in range(0, whole, 8):
        one ^= _first(int.from_bytes(data[at : at + 4], "little"))
        one = (_rotated(one, 19) + other) * 5 + 0x561CCD1B & _MASK
        other ^= _second(int.from_bytes(data[at + 4 : at + 8], "little"))
        other = (_rotated(other, 13) + one) * 5 + 0x0BCAA747 & _MASK
    rest = data[whole:]
    if rest:
        one ^= _first(int.from_bytes(rest[:4], "little"))
    if len(rest) > 4:
        other ^= _second(int.from_bytes(rest[4:], "little"))
    one ^= len(data)
    other ^= len(data)
    one = one + other & _MASK
    other = other + one & _MASK
    one, other = _mixed(one), _mixed(other)
    one = one + other & _MASK
    other = other + one & _MASK
    return other << 32 | one


def _first(block: int) -> int:
    return _rotated(block * _FIRST & _MASK, 15) * _SECOND & _MASK


def _second(block: int) -> int:
    return _rotated(block * _SECOND & _MASK, 17) * _FIRST & _MASK


def _rotated(value: int, by: int) -> int:
    return (value << by | value >> 32 - by) & _MASK


def _mixed(value: int) -> int:
    value = (value ^ value >> 16) * 0x85EBCA6B & _MASK
    value = (value ^ value >> 13) * 0xC2B2AE35 & _MASK
    return value ^ value >> 16
