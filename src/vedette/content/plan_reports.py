"""A plan for machines: as JSON, as SARIF for code scanning, as JUnit for the pages of a build."""

from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree

import orjson

from vedette import __version__
from vedette.content.planning import Action, Change, Plan

_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_TEXTS = {
    Action.CREATE: "It is not in the workspace.",
    Action.UPDATE: "It is different in the workspace.",
    Action.DELETE: "It is managed, and in no file any more.",
}


def plan_json(plans: Iterable[Plan]) -> str:
    """Every change of every workspace, and how many there are."""
    return _json({"workspaces": [_workspace(plan) for plan in plans]})


def plan_sarif(plans: Iterable[Plan]) -> str:
    """A result for each item that is not as its file says, at the file and line of it.

    https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    """
    rules = [{"id": f"content/{each.value}", "shortDescription": {"text": _TEXTS[each]}} for each in _TEXTS]
    results = [_result(plan, change) for plan in plans for change in plan.changed]
    driver = {"name": "vedette content", "version": __version__, "rules": rules}
    return _json({"$schema": _SARIF, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]})


def plan_junit(plans: Iterable[Plan]) -> str:
    """A suite for each workspace, a case for each item; what is to be changed has failed."""
    root = ElementTree.Element("testsuites")
    for plan in plans:
        numbers = {"tests": str(len(plan.changes)), "failures": str(len(plan.changed)), "errors": "0"}
        suite = ElementTree.SubElement(root, "testsuite", {"name": plan.workspace.title, **numbers})
        for change in plan.changes:
            names = {"classname": change.item.kind.name, "name": _clean(f"{change.item.title} ({change.item.name})")}
            if change.item.source:
                names |= {"file": str(change.item.source.path), "line": str(change.item.source.line)}
            case = ElementTree.SubElement(suite, "testcase", names)
            if change.action is not Action.NONE:
                failure = ElementTree.SubElement(case, "failure", {"message": _TEXTS[change.action]})
                failure.set("type", change.action.value)
                failure.text = _clean("\n".join(_lines(change)))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def change_json(change: Change) -> dict[str, Any]:
    """A change with its properties before and after."""
    item = change.item
    told: dict[str, Any] = {"action": change.action.value, "kind": item.kind.name, "name": item.name}
    told |= {"title": item.title} | ({"parent": item.parent} if item.parent else {})
    if item.source:
        told |= {"file": str(item.source.path), "line": item.source.line}
    if change.cause.value:
        told["cause"] = change.cause.value
    if change.action is Action.UPDATE:
        told["differences"] = [
            {"property": each.place, "before": each.before, "after": each.after} for each in change.differences
        ]
    return told


def _workspace(plan: Plan) -> Mapping[str, Any]:
    counts = {each.value: plan.count(each) for each in Action}
    place = {"id": plan.workspace.id, "endpoint": plan.workspace.endpoint, "name": plan.workspace.title}
    return {**place, "counts": counts, "changes": [change_json(each) for each in plan.changed]}


def _result(plan: Plan, change: Change) -> Mapping[str, Any]:
    text = f"{change.item.kind.name} '{change.item.title}' in {plan.workspace.title}: {_TEXTS[change.action]}"
    details = _lines(change)
    result: dict[str, Any] = {
        "ruleId": f"content/{change.action.value}",
        "level": "warning",
        "message": {"text": "\n".join([text, *details])},
        "partialFingerprints": {"item": "/".join((plan.workspace.id, *change.item.key)).lower()},
    }
    if change.item.source:
        place = {"artifactLocation": {"uri": change.item.source.path.as_posix()}}
        result["locations"] = [{"physicalLocation": {**place, "region": {"startLine": change.item.source.line}}}]
    return result


def _lines(change: Change) -> list[str]:
    if change.action is not Action.UPDATE:
        return []
    return [f"{each.place}: {_short(each.before)} → {_short(each.after)}" for each in change.differences]


def _short(value: Any) -> str:
    text = "nothing" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= 400 else f"{text[:400]}…"


def _clean(text: str) -> str:
    """Without the characters that XML has no place for."""
    return "".join(each for each in text if each >= " " or each in "\t\n\r")


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE, default=str).decode()
