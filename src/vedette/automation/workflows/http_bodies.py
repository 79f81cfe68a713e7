"""Bodies on the wire and in workflows: what is sent of a value, and what a workflow has of what came.

https://learn.microsoft.com/azure/logic-apps/logic-apps-content-type
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from vedette.expressions.errors import ExpressionError
from vedette.expressions.values import binary, bytes_of, is_binary, json_text, parse_json

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""https://www.rfc-editor.org/rfc/rfc9110#name-tokens"""


def sent_body(value: Any, headers: dict[str, str]) -> bytes | None:
    """The bytes of a body, and in `headers` their type where none is given."""
    if value is None:
        return None
    named = any(name.lower() == "content-type" for name in headers)
    if is_binary(value):
        if not named:
            headers["Content-Type"] = str(value["$content-type"])
        return bytes_of(value)
    if isinstance(value, str):
        if not named:
            headers["Content-Type"] = "text/plain; charset=utf-8"
        return value.encode("utf-8", "surrogatepass")
    if not named:
        headers["Content-Type"] = "application/json; charset=utf-8"
    return json_text(value).encode("utf-8", "surrogatepass")


def check_headers(headers: Mapping[str, str], encoding: str) -> None:
    """Raises ExpressionError for a header that cannot be sent: characters beyond the encoding, or that control."""
    for name, value in headers.items():
        try:
            (name + value).encode(encoding)
        except UnicodeEncodeError as error:
            raise ExpressionError(f"The header '{name[:80]}' holds characters that no header can.") from error
        if _TOKEN.fullmatch(name) is None or any(_is_control(character) for character in value):
            raise ExpressionError(f"The header '{name[:80]}' has a name of letters and digits, and no line breaks.")


def _is_control(character: str) -> bool:
    return (character < " " and character != "\t") or character == "\x7f"


def received(content: bytes, headers: Mapping[str, str]) -> Any:
    """JSON as its value, text as text, forms as their pairs, all else as bytes with their type; None for nothing."""
    if not content:
        return None
    given = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    type = given.partition(";")[0].strip().lower()
    if type == "application/json" or type.endswith("+json"):
        try:
            return parse_json(content.decode("utf-8-sig"))
        except (ExpressionError, UnicodeDecodeError):
            return binary(content, given)
    if type == "application/x-www-form-urlencoded":
        pairs = parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=1000)
        form = [{"key": name, "value": value} for name, value in pairs]
        return {**binary(content, given), "$formdata": form}
    if type in ("", "text/plain") or (type.startswith("text/") and type != "text/xml"):
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            return binary(content, given or "application/octet-stream")
    return binary(content, given)
