"""Functions that tell of the deployment and of what it deploys to.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-scope
"""

from collections.abc import Callable, Mapping
from typing import Any

from vedette.arm.templates.context import Context
from vedette.arm.templates.facts import Facts, Json
from vedette.arm.templates.functions.placed import not_here
from vedette.expressions.errors import about


def _object(name: str, pick: Callable[[Facts], Json | None]) -> Callable[[str, Context, list[Any]], Any]:
    def call(_name: str, context: Context, given: list[Any]) -> Json:
        if given:
            raise about(name, f"expects no parameters. The function was invoked with '{len(given)}' parameter(s).")
        found = pick(context.facts)
        if found is None:
            raise not_here(name, f" It cannot be used in a deployment of the scope '{context.facts.kind}'.")
        return found

    return call


SCOPES: Mapping[str, Callable[[str, Context, list[Any]], Any]] = {
    "subscription": _object("subscription", lambda facts: facts.subscription),
    "resourcegroup": _object("resourceGroup", lambda facts: facts.resource_group),
    "managementgroup": _object("managementGroup", lambda facts: facts.management_group),
    "tenant": _object("tenant", lambda facts: facts.tenant),
    "environment": _object("environment", lambda facts: facts.environment),
    "deployment": _object("deployment", lambda facts: facts.deployment),
    "deployer": _object("deployer", lambda facts: facts.deployer),
}
