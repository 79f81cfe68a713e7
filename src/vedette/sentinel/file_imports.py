"""Imports of files with indicators: one is begun with a PUT, whose answer says where the file goes, and done when that
has been sent there (`upload`).

https://learn.microsoft.com/rest/api/securityinsights/file-imports
"""

import hmac
from collections.abc import Mapping
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any, Final, cast

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import shown
from vedette.arm.operations import OPERATIONS, Running, Work
from vedette.arm.resource import Body, Resource
from vedette.core.errors import Conflict, Forbidden, InvalidInput
from vedette.core.instants import arm_time, instant_of
from vedette.intelligence.flat_files import Records, csv_objects, json_objects
from vedette.intelligence.importing import MOST_ERRORS, Feed, Imported, check_many, import_many
from vedette.intelligence.indicator_documents import SOURCE, Origin, Place
from vedette.intelligence.stix_objects import INDICATOR, TYPES
from vedette.sentinel.extension import PROVIDER, extension
from vedette.sentinel.kept_secrets import forget_secrets, keep_secrets, secrets_of
from vedette.sentinel.operation_statuses import accepted
from vedette.sentinel.user_info import user_info
from vedette.sentinel.workspaces import workspace_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

FILE_IMPORT: Final = f"{PROVIDER}/fileImports"
UPLOADS: Final = "/vedette/fileImports"
"""Where files are sent to: `{UPLOADS}/{workspace}/{import}?sig=…`."""

_REMOVE = "file import removal"
_WAITING = "WaitForUpload"
_UPLOAD_TIME = timedelta(hours=24)
_KEPT = timedelta(days=30)
_READERS = {"CSV": csv_objects, "JSON": json_objects}
_ALL_OR_NONE = "IngestOnlyIfAllAreValid"


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    properties = body["properties"]
    source = properties.get("source")
    if not isinstance(source, str) or not source.strip():
        raise InvalidInput(
            "BadRequest", "'properties.source' is missing: the name that the indicators are marked with."
        )
    if source.strip().lower() == SOURCE.lower():
        raise InvalidInput("BadRequest", f"'properties.source' must not be '{SOURCE}'.")
    if _format(properties) not in _READERS:
        raise InvalidInput("BadRequest", "'properties.importFile.fileFormat' is CSV or JSON.")
    return body


def _format(properties: Mapping[str, Any]) -> str:
    file = properties.get("importFile")
    return str(cast("Body", file).get("fileFormat") or "").upper() if isinstance(file, dict) else ""


