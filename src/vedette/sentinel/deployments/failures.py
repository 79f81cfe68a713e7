"""How a deployment says that it failed: the errors of its resources, one inside another as Azure nests them.

https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/find-error-code
"""

from collections.abc import Sequence
from typing import Any, Final

from vedette.arm.operations import error_body
from vedette.arm.statuses import usual_status
from vedette.core.errors import Conflict, Forbidden, InvalidInput, VedetteError

ENDED_BADLY: Final = "ResourceDeploymentFailure"
Json = dict[str, Any]


class DeploymentFailed(VedetteError):
    """A deployment whose resources, deletions or outputs did not all succeed."""


def deployment_failed(id: str, details: Sequence[Json]) -> DeploymentFailed:
    """The error of a deployment; `details` are those of its resources."""
    return DeploymentFailed(
        "DeploymentFailed",
        "At least one resource deployment operation failed. Please list deployment operations for details. Please see "
        "https://aka.ms/arm-deployment-operations for usage details.",
        target=id,
        details=list(details),
    )


def failed_resource(id: str, error: VedetteError) -> Json:
    """The error of one resource: what it answered, or for one that ended badly later, that it did."""
    body = error_body(error)
    if isinstance(error, DeploymentFailed):
        return ended_badly(id, "Failed", body)
    return {"code": body["code"], "target": id, **{name: each for name, each in body.items() if name != "code"}}


def ended_badly(id: str, state: str, error: Json | None) -> Json:
    """The error of a resource that was accepted and ended in another state than Succeeded."""
    return {
        "code": ENDED_BADLY,
        "target": id,
        "message": "The resource write operation failed to complete successfully, because it reached terminal "
        f"provisioning state '{state}'.",
        **({"details": [error]} if error else {}),
    }


def own_error(operation: str) -> VedetteError:
    """What is told of an error of the server's own while the operation was at work."""
    return VedetteError(
        "InternalServerError",
        f"The server met an error of its own. Its log has the details under the operation '{operation}'.",
    )


def outputs_failed(details: Sequence[Json]) -> DeploymentFailed:
    """The error of a deployment whose resources are there and whose outputs cannot be evaluated."""
    names = ",".join(str(each["target"]) for each in details)
    return DeploymentFailed(
        "DeploymentOutputEvaluationFailed",
        f"Unable to evaluate template outputs: '{names}'. Please see error details and deployment operations. Please "
        "see https://aka.ms/arm-common-errors for usage details.",
        details=list(details),
    )


_BY_POLICY = "RequestDisallowedByPolicy"


def invalid_deployment(name: str, problems: Sequence[tuple[str, str, str, VedetteError]]) -> VedetteError:
    """What speaks against a template before anything is done: each a resource's name, type, id and error."""
    refused = [each for each in problems if isinstance(each[3], Forbidden) and each[3].code != _BY_POLICY]
    if refused:
        told = [
            f"Authorization failed for template resource '{named}' of type '{type}'. {_permission(error)}"
            for named, type, _, error in refused
        ]
        failed = (
            "The template deployment failed with error: '"
            if len(told) == 1
            else ("Deployment failed with multiple errors: '")
        )
        return Forbidden("InvalidTemplateDeployment", f"{failed}{':'.join(told)}'.")
    _, _, id, first = problems[0]
    if len(problems) == 1 and first.code in _BY_THEMSELVES:
        return InvalidInput(first.code, first.message, target=id)
    details = [failed_resource(id, error) for _, _, id, error in problems]
    message = (
        f"The template deployment '{name}' is not valid according to the validation procedure. See inner errors for "
        "details."
    )
    kind = Conflict if all(isinstance(each[3], Conflict) for each in problems) else InvalidInput
    return kind("InvalidTemplateDeployment", message, details=details)


def _permission(error: VedetteError) -> str:
    """What a refusal says in the words of a template's."""
    return (
        error.message.replace(
            "does not have authorization to perform action", "does not have permission to perform action"
        )
        .replace(" over scope ", " at scope ")
        .partition(" or the scope is invalid")[0]
        + "."
    )


_BY_THEMSELVES = frozenset({
    "InvalidResourceType", "InvalidResourceNamespace", "NoRegisteredProviderFound", "OperationNotSupported",
})  # fmt: skip


def status_code(error: VedetteError) -> str:
    """The name of the HTTP status that an error has, as operations show it: `Conflict`, `BadRequest` …"""
    return _PHRASES.get(usual_status(error), "InternalServerError")


_PHRASES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    412: "PreconditionFailed",
    413: "RequestEntityTooLarge",
    429: "TooManyRequests",
    501: "NotImplemented",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}
