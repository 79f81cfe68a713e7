"""Runs of a scheduled rule that somebody asks for: begun with a 202, kept as a document that says how it went.

https://learn.microsoft.com/rest/api/securityinsights/alert-rule/trigger-rule-run
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.operations import Running, Work
from vedette.arm.resource import READ_METHODS
from vedette.core.errors import InvalidInput, VedetteError
from vedette.core.instants import arm_time, instant_of, reckonable
from vedette.detect.engine import Detections
from vedette.detect.health import run_id
from vedette.detect.rule_kind import Failed
from vedette.detect.schedule import Window
from vedette.detect.stored_rule import stored_rule
from vedette.sentinel.extension import extension
from vedette.sentinel.operation_statuses import accepted
from vedette.sentinel.time_windows import body_field
from vedette.state.documents import Document
from vedette.state.store import Transaction

RULE_RUN = "Microsoft.SecurityInsights/triggeredAnalyticsRuleRuns"
_KIND = "rule run"


def trigger_rule_run(context: Context, call: Call, document: Document) -> Answer:
    """Run the rule as if it were `executionTimeUtc`. Raises InvalidInput (BadRequest)."""
    if document.body.get("kind") != "Scheduled":
        raise InvalidInput("BadRequest", f"A rule of kind {document.body.get('kind')} cannot be run at will.")
    end = _execution_time(context, call.body)
    window = Window(stored_rule(document), end, asked_for=context.new_id())
    name = window.asked_for
    properties: dict[str, Any] = {
        "executionTimeUtc": arm_time(end),
        "ruleId": document.name,
        "triggeredAnalyticsRuleRunId": name,
        "provisioningState": "InProgress",
        "ruleRunAdditionalData": {
            "createdBy": call.principal.name,
            "healthCorrelationId": run_id(window),
        },
    }
    id = f"{call.path.scope}/providers/{RULE_RUN}/{name}"
    with context.state.transaction() as transaction:
        transaction.put(id=id, type=RULE_RUN, scope=call.path.scope, name=name, body={"properties": properties})
        operation = context.operations.record(
            transaction, _KIND, id, {"rule": document.id, "end": arm_time(end), "name": name}
        )
    context.operations.start(operation)
    answer = accepted(context, call, operation)
    location = f"{call.base}{id}?api-version={call.query['api-version']}"
    return replace(answer, headers={**answer.headers, "Location": location})


def _execution_time(context: Context, body: Any) -> datetime:
    properties = body_field(body, "properties")
    text = body_field(properties, "executionTimeUtc")
    try:
        end = reckonable(instant_of(str(text)))
    except ValueError as error:
        raise InvalidInput("BadRequest", "'properties.executionTimeUtc' must be an instant in UTC.") from error
    if end > context.clock.now():
        raise InvalidInput("BadRequest", "'properties.executionTimeUtc' must not be in the future.")
    return end


def rule_run_works(context: Context, detections: Detections) -> dict[str, Work]:
    """What `Operations.serve` does for such runs."""

    def run(running: Running) -> None:
        def claim(transaction: Transaction, failure: Failed | None) -> bool:
            return _end(transaction, running.subject, "Succeeded" if failure is None else "Failed")

        parameters = running.parameters
        try:
            outcome = detections.run_asked_for(
                parameters["rule"], instant_of(parameters["end"]), parameters["name"], claim
            )
        except VedetteError:
            if not running.is_stopping:
                with context.state.transaction() as transaction:
                    _end(transaction, running.subject, "Failed")
            raise
        if outcome is not None and outcome.failure is not None:
            raise InvalidInput(outcome.failure.code, outcome.failure.reason)

    return {_KIND: run}


def _end(transaction: Transaction, id: str, state: str) -> bool:
    document = transaction.get(id)
    if document is None or document.body["properties"]["provisioningState"] != "InProgress":
        return False
    body = {"properties": document.body["properties"] | {"provisioningState": state}}
    transaction.put(id=document.id, type=document.type, scope=document.scope, name=document.name, body=body)
    return True


RULE_RUNS = extension("rule run", RULE_RUN, key="ruleRunId", methods=READ_METHODS, page=50)
