"""What a deployment would do, told without doing it: the resources that it would make, change, delete or leave.

https://learn.microsoft.com/azure/azure-resource-manager/templates/deploy-what-if
"""

from collections.abc import Iterable
from typing import Any, Final, cast

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.envelope import received_body
from vedette.arm.templates.errors import NotYetKnown
from vedette.core.errors import Forbidden, InvalidInput, NotFound, VedetteError
from vedette.core.redaction import without_texts
from vedette.sentinel.deployments.begin import Prepared, prepare
from vedette.sentinel.deployments.complete import others_in
from vedette.sentinel.deployments.delta import changes_of, overlaid
from vedette.sentinel.deployments.facts import Machine, addressed, management_of, newest_version, replacing
from vedette.sentinel.deployments.nested import Preview
from vedette.sentinel.deployments.places import is_group
from vedette.sentinel.deployments.request import COMPLETE
from vedette.state.documents import Document

_IDS_ONLY: Final = "resourceidonly"
_FORMATS: Final = frozenset({_IDS_ONLY, "fullresourcepayloads"})
_MASK: Final = "*******"
Json = dict[str, Any]


class Present(Machine):
    """The resources that are there now; what is asked of others is known only as the deployment runs."""

    def resource(self, id: str, api_version: str | None) -> Json:
        """See `Runtime`. Raises NotYetKnown."""
        try:
            return super().resource(id, api_version)
        except VedetteError as error:
            raise NotYetKnown from error

    def act(self, function: str, id: str, api_version: str, body: Json | None) -> Any:
        """Nothing is done, and no key is shown. Raises NotYetKnown."""
        raise NotYetKnown


def what_if(context: Context, call: Call) -> Answer:
    """The changes that a deployment would make. Raises what `prepare` raises."""
    full = _format(call) != _IDS_ONLY
    present = Present(context, call.principal, call.base)
    prepared = prepare(context, call, runtime=present)
    machine = Machine(context, call.principal, call.base)
    changes = [_change(context, call, machine, each, full=full) for each in prepared.resources]
    changes += _others(context, machine, prepared, full=full)
    changes.sort(key=lambda each: each["resourceId"].lower())
    masked = without_texts(changes, prepared.secrets, _MASK)
    return Answer(
        200, {"status": "Succeeded", "properties": {"correlationId": prepared.correlation, "changes": masked}}
    )


def _format(call: Call) -> str:
    properties = received_body(call.body, frozenset())["properties"]
    settings = next((each for name, each in properties.items() if name.lower() == "whatifsettings"), None) or {}
    wanted = next((each for name, each in settings.items() if name.lower() == "resultformat"), "FullResourcePayloads")
    if str(wanted).lower() not in _FORMATS:
        raise InvalidInput(
            "InvalidRequestContent", "'whatIfSettings.resultFormat' is ResourceIdOnly or FullResourcePayloads."
        )
    return str(wanted).lower()


def _change(context: Context, call: Call, machine: Machine, preview: Preview, *, full: bool) -> Json:
    resource = preview.resource
    version = resource.api_version
    try:
        found = machine.resource(resource.id, version)
    except NotFound:
        after = {"apiVersion": version, "id": resource.id, "type": resource.type, "name": _last(resource.id)}
        made: Json = {"resourceId": resource.id, "changeType": "Create"}
        return made | ({"after": after | preview.body} if full else {})
    except VedetteError as error:
        return {"resourceId": resource.id, "changeType": "Unsupported", "unsupportedReason": error.message}
    if not full:
        return {"resourceId": resource.id, "changeType": "Deploy"}
    before = _payload(found, version)
    try:
        left = _left(context, call, preview, before)
    except VedetteError as error:
        return {
            "resourceId": resource.id,
            "changeType": "Unsupported",
            "unsupportedReason": error.message,
            "before": before,
        }
    delta, after = changes_of(before, preview.body, left)
    return {
        "resourceId": resource.id,
        "changeType": "Modify" if delta else "NoChange",
        "before": before,
        "after": {name: before[name] for name in ("apiVersion", "id", "name", "type") if name in before} | after,
        "delta": delta,
    }


def _left(context: Context, call: Call, preview: Preview, before: Json) -> Json:
    """What a PUT of it would leave."""
    resource = preview.resource
    if preview.known:
        address = addressed(resource.id, resource.api_version)
        rehearsed = management_of(context).rehearse(
            call.principal, address, replacing(context, resource.id, preview.body)
        )
        if rehearsed is not None:
            return rehearsed
    return cast("Json", overlaid(before, preview.body))


def _others(context: Context, machine: Machine, prepared: Prepared, *, full: bool) -> list[Json]:
    """What is in the resource group besides: ignored, or deleted by the mode Complete."""
    if not is_group(prepared.scope):
        return []
    kept = {each.resource.id.lower() for each in prepared.previews}
    kept |= {each.id.lower() for each in prepared.evaluated.resources if each.existing}
    change = "Delete" if prepared.request.mode == COMPLETE else "Ignore"
    return [*_told(machine, others_in(context, prepared.scope, kept), change, full=full)]


def _told(machine: Machine, documents: Iterable[Document], change: str, *, full: bool) -> Iterable[Json]:
    """Those that the caller may read."""
    for document in documents:
        version = newest_version(document.id) or "2021-04-01"
        try:
            found = machine.resource(document.id, version)
        except (Forbidden, NotFound):
            continue
        told: Json = {"resourceId": document.id, "changeType": change}
        yield told | ({"before": _payload(found, version)} if full else {})


def _payload(found: Json, version: str) -> Json:
    """A resource as the answer shows it."""
    return {"apiVersion": version} | {name: each for name, each in found.items() if name not in ("etag", "systemData")}


def _last(id: str) -> str:
    return id.rpartition("/")[2]
