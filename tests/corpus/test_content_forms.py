"""Published rules, queries, functions, templates and bodies: each comes back from its text as it was."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vedette.content.item import Item
from vedette.content.kind_of_type import kind_of_type
from vedette.content.reading import read, read_text
from vedette.content.writing import from_resource, write, write_all
from vedette.content.yaml_text import yaml_text

CORPUS = Path(os.environ.get("VEDETTE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
EXAMPLES = CORPUS / "api" / "examples"
KINDS = {"analytics_rule": "Scheduled", "analytics_rule_nrt": "NRT"}

pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"the corpus is not at {CORPUS}; set VEDETTE_CORPUS")


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPUS / "kql" / name).read_text(encoding="utf-8").splitlines()]


def published() -> Iterator[dict[str, Any]]:
    """The published content in the form that its repository has it in."""
    for number, row in enumerate(lines("sentinel_queries.jsonl")):
        told = {name: value for name, value in row.items() if name not in ("path", "kind")}
        kind = KINDS.get(row["kind"])
        yield told | {"kind": kind} if kind else {"name": f"query {number}", **told}
    for row in lines("parsers.jsonl"):
        yield {"FunctionName": row["name"], "FunctionQuery": row["query"]}


def comes_back(item: Item, format: str) -> None:
    text = write(item, format)
    read = read_text(Path("a.yaml" if format == "yaml" else "a.json"), text)
    assert read.items == (item,), text
    assert write(read.items[0], format) == text


def test_every_published_rule_query_and_function_comes_back() -> None:
    number = 0
    for told in published():
        result = read_text(Path("a.yaml"), yaml_text(told))
        assert not result.errors, (told, [str(each) for each in result.errors])
        comes_back(result.items[0], "yaml")
        number += 1
    assert number > 1900


def test_a_bundle_of_all_rules_comes_back_from_a_template() -> None:
    texts = (yaml_text(told) for told in published() if told.get("kind") == "Scheduled")
    rules = [read_text(Path("a.yaml"), text).items[0] for text in texts][:200]
    assert list(read_text(Path("a.json"), write_all(rules, "arm")).items) == rules


@pytest.mark.parametrize("format", ["yaml", "json", "arm"])
def test_every_published_body_comes_back(format: str) -> None:
    number = 0
    for example in sorted(EXAMPLES.glob("*/*/examples/**/*.json")):
        for resource in resources(json.loads(example.read_text(encoding="utf-8-sig"))):
            kind = kind_of_type(resource["type"], resource)
            if kind is not None and resource.get("name") and "apiVersion" not in resource:  # that is one of a template
                comes_back(from_resource(kind, resource), format)
                number += 1
    assert number > 100


def resources(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("type"), str) and isinstance(value.get("properties"), dict) and "/" in value["type"]:
            yield value
        for each in value.values():
            yield from resources(each)
    elif isinstance(value, list):
        for each in value:
            yield from resources(each)


def test_templates_of_solutions_and_playbooks() -> None:
    result = read([CORPUS / "arm"])
    assert len(result.items) > 250
    for item in result.items:
        comes_back(item, "yaml")
    other = [
        each for each in result.errors if "is not provided" not in each.message and "already in" not in each.message
    ]
    assert len(other) <= 20, [str(each) for each in other]
