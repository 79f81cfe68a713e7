"""Conversion and URI functions: https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference"""

import base64
import re
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import SplitResult, quote, unquote, unquote_to_bytes, urlsplit

from vedette.automation.expressions.markup import is_xml, json_of_xml, make_xml, select, xml_text
from vedette.expressions.errors import ExpressionError, about
from vedette.expressions.functions import Function, function
from vedette.expressions.mathematics import in_range
from vedette.expressions.values import (
    Json,
    binary,
    bytes_of,
    decoded,
    is_binary,
    is_number,
    parse_json,
    text_of,
)

_WHOLE = re.compile(r"\s*[+-]?\d{1,25}\s*")
_LONGEST_TYPE = 200
_PORTS = {"http": 80, "https": 443, "ftp": 21}


def _int(value: Any) -> int:
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return in_range("int", int(value))
    if is_number(value) and value == int(value):
        return int(value)
    raise about(
        "int", "was invoked with a parameter that is not valid. The value cannot be converted to the target type."
    )


def _float(value: Any, locale: str = "") -> float:
    text = text_of(value)
    if locale.lower().startswith(("de", "fr", "es", "it")):
        text = text.replace(".", "").replace(",", ".")
    try:
        return float(text.replace(",", ""))
    except ValueError as error:
        raise about(
            "float", "was invoked with a parameter that is not valid. The value cannot be converted to the target type."
        ) from error


def _decimal(value: Any) -> float:
    try:
        return float(text_of(value)[:400])
    except ValueError as error:
        raise about(
            "decimal",
            "was invoked with a parameter that is not valid. The value cannot be converted to the target type.",
        ) from error


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if is_number(value):
        return value != 0
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise about(
        "bool", "was invoked with a parameter that is not valid. The value cannot be converted to the target type."
    )


def _string(value: Any) -> str:
    """The text: of bytes what they say, of XML its markup, of objects and arrays their JSON."""
    if is_xml(value):
        return xml_text(value)
    if is_binary(value):
        return _decoded_text(bytes_of(value))
    return text_of(value)


def _decoded_text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _json(value: Any) -> Any:
    """The value of a text, or of XML; a value that is one already stays."""
    if is_xml(value):
        return json_of_xml(value)
    if is_binary(value):
        return parse_json(_decoded_text(bytes_of(value)))
    if isinstance(value, str):
        return parse_json(value)
    if value is None:
        raise about("json", "parameter is not valid. The provided value cannot be null.")
    return value


def _array(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _data_uri(value: Any) -> str:
    if is_binary(value):
        return f"data:{cast('Json', value)['$content-type']};base64,{cast('Json', value)['$content']}"
    return f"data:text/plain;charset=utf-8;base64,{base64.b64encode(bytes_of(value)).decode()}"


def _of_data_uri(name: str, text: str) -> tuple[bytes, str]:
    head, comma, content = text.partition(",")
    if not comma or not head.startswith("data:") or len(head) > _LONGEST_TYPE:
        raise about(name, "expects its parameter to be a valid data URI.")
    type, is_base64, rest = head[5:].partition(";base64")
    return decoded(content) if is_base64 and not rest else unquote_to_bytes(content), type or "text/plain"


def _data_uri_to_binary(text: str) -> Json:
    return binary(*_of_data_uri("dataUriToBinary", text))


def _data_uri_to_string(text: str) -> str:
    return _decoded_text(_of_data_uri("dataUriToString", text)[0])


def _encoded(value: Any) -> str:
    return quote(bytes_of(value), safe="")


def _uri(name: str, part: Callable[[SplitResult], Any]) -> Function:
    def call(text: str) -> Any:
        try:
            parts = urlsplit(text)
            found = part(parts)
        except ValueError as error:
            raise about(name, "expects its parameter to be a valid URI.") from error
        if not parts.scheme or not parts.netloc:
            raise about(name, "expects its parameter to be an absolute URI.")
        return found

    return function(name, "uri: string", call)


def _query(parts: SplitResult) -> str:
    return f"?{parts.query}" if parts.query else ""


def _is_int(text: Any) -> bool:
    return isinstance(text, str) and bool(_WHOLE.fullmatch(text))


def _is_float(text: Any, _locale: str = "") -> bool:
    try:
        float(str(text).replace(",", ""))
    except ValueError:
        return False
    return isinstance(text, str)


def _xpath(markup: Any, path: str) -> Any:
    if not is_xml(markup):
        raise ExpressionError("The template language function 'xpath' expects its first parameter to be XML.")
    return select(markup, path)


CONVERSIONS = (
    function("array", "value: any", _array),
    function("createArray", "object1*: any", lambda *values: list(values)),
    function("base64", "value: any", lambda value: base64.b64encode(bytes_of(value)).decode()),
    function("base64ToBinary", "value: string", lambda text: binary(decoded(text))),
    function("base64ToString", "value: string", lambda text: _decoded_text(decoded(text))),
    function("decodeBase64", "value: string", lambda text: _decoded_text(decoded(text))),
    function("binary", "value: any", lambda value: binary(bytes_of(value))),
    function("bool", "value: any", _bool),
    function("dataUri", "value: any", _data_uri),
    function("dataUriToBinary", "value: string", _data_uri_to_binary),
    function("dataUriToString", "value: string", _data_uri_to_string),
    function("decodeDataUri", "value: string", _data_uri_to_binary),
    function("decimal", "value: any", _decimal),
    function("float", "value: any, locale?: string", _float),
    function("int", "value: any", _int),
    function("isInt", "string: any", _is_int),
    function("isFloat", "string: any, locale?: string", _is_float),
    function("json", "value: any", _json),
    function("string", "value: any", _string),
    function("xml", "value: any", make_xml),
    function("xpath", "xml: any, xpath: string", _xpath),
    function("uriComponent", "value: any", _encoded),
    function("encodeUriComponent", "value: any", _encoded),
    function("decodeUriComponent", "value: string", unquote),
    function("uriComponentToString", "value: string", unquote),
    function("uriComponentToBinary", "value: string", lambda text: binary(unquote_to_bytes(text))),
    _uri("uriHost", lambda parts: parts.hostname or ""),
    _uri("uriPath", lambda parts: parts.path or "/"),
    _uri("uriPathAndQuery", lambda parts: (parts.path or "/") + _query(parts)),
    _uri("uriPort", lambda parts: parts.port or _PORTS.get(parts.scheme, -1)),
    _uri("uriQuery", _query),
    _uri("uriScheme", lambda parts: parts.scheme),
)
