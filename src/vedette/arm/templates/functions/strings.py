"""String functions: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-string"""

import base64
import binascii
import re
from typing import Any, cast
from urllib.parse import quote, unquote, unquote_to_bytes

from vedette.arm.json_reader import read_json
from vedette.arm.templates.functions.hashes import guid, unique_string
from vedette.core.errors import InvalidInput
from vedette.expressions.errors import ExpressionError, about
from vedette.expressions.functions import function
from vedette.expressions.number_formats import format_number
from vedette.expressions.values import MOST_ITEMS, MOST_TEXT, is_number, joined, text_of

_WIDEST = 10_000
_COULD_NOT = "The request content could not be read: "
_ITEM = re.compile(r"\{\{|\}\}|\{(\d{1,4})(?:,(-?\d{1,5}))?(?::((?:[^{}]|\{\{|\}\})*))?\}|[{}]")


def _concat(*values: Any) -> Any:
    """Of arrays one array, of everything else one text."""
    if values and all(isinstance(each, list) for each in values):
        return [item for each in values for item in cast("list[Any]", each)]
    if any(isinstance(each, list | dict) for each in values):
        raise about("concat", "expects all its parameters to be arrays, or all of them to be strings.")
    return joined(map(text_of, values))


def _decoded(name: str, text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise about(name, f"expects a text in base64, not '{text[:40]}'.") from error


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()


def _base64_to_string(text: str) -> str:
    return _decoded("base64ToString", text)


def _json(text: str) -> Any:
    """What a JSON text says; comments and single quotes are read as the service reads them."""
    try:
        return read_json(text.encode("utf-8", "surrogatepass"))
    except InvalidInput as error:
        raise about("json", f"parameter is not valid: {error.message.removeprefix(_COULD_NOT)}") from error


def _base64_to_json(text: str) -> Any:
    return _json(_decoded("base64ToJson", text))


def _data_uri(text: str) -> str:
    return f"data:text/plain;charset=utf8;base64,{_base64(text)}"


def _data_uri_to_string(text: str) -> str:
    head, comma, content = text.partition(",")
    if not comma or not head.lower().startswith("data:"):
        raise about("dataUriToString", "expects its parameter to be a valid data URI.")
    if head.lower().endswith(";base64"):
        return _decoded("dataUriToString", content)
    return unquote_to_bytes(content).decode("utf-8", "replace")


def _format(shape: str, *values: Any) -> str:
    """.NET's composite formatting: `{0}`, `{0,10}` and `{0:N2}`; a brace that is meant is written twice."""
    left = MOST_TEXT
    pieces: list[str] = []
    at = 0
    for match in _ITEM.finditer(shape):
        piece = shape[at : match.start()] + _item(match, values)
        left -= len(piece)
        if left < 0:
            raise ExpressionError(f"The value has more than {MOST_TEXT} characters.")
        pieces.append(piece)
        at = match.end()
    return "".join((*pieces, shape[at:]))


def _item(match: re.Match[str], values: tuple[Any, ...]) -> str:
    if match[0] in ("{{", "}}"):
        return match[0][0]
    if match[1] is None:
        raise about("format", "was given a format string that is not valid: a brace stands alone.")
    if int(match[1]) >= len(values):
        raise about(
            "format",
            "was given a format string that is not valid: an index must be less than the number of arguments, "
            f"'{len(values)}'.",
        )
    value, width = values[int(match[1])], int(match[2] or 0)
    if abs(width) > _WIDEST:
        raise about("format", f"writes at most {_WIDEST} characters wide.")
    shape = match[3]
    text = format_number(value, shape) if shape and is_number(value) else text_of(value)
    return text.rjust(width) if width > 0 else text.ljust(-width)


def _pad_left(value: Any, width: int, character: str = " ") -> str:
    if not isinstance(value, str) and (not isinstance(value, int) or isinstance(value, bool)):
        raise about("padLeft", "expects its first parameter to be a string or an integer.")
    if len(character) != 1:
        raise about("padLeft", "expects its third parameter to be one character.")
    if width > _WIDEST:
        raise about("padLeft", f"makes at most {_WIDEST} characters.")
    return text_of(value).rjust(width, character)


def _split(text: str, delimiters: Any) -> list[str]:
    """The parts between a delimiter, or any of several."""
    several = cast("list[Any]", delimiters) if isinstance(delimiters, list) else [delimiters]
    if not several or not all(isinstance(each, str) for each in several):
        raise about("split", "expects its second parameter to be a string or an array of strings.")
    used = [cast("str", each) for each in several if each]
    if sum(map(text.count, used)) >= MOST_ITEMS:
        raise about("split", f"gives more than {MOST_ITEMS} items.")
    return re.split("|".join(map(re.escape, used)), text) if used else [text]


def _uri(base: str, relative: str) -> str:
    """The base up to its last slash, with the relative address behind it; a slash of both is one."""
    scheme, mark, rest = base.partition("://")
    if not mark or not rest:
        raise about("uri", f"expects its first parameter to be an absolute URI, not '{base[:100]}'.")
    kept = rest[: rest.rindex("/")] if "/" in rest else rest
    return f"{scheme}://{kept}/{relative.removeprefix('/')}"


def _uri_component(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


STRINGS = (
    function("concat", "arg1*: any", _concat),
    function("base64", "inputString: string", _base64),
    function("base64ToString", "base64Value: string", _base64_to_string),
    function("base64ToJson", "base64Value: string", _base64_to_json),
    function("json", "arg1: string", _json),
    function("dataUri", "stringToConvert: string", _data_uri),
    function("dataUriToString", "dataUriToConvert: string", _data_uri_to_string),
    function("format", "formatString: string, arg1*: any", _format),
    function("padLeft", "valueToPad: any, totalLength: integer, paddingCharacter?: string", _pad_left),
    function("split", "inputString: string, delimiter: any", _split),
    function("string", "valueToConvert: any", text_of),
    function("uri", "baseUri: string, relativeUri: string", _uri),
    function("uriComponent", "stringToEncode: string", _uri_component),
    function("uriComponentToString", "uriEncodedString: string", unquote),
    function("guid", "baseString+: string", guid),
    function("uniqueString", "baseString+: string", unique_string),
)
