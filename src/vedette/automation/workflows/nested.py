"""The Workflow action: another workflow is run, and waited for until it answers or ends.

https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#workflow-action
"""

from typing import TYPE_CHECKING

from vedette.automation.workflows.definition import Json, all_actions, kind_of, part
from vedette.automation.workflows.identities import author_of
from vedette.automation.workflows.outcomes import Done, Later, failed
from vedette.automation.workflows.records import FINAL, Record, repetition_name
from vedette.automation.workflows.starting import Started, number_of, run_name, start_run
from vedette.core.errors import VedetteError
from vedette.core.ids import derived_id
from vedette.expressions.errors import ExpressionError
from vedette.expressions.values import text_of
from vedette.state.documents import Document

if TYPE_CHECKING:
    from vedette.automation.workflows.effects import Parts

_DEEPEST = 10
_START = "Microsoft.Logic/workflows/triggers/listCallbackUrl/action"


def call_workflow(parts: "Parts", run: Document, workflow: Document, version: Document, record: Record) -> Done | Later:
    """Start the workflow, once, if who stored the version that runs may, and look whether it has answered.

    Raises ExpressionError.
    """
    child = record.state.get("child")
    if child is None:
        return _start(parts, run, workflow, version, record)
    found = parts.state.get(child)
    if found is None:
        return failed("WorkflowRunNotFound", "The run of the called workflow is gone.")
    response = found.body["kept"].get("response")
    if response is not None:
        status = response["statusCode"]
        if status >= 400:
            return failed("ActionFailed", f"The called workflow answered with {status}.", response)
        return Done(response)
    if found.body["properties"]["status"] in FINAL:
        return failed("NoResponse", "The called workflow ended without an answer.")
    return Later(None, record.state)


def _start(parts: "Parts", run: Document, workflow: Document, version: Document, record: Record) -> Done | Later:
    inputs = part(record.inputs)
    host = part(inputs.get("host"))
    id = text_of(part(host.get("workflow")).get("id"))
    depth = run.body["kept"].get("depth", 0) + 1
    if depth > _DEEPEST:
        raise ExpressionError(f"Workflows call one another at most {_DEEPEST} deep.")
    target = parts.state.get(id) if id.startswith("/") else None
    author = author_of(parts, version)
    if author is None or not parts.roles.allows(author, _START, id):
        return failed(
            "LinkedAuthorizationFailed",
            f"Whoever stored the workflow '{workflow.name}' may not start '{id[:300]}': that takes '{_START}' there.",
        )
    if target is None or target.type.lower() != workflow.type.lower():
        return failed("WorkflowNotFound", f"The workflow '{id[:300]}' was not found.")
    trigger = text_of(host.get("triggerName"))
    definition = part(target.body["properties"]["definition"])
    kind = kind_of(part(part(definition.get("triggers")).get(trigger)))
    if kind != "request":
        return failed("TriggerNotFound", f"The workflow '{target.name}' has no request trigger '{trigger[:80]}'.")
    waits = any(kind_of(each) == "response" for _, each in all_actions(part(definition.get("actions"))))
    outputs: Json = {
        "headers": {name: text_of(value) for name, value in part(inputs.get("headers")).items()},
        "body": inputs.get("body"),
    }
    key = derived_id("nested run", run.id, record.name, repetition_name(record.path))
    origin = Started(
        by="workflow",
        parent=run.id if waits else "",
        is_asked=waits,
        depth=depth,
        chain=tuple(run.body["kept"].get("chain", ())),
        name=run_name(record.started, number_of(key)),
    )
    with parts.state.transaction() as transaction:
        try:
            begun = start_run(transaction, parts.clock.now(), target, trigger, outputs, origin)
        except VedetteError as error:
            return failed(error.code, error.message)
    if not waits:
        return Done({"statusCode": 202, "headers": {"x-ms-workflow-run-id": begun.name}, "body": None}, code="Accepted")
    return Later(None, {"child": begun.id})
