"""The resource types of deployments, their operations and how they stand. What carries them out is loaded when used."""

from importlib import import_module
from typing import Any, Final

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.operations import RETRY_HEADERS, Running, Work
from vedette.arm.resource import READ_METHODS, Handler, Resource
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import NotFound
from vedette.sentinel.deployments.places import DELETION, DEPLOYMENT, KIND, OPERATION, require_scope
from vedette.state.documents import Document

_STATUS: Final = f"{DEPLOYMENT}/operationStatuses"
_HASH: Final = "Microsoft.Resources/calculateTemplateHash"


def _handlers() -> Any:
    return import_module("vedette.sentinel.deployments.handlers")  # with it comes the language of templates


def _what_if(context: Context, call: Call) -> Answer:
    return import_module("vedette.sentinel.deployments.what_if").what_if(context, call)


def _cancel(context: Context, call: Call, document: Document) -> Answer:
    return _handlers().cancel(context, call, document)


def _export(context: Context, call: Call, document: Document) -> Answer:
    return _handlers().export(context, call, document)


def _missing(path: ResourcePath) -> NotFound:
    return NotFound("DeploymentNotFound", f"Deployment '{path.name}' could not be found.")


def _operation_missing(path: ResourcePath) -> NotFound:
    return NotFound("DeploymentOperationNotFound", f"The deployment operation '{path.name}' could not be found.")


def _show_operation(_context: Context, _call: Call, document: Document) -> dict[str, Any]:
    return {"operationId": document.name, **document.body}


def _status(context: Context, call: Call) -> Answer:
    """How a deployment stands, for who polls it: its operation's state and error."""
    operation = context.operations.find(call.path.name)
    if operation is None or operation.body["subject"].lower() != call.path.parent_id.lower():
        raise NotFound("OperationNotFound", f"There is no operation '{call.path.name}', or it was over long ago.")
    if operation.body["status"] == "InProgress":
        return Answer(200, {"status": "Running"}, RETRY_HEADERS)
    told = {name: operation.body[name] for name in ("status", "error") if name in operation.body}
    return Answer(200, told)


def deployment_works(context: Context) -> dict[str, Work]:
    """The work that deployments are, and their deletion, which is done when it is recorded."""

    def deploy(running: Running) -> None:
        import_module("vedette.sentinel.deployments.running").deploy(context, running)

    return {KIND: deploy, DELETION: lambda _running: None}


DEPLOYMENTS: Final = Resource(
    DEPLOYMENT,
    key="deploymentName",
    methods=frozenset({"GET", "LIST", "PUT", "DELETE"}),
    require=require_scope,
    missing=_missing,
    handlers={
        "PUT": lambda context, call: _handlers().put(context, call),
        "LIST": lambda context, call: _handlers().listed(context, call),
        "DELETE": lambda context, call: _handlers().delete(context, call),
    },
    actions={"cancel": _cancel, "exportTemplate": _export},
    early_actions={
        "validate": lambda context, call: _handlers().validate(context, call),
        "whatIf": _what_if,
    },
)
DEPLOYMENT_OPERATIONS: Final = Resource(
    OPERATION,
    key="operationId",
    parent=DEPLOYMENT,
    methods=READ_METHODS,
    missing=_operation_missing,
    show=_show_operation,
)
DEPLOYMENT_STATUSES: Final = Resource(
    _STATUS,
    key="operationId",
    parent=DEPLOYMENT,
    methods=frozenset({"GET"}),
    handlers={"GET": _status},
)
_hashed: Handler = lambda context, call: _handlers().calculate_hash(context, call)  # noqa: E731
TEMPLATE_HASH: Final = Resource(
    _HASH,
    methods=frozenset({"ASK"}),
    read_by_all=True,
    handlers={"ASK": _hashed},
)
DEPLOYMENT_TYPES: Final = (DEPLOYMENTS, DEPLOYMENT_OPERATIONS, DEPLOYMENT_STATUSES, TEMPLATE_HASH)
