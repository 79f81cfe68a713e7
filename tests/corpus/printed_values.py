"""Compares numbers, datetimes and dynamic values with how the documentation prints them: to the printed digits, JSON
with any spaces and either quotes, arrays shortened by an ellipsis."""

import json
import math
import re
from typing import Any

from tests.corpus.recorded import same

_ELLIPSIS = "…"
_SHORTENED = re.compile(r"(?<=[\[,])\s*(?:\.\.\.|…)\s*(?=[\],])")


class _PrintedReal(float):
    """A number of a printed JSON value, with its text."""

    def __new__(cls, text: str) -> "_PrintedReal":
        number = super().__new__(cls, text)
        number.text = text
        return number

    text: str


def same_number(ours: float, theirs: str, *, least_digits: int = 0) -> bool:
    """To the digits that are printed after the point, if these are not fewer than the least; or else to 1e-9."""
    try:
        number = float(theirs.replace(",", "").replace("∞", "inf"))
    except ValueError:
        return False
    if ours == number or (math.isnan(ours) and math.isnan(number)) or math.isclose(ours, number, rel_tol=1e-9):
        return True
    mantissa, _, exponent = theirs.lower().partition("e")
    digits = len(mantissa.partition(".")[2])
    return digits >= least_digits and abs(ours - number) <= 10.0 ** (int(exponent or 0) - digits)


def without_zeros(text: str) -> str:
    """A datetime in one form: a space before the time, no Z, no zeros at the end of its fraction."""
    plain = text.replace("T", " ").removesuffix("Z")
    return re.sub(r"\.?0*$", "", plain) if "." in plain else plain


def same_dynamic(ours: Any, theirs: str, *, is_ordered: bool) -> bool:
    """Whether a dynamic is what is printed; `is_ordered` tells whether arrays of texts and of bags have an order, and
    rings of points a first one."""
    if isinstance(ours, str) and (ours == theirs or without_zeros(ours) == without_zeros(theirs)):
        return True
    try:
        return _same(ours, _parsed(theirs), is_ordered)
    except ValueError:
        return " ".join(json.dumps(ours).split()) == " ".join(theirs.split())


def _parsed(text: str) -> Any:
    shortened = _SHORTENED.sub(f'"{_ELLIPSIS}"', text)
    if '"' not in text:
        shortened = shortened.replace("'", '"')
    try:
        return json.loads(shortened, parse_float=_PrintedReal)
    except ValueError:
        bare = shortened.replace('"{', "{").replace('}"', "}")  # a bag inside a bag is printed in quotes
        return json.loads(bare, parse_float=_PrintedReal)


def _same(ours: Any, theirs: Any, is_ordered: bool) -> bool:
    if isinstance(theirs, _PrintedReal) and isinstance(ours, int | float) and not isinstance(ours, bool):
        return same_number(float(ours), theirs.text, least_digits=2)
    if isinstance(ours, list) and isinstance(theirs, list):
        return _same_array(ours, theirs, is_ordered)
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(_same(ours[key], theirs[key], is_ordered) for key in ours)
    return same(ours, theirs)


def _same_array(ours: list[Any], theirs: list[Any], is_ordered: bool) -> bool:
    if _ELLIPSIS in theirs:
        before, after = theirs.index(_ELLIPSIS), len(theirs) - theirs.index(_ELLIPSIS) - 1
        if len(ours) < before + after:
            return False
        ours = ours[:before] + ours[len(ours) - after :]
        theirs = [each for each in theirs if each != _ELLIPSIS]
    if len(ours) != len(theirs):
        return False
    if is_ordered or not all(isinstance(each, str | dict) for each in ours):
        in_order = all(_same(one, other, is_ordered) for one, other in zip(ours, theirs, strict=True))
        return in_order or (not is_ordered and _same_ring(ours, theirs))
    left = list(ours)
    for each in theirs:
        place = next((place for place, one in enumerate(left) if _same(one, each, is_ordered)), None)
        if place is None:
            return False
        del left[place]
    return True


def _same_ring(ours: list[Any], theirs: list[Any]) -> bool:
    """Whether two closed rings of points are the same from some point on, in the same direction."""
    if not all(
        len(ring) > 3 and isinstance(ring[0], list) and _same(ring[0], ring[-1], True) for ring in (ours, theirs)
    ):
        return False
    points = ours[1:]
    return any(_same(points[place:] + points[:place], theirs[1:], True) for place in range(len(points)))
