"""Effects and their details, read from a rule's `then`.

https://learn.microsoft.com/azure/governance/policy/concepts/effect-basics
"""

from dataclasses import dataclass
from typing import Any, Final, cast

from vedette.core.errors import InvalidInput
from vedette.policy.conditions import Condition
from vedette.policy.errors import invalid_rule
from vedette.policy.reading import read_condition
from vedette.policy.target import Alias, Own, Tag, read_field
from vedette.policy.values import Constant, Json, Value, read_value

AUDIT: Final = "audit"
DENY: Final = "deny"
DISABLED: Final = "disabled"
APPEND: Final = "append"
MODIFY: Final = "modify"
AUDIT_IF_NOT_EXISTS: Final = "auditIfNotExists"
DEPLOY_IF_NOT_EXISTS: Final = "deployIfNotExists"

EFFECTS: Final = {
    each.lower(): each for each in (AUDIT, DENY, DISABLED, APPEND, MODIFY, AUDIT_IF_NOT_EXISTS, DEPLOY_IF_NOT_EXISTS)
}
"""By folded name: rules and parameters write them in any letter case."""

IF_NOT_EXISTS: Final = frozenset({AUDIT_IF_NOT_EXISTS, DEPLOY_IF_NOT_EXISTS})
CHANGING: Final = frozenset({APPEND, MODIFY})
REMEDIABLE: Final = frozenset({MODIFY, DEPLOY_IF_NOT_EXISTS})
"""Effects that act with the identity of the assignment."""

_ELSEWHERE: Final = {
    "denyaction": "it is about deletions, which are not stopped by policies here",
    "manual": "nobody attests here what no rule can tell",
    "addtonetworkgroup": "there are no network groups",
    "mutate": "there are no clusters whose objects it would change",
    "enforceopaconstraint": "there are no clusters",
    "enforceregopolicy": "there are no clusters",
}
_OPERATIONS: Final = {each.lower(): each for each in ("add", "addOrReplace", "remove")}
_CONFLICTS: Final = {"audit": AUDIT, "deny": DENY, "disabled": DISABLED}
_SCOPES: Final = {"subscription": "subscription", "resourcegroup": "resourceGroup"}


@dataclass(frozen=True, slots=True)
class Addition:
    """What `append` adds: a value in a field."""

    field: Value
    value: Value


@dataclass(frozen=True, slots=True)
class Operation:
    """What `modify` does with a field: `add`, `addOrReplace` or `remove`, where its condition holds."""

    operation: str
    field: Value
    value: Value
    condition: Value | None


@dataclass(frozen=True, slots=True)
class Deployment:
    """What `deployIfNotExists` deploys: a template as it is written, with parameters that are computed on the
    resource."""

    scope: str
    location: Value | None
    mode: Value
    template: Json
    parameters: Value


@dataclass(frozen=True, slots=True)
class Existence:
    """The resource whose absence matters: its type, its name and where it is looked for."""

    type: str
    name: Value | None
    resource_group: Value | None
    scope: str
    condition: Condition | None


@dataclass(frozen=True, slots=True)
class Details:
    """What stands in `details`, by the effect that it is for."""

    additions: tuple[Addition, ...] = ()
    operations: tuple[Operation, ...] = ()
    conflict: str = DENY
    roles: tuple[str, ...] = ()
    existence: Existence | None = None
    deployment: Deployment | None = None


def effect_named(name: Any) -> str:
    """The published name of an effect. Raises InvalidInput (InvalidPolicyRule, EffectNotSupported)."""
    text = str(name).strip()
    found = EFFECTS.get(text.lower())
    if found is not None:
        return found
    why = _ELSEWHERE.get(text.lower())
    if why is not None:
        raise InvalidInput("EffectNotSupported", f"The policy effect '{text}' is not served here: {why}.")
    raise invalid_rule(f"the policy effect '{text[:60]}' is none of {', '.join(EFFECTS.values())}")


def read_details(value: Any) -> Details:
    """The details of a rule. Raises InvalidInput (InvalidPolicyRule)."""
    if value is None:
        return Details()
    if isinstance(value, list):
        return Details(additions=tuple(_addition(each) for each in cast("list[Any]", value)))
    held = folded_object(value, "details")
    operations: Any = held.get("operations")
    if operations is not None and not isinstance(operations, list):
        raise invalid_rule("'details.operations' is an array")
    conflict = _CONFLICTS.get(str(held.get("conflicteffect", "deny")).lower())
    if conflict is None and not str(held["conflicteffect"]).startswith("["):
        raise invalid_rule("'details.conflictEffect' is audit, deny or disabled")
    deployment: Any = held.get("deployment")
    return Details(
        operations=tuple(_operation(each) for each in cast("list[Any]", operations or [])),
        conflict=conflict or DENY,
        roles=_roles(held.get("roledefinitionids")),
        existence=_existence(held) if held.get("type") is not None else None,
        deployment=None if deployment is None else _deployment(deployment, held),
    )


