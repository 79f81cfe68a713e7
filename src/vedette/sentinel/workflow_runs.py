"""Runs of workflows with their actions and repetitions, and histories of triggers, as the management API shows them.

https://learn.microsoft.com/rest/api/logic/workflow-runs
"""

import re
from dataclasses import replace
from typing import Any, cast

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.listing import list_documents
from vedette.arm.resource import READ_METHODS, Body, Resource
from vedette.arm.resource_ids import ResourcePath
from vedette.automation.workflows.records import HISTORY, RUN, WORKFLOW, without_credentials
from vedette.automation.workflows.runs import cancel_run
from vedette.automation.workflows.starting import Started, start_run
from vedette.core.errors import Conflict, NotFound
from vedette.sentinel.workflow_keys import content_link
from vedette.state.documents import Document

_NO_TRACES = "how expressions came to their values is not kept, but what actions were given and what they gave"


_BARE = re.compile(r"'(?:[^']|'')*'|(?<![\w/])(status|startTime|endTime)\b", re.IGNORECASE)
_NAMES = {"status": "status", "starttime": "startTime", "endtime": "endTime"}


def _in_properties(match: re.Match[str]) -> str:
    return f"properties/{_NAMES[match[1].lower()]}" if match[1] else match[0]


def _missing(path: ResourcePath) -> NotFound:
    return NotFound("WorkflowRunNotFound", f"The workflow run '{path.name}' could not be found.")


def _kept(document: Document) -> Body:
    return cast("Body", document.body.get("kept") or {})


def _show_run(context: Context, call: Call, document: Document) -> Body:
    kept, properties = _kept(document), dict(document.body["properties"])
    trigger = properties.get("trigger")
    if kept.get("trigger") is not None and isinstance(trigger, dict) and not kept.get("triggerSecret"):
        link = _link(context, call, document, "contents/TriggerOutputs", kept["trigger"])
        properties["trigger"] = {**cast("Body", trigger), **({"outputsLink": link} if link else {})}
    return {"properties": properties}


def _show_action(context: Context, call: Call, document: Document) -> Body:
    kept, properties = _kept(document), dict(document.body["properties"])
    secret = kept.get("secret") or ()
    for name, shown, what in (("inputs", "inputsLink", "ActionInputs"), ("outputs", "outputsLink", "ActionOutputs")):
        if kept.get(name) is not None and name not in secret:
            value = without_credentials(kept[name]) if name == "inputs" else kept[name]
            link = _link(context, call, document, f"contents/{what}", value)
            if link:
                properties[shown] = link
    return {"properties": properties}


def _show_history(context: Context, call: Call, document: Document) -> Body:
    kept, properties = _kept(document), dict(document.body["properties"])
    run = properties.get("run")
    found = context.state.get(str(cast("Body", run)["id"])) if isinstance(run, dict) else None
    if found is not None and not kept.get("triggerSecret") and _kept(found).get("trigger") is not None:
        link = _link(context, call, found, "contents/TriggerOutputs", _kept(found)["trigger"])
        if link:
            properties["outputsLink"] = link
    return {"properties": properties}


def _link(context: Context, call: Call, document: Document, what: str, value: Any) -> Body | None:
    workflow, _, below = document.id.partition("/runs/")
    return content_link(context, call, workflow, f"/runs/{below}/{what}", value)


def content_of(document: Document, what: str) -> Any:
    """What a link to a content gives. Raises NotFound for what there is not, or is not shown."""
    kept = _kept(document)
    secret = kept.get("secret") or ()
    place = {"actioninputs": "inputs", "actionoutputs": "outputs", "triggeroutputs": "trigger"}.get(what.lower(), "")
    if place not in kept or place in secret or (place == "trigger" and kept.get("triggerSecret")):
        raise NotFound("ContentNotFound", f"There is no content '{what[:40]}' to show.")
    return without_credentials(kept[place]) if place == "inputs" else kept[place]


def _newest_first(resource_type: str) -> Any:
    def listed(context: Context, call: Call) -> Answer:
        """The newest first; filters name properties without where they are, as clients of this API do."""
        query = {**call.query, "$orderby": "name"}
        if "$filter" in query:
            query["$filter"] = _BARE.sub(_in_properties, query["$filter"])
        return list_documents(context, _BY_TYPE[resource_type], replace(call, query=query))

    return listed


def _cancel(context: Context, _call: Call, document: Document) -> Answer:
    with context.state.transaction() as transaction:
        run = transaction.get(document.id)
        if run is not None:
            cancel_run(transaction, run, context.clock.now())
    return Answer(200)


def _resubmit(context: Context, call: Call, document: Document) -> Answer:
    """Run a workflow again, as it is now, with what its trigger gave then."""
    workflow = context.state.get(document.id.partition("/triggers/")[0])
    run = document.body["properties"].get("run") or {}
    first = context.state.get(str(run.get("id") or "/"))
    if workflow is None or first is None or _kept(first).get("trigger") is None:
        raise Conflict("WorkflowRunNotFound", "What the trigger gave is no longer kept, so that it cannot run again.")
    origin = Started(by=call.principal.name, resubmitted_of=first.id)
    with context.state.transaction() as transaction:
        trigger = str(first.body["properties"]["trigger"]["name"])
        begun = start_run(transaction, context.clock.now(), workflow, trigger, _kept(first)["trigger"], origin)
    return Answer(202, headers={"x-ms-workflow-run-id": begun.name})


def _of_runs(type: str, parent: str, key: str, show: Any = _show_action) -> Resource:
    return Resource(
        type,
        key=key,
        parent=parent,
        methods=READ_METHODS,
        missing=_missing,
        show=show,
        refused={"listExpressionTraces": _NO_TRACES},
    )


WORKFLOW_RUNS = Resource(
    RUN,
    key="runName",
    parent=WORKFLOW,
    methods=READ_METHODS,
    missing=_missing,
    show=_show_run,
    handlers={"LIST": _newest_first(RUN)},
    actions={"cancel": _cancel},
)
TRIGGER_HISTORIES = Resource(
    HISTORY,
    key="historyName",
    parent=f"{WORKFLOW}/triggers",
    methods=READ_METHODS,
    missing=_missing,
    show=_show_history,
    handlers={"LIST": _newest_first(HISTORY)},
    actions={"resubmit": _resubmit},
)
RUN_OPERATIONS = Resource(
    f"{RUN}/operations", key="operationId", parent=RUN, methods=frozenset({"GET"}), missing=_missing, show=_show_run
)
WORKFLOW_RUN_PARTS = (
    RUN_OPERATIONS,
    *(
        _of_runs(f"{RUN}/{part}", parent, key)
        for part, parent, key in (
            ("actions", RUN, "actionName"),
            ("actions/repetitions", f"{RUN}/actions", "repetitionName"),
            ("actions/scopeRepetitions", f"{RUN}/actions", "repetitionName"),
            ("actions/requestHistories", f"{RUN}/actions", "requestHistoryName"),
            ("actions/repetitions/requestHistories", f"{RUN}/actions/repetitions", "requestHistoryName"),
        )
    ),
)
_BY_TYPE = {RUN: WORKFLOW_RUNS, HISTORY: TRIGGER_HISTORIES}
