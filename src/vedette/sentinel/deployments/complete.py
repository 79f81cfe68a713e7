"""The mode Complete: what is in the resource group and not in the template is deleted, the newest first.

https://learn.microsoft.com/azure/azure-resource-manager/templates/deployment-modes#complete-mode
"""

from collections.abc import Collection
from typing import Any

from vedette.arm.context import Context
from vedette.arm.resource import Resource
from vedette.arm.templates.evaluate import Evaluated
from vedette.core.errors import NotFound, VedetteError
from vedette.sentinel.deployments.facts import management_of, newest_version
from vedette.sentinel.deployments.failures import failed_resource, status_code
from vedette.sentinel.deployments.records import operation_name, put_operation, standing
from vedette.sentinel.deployments.steps import Carried
from vedette.state.documents import Document

Json = dict[str, Any]


def others_in(context: Context, scope: str, kept: Collection[str]) -> list[Document]:
    """The resources of a group that are not among those with the folded ids in `kept`, the newest first; what is below
    one goes with it."""
    found = [
        document
        for resource in _kept_types(context)
        for document in context.state.list(resource.document_type, scope, below=True)
        if document.id.lower() not in kept
    ]
    ids = {each.id.lower() for each in found}
    outermost = [each for each in found if not _is_below(each.id.lower(), ids)]
    return sorted(outermost, key=lambda each: each.created, reverse=True)


def ids_of(context: Context, plan: Evaluated) -> set[str]:
    """The folded ids of what a template has, and of what the deployments that it makes have made."""
    found = {each.id.lower() for each in plan.resources if each.deployed or each.existing}
    for each in plan.resources:
        document = context.state.get(each.id) if each.deployed and each.is_deployment else None
        made = document.body["properties"].get("outputResources", []) if document is not None else []
        found |= {str(one["id"]).lower() for one in made}
    return found


def delete_others(deployment: Carried, plan: Evaluated) -> list[Json]:
    """Delete them as whoever deploys, so that permissions and locks hold. What failed."""
    scope = deployment.id.rpartition("/providers/")[0]
    others = others_in(deployment.context, scope, ids_of(deployment.context, plan))
    failures = [_deleted(deployment, each) for each in others]
    return [each for each in failures if each is not None]


def _kept_types(context: Context) -> list[Resource]:
    """Types of resources that a group holds, each with a location."""
    return [
        each
        for each in management_of(context).types.all()
        if each.tracked and each.source is None and "DELETE" in each.methods
    ]


def _is_below(id: str, ids: set[str]) -> bool:
    parts = id.split("/")
    return any("/".join(parts[:length]) in ids for length in range(len(parts) - 2, 0, -2))


def _deleted(deployment: Carried, document: Document) -> Json | None:
    deployment.check()
    began = deployment.context.clock.now()
    version = newest_version(document.id) or "2021-04-01"
    failure: Json | None = None
    code = "OK"
    try:
        management_of(deployment.context).call(
            deployment.principal, "DELETE", f"{document.id}?api-version={version}", base=deployment.base
        )
    except NotFound:
        code = "NoContent"
    except VedetteError as error:
        failure, code = failed_resource(document.id, error), status_code(error)
    properties: Json = {
        "provisioningOperation": "Delete",
        **standing("Failed" if failure else "Succeeded", began, deployment.context.clock.now()),
        "trackingId": deployment.run,
        "statusCode": code,
        "targetResource": {"id": document.id, "resourceType": document.type, "resourceName": document.name},
    }
    if failure:
        properties["statusMessage"] = {"status": "Failed", "error": failure}
    with deployment.context.state.transaction() as transaction:
        put_operation(transaction, deployment.id, operation_name(deployment.run, f"delete {document.id}"), properties)
    return failure
