"""Numbers as .NET's format strings write them: the standard ones, and custom ones of 0, # and separators.

https://learn.microsoft.com/dotnet/standard/base-types/standard-numeric-format-strings
"""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from vedette.expressions.errors import ExpressionError

_STANDARD = re.compile(r"([A-Za-z])(\d{0,2})")
_ENGLISH = (".", ",", "$", False)
_LOCALES = {  # decimal mark, group mark, currency, whether that stands behind
    "en": _ENGLISH,
    "en-us": _ENGLISH,
    "en-gb": (".", ",", "£", False),
    "de": (",", ".", "€", True),
    "fr": (",", "\u202f", "€", True),
    "es": (",", ".", "€", True),
    "it": (",", ".", "€", True),
    "pt-br": (",", ".", "R$", False),
    "ja": (".", ",", "￥", False),
}


def format_number(number: Any, format: str, locale: str = "en-US") -> str:
    """Raises ExpressionError for a format or a locale that is not known here."""
    folded = locale.lower()
    marks = _LOCALES.get(folded) or _LOCALES.get(folded.partition("-")[0])
    if marks is None:
        raise ExpressionError(f"The locale '{locale[:20]}' is not known here.")
    value = Decimal(str(number))
    match = _STANDARD.fullmatch(format)
    if match is None:
        return _custom(value, format, marks)
    digits = int(match[2]) if match[2] else None
    return _standard(value, number, match[1], digits, marks)


def _standard(value: Decimal, number: Any, kind: str, digits: int | None, marks: tuple[str, str, str, bool]) -> str:
    decimal, group, currency, behind = marks
    sign = "-" if value < 0 else ""
    match kind.upper():
        case "N":
            return sign + _fixed(abs(value), 2 if digits is None else digits, decimal, group)
        case "F":
            return sign + _fixed(abs(value), 2 if digits is None else digits, decimal, "")
        case "C":
            text = _fixed(abs(value), 2 if digits is None else digits, decimal, group)
            return f"{sign}{text} {currency}" if behind else f"{sign}{currency}{text}"
        case "P":
            return sign + _fixed(abs(value) * 100, 2 if digits is None else digits, decimal, group) + "%"
        case "D" if isinstance(number, int):
            return f"{sign}{abs(number):0{digits or 1}d}"
        case "X" if isinstance(number, int):
            text = f"{number & 0xFFFFFFFFFFFFFFFF:0{digits or 1}X}"
            return text if kind == "X" else text.lower()
        case "E":
            mantissa, _, exponent = f"{value:.{6 if digits is None else digits}E}".partition("E")
            return f"{mantissa.replace('.', decimal)}{kind}{exponent[0]}{exponent[1:].zfill(3)}"
        case "G":
            return format(value.normalize(), "f").replace(".", decimal)
        case _:
            raise ExpressionError(f"The number format '{kind}' does not fit a value of this type.")


def _fixed(value: Decimal, digits: int, decimal: str, group: str) -> str:
    rounded = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    whole, _, fraction = format(rounded, "f").partition(".")
    whole = re.sub(r"(?<=\d)(?=(\d{3})+$)", group, whole) if group else whole
    return whole + (decimal + fraction if fraction else "")


def _custom(value: Decimal, format: str, marks: tuple[str, str, str, bool]) -> str:
    """A format of digits' places, such as `#,##0.00` or `0.0'%'`, with sections for negative values and zero."""
    if len(format) > 100:
        raise ExpressionError("The number format has more than 100 characters.")
    sections = format.split(";")
    if value < 0 and len(sections) > 1:
        value, format = -value, sections[1]
    elif value == 0 and len(sections) > 2:
        format = sections[2]
    else:
        format = sections[0]
    match = re.search(r"[0#][0#,]*(\.[0#]*)?|\.[0#]+", format)
    if match is None:
        return format
    before, shape, after = format[: match.start()], match[0], format[match.end() :]
    if "%" in before + after:
        value *= 100
    whole, _, fraction = shape.partition(".")
    grouped, least = "," in whole, whole.count("0")
    text = _fixed(abs(value), len(fraction), ".", "")
    digits, _, rest = text.partition(".")
    digits = digits.lstrip("0").rjust(least, "0")
    if grouped:
        digits = re.sub(r"(?<=\d)(?=(\d{3})+$)", marks[1], digits)
    required = fraction.rstrip("#")
    rest = rest[: len(required)] + rest[len(required) :].rstrip("0")
    sign = "-" if value < 0 and (digits.strip("0") or rest.strip("0")) else ""
    return sign + before.replace("'", "") + digits + (marks[0] + rest if rest else "") + after.replace("'", "")
