"""Running a playbook by hand on an incident or an entity.

https://learn.microsoft.com/rest/api/securityinsights/incidents/run-playbook
"""

from collections.abc import Callable

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.resource_ids import parse_id
from vedette.automation.rule_health import playbook_row
from vedette.automation.trigger_bodies import (
    ENTITY_PATH,
    INCIDENT_PATH,
    entity_outputs,
    incident_outputs,
    sentinel_trigger,
)
from vedette.automation.workflows.starting import Started, fire
from vedette.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from vedette.detect.incidents import INCIDENT
from vedette.sentinel.people import person
from vedette.sentinel.time_windows import body_field
from vedette.sentinel.workspaces import workspace_of
from vedette.state.documents import Document

_WORKFLOW = "microsoft.logic/workflows"
_PERMISSION = "Microsoft.Logic/workflows/triggers/listCallbackUrl/action"


def run_playbook(context: Context, call: Call, document: Document) -> Answer:
    """204 once the playbook has begun. Raises InvalidInput for an id that is no workflow's and a playbook that does not
    begin with this, Forbidden, NotFound, and Conflict for one that is disabled."""
    sent = body_field(call.body, "logicAppsResourceId")
    if not isinstance(sent, str) or not sent.strip():
        raise InvalidInput("BadRequest", "'logicAppsResourceId' is missing: the id of the playbook to run.")
    playbook = parse_id(sent)
    if playbook.type.lower() != _WORKFLOW or not playbook.is_item:
        raise InvalidInput("BadRequest", f"'logicAppsResourceId' is no workflow of Microsoft.Logic: '{sent[:200]}'.")
    try:
        context.roles.check(call.principal, _PERMISSION, playbook.id)
        run = _start(context, call, document, playbook.id)
    except (Conflict, Forbidden, InvalidInput, NotFound) as error:
        _note(context, call, document, playbook.id, "", f"Could not trigger playbook: {playbook.name}. {error.message}")
        raise
    _note(context, call, document, playbook.id, run, "")
    return Answer(204)


def _start(context: Context, call: Call, document: Document, playbook_id: str) -> str:
    workflow = context.state.get(playbook_id)
    if workflow is None:
        raise NotFound("NotFound", f"The playbook '{playbook_id}' was not found.")
    workspace = workspace_of(context, call.path)
    is_incident = document.type == INCIDENT
    trigger = sentinel_trigger(workflow, INCIDENT_PATH.__eq__ if is_incident else _fits(document))
    if trigger is None:
        what = "an incident" if is_incident else f"an entity of kind {document.body.get('kind')}"
        raise InvalidInput("BadRequest", f"The playbook '{workflow.name}' does not begin with {what}.")
    if is_incident:
        outputs = incident_outputs(context.state, workspace, document, "Manual", context.new_id())
    else:
        incident = body_field(call.body, "incidentArmId")
        outputs = entity_outputs(workspace, document, incident if isinstance(incident, str) else None)
    origin = Started(by=call.principal.name)
    with context.state.transaction() as transaction:
        runs = fire(transaction, context.clock, context.new_id, workflow, trigger, outputs, origin)
    return runs[0].name if runs else ""


def _fits(entity: Document) -> Callable[[str], bool]:
    kind = str(entity.body.get("kind")).lower()
    return lambda path: path.startswith(ENTITY_PATH) and (f"'{kind}'" in path or path.rstrip("/").endswith(f"/{kind}"))


def _note(context: Context, call: Call, document: Document, playbook_id: str, run: str, failure: str) -> None:
    """The row that tells of the attempt."""
    workspace, who = workspace_of(context, call.path), person(context, call.principal)
    row = playbook_row(workspace, playbook_id, document, run, who, context.clock.now(), failure)
    with context.state.transaction() as transaction:
        transaction.emit(workspace.id, "SentinelHealth", row)
