"""The page of the functions of ARM templates: from the language's own tables, with examples from its tests."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from vedette.arm.templates.functions import CONTEXTUAL, LAZY, PURE

_CASES = Path(__file__).parent.parent / "tests" / "spec" / "arm_templates"
_MOST_EXAMPLES = 3
_HEAD = """# Functions of ARM templates

Every function of the documented language but `toLogicalZone` and its like, which ask for zones that are not here.
Names have any letter case. A parameter with `?` before it may be left out; `…` takes any number of the last one.

| function | takes | examples |
|---|---|---|
"""
_NAMES = {
    "if": "if", "and": "and", "or": "or", "coalesce": "coalesce", "lambda": "lambda", "list*": "list*",
    "copyindex": "copyIndex", "utcnow": "utcNow", "newguid": "newGuid", "lambdavariables": "lambdaVariables",
    "resourcegroup": "resourceGroup", "managementgroup": "managementGroup", "resourceid": "resourceId",
    "subscriptionresourceid": "subscriptionResourceId", "managementgroupresourceid": "managementGroupResourceId",
    "tenantresourceid": "tenantResourceId", "extensionresourceid": "extensionResourceId",
    "resourceinfo": "resourceInfo", "pickzones": "pickZones",
}  # fmt: skip


def page() -> str:
    """The page as Markdown."""
    names = sorted({*PURE, *LAZY, *CONTEXTUAL})
    return _HEAD + "".join(f"| `{_title(name)}` | {_takes(name)} | {_examples(name)} |\n" for name in names)


def _title(name: str) -> str:
    return PURE[name].name if name in PURE else _NAMES.get(name, name)


def _takes(name: str) -> str:
    if name not in PURE:
        return "what stands around it" if name in CONTEXTUAL else "evaluates only what it needs"
    found = PURE[name]
    marked = [
        ("" if at < found.least else "?") + f"{each.name}: {each.type}" for at, each in enumerate(found.parameters)
    ]
    return f"`{', '.join(marked)}{', …' if found.most is None else ''}`" if marked else "nothing"


def _examples(name: str) -> str:
    begins = re.compile(rf"\b{re.escape(name.removesuffix('*'))}{'' if name.endswith('*') else '[(]'}", re.IGNORECASE)
    found = [case for case in _cases() if "gives" in case and begins.match(case["call"])]
    return "<br>".join(
        f"`{case['call']}` → `{json.dumps(json.loads(case['gives']))}`".replace("|", "\\|")
        for case in found[:_MOST_EXAMPLES]
    )


def _cases() -> list[dict[str, Any]]:
    return [
        case
        for path in sorted(_CASES.glob("*.toml"))
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    ]
