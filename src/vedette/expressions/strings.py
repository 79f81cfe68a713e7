"""String functions: https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference"""

from typing import Any
from uuid import UUID

from vedette.expressions.errors import about
from vedette.expressions.functions import function
from vedette.expressions.number_formats import format_number
from vedette.expressions.values import MOST_ITEMS, MOST_TEXT, joined, text_of


def _concat(*values: Any) -> str:
    return joined(map(text_of, values))


def _index_of(text: str, wanted: str) -> int:
    return text.lower().find(wanted.lower())


def _last_index_of(text: str, wanted: str) -> int:
    return text.lower().rfind(wanted.lower())


def _nth_index_of(text: str, wanted: str, occurrence: int) -> int:
    """The place of an occurrence, counted from the end where it is negative; -1 when there is none."""
    places: list[int] = []
    folded, sought = text.lower(), wanted.lower()
    at = folded.find(sought) if sought else -1
    while at >= 0:
        places.append(at)
        at = folded.find(sought, at + 1)
    place = occurrence - 1 if occurrence > 0 else len(places) + occurrence
    return places[place] if occurrence and 0 <= place < len(places) else -1


def _replace(text: str, old: str, new: str) -> str:
    if not old:
        raise about("replace", "expects its second parameter 'old string' not to be empty.")
    if len(text) + text.count(old) * max(len(new) - len(old), 0) > MOST_TEXT:
        raise about("replace", f"gives more than {MOST_TEXT} characters.")
    return text.replace(old, new)


def _slice(text: str, start: int, end: int | None = None) -> str:
    return text[start:end]


def _split(text: str, delimiter: str = "") -> list[str]:
    if delimiter and text.count(delimiter) >= MOST_ITEMS:
        raise about("split", f"gives more than {MOST_ITEMS} items.")
    return text.split(delimiter) if delimiter else [text] if text else []


def _substring(text: str, start: int, length: int | None = None) -> str:
    end = len(text) if length is None else start + length
    if not 0 <= start <= len(text) or not start <= end <= len(text):
        raise about(
            "substring",
            "parameters are out of range: 'start index' and 'length' must be non-negative integers and their sum must "
            f"be no larger than the length of the string. The length of the string is '{len(text)}'.",
        )
    return text[start:end]


def _format_number(number: Any, format: str, locale: str = "en-US") -> str:
    return format_number(number, format, locale)


def _shaped(id: str, format: str | None) -> str:
    found = UUID(id)
    match (format or "D").upper():
        case "N":
            return found.hex
        case "D":
            return str(found)
        case "B":
            return f"{{{found}}}"
        case "P":
            return f"({found})"
        case _:
            raise about("guid", f"takes one of the formats 'N', 'D', 'B' and 'P', not '{str(format)[:20]}'.")


def shaped_guid(id: str, format: str | None = None) -> str:
    """A GUID in one of .NET's formats. Raises ExpressionError."""
    return _shaped(id, format)


STRINGS = (
    function("concat", "text1*: any", _concat),
    function("endsWith", "text: string, searchText: string", lambda text, end: text.lower().endswith(end.lower())),
    function("formatNumber", "number: number, format: string, locale?: string", _format_number),
    function("indexOf", "text: string, searchText: string", _index_of),
    function("lastIndexOf", "text: string, searchText: string", _last_index_of),
    function("nthIndexOf", "text: string, searchText: string, occurrence: integer", _nth_index_of),
    function("replace", "string: string, old string: string, new string: string", _replace),
    function("slice", "text: string, startIndex: integer, endIndex?: integer", _slice),
    function("split", "text: string, delimiter?: string", _split),
    function(
        "startsWith", "text: string, searchText: string", lambda text, start: text.lower().startswith(start.lower())
    ),
    function("substring", "text: string, startIndex: integer, length?: integer", _substring),
    function("toLower", "text: string", lambda text: text.lower()),
    function("toUpper", "text: string", lambda text: text.upper()),
    function("trim", "text: string", lambda text: text.strip()),
)
