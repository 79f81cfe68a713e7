"""Resource functions: ids, and what the resources that are there say of themselves.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-resource
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from vedette.arm.templates.context import Context, Place, Target
from vedette.arm.templates.errors import EXPRESSIONS, NotYetKnown
from vedette.arm.templates.facts import Json
from vedette.arm.templates.functions.placed import not_here
from vedette.arm.templates.ids import extended, management_group, segments, type_of
from vedette.expressions.errors import ExpressionError, about

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-[A-Za-z]+)?")


def _wrong(name: str, what: str) -> ExpressionError:
    return ExpressionError(
        f"Unable to evaluate template language function '{name}': {what} Please see {EXPRESSIONS}/#{name.lower()} for "
        "usage details."
    )


def _split(name: str, given: list[Any]) -> tuple[list[str], str, list[str]]:
    """What stands before the type, the type, the names. Raises ExpressionError."""
    if not all(isinstance(each, str) for each in given):
        raise _wrong(name, "all its arguments must be strings.")
    texts = cast("list[str]", given)
    places = [at for at, each in enumerate(texts) if "/" in each]
    if len(places) != 1:
        raise _wrong(
            name,
            "function requires exactly one multi-segmented argument which must be resource type including resource "
            f"provider namespace. Current function arguments '{','.join(texts)[:400]}'.",
        )
    type, names = texts[places[0]], texts[places[0] + 1 :]
    needed = len(segments(type)) - 1
    if needed < 1 or needed != len(names):
        raise _wrong(name, f"the type '{type}' requires '{needed}' resource name argument(s).")
    return texts[: places[0]], "/".join(segments(type)), names


def _resource_id(name: str, context: Context, given: list[Any]) -> str:
    before, type, names = _split("resourceId", given)
    facts = context.facts
    match before:
        case []:
            return extended(facts.scope, type, names)
        case [subscription] if _GUID.fullmatch(subscription) and not facts.resource_group_name:
            return extended(f"/subscriptions/{subscription}", type, names)
        case [group] if facts.subscription_id:
            return extended(f"/subscriptions/{facts.subscription_id}/resourceGroups/{group}", type, names)
        case [subscription, group]:
            return extended(f"/subscriptions/{subscription}/resourceGroups/{group}", type, names)
        case _:
            raise _wrong("resourceId", "it takes at most a subscription and a resource group before the type.")


def _subscription_resource_id(name: str, context: Context, given: list[Any]) -> str:
    before, type, names = _split("subscriptionResourceId", given)
    subscription = before[0] if before else context.facts.subscription_id
    if subscription is None or len(before) > 1:
        raise _wrong("subscriptionResourceId", "it takes a subscription before the type.")
    return extended(f"/subscriptions/{subscription}", type, names)


def _management_group_resource_id(name: str, context: Context, given: list[Any]) -> str:
    before, type, names = _split("managementGroupResourceId", given)
    if len(before) > 1:
        raise _wrong("managementGroupResourceId", "it takes a management group before the type.")
    if before:
        return extended(management_group(before[0]), type, names)
    if context.facts.kind != "ManagementGroup":
        raise _wrong("managementGroupResourceId", "it takes a management group before the type.")
    return extended(context.facts.scope, type, names)


def _tenant_resource_id(name: str, context: Context, given: list[Any]) -> str:
    before, type, names = _split("tenantResourceId", given)
    if before:
        raise _wrong("tenantResourceId", "nothing stands before the type.")
    return extended("", type, names)


def _extension_resource_id(name: str, context: Context, given: list[Any]) -> str:
    if not given or not isinstance(given[0], str):
        raise _wrong("extensionResourceId", "its first argument must be the id of a resource.")
    before, type, names = _split("extensionResourceId", given[1:])
    if before:
        raise _wrong("extensionResourceId", "only the id of a resource stands before the type.")
    return extended("/" + "/".join(segments(given[0])) if segments(given[0]) else "", type, names)


def _asked(name: str, context: Context, of: Any, version: Any) -> tuple[str, str | None]:
    """The id of what is asked, and the API version; tells the context which resource of the template it is."""
    if context.place not in (Place.BODY, Place.OUTPUT):
        raise not_here(name)
    if not isinstance(of, str):
        raise about(name, "expects its first parameter to be the name or the id of a resource.")
    targets = context.targets.get(of.lower(), ())
    if len(targets) > 1:
        raise ExpressionError(
            f"The resource '{of[:200]}' is defined multiple times in a template. Please see "
            "https://aka.ms/arm-template/#resources for usage details."
        )
    if targets:
        _tell(context, targets[0], of.startswith("/") and version is not None)
        return targets[0].id, version or targets[0].api_version
    if not of.startswith("/"):
        raise ExpressionError(
            f"The resource '{of[:200]}' is not defined in the template. Please see https://aka.ms/arm-template for "
            "usage details."
        )
    return of, version


def _tell(context: Context, target: Target, loosely: bool) -> None:
    if context.asked is not None:
        context.asked(target, loosely)


def _reference(name: str, context: Context, given: list[Any]) -> Any:
    if not 1 <= len(given) <= 3:
        raise about("reference", f"expects 1 to 3 parameters. The function was invoked with '{len(given)}'.")
    of, version, full = (*given, None, None)[:3]
    if version is not None and not (isinstance(version, str) and _VERSION.fullmatch(version)):
        if isinstance(version, str) and version.lower() == "full" and full is None:
            version, full = None, version
        else:
            raise about("reference", f"expects its second parameter to be an API version, not '{str(version)[:60]}'.")
    id, version = _asked("reference", context, of, version)
    if context.runtime is None:
        raise NotYetKnown
    found = context.runtime.resource(id, version)
    if full is None:
        return found.get("properties", {})
    if not isinstance(full, str) or full.lower() != "full":
        raise about("reference", "expects its third parameter to be 'Full'.")
    return _full(found, id, version)


def _full(found: Json, id: str, version: str | None) -> Json:
    parts = segments(id)
    facts: Json = {"apiVersion": version} if version else {}
    facts |= {name: value for name, value in found.items() if name not in ("id", "name", "type")}
    if len(parts) > 3 and parts[0].lower() == "subscriptions":
        facts["subscriptionId"] = parts[1]
        if parts[2].lower() == "resourcegroups":
            facts["resourceGroupName"] = parts[3]
    at = id.lower().rfind("/providers/")
    facts["resourceId"] = id[at + len("/providers/") :] if at >= 0 else id
    if version:
        facts["referenceApiVersion"] = version
    return facts | {
        "scope": "",
        "condition": True,
        "isConditionTrue": True,
        "isTemplateResource": False,
        "isAction": False,
        "provisioningOperation": "Read",
    }


def _references(name: str, context: Context, given: list[Any]) -> list[Any]:
    if not 1 <= len(given) <= 2 or not isinstance(given[0], str):
        raise about("references", "expects the symbolic name of a copy loop, and perhaps 'Full'.")
    if context.place not in (Place.BODY, Place.OUTPUT):
        raise not_here("references")
    targets = context.targets.get(given[0].lower(), ())
    deployed = [each for each in targets if each.deployed]
    for each in targets:
        _tell(context, each, False)
    if context.runtime is None:
        raise NotYetKnown
    found = [(each, context.runtime.resource(each.id, each.api_version)) for each in deployed]
    if len(given) == 1:
        return [resource.get("properties", {}) for _, resource in found]
    return [_full(resource, each.id, each.api_version) for each, resource in found]


def _list(name: str, context: Context, given: list[Any]) -> Any:
    if not 2 <= len(given) <= 3:
        raise about(name, f"expects 2 or 3 parameters. The function was invoked with '{len(given)}'.")
    of, version, body = (*given, None)[:3]
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise about(name, f"expects its second parameter to be an API version, not '{str(version)[:60]}'.")
    if body is not None and not isinstance(body, dict):
        raise about(name, "expects its third parameter to be an object.")
    id, _ = _asked(name, context, of, version)
    if context.runtime is None:
        raise NotYetKnown
    return context.runtime.act(name, id, version, cast("Json | None", body))


def _resource_info(name: str, context: Context, given: list[Any]) -> Json:
    if len(given) != 1 or not isinstance(given[0], str):
        raise about("resourceInfo", "expects the symbolic name of a resource.")
    targets = context.targets.get(given[0].lower(), ())
    if len(targets) != 1:
        raise ExpressionError(f"The resource '{given[0][:200]}' is not defined in the template.")
    target = targets[0]
    return {
        "id": target.id,
        "name": segments(target.id)[-1],
        "type": type_of(target.id),
        "apiVersion": target.api_version,
    }


def _providers(name: str, context: Context, given: list[Any]) -> Any:
    raise about("providers", "is deprecated and not served: write the API versions into the template.")


def _pick_zones(name: str, context: Context, given: list[Any]) -> Any:
    """No location here has zones, so that none is picked, as Azure does where a type has none."""
    if not 3 <= len(given) <= 5 or not all(isinstance(each, str) for each in given[:3]):
        raise about("pickZones", "expects a provider, a type and a location, and perhaps how many zones and an offset.")
    return cast("list[Any]", [])


RESOURCES: Mapping[str, Callable[[str, Context, list[Any]], Any]] = {
    "resourceid": _resource_id,
    "subscriptionresourceid": _subscription_resource_id,
    "managementgroupresourceid": _management_group_resource_id,
    "tenantresourceid": _tenant_resource_id,
    "extensionresourceid": _extension_resource_id,
    "reference": _reference,
    "references": _references,
    "resourceinfo": _resource_info,
    "list*": _list,
    "providers": _providers,
    "pickzones": _pick_zones,
}
