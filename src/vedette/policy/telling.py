"""Explanations for people and for programs: as JSON, and as lines of text."""

from collections.abc import Iterator
from typing import Any, Final

import orjson

from vedette.policy.compliance import Explanation
from vedette.policy.evaluation import Told

Json = dict[str, Any]
_LONGEST: Final = 160
_SIGNS: Final = {True: "✓", False: "✗", None: "!"}
_WORDS: Final = {"AllOf": "all of", "AnyOf": "any of", "Not": "not"}


def told_json(tree: Told) -> Json:
    """A condition with what came of it: `{kind, result, expression?, path?, actual?, operator?, expected?, why?,
    inside?}`; a result is true, false, or null where it could not be told."""
    shown: Json = {"kind": tree.kind, "result": tree.result}
    if tree.operator:
        shown |= {
            "expression": tree.expression,
            "actual": tree.actual,
            "operator": tree.operator,
            "expected": tree.expected,
        }
    if tree.path:
        shown["path"] = tree.path
    if tree.why:
        shown["why"] = tree.why
    if tree.inside:
        shown["inside"] = [told_json(each) for each in tree.inside]
    return shown


def explanation_json(found: Explanation) -> Json:
    """`{assignment, definition, reference?, effect, state, reason, rule, related?}`; `state` is null where the policy
    is not about the resource, `related` tells of what the effect asks for."""
    use = found.use
    shown: Json = {
        "assignmentId": use.assignment.id,
        "definitionId": use.definition.id,
        "definition": use.definition.display_name or use.definition.name,
        "effect": found.effect,
        "state": found.state,
        "reason": found.reason,
        "rule": told_json(found.rule),
    }
    if use.reference_id:
        shown["reference"] = use.reference_id
    if found.wanted is not None:
        shown["related"] = {
            "type": found.wanted.type,
            "name": found.wanted.name or None,
            "resourceGroup": found.wanted.resource_group or None,
            "found": [
                {"id": each.id, **({"existenceCondition": told_json(each.told)} if each.told is not None else {})}
                for each in found.candidates
            ],
        }
    return shown


def lines_of(shown: Json) -> Iterator[str]:
    """The lines that tell an explanation in its JSON."""
    state = shown["state"] or "NotApplicable"
    reference = f" ({shown['reference']})" if shown.get("reference") else ""
    yield f"{state}: {shown['definition']}{reference}, effect {shown['effect']}: {shown['reason']}"
    yield "  if"
    yield from _lines(shown["rule"], 2)
    related = shown.get("related")
    if related:
        where = f" in {related['resourceGroup']}" if related["resourceGroup"] else ""
        named = f" '{related['name']}'" if related["name"] else ""
        yield f"  asks for {related['type']}{named}{where}: {len(related['found'])} found"
        for each in related["found"]:
            yield f"    {each['id']}"
            if "existenceCondition" in each:
                yield from _lines(each["existenceCondition"], 3)


def _lines(tree: Json, depth: int) -> Iterator[str]:
    indent, sign = "  " * depth, _SIGNS[tree["result"]]
    inside = tree.get("inside", ())
    if "operator" not in tree:
        yield f"{indent}{sign} {_WORDS[tree['kind']]}"
    else:
        operator = f"{tree['operator'][0].lower()}{tree['operator'][1:]}"
        what = f"count of {tree['expression']}" if tree["kind"] == "Count" else tree["expression"]
        why = f"   ({tree['why']})" if tree.get("why") else ""
        actual = short(tree["actual"])
        yield f"{indent}{sign} {what} {operator} {short(tree['expected'])}: it is {actual}{why}"
    for each in inside:
        yield from _lines(each, depth + 1)


def short(value: Any) -> str:
    """A value on one line."""
    text = orjson.dumps(value).decode()
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
