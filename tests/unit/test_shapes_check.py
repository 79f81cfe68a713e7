"""What was released is not broken by shapes/, and the checker finds each way in which it could be."""

import copy
import json
import lzma
from datetime import date, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SPEC = spec_from_file_location("shapes_check", ROOT / "tools" / "shapes_check.py")
assert SPEC is not None
assert SPEC.loader is not None
shapes_check = module_from_spec(SPEC)
SPEC.loader.exec_module(shapes_check)
TODAY = date.today()

RULE = "Microsoft.Test/2024-03-01.json"
SHAPES: dict[str, Any] = {
    RULE: {
        "definitions": {
            "Rule": {
                "by": "kind",
                "kinds": {"A": "#A"},
                "properties": {
                    "name": "string",
                    "size": {"is": "integer", "minimum": 1, "maximum": 9},
                    "made": "string:date-time readOnly",
                    "parts": {"is": "array", "items": "#Part"},
                },
                "required": ["name"],
            },
            "Part": {"enum": ["one", "two"], "also": ["three"]},
        },
        "operations": {"Put": {"method": "PUT", "path": "/rules/{name}", "body": "#Rule", "replies": {}}},
    },
    "versions.json": {
        "Microsoft.Test": {
            "previews": ["hunts"],
            "versions": {
                "2024-03-01": [
                    ["2024-03-01", "stable"],
                    [str(TODAY - timedelta(days=9)), "deprecated"],
                    [str(TODAY + timedelta(days=2000)), "retired"],
                ]
            },
        }
    },
}
ROW = ("versions.json", "Microsoft.Test", "versions", "2024-03-01")
TYPE = (RULE, "definitions", "Rule")


def changed(*path: Any, to: Any = None) -> dict[str, Any]:
    shapes = copy.deepcopy(SHAPES)
    place: Any = shapes
    for key in path[:-1]:
        place = place[key]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return shapes


def test_what_was_released_holds() -> None:
    released = json.loads(lzma.decompress(shapes_check.RELEASED.read_bytes()))
    assert list(shapes_check.breaks(released, shapes_check.read_shapes())) == []


@pytest.mark.parametrize(
    ("present", "told"),
    [
        (changed(RULE), "is gone"),
        (changed(RULE, "definitions", "Part"), "Part: is gone"),
        (changed(*TYPE, "properties", "name"), "Rule.name: is gone"),
        (changed(*TYPE, "properties", "name", to="integer"), "Rule.name: is integer, was string"),
        (changed(*TYPE, "properties", "name", to="string readOnly"), "is string readOnly"),
        (changed(*TYPE, "properties", "size", "minimum", to=2), "minimum is 2"),
        (changed(*TYPE, "properties", "size", "maximum", to=8), "maximum is 8"),
        (changed(*TYPE, "properties", "size", "pattern", to="x"), "pattern is x"),
        (changed(*TYPE, "properties", "parts", "items", to="string"), "parts.items: is string"),
        (changed(*TYPE, "required", to=["name", "size"]), "size is required now"),
        (changed(*TYPE, "kinds", "A"), "kind A is gone"),
        (changed(RULE, "definitions", "Part", "enum", to=["one"]), "member two is gone"),
        (changed(RULE, "definitions", "Part", "also"), "member three is gone"),
        (changed(RULE, "operations", "Put"), "Put: method was PUT"),
        (changed(*ROW), "was stable from"),
        (changed(*ROW, 0, to=["2024-03-02", "stable"]), "was stable from"),
        (changed(*ROW, 2, to=[str(TODAY + timedelta(days=9)), "retired"]), "would be retired sooner"),
        (changed("versions.json", "Microsoft.Test", "previews", to=["hunts", "rules"]), "rules: had stable versions"),
    ],
)
def test_each_way_to_break_it_is_found(present: dict[str, Any], told: str) -> None:
    assert any(told in line for line in shapes_check.breaks(SHAPES, present))


@pytest.mark.parametrize(
    "present",
    [
        SHAPES,
        changed("Microsoft.Test/2030-01-01.json", to={"definitions": {}, "operations": {}}),
        changed(*TYPE, "properties", "more", to="string"),
        changed(*TYPE, "properties", "made", to="string:date-time"),
        changed(*TYPE, "properties", "size", "minimum", to=0),
        changed(*TYPE, "required", to=[]),
        changed(RULE, "definitions", "Part", "enum", to=["one", "two", "four"]),
        changed(*ROW, 2, to=[str(TODAY + timedelta(days=3000)), "retired"]),
        changed(*ROW, 2),
        changed("versions.json", "Microsoft.Test", "previews", to=[]),
    ],
)
def test_what_breaks_nobody_is_let_through(present: dict[str, Any]) -> None:
    assert list(shapes_check.breaks(SHAPES, present)) == []