def check_details(effect: str, details: Details) -> None:
    """Return if an effect has the details that it needs. Raises InvalidInput (InvalidPolicyRule)."""
    if effect == APPEND and not details.additions:
        raise invalid_rule("the effect 'append' needs 'details', an array of fields and values")
    if effect == MODIFY and (not details.operations or not details.roles):
        raise invalid_rule("the effect 'modify' needs 'details' with 'roleDefinitionIds' and 'operations'")
    if effect in IF_NOT_EXISTS and details.existence is None:
        raise invalid_rule(f"the effect '{effect}' needs 'details' with a 'type'")
    if effect == DEPLOY_IF_NOT_EXISTS and (details.deployment is None or not details.roles):
        raise invalid_rule("the effect 'deployIfNotExists' needs 'details' with 'roleDefinitionIds' and 'deployment'")


def folded_object(value: Any, what: str) -> Json:
    """An object with its names in lower case. Raises InvalidInput (InvalidPolicyRule)."""
    if not isinstance(value, dict):
        raise invalid_rule(f"'{what}' is an object")
    return {name.lower(): each for name, each in cast("Json", value).items()}


def _addition(value: Any) -> Addition:
    held = folded_object(value, "details[]")
    if "value" not in held:
        raise invalid_rule("what is appended has a 'field' and a 'value'")
    return Addition(_field(held.get("field")), read_value(held["value"]))


def _operation(value: Any) -> Operation:
    held = folded_object(value, "details.operations[]")
    operation = _OPERATIONS.get(str(held.get("operation", "")).lower())
    if operation is None:
        raise invalid_rule("'operation' is add, addOrReplace or remove")
    if (operation == "remove") == ("value" in held):
        raise invalid_rule(f"the operation '{operation}' {'has no' if operation == 'remove' else 'has a'} 'value'")
    condition = held.get("condition")
    field = _field(held.get("field"))
    if operation == "remove" and isinstance(field, Constant) and not isinstance(read_field(str(field.value)), Tag):
        raise invalid_rule("only tags can be removed")
    return Operation(
        operation, field, read_value(held.get("value")), None if condition is None else read_value(condition)
    )


def _field(value: Any) -> Value:
    read = read_value(value)
    if isinstance(read, Constant):
        named = read_field(str(read.value)) if isinstance(read.value, str) else None
        changeable = isinstance(named, Tag | Alias) or named in (Own("tags"), Own("location"), Own("kind"),
                                                                 Own("identity.type"))  # fmt: skip
        if not changeable:
            raise invalid_rule(f"the field '{str(read.value)[:200]}' cannot be changed by a policy")
    return read


def _roles(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, str) for each in cast("list[Any]", value)):
        raise invalid_rule("'details.roleDefinitionIds' is an array of ids of roles")
    return tuple(cast("list[str]", value))


def _existence(held: Json) -> Existence:
    condition = held.get("existencecondition")
    scope = _scope(held.get("existencescope"), "existenceScope")
    type, name, group = held["type"], held.get("name"), held.get("resourcegroupname")
    if not isinstance(type, str) or "/" not in type:
        raise invalid_rule("'details.type' is a type of resources, such as 'Microsoft.Insights/diagnosticSettings'")
    return Existence(
        type,
        None if name is None else read_value(name),
        None if group is None else read_value(group),
        scope,
        None if condition is None else read_condition(condition),
    )


def _scope(value: Any, what: str) -> str:
    found = _SCOPES.get(str(value or "resourceGroup").lower())
    if found is None:
        raise invalid_rule(f"'details.{what}' is subscription or resourceGroup")
    return found


def _deployment(value: Any, details: Json) -> Deployment:
    held = folded_object(value, "details.deployment")
    properties = folded_object(held.get("properties"), "details.deployment.properties")
    template = properties.get("template")
    if not isinstance(template, dict):
        raise invalid_rule("'details.deployment.properties' has a 'template'; links are not followed")
    scope = _scope(details.get("deploymentscope"), "deploymentScope")
    location = held.get("location")
    if scope == "subscription" and location is None:
        raise invalid_rule("'details.deployment' of a subscription has a 'location'")
    return Deployment(
        scope,
        None if location is None else read_value(location),
        read_value(properties.get("mode", "incremental")),
        cast("Json", template),
        read_value(properties.get("parameters") or {}),
    )
