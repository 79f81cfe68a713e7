"""Logic Apps workflows as documents, with their versions and the states of their triggers.

https://learn.microsoft.com/rest/api/logic/workflows
"""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import list_documents, patch
from vedette.arm.envelope import received_body
from vedette.arm.resource import PATCHED_METHODS, READ_METHODS, Body, Resource, Source, readable
from vedette.arm.resource_ids import ResourcePath
from vedette.arm.shapes import as_object, wrong
from vedette.automation.workflows.definition import check_runnable, kind_of
from vedette.automation.workflows.identities import forget_author, keep_author, keep_author_of
from vedette.automation.workflows.recurrence import read_recurrence
from vedette.core.errors import InvalidInput, NotFound
from vedette.core.instants import arm_time
from vedette.expressions.errors import ExpressionError
from vedette.sentinel.not_served import NOT_MOVED
from vedette.sentinel.workflow_keys import WORKFLOW, callback, keep_address, key_type, make_keys, renew_key
from vedette.state.conditions import Order
from vedette.state.documents import Document
from vedette.state.store import Transaction

_LOCATIONS = "Microsoft.Logic/locations"
_VERSION = f"{WORKFLOW}/versions"
_NAME = re.compile(r"[\w().-]{1,80}")
_STATE_FILTER = re.compile(r"\s*state\s+eq\s+'(\w+)'\s*", re.IGNORECASE)
_STATES = {"completed", "enabled", "disabled", "deleted", "suspended", "notspecified"}
_MOST_VERSIONS = 100
_SECURE = ("securestring", "secureobject")
_HIDDEN = "Vedette.Secrets/workflowParameters"
_NO_SWAGGER = "a workflow is called at the address that listCallbackUrl gives, and not described as an API"
_NEWEST_FIRST = (Order(("name",)),)  # as versions are numbered
_LARGEST = 2**63 - 1
_TICKS_BEFORE_1970 = 621_355_968_000_000_000  # of 100 nanoseconds, from the year 1


def _validate(_context: Context, call: Call, body: Body) -> Body:
    if _NAME.fullmatch(call.path.name) is None:
        raise InvalidInput(
            "InvalidWorkflowName",
            f"The name '{call.path.name[:80]}' has 1 to 80 letters, digits, '_', '-', '.', '(' and ')'.",
        )
    _check_definition(body)
    return body


def _check_definition(body: Body) -> None:
    """What every definition has: a schema, and objects of triggers and actions."""
    definition = body["properties"].get("definition")
    if definition is None:
        return
    definition = as_object("properties.definition", definition)
    if not isinstance(definition.get("$schema"), str):
        raise InvalidInput(
            "InvalidTemplate", "The template validation failed: the property '$schema' of the definition is missing."
        )
    for part in ("triggers", "actions", "parameters", "outputs"):
        for name, each in _parts(definition, part).items():
            as_object(f"properties.definition.{part}.{name}", each)
    check_runnable(definition)
    for name, trigger in _parts(definition, "triggers").items():
        if kind_of(trigger) == "recurrence" and trigger.get("recurrence"):
            _check_recurrence(name, trigger)
    state = body["properties"].get("state", "Enabled")
    if not isinstance(state, str) or state.lower() not in _STATES:
        raise wrong("properties.state", "is Enabled or Disabled")


def _check_recurrence(name: str, trigger: Body) -> None:
    try:
        read_recurrence(trigger)
    except ExpressionError as error:
        raise InvalidInput(
            "InvalidTemplate", f"The template validation failed: the trigger '{name}' is not valid: {error.message}"
        ) from error


def _parts(definition: Body, part: str) -> Body:
    held = definition.get(part)
    return {} if held is None else as_object(f"properties.definition.{part}", held)


