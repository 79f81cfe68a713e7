"""What a deployment is asked to be: the properties of its body, read and checked, its links followed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.envelope import received_body
from vedette.arm.templates.outer_templates import is_outer
from vedette.core.errors import InvalidInput
from vedette.sentinel.deployments.links import Linked, read_parameters, read_template
from vedette.sentinel.deployments.places import is_group

INCREMENTAL: Final = "Incremental"
COMPLETE: Final = "Complete"
_MODES = {each.lower(): each for each in (INCREMENTAL, COMPLETE)}
_ON_ERROR = {each.lower(): each for each in ("LastSuccessful", "SpecificDeployment")}
_MOST_PARAMETERS = 256

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """`linked` is the template with where it came from; `parameters` are `{name: {value}}` as they were sent."""

    mode: str
    linked: Linked
    parameters: Json
    on_error: Json | None
    location: Any
    tags: Json
    debug: str
    is_outer: bool
    """Whether the template, where it stands in another one, was evaluated by that one."""


def read_request(context: Context, call: Call, scope: str, parent: Linked | None = None) -> Request:
    """The request in a call's body. `parent` is the template that a nested deployment stands in.

    Raises InvalidInput (InvalidRequestContent, InvalidDeployment, InvalidTemplate …), and what following a link raises.
    """
    body = received_body(call.body, frozenset())
    properties = _folded(body["properties"])
    mode = _MODES.get(str(properties.get("mode", "")).lower())
    if mode is None:
        raise _wrong("'properties.mode' is Incremental or Complete")
    if mode == COMPLETE and not is_group(scope):
        raise InvalidInput(
            "InvalidDeployment",
            f"The deployment mode 'Complete' of '{call.path.name}' is not allowed: it is for resource groups only.",
        )
    linked = read_template(context, call.principal, properties.get("template"), properties.get("templatelink"), parent)
    return Request(
        mode,
        linked,
        _parameters(context, properties),
        _on_error(properties.get("onerrordeployment"), scope),
        body.get("location"),
        _object(body.get("tags"), "tags"),
        str(_folded(_object(properties.get("debugsetting"), "properties.debugSetting")).get("detaillevel") or ""),
        properties.get("template") is not None and is_outer(properties, linked.template),
    )


def _parameters(context: Context, properties: Mapping[str, Any]) -> Json:
    sent, link = properties.get("parameters"), properties.get("parameterslink")
    if sent and link:
        raise _wrong("there are 'parameters' or a 'parametersLink', not both")
    given = read_parameters(context, link) if link else _object(sent, "properties.parameters")
    if "parameters" in given and str(given.get("$schema", "")).lower().rstrip("#").endswith(
        "deploymentparameters.json"
    ):
        given = _object(given["parameters"], "properties.parameters")  # a parameters file as it is
    if len(given) > _MOST_PARAMETERS:
        raise _wrong(f"a template has at most {_MOST_PARAMETERS} parameters; here are {len(given)}")
    kept: Json = {}
    for name, each in given.items():
        held = _folded(_object(each, f"properties.parameters.{name[:100]}"))
        if "reference" in held:
            raise InvalidInput(
                "KeyVaultParameterReferenceNotFound",
                f"The parameter '{name[:100]}' refers to a secret of a key vault, and there are no key vaults here. "
                "Give its value.",
            )
        if "value" not in held:
            raise _wrong(f"the parameter '{name[:100]}' has no 'value'")
        kept[name] = {"value": held["value"]}
    return kept


def _on_error(value: Any, scope: str) -> Json | None:
    """https://learn.microsoft.com/azure/azure-resource-manager/templates/rollback-on-error"""
    if value is None:
        return None
    held = _folded(_object(value, "properties.onErrorDeployment"))
    kind, name = _ON_ERROR.get(str(held.get("type", "")).lower()), held.get("deploymentname")
    if kind is None:
        raise _wrong("'properties.onErrorDeployment.type' is LastSuccessful or SpecificDeployment")
    if (kind == "SpecificDeployment") != bool(name):
        raise _wrong("'properties.onErrorDeployment.deploymentName' is there for SpecificDeployment, and only for it")
    if not is_group(scope):
        raise InvalidInput("InvalidDeployment", "'onErrorDeployment' is for deployments to resource groups only.")
    return {"type": kind, "deploymentName": str(name)} if name else {"type": kind}


def _object(value: Any, place: str) -> Json:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong(f"'{place}' is an object")
    return cast("Json", value)


def _folded(value: Mapping[str, Any]) -> Json:
    return {name.lower(): each for name, each in value.items()}


def _wrong(what: str) -> InvalidInput:
    return InvalidInput("InvalidRequestContent", f"The request content was invalid: {what}.")
