"""What a workflow's definition says it is started by, as resources.

https://learn.microsoft.com/rest/api/logic/workflow-triggers
"""

import json
from collections.abc import Iterable
from dataclasses import replace

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.resource import READ_METHODS, Body, Resource, Source
from vedette.arm.resource_ids import ResourcePath
from vedette.automation.workflows.starting import Started, fire
from vedette.core.errors import InvalidInput, NotFound
from vedette.sentinel.workflow_keys import WORKFLOW, callback
from vedette.state.documents import Document

_TRIGGER = f"{WORKFLOW}/triggers"
_NO_STATE = "a trigger here has no position among what it has seen that another one's could take"
_CALLED = ("request", "apiconnectionwebhook", "httpwebhook", "manual")


def _owner(context: Context, path: ResourcePath) -> Document | None:
    """The workflow, or the version of one, whose definition has the trigger."""
    return context.state.get(path.parent_id)


def _triggers(workflow: Document) -> Body:
    return workflow.body["properties"]["definition"].get("triggers") or {}


def _list(context: Context, path: ResourcePath) -> Iterable[Document]:
    workflow = _owner(context, path)
    return [_trigger(workflow, path.item(name)) for name in _triggers(workflow)] if workflow else []


def _find(context: Context, path: ResourcePath) -> Document | None:
    workflow = _owner(context, path)
    named = (
        next((each for each in _triggers(workflow) if each.lower() == path.name.lower()), None) if workflow else None
    )
    return _trigger(workflow, _named(path, named)) if workflow and named else None


def _named(path: ResourcePath, name: str) -> ResourcePath:
    """The path with the casing of the definition."""
    return replace(path, names=(*path.names[:-1], name))


def _trigger(workflow: Document, path: ResourcePath) -> Document:
    properties = workflow.body["properties"]
    version = properties["version"]
    owner = path.parent_id.partition("/versions/")[0]
    body = {
        "properties": {
            "provisioningState": "Succeeded",
            "createdTime": properties["createdTime"],
            "changedTime": properties["changedTime"],
            "state": properties["state"],
            "workflow": {
                "id": f"{owner}/versions/{version}",
                "name": version,
                "type": f"{WORKFLOW}/versions",
            },
        }
    }
    recurrence = _triggers(workflow)[path.name].get("recurrence")
    if isinstance(recurrence, dict):
        body["properties"]["recurrence"] = recurrence
    return Document(
        path.id, path.type, path.parent_id.lower(), path.name, "", body, workflow.created, workflow.modified
    )


def _missing(path: ResourcePath) -> NotFound:
    workflow = path.names[0]
    return NotFound("WorkflowTriggerNotFound", f"The workflow '{workflow}' has no trigger '{path.name}'.")


def _callback(context: Context, call: Call, trigger: Document) -> Answer:
    above = call.path.parent
    assert above is not None
    version = above.name if len(above.names) == 2 else ""
    workflow = context.state.get(call.path.id.partition("/versions/")[0] if version else above.id)
    owner = context.state.get(above.id)
    if workflow is None or owner is None:
        raise _missing(call.path)
    kind = str(_triggers(owner)[trigger.name].get("type", ""))
    if kind.lower() not in _CALLED:
        raise InvalidInput("TriggerNotCallable", f"The trigger '{trigger.name}' is of type '{kind}': nothing calls it.")
    return callback(context, call, workflow, trigger.name, version)


def _schema(context: Context, call: Call) -> Answer:
    """The schema of what a request to the trigger holds."""
    trigger = call.path.parent
    workflow = _owner(context, trigger) if trigger else None
    named = _find(context, trigger) if trigger else None
    if workflow is None or named is None or trigger is None:
        raise _missing(trigger or call.path)
    inputs = _triggers(workflow)[named.name].get("inputs") or {}
    return Answer(200, {"title": f"{named.name}.json", "content": json.dumps(inputs.get("schema") or {})})


def _run(context: Context, call: Call, trigger: Document) -> Answer:
    """Let a trigger fire now, with what is sent, if anything is."""
    workflow = context.state.get(call.path.id.partition("/triggers/")[0].partition("/versions/")[0])
    if workflow is None:
        raise _missing(call.path)
    outputs = {"headers": {}, "body": call.body} if call.body is not None else {}
    origin = Started(by=call.principal.name)
    with context.state.transaction() as transaction:
        runs = fire(transaction, context.clock, context.new_id, workflow, trigger.name, outputs, origin)
    return Answer(202, headers={"x-ms-workflow-run-id": runs[0].name} if runs else {})


def _reset(_context: Context, _call: Call, _document: Document) -> Answer:
    """A trigger remembers nothing of what it has seen, so there is nothing to forget."""
    return Answer(200)


def _trigger_type(type: str, parent: str) -> Resource:
    return Resource(
        type,
        key="triggerName",
        parent=parent,
        methods=READ_METHODS,
        missing=_missing,
        source=Source(find=_find, list=_list),
        actions={"listCallbackUrl": _callback, "reset": _reset, "run": _run},
        refused={"setState": _NO_STATE},
    )


WORKFLOW_TRIGGERS = _trigger_type(_TRIGGER, WORKFLOW)
WORKFLOW_VERSION_TRIGGERS = _trigger_type(f"{WORKFLOW}/versions/triggers", f"{WORKFLOW}/versions")
TRIGGER_SCHEMAS = Resource(
    f"{_TRIGGER}/schemas", key="schemaName", parent=_TRIGGER, methods=frozenset({"GET"}), handlers={"GET": _schema}
)
