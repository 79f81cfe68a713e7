"""The JSON Schema of test files, made of what the reader knows, for editors to complete and check them."""

from typing import Any

import orjson

from vedette.detect.entity_types import ENTITY_TYPES
from vedette.detect.rule import Severity, Tactic
from vedette.formats.event_files import FORMATS
from vedette.kql.types import ScalarType
from vedette.rule_tests.expectation import ALERT_KEYS, INCIDENT_KEYS
from vedette.rule_tests.matching import CONDITIONS
from vedette.rule_tests.test_file import CASE_KEYS, FILE_KEYS

_Schema = dict[str, Any]

_TEXTS: _Schema = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_TIME: _Schema = {"type": "string", "description": "-5m, 2h ago, +1d, now, or an instant of ISO 8601"}
_LENGTH: _Schema = {"type": "string", "description": "5m, 1h30m, 2d or PT5M"}


def _ref(name: str) -> _Schema:
    return {"$ref": f"#/$defs/{name}"}


def _closed(properties: _Schema, required: list[str] | None = None) -> _Schema:
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }


def _or_condition(schema: _Schema) -> _Schema:
    return {"anyOf": [schema, _ref("condition")]}


def _wrapped(schema: _Schema) -> _Schema:
    return {"anyOf": [schema, _closed({"exactly": schema}, ["exactly"]), _closed({"including": schema}, ["including"])]}


def _shared() -> _Schema:
    row_file = _closed(
        {
            "file": {"type": "string"},
            "format": {"enum": list(FORMATS)},
            "newest": _TIME,
            "numbers": _TEXTS,
            "bools": _TEXTS,
        },
        ["file"],
    )
    rows: _Schema = {
        "anyOf": [
            {"type": "string", "description": "a file with the events"},
            row_file,
            {"type": "array", "items": {"anyOf": [{"type": "string"}, row_file, _ref("row")]}},
        ]
    }
    function = _closed({"query": {"type": "string"}, "parameters": {"type": "string"}}, ["query"])
    items = {"type": "array", "items": {"type": "object"}}
    watchlist = _closed({"file": {"type": "string"}, "key": {"type": "string"}, "items": items})
    columns = {"type": "object", "additionalProperties": {"enum": [each.value for each in ScalarType]}}
    return {
        "rule": {"type": "string", "description": "the rule's file; by default the one beside this file"},
        "clock": {**_TIME, "description": "when the rule runs first"},
        "until": {**_TIME, "description": "the rule goes on running every queryFrequency until then"},
        "events": {"type": "object", "additionalProperties": rows, "description": "rows by table"},
        "defaults": {"type": "object", "additionalProperties": {"type": "object"}, "description": "of rows, by table"},
        "tables": {"type": "object", "additionalProperties": {"anyOf": [{"type": "string"}, columns]}},
        "watchlists": {"type": "object", "additionalProperties": {"anyOf": [items, watchlist]}},
        "functions": {"type": "object", "additionalProperties": {"anyOf": [{"type": "string"}, function]}},
        "content": {**_TEXTS, "description": "files or folders with functions"},
        "change": {"type": "object", "description": "properties of the rule that are otherwise in this test"},
        "tags": _TEXTS,
    }


def _case() -> _Schema:
    reason = {"type": ["string", "boolean"]}
    return _closed(
        {
            "name": {"type": "string", "minLength": 1},
            "description": {"type": "string"},
            **_shared(),
            "matrix": {
                "anyOf": [
                    {"type": "object", "additionalProperties": {"type": "array"}},
                    {"type": "array", "items": {"type": "object"}},
                ]
            },
            "expect": _ref("expect"),
            "skip": reason,
            "xfail": reason,
        },
        ["name", "expect"],
    )


def _things(properties: _Schema) -> _Schema:
    listed = {"type": "array", "items": _closed(properties)}
    return {
        "anyOf": [{"enum": ["none", "nothing"]}, {"type": "integer", "minimum": 0}, _ref("condition"), _wrapped(listed)]
    }


def _fields(names: tuple[str, ...]) -> _Schema:
    any_value: _Schema = {}
    known: _Schema = {
        "severity": _or_condition({"enum": [each.value for each in Severity]}),
        "tactics": _or_condition(_wrapped(_one_or_more({"enum": [each.value for each in Tactic]}))),
        "techniques": _or_condition(_wrapped(_TEXTS)),
        "subTechniques": _or_condition(_wrapped(_TEXTS)),
        "entities": _wrapped({"type": "array", "items": _ref("entity")}),
        "customDetails": _wrapped({"type": "object"}),
        "at": _TIME,
        "created": _TIME,
    }
    return {name: known.get(name, any_value) for name in names}


def _one_or_more(schema: _Schema) -> _Schema:
    return {"oneOf": [schema, {"type": "array", "items": schema}]}


def schema() -> _Schema:
    """The schema, of draft 2020-12."""
    file = {**_shared(), "description": {"type": "string"}, "tests": {"type": "array", "minItems": 1, "items": _case()}}
    entity = {name: {"anyOf": [{"type": ["string", "number"]}, {"type": "object"}]} for name in ENTITY_TYPES}
    expect = _closed(
        {
            "alerts": _things(_fields(ALERT_KEYS)),
            "incidents": _things(_fields(INCIDENT_KEYS)),
            "results": _or_condition({"type": "integer"}),
            "runs": _or_condition({"type": "integer"}),
            "error": {"anyOf": [{"type": "string"}, _closed({"code": {}, "message": {}})]},
        }
    )
    assert set(file) == set(FILE_KEYS)
    assert set(_case()["properties"]) == set(CASE_KEYS)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Detection tests of Vedette",
        **_closed(file, ["tests"]),
        "$defs": {
            "row": {
                "type": "object",
                "properties": {
                    "TimeGenerated": {"type": "string"},
                    "$times": {
                        "type": "integer",
                        "minimum": 0,
                        "description": "so many rows; {n} is the number of each",
                    },
                    "$every": _LENGTH,
                    "$arrives": _TIME,
                },
                "patternProperties": {"^\\$(?!times$|every$|arrives$)": False},
            },
            "expect": {"anyOf": [{"enum": ["none", "nothing", "fires"]}, {"type": "integer", "minimum": 0}, expect]},
            "condition": {
                "type": "object",
                "properties": {name: {} for name in CONDITIONS},
                "additionalProperties": False,
                "minProperties": 1,
            },
            "entity": {
                "type": "object",
                "minProperties": 1,
                "properties": {**entity, "type": {"enum": list(ENTITY_TYPES)}},
            },
        },
    }


def schema_text() -> str:
    """The schema as JSON."""
    return orjson.dumps(schema(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
