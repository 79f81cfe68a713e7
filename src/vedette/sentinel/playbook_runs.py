"""Running a playbook by hand on an incident or an entity: all is checked as if it ran; it is refused by name, for no
workflow is run by this server.

https://learn.microsoft.com/rest/api/securityinsights/incidents/run-playbook
"""

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import InvalidInput, NotFound, Unsupported
from vedette.sentinel.time_windows import body_field
from vedette.state.documents import Document

_WORKFLOW = "microsoft.logic/workflows"
_PERMISSION = "Microsoft.Logic/workflows/triggers/listCallbackUrl/action"


def run_playbook(context: Context, call: Call, _document: Document) -> Answer:
    """Raises InvalidInput for an id that is no workflow's, Forbidden, NotFound, and at last Unsupported
    (PlaybookRunNotSupported): 204 would say that the playbook has begun."""
    sent = body_field(call.body, "logicAppsResourceId")
    if not isinstance(sent, str) or not sent.strip():
        raise InvalidInput("BadRequest", "'logicAppsResourceId' is missing: the id of the playbook to run.")
    playbook = parse_id(sent)
    if playbook.type.lower() != _WORKFLOW or not playbook.is_item:
        raise InvalidInput("BadRequest", f"'logicAppsResourceId' is no workflow of Microsoft.Logic: '{sent[:200]}'.")
    context.roles.check(call.principal, _PERMISSION, playbook.id)
    if context.state.get(playbook.id) is None:
        raise NotFound("NotFound", f"The playbook '{playbook.id}' was not found.")
    raise Unsupported(
        "PlaybookRunNotSupported", f"The playbook '{playbook.name}' is known; this server does not run playbooks yet."
    )
