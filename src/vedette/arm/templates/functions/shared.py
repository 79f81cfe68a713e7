"""The functions that mean the same as in workflows, and those of strings, arrays, numbers and objects that differ.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions
"""

import re
from typing import Any, cast
from urllib.parse import urljoin

from vedette.arm.templates.functions.hashes import guid, unique_string
from vedette.expressions.collections import COLLECTIONS
from vedette.expressions.errors import about
from vedette.expressions.functions import Function, function, table
from vedette.expressions.logic import LOGIC
from vedette.expressions.mathematics import MATHEMATICS
from vedette.expressions.strings import STRINGS
from vedette.expressions.values import joined, parse_json, text_of

_ELSEWHERE = table((*COLLECTIONS, *LOGIC, *MATHEMATICS, *STRINGS))
_SAME = (
    "contains", "empty", "first", "last", "union", "intersection", "join", "skip", "take", "range",
    "not", "equals", "greater", "greaterOrEquals", "less", "lessOrEquals",
    "add", "sub", "mul", "div", "mod", "min", "max",
    "indexOf", "lastIndexOf", "replace", "startsWith", "endsWith", "substring", "toLower", "toUpper", "trim",
)  # fmt: skip


def _concat(*values: Any) -> Any:
    """Of arrays one array, of everything else one text."""
    if values and all(isinstance(each, list) for each in values):
        return [item for each in values for item in cast("list[Any]", each)]
    if any(isinstance(each, list | dict) for each in values):
        raise about("concat", "expects all its parameters to be arrays, or all of them to be strings.")
    return joined(map(text_of, values))


def _split(text: str, delimiters: Any) -> list[str]:
    """The parts between a delimiter, or any of several."""
    several = cast("list[Any]", delimiters) if isinstance(delimiters, list) else [delimiters]
    if not several or not all(isinstance(each, str) for each in several):
        raise about("split", "expects its second parameter to be a string or an array of strings.")
    used = [each for each in several if each]
    return re.split("|".join(map(re.escape, used)), text) if used else [text]


def _string(value: Any) -> str:
    return (
        value if isinstance(value, str) else "True" if value is True else "False" if value is False else text_of(value)
    )


def _uri(base: str, relative: str) -> str:
    """The address that a relative one means, seen from a base; no part of the base's path is lost to a slash."""
    return urljoin(base, relative)


def _length(value: Any) -> int:
    return len(value)


def _json(text: str) -> Any:
    return parse_json(text)


SHARED: tuple[Function, ...] = (
    *(_ELSEWHERE[name.lower()] for name in _SAME),
    function("concat", "arg1*: any", _concat),
    function("guid", "baseString+: string", guid),
    function("uniqueString", "baseString+: string", unique_string),
    function("split", "inputString: string, delimiter: any", _split),
    function("string", "valueToConvert: any", _string),
    function("uri", "baseUri: string, relativeUri: string", _uri),
    function("length", "arg1: collection", _length),
    function("json", "arg1: string", _json),
)
