"""Long-running operations as their pollers see them: `operationStatuses`, and `operationResults` for those who follow
`Location`.

https://learn.microsoft.com/rest/api/loganalytics/operation-statuses/get
"""

from typing import Any

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.operations import RETRY_HEADERS, polling_headers
from vedette.arm.resource import Resource, Source
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import Conflict, NotFound
from vedette.sentinel.subscriptions import LOCATION
from vedette.state.documents import Document

_PROVIDER = "Microsoft.OperationalInsights"
_LOCATIONS = f"{_PROVIDER}/locations"


def accepted(context: Context, call: Call, name: str, body: Any = None) -> Answer:
    """The 202 of a request whose work goes on in the operation of this name."""
    root = f"{context.estate.subscription_resource_id}/providers/{_LOCATIONS}/{LOCATION}"
    return Answer(202, body, polling_headers(call.base, root, name, call.query["api-version"]))


def _subject(context: Context, path: ResourcePath) -> str:
    """Who may read what an operation is about may poll it."""
    operation = context.operations.find(path.name)
    return path.id if operation is None else operation.body["subject"]


def _operation(context: Context, path: ResourcePath) -> Document:
    operation = context.operations.find(path.name)
    if operation is None:
        raise NotFound("OperationNotFound", f"There is no operation '{path.name}', or it was over long ago.")
    return operation


def _status(context: Context, call: Call) -> Answer:
    operation = _operation(context, call.path)
    shown = ("status", "startTime", "endTime", "error", "properties")
    body = {name: operation.body[name] for name in shown if name in operation.body}
    in_progress = body["status"] == "InProgress"
    return Answer(200, {"id": call.path.id, "name": operation.name} | body, RETRY_HEADERS if in_progress else {})


def operation_result(context: Context, call: Call) -> Answer:
    """The answer to who follows `Location`: 202 while it goes on, then what came of it."""
    operation = _operation(context, call.path)
    match operation.body["status"]:
        case "InProgress":
            return Answer(
                202,
                None,
                {"Location": f"{call.base}{call.path.id}?api-version={call.query['api-version']}"} | RETRY_HEADERS,
            )
        case "Succeeded":
            properties = operation.body.get("properties")
            return Answer(204) if properties is None else Answer(200, {"properties": properties})
        case _:
            raise Conflict(operation.body["error"]["code"], operation.body["error"]["message"])


def _location(context: Context, path: ResourcePath) -> Document:
    now = context.clock.now()
    return Document(path.id, _LOCATIONS, path.parent_id.lower(), path.name, "", {}, now, now)


PROVIDER_LOCATIONS = Resource(
    _LOCATIONS,
    key="location",
    methods=frozenset({"GET"}),
    source=Source(find=_location, list=lambda _context, _path: []),
)
"""Any region: an operation is found by its id."""

OPERATION_STATUSES = Resource(
    f"{_LOCATIONS}/operationStatuses",
    key="asyncOperationId",
    parent=_LOCATIONS,
    methods=frozenset({"GET"}),
    authorized_at=_subject,
    handlers={"GET": _status},
)

OPERATION_RESULTS = Resource(
    f"{_LOCATIONS}/operationResults",
    key="asyncOperationId",
    parent=_LOCATIONS,
    methods=frozenset({"GET"}),
    authorized_at=_subject,
    handlers={"GET": operation_result},
)