def _write(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Document:
    if existing is not None:
        raise Conflict("Conflict", f"The file import '{existing.name}' has been begun; make another one.")
    now = context.clock.now()
    file = dict(body["properties"]["importFile"]) | {"deleteStatus": "NotDeleted"}
    properties = {
        **body["properties"],
        "importFile": file,
        "state": _WAITING,
        "totalRecordCount": None,
        "validRecordCount": None,
        "ingestedRecordCount": None,
        "createdTimeUTC": arm_time(now),
        "filesValidUntilTimeUTC": arm_time(now + _UPLOAD_TIME),
        "importValidUntilTimeUTC": arm_time(now + _KEPT),
    }
    kept = {**body, "properties": properties, "by": user_info(call.principal)}
    document, _ = transaction.put(
        id=call.path.id, type=FILE_IMPORT, scope=call.path.parent_id, name=call.path.name, body=kept
    )
    keep_secrets(transaction, document.id, {"sig": token_urlsafe(32)}, anew=True)
    return document


def _show(context: Context, call: Call, document: Document) -> Body:
    """The import; who began it sees where the file goes, as long as one may come."""
    body = {name: value for name, value in document.body.items() if name != "by"}
    properties: Body = body["properties"]
    if call.method != "PUT" or properties["state"] != _WAITING:
        return body
    sig = secrets_of(context.state, document.id).get("sig", "")
    workspace = workspace_of(context, call.path)
    uri = f"{call.base}{UPLOADS}/{workspace.id}/{document.name}?sig={sig}"
    return body | {"properties": properties | {"importFile": properties["importFile"] | {"fileContentUri": uri}}}


def check_upload(context: Context, workspace_id: str, name: str, sig: str) -> Document:
    """The import that a file may be sent to. Raises Forbidden for a signature that is none, Conflict where the file has
    come or the time is over."""
    workspace = context.workspaces.by_id(workspace_id)
    id = "" if workspace is None else f"{workspace.resource_id}/providers/{FILE_IMPORT}/{name}"
    document = context.state.get(id) if id else None
    expected = str(secrets_of(context.state, id).get("sig", "")) if document is not None else ""
    if document is None or not expected or not hmac.compare_digest(expected.encode(), sig.encode()):
        raise Forbidden("AuthenticationFailed", "The signature of the address is not valid.")
    _check_waiting(context, document)
    return document


def _check_waiting(context: Context, document: Document) -> None:
    properties = document.body["properties"]
    over = instant_of(properties["filesValidUntilTimeUTC"]) < context.clock.now()
    if properties["state"] != _WAITING or over:
        raise Conflict("Conflict", "The import takes no file any more; begin another one.")


def take_upload(context: Context, document: Document, content: bytes) -> None:
    """Import a file's indicators. Until this returns nothing is acknowledged, and the same file may be sent again."""
    _check_waiting(context, context.state.get(document.id) or document)
    properties = document.body["properties"]
    try:
        objects = _READERS[_format(properties)](content)
    except InvalidInput as error:
        _ended(context, document, "Invalid", {}, [{"recordIndex": 0, "errorMessages": [error.message]}])
        return
    imported = _imported(context, document, objects)
    errors = [{"recordIndex": at, "errorMessages": list(found)} for at, found in imported.errors.items()]
    valid = objects.count - imported.refused
    refused = bool(errors) and properties.get("ingestionMode") == _ALL_OR_NONE
    state = "Invalid" if refused else "IngestedWithErrors" if errors else "Ingested"
    counts = {
        "totalRecordCount": objects.count,
        "validRecordCount": valid,
        "ingestedRecordCount": 0 if refused else valid,
    }
    _ended(context, document, state, counts, errors)


def _imported(context: Context, document: Document, objects: Records) -> Imported:
    properties = document.body["properties"]
    types = (INDICATOR,) if properties.get("contentType") == "BasicIndicator" else TYPES
    feed = Feed(properties["source"].strip(), Origin("File Import", document.body["by"]), types)
    if properties.get("ingestionMode") == _ALL_OR_NONE:
        checked = check_many(feed, objects)
        if checked.refused:
            return checked
    workspace = context.workspaces.by_resource_id(document.scope)
    assert workspace is not None
    place = Place(workspace, context.estate.tenant_id)
    return import_many(context.state, context.clock, place, feed, objects)


def _ended(
    context: Context, document: Document, state: str, counts: Mapping[str, Any], errors: list[dict[str, Any]]
) -> None:
    with context.state.transaction() as transaction:
        standing = transaction.get(document.id)
        if standing is None:
            return
        told = {"errorsPreview": errors[:MOST_ERRORS]} if errors else {}
        properties: Body = standing.body["properties"] | {"state": state, **counts, **told}
        properties["importFile"] = properties["importFile"] | {"deleteStatus": "Deleted"}
        transaction.change(standing, standing.body | {"properties": properties})
        forget_secrets(transaction, document.id)


def _delete(context: Context, call: Call) -> Answer:
    """DELETE: 202, and who follows `Location` learns when it is done."""
    with context.state.transaction() as transaction:
        document = transaction.get(call.path.id)
        if document is None:
            return Answer(204)
        name = context.operations.record(transaction, _REMOVE, document.id, {})
    context.operations.start(name)
    return accepted(context, call, name, shown(context, FILE_IMPORTS, call, document))


def file_import_works(context: Context) -> dict[str, Work]:
    """The work of the operations on file imports."""

    def remove(running: Running) -> None:
        with context.state.transaction() as transaction:
            transaction.delete(running.subject)
            transaction.delete_below(running.subject, keep=[OPERATIONS])

    return {_REMOVE: remove}


FILE_IMPORTS: Resource = extension(
    "file import", "fileImports", validate=_validate, write=_write, show=_show, handlers={"DELETE": _delete}
)
