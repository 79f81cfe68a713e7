"""The playbooks that an analytics rule starts; what can start one, its trigger's address, is a secret.

https://learn.microsoft.com/rest/api/securityinsights/actions
"""

import re
from urllib.parse import parse_qsl, urlsplit

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import Body
from vedette.arm.resource_ids import parse_id
from vedette.automation.rule_actions import STARTABLE, startable_id
from vedette.core.errors import InvalidInput, VedetteError
from vedette.sentinel.alert_rules import ALERT_RULE
from vedette.sentinel.extension import extension
from vedette.sentinel.kept_secrets import keep_secrets
from vedette.sentinel.workflow_keys import check_signature
from vedette.state.documents import Document
from vedette.state.store import Transaction

ACTION = f"{ALERT_RULE}/actions"
_WORKFLOW = "microsoft.logic/workflows"
_WORKFLOW_ID = re.compile(r"/workflows/([^/]+)/")
_LONGEST_URI = 4096
_PLACE = re.compile(r"(/triggers/[^/]+)/paths/invoke")
_START = "Microsoft.Logic/workflows/triggers/listCallbackUrl/action"


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    properties = body["properties"]
    _workflow_id(properties["triggerUri"])
    playbook = properties["logicAppResourceId"]
    if not playbook.strip():
        raise InvalidInput("BadRequest", "Invalid properties for action: 'properties.logicAppResourceId' is missing.")
    if parse_id(playbook).type.lower() != _WORKFLOW:
        raise InvalidInput(
            "BadRequest",
            "Invalid properties for action: 'properties.logicAppResourceId' must be the id of a workflow of "
            "Microsoft.Logic.",
        )
    return body


def _workflow_id(uri: str) -> str:
    """The id in the address of a trigger, which is not repeated in an error."""
    if not uri.strip():
        raise InvalidInput("BadRequest", "Invalid properties for action: 'properties.triggerUri' is missing.")
    found = _WORKFLOW_ID.search(urlsplit(uri).path) if len(uri) <= _LONGEST_URI else None
    if found is None or urlsplit(uri).scheme not in ("https", "http"):
        raise InvalidInput(
            "BadRequest",
            "Invalid properties for action: 'properties.triggerUri' must be the address of a workflow's trigger, "
            "'https://…/workflows/…/triggers/…'.",
        )
    return found[1]


def _write(context: Context, call: Call, transaction: Transaction, body: Body, _existing: Document | None) -> Document:
    rule = transaction.get(call.path.parent_id)
    if rule is None or rule.body.get("kind") not in ("Scheduled", "NRT"):
        raise InvalidInput("BadRequest", "Only rules of kind Scheduled and NRT have actions.")
    uri: str = body["properties"]["triggerUri"]
    shown = {name: each for name, each in body["properties"].items() if name.lower() != "triggeruri"}
    document, _ = transaction.put(
        id=call.path.id,
        type=ACTION,
        scope=call.path.parent_id,
        name=call.path.name,
        body=body | {"properties": shown | {"workflowId": _workflow_id(uri)}},
    )
    keep_secrets(transaction, document.id, {"triggerUri": uri})
    _keep_startable(context, call, transaction, document, uri)
    return document


def _keep_startable(context: Context, call: Call, transaction: Transaction, action: Document, uri: str) -> None:
    """Remember whether the playbook may be started: by who asks, or because the address is signed with its key."""
    playbook, id = str(action.body["properties"]["logicAppResourceId"]), startable_id(action.id)
    if context.roles.allows(call.principal, _START, playbook) or _is_signed(context, transaction, playbook, uri):
        body = {"playbook": playbook.lower()}
        transaction.put(id=id, type=STARTABLE, scope=action.id, name="default", body=body)
    else:
        transaction.delete(id)


def _is_signed(context: Context, transaction: Transaction, playbook: str, uri: str) -> bool:
    workflow = transaction.get(playbook)
    place = _PLACE.search(urlsplit(uri).path)
    if workflow is None or place is None or workflow.body["properties"].get("workflowId") != _workflow_id(uri):
        return False
    try:
        check_signature(
            context.state, context.clock.now(), _workflow_id(uri), place[1], dict(parse_qsl(urlsplit(uri).query))
        )
    except VedetteError:
        return False
    return True


ALERT_RULE_ACTIONS = extension(
    "action",
    ACTION,
    page=1000,
    key="actionId",
    parent=ALERT_RULE,
    read_only=frozenset({"workflowId"}),
    validate=_validate,
    write=_write,
)