def _fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    now = arm_time(context.clock.now(), "microseconds")
    known = existing.body["properties"] if existing else {}
    if existing is None:
        make_keys(transaction, call.path.id)
    id = known.get("workflowId") or context.new_id().replace("-", "")
    own = {
        "provisioningState": "Succeeded",
        "createdTime": known.get("createdTime", now),
        "changedTime": now,
        "state": body["properties"].get("state", "Enabled"),
        "version": next_version(context.clock.now(), known.get("version")),
        "accessEndpoint": f"{call.base}/workflows/{id}",
        "workflowId": id,
    }
    keep_address(transaction, call.path.id, id)
    versions = f"{call.path.id}/versions"
    if call.method == "PATCH" and not _does_something_else(body["properties"], known):
        keep_author_of(transaction, f"{versions}/{known['version']}", f"{versions}/{own['version']}")
    else:
        keep_author(transaction, f"{versions}/{own['version']}", call.principal)
    properties = {"definition": {}, "parameters": {}} | body["properties"] | own
    properties["parameters"] = _without_secrets(transaction, call.path.id, properties)
    newly = _secure_names(properties) - (_secure_names(known) if existing else frozenset())
    if newly and existing is not None:
        _clear_versions(transaction, call.path.id, newly)
    return body | {"properties": properties}


def _does_something_else(properties: Body, known: Body) -> bool:
    """Whether a change is one of what a workflow does, which is done with the rights of who stored it."""
    return any(properties.get(name) != known.get(name) for name in ("definition", "parameters"))


def next_version(now: datetime, before: str | None) -> str:
    """A version sorts before those made earlier: what is left of the largest number of ticks."""
    ticks = int(now.timestamp() * 1_000_000) * 10 + _TICKS_BEFORE_1970
    version = _LARGEST - ticks
    if before is not None and version >= int(before):
        version = int(before) - 1
    return f"{version:020d}"


def _without_secrets(transaction: Transaction, id: str, properties: Body) -> dict[str, Any]:
    """The parameters as everybody may see them; values of secure ones are kept where nothing shows them."""
    secure = _secure_names(properties)
    declared = {name.lower(): each for name, each in _parts(properties["definition"], "parameters").items()}
    place = f"{id}/providers/{_HIDDEN}/default"
    held = transaction.get(place)
    secrets = {name.lower(): value for name, value in held.body["values"].items()} if held else {}
    shown: dict[str, Any] = {}
    for name, given in as_object("properties.parameters", properties["parameters"] or {}).items():
        parameter = as_object(f"properties.parameters.{name}", given)
        if name.lower() not in secure:
            shown[name] = parameter
            continue
        if "value" in parameter:
            secrets[name.lower()] = parameter["value"]
        type = declared.get(name.lower(), parameter).get("type", parameter.get("type"))
        shown[name] = _without_value(parameter) | {"type": type}
    named = {name.lower() for name in shown}
    secrets = {name: value for name, value in secrets.items() if name in named & secure}
    if secrets or held:
        transaction.put(id=place, type=_HIDDEN, scope=id, name="default", body={"values": secrets})
    return shown


def _secure_names(properties: Body) -> frozenset[str]:
    """The names, folded, of the parameters that the definition, or else what is given for them, says are secure."""
    types = {
        name.lower(): parameter.get("type")
        for held in (properties.get("parameters") or {}, _parts(properties["definition"], "parameters"))
        for name, parameter in held.items()
        if isinstance(parameter, dict) and "type" in parameter
    }
    return frozenset(name for name, type in types.items() if str(type).lower() in _SECURE)


def _clear_versions(transaction: Transaction, id: str, names: frozenset[str]) -> None:
    """Take the values of parameters that are secure from now on out of the versions in which they were not."""
    for version in transaction.list(_VERSION, id):
        properties = version.body["properties"]
        kept = {
            name: _without_value(each) if name.lower() in names else each
            for name, each in properties["parameters"].items()
        }
        if kept != properties["parameters"]:
            body = version.body | {"properties": properties | {"parameters": kept}}
            transaction.put(id=version.id, type=_VERSION, scope=id, name=version.name, body=body)


def _without_value(parameter: Body) -> Body:
    return {name: value for name, value in parameter.items() if name != "value"}


def _keep_version(_context: Context, _call: Call, transaction: Transaction, document: Document) -> None:
    version = document.body["properties"]["version"]
    transaction.put(
        id=f"{document.id}/versions/{version}", type=_VERSION, scope=document.id, name=version, body=document.body
    )
    for each in transaction.list(_VERSION, document.id, order=_NEWEST_FIRST, offset=_MOST_VERSIONS):
        transaction.delete(each.id)
        forget_author(transaction, each.id)


def _versions(context: Context, call: Call) -> Answer:
    """The newest first."""
    return list_documents(context, WORKFLOW_VERSIONS, replace(call, query={**call.query, "$orderby": "name"}))


