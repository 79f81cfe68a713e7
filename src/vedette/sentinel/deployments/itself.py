"""What `deployment()` gives: the same while a deployment is checked, while it is carried out, and inside another one.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-deployment#deployment
"""

from collections.abc import Mapping
from typing import Any, cast

from vedette.arm.templates.errors import InvalidTemplate
from vedette.arm.templates.facts import member
from vedette.arm.templates.types import Definitions
from vedette.sentinel.deployments.links import Linked

Json = dict[str, Any]


def itself(name: str, location: Any, linked: Linked, parameters: Mapping[str, Any], mode: str) -> Json:
    """The deployment as its template sees it; `parameters` are `{name: {value}}`, without those that are secure."""
    return {
        "name": name,
        **({"location": location} if location else {}),
        "properties": {
            "template": linked.template,
            **({"templateLink": linked.link} if linked.link else {}),
            "parameters": dict(parameters),
            "mode": mode,
            "provisioningState": "Accepted",
        },
    }


def shown_to_itself(template: Any, given: Mapping[str, Any]) -> Json:
    """Those parameters that were given a value and are not secure, by the names that they were given with."""
    whole = cast("Json", template) if isinstance(template, dict) else {}
    defined, types = member(whole, "parameters"), member(whole, "definitions")
    known = cast("Json", defined) if isinstance(defined, dict) else {}
    definitions = Definitions(cast("Json", types) if isinstance(types, dict) else {})
    return {
        name: {"value": each["value"]}
        for name, each in given.items()
        if isinstance(each, dict)
        and cast("Json", each).get("value") is not None
        and not _is_secure(member(known, name), name, definitions)
    }


def itself_again(run: Json) -> Json:
    """The same of a deployment that was kept, by what it was begun with."""
    kept = {name.lower(): each for name, each in run["parameters"].items()}
    return {name: {"value": kept[name.lower()]} for name in run.get("given", ()) if name.lower() in kept}


def _is_secure(definition: Any, name: str, definitions: Definitions) -> bool:
    """Whether a parameter is secure, or has no type that can be told."""
    try:
        return definitions.type_of(definition, name).secure
    except InvalidTemplate:
        return True
