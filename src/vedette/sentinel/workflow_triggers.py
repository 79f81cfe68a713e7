"""What a workflow's definition says it is started by, as resources; and its runs, of which there are none yet.

https://learn.microsoft.com/rest/api/logic/workflow-triggers
"""

import json
from collections.abc import Iterable
from dataclasses import replace

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.resource import READ_METHODS, Body, Resource, Source
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import InvalidInput, NotFound
from vedette.sentinel.not_served import NOT_RUN
from vedette.sentinel.workflow_keys import WORKFLOW, callback
from vedette.state.documents import Document

_TRIGGER = f"{WORKFLOW}/triggers"
_RUN = f"{WORKFLOW}/runs"
_DONE = ("cancel", "resubmit", "listExpressionTraces")  # to runs
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
    return Document(
        path.id, path.type, path.parent_id.lower(), path.name, "", body, workflow.created, workflow.modified
    )


def _missing(path: ResourcePath) -> NotFound:
    workflow = path.names[0]
    return NotFound("WorkflowTriggerNotFound", f"The workflow '{workflow}' has no trigger '{path.name}'.")


def _run_missing(path: ResourcePath) -> NotFound:
    return NotFound("WorkflowRunNotFound", f"The workflow run '{path.name}' could not be found.")


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


def _reset(_context: Context, _call: Call, _document: Document) -> Answer:
    """Nothing has run, so there is nothing to forget."""
    return Answer(200)


def _trigger_type(type: str, parent: str) -> Resource:
    return Resource(
        type,
        key="triggerName",
        parent=parent,
        methods=READ_METHODS,
        missing=_missing,
        source=Source(find=_find, list=_list),
        actions={"listCallbackUrl": _callback, "reset": _reset},
        refused={"run": NOT_RUN, "setState": NOT_RUN},
    )


def _of_runs(type: str, parent: str, key: str) -> Resource:
    return Resource(
        type, key=key, parent=parent, methods=READ_METHODS, missing=_run_missing, refused=dict.fromkeys(_DONE, NOT_RUN)
    )


WORKFLOW_TRIGGERS = _trigger_type(_TRIGGER, WORKFLOW)
WORKFLOW_VERSION_TRIGGERS = _trigger_type(f"{WORKFLOW}/versions/triggers", f"{WORKFLOW}/versions")
TRIGGER_SCHEMAS = Resource(
    f"{_TRIGGER}/schemas", key="schemaName", parent=_TRIGGER, methods=frozenset({"GET"}), handlers={"GET": _schema}
)
TRIGGER_HISTORIES = _of_runs(f"{_TRIGGER}/histories", _TRIGGER, "historyName")
WORKFLOW_RUNS = _of_runs(_RUN, WORKFLOW, "runName")
WORKFLOW_RUN_PARTS = tuple(
    _of_runs(f"{_RUN}/{part}", parent, key)
    for part, parent, key in (
        ("actions", _RUN, "actionName"),
        ("operations", _RUN, "operationId"),
        ("actions/repetitions", f"{_RUN}/actions", "repetitionName"),
        ("actions/scopeRepetitions", f"{_RUN}/actions", "repetitionName"),
        ("actions/requestHistories", f"{_RUN}/actions", "requestHistoryName"),
        ("actions/repetitions/requestHistories", f"{_RUN}/actions/repetitions", "requestHistoryName"),
    )
)