def _show(_context: Context, _call: Call, document: Document) -> Body:
    properties = {name: value for name, value in document.body["properties"].items() if name != "workflowId"}
    for name in ("integrationAccount", "integrationServiceEnvironment"):
        reference = properties.get(name)
        if isinstance(reference, dict) and isinstance(cast("Body", reference).get("id"), str):
            id = cast("Body", reference)["id"]
            named = {"name": id.rpartition("/")[2], "type": f"Microsoft.Logic/{name}s"}
            properties[name] = named | cast("Body", reference)
    return document.body | {"properties": properties}


def _set_state(state: str) -> Any:
    def act(context: Context, _call: Call, document: Document) -> Answer:
        with context.state.transaction() as transaction:
            found = transaction.get(document.id)
            if found is not None and found.body["properties"]["state"] != state:
                changed = {"state": state, "changedTime": arm_time(context.clock.now(), "microseconds")}
                transaction.put(
                    id=found.id,
                    type=found.type,
                    scope=found.scope,
                    name=found.name,
                    body=found.body | {"properties": found.body["properties"] | changed},
                )
        return Answer(200)

    return act


def _check_sent(_context: Context, call: Call, _document: Document) -> Answer:
    """Whether a workflow that was sent could be stored."""
    _check_definition(received_body(call.body, frozenset()))
    return Answer(200)


def _place(context: Context, path: ResourcePath) -> Document:
    """Any location, and any workflow in one, for one that is checked need not exist."""
    now = context.clock.now()
    return Document(path.id, path.type, path.parent_id.lower(), path.name, "", {}, now, now)


def _callback(context: Context, call: Call, document: Document) -> Answer:
    """The address of the first trigger that can be called."""
    for name, trigger in document.body["properties"]["definition"].get("triggers", {}).items():
        if trigger.get("type") == "Request":
            return callback(context, call, document, name, "")
    raise NotFound("TriggerNotFound", f"The workflow '{document.name}' has no trigger that a request starts.")


def _renew(context: Context, call: Call, document: Document) -> Answer:
    with context.state.transaction() as transaction:
        renew_key(transaction, document.id, key_type(call.body))
    return Answer(200)


def _upgraded(_context: Context, _call: Call, document: Document) -> Answer:
    """A definition is of the newest schema, or one that is read as that."""
    return Answer(200, document.body["properties"]["definition"])


def _patch(context: Context, call: Call) -> Answer:
    """The published operation has no body: it may be a change of nothing."""
    return patch(context, WORKFLOWS, replace(call, body={} if call.body is None else call.body))


def _list(context: Context, call: Call) -> Answer:
    """Filtered by `state eq 'Enabled'`, in which clients name the property without where it is."""
    match = _STATE_FILTER.fullmatch(call.query.get("$filter", ""))
    if match:
        call = replace(call, query={**call.query, "$filter": f"properties/state eq '{match[1].capitalize()}'"})
    return list_documents(context, WORKFLOWS, call)


WORKFLOWS = Resource(
    WORKFLOW,
    key="workflowName",
    methods=PATCHED_METHODS,
    tracked=True,
    visible=readable(WORKFLOW),
    read_only=frozenset({"provisioningState", "createdTime", "changedTime", "version", "accessEndpoint", "workflowId"}),
    validate=_validate,
    fill=_fill,
    after_put=_keep_version,
    show=_show,
    handlers={"PATCH": _patch, "LIST": _list},
    actions={
        "enable": _set_state("Enabled"),
        "disable": _set_state("Disabled"),
        "validate": _check_sent,
        "listCallbackUrl": _callback,
        "regenerateAccessKey": _renew,
        "generateUpgradedDefinition": _upgraded,
    },
    refused={"move": NOT_MOVED, "listSwagger": _NO_SWAGGER},
)
WORKFLOW_VERSIONS = Resource(
    _VERSION, key="versionId", parent=WORKFLOW, methods=READ_METHODS, show=_show, handlers={"LIST": _versions}
)
LOGIC_LOCATIONS = Resource(
    _LOCATIONS,
    key="location",
    methods=frozenset({"GET"}),
    source=Source(find=_place, list=lambda _context, _path: ()),
)
WORKFLOWS_TO_CHECK = Resource(
    f"{_LOCATIONS}/workflows",
    key="workflowName",
    parent=_LOCATIONS,
    methods=frozenset({"GET"}),
    source=Source(find=_place, list=lambda _context, _path: ()),
    actions={"validate": _check_sent},
)
