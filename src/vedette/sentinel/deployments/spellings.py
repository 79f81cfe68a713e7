"""Types as solutions spell them, in the place that they mean: a saved search without the workspace that it is in.

Solutions' templates have `Microsoft.OperationalInsights/savedSearches` beside a parameter that names the workspace.
"""

from typing import Any, Final, cast

from vedette.arm.templates.facts import member
from vedette.arm.templates.syntax import is_expression, plain

_SHORT: Final = "microsoft.operationalinsights/savedsearches"
_WHOLE: Final = "Microsoft.OperationalInsights/workspaces/savedSearches"
_WORKSPACE: Final = ("workspace", "workspacename")
Json = dict[str, Any]


def with_places(template: Any) -> Any:
    """The template with saved searches in the workspace that its parameter names; as it is where it has none."""
    if not isinstance(template, dict):
        return template
    whole = cast("Json", template)
    parameters, resources = member(whole, "parameters"), member(whole, "resources")
    if not isinstance(parameters, dict) or not isinstance(resources, list):
        return whole
    named = next((name for name in cast("Json", parameters) if name.lower() in _WORKSPACE), None)
    listed = cast("list[Any]", resources)
    if named is None or not any(_is_short(each) for each in listed):
        return whole
    key = next(name for name in whole if name.lower() == "resources")
    return whole | {key: [_placed(each, named) if _is_short(each) else each for each in listed]}


def _is_short(resource: Any) -> bool:
    return isinstance(resource, dict) and str(member(cast("Json", resource), "type")).lower() == _SHORT


def _placed(resource: Json, named: str) -> Json:
    name = str(member(resource, "name") or "")
    inner = name[1:-1] if is_expression(name) else "'" + plain(name).replace("'", "''") + "'"
    kept = {key: value for key, value in resource.items() if key.lower() not in ("type", "name")}
    return {"type": _WHOLE, "name": f"[concat(parameters('{named}'), '/', {inner})]", **kept}
