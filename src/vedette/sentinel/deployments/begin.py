"""How a deployment begins: its template is evaluated and held against what is there before anything is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.templates.context import Budget
from vedette.arm.templates.errors import InvalidTemplate
from vedette.arm.templates.evaluate import Evaluated, evaluate_template
from vedette.arm.templates.facts import Facts, Runtime
from vedette.arm.templates.functions.hashes import template_hash
from vedette.arm.templates.places import places_within
from vedette.core.acting import current_act
from vedette.core.errors import Conflict, VedetteError
from vedette.core.instants import arm_time
from vedette.sentinel.deployments.facts import addressed, facts_of, management_of
from vedette.sentinel.deployments.failures import invalid_deployment
from vedette.sentinel.deployments.going_back import check_rights
from vedette.sentinel.deployments.inside import Inside
from vedette.sentinel.deployments.itself import itself, shown_to_itself
from vedette.sentinel.deployments.links import QUERY
from vedette.sentinel.deployments.nested import Place, Preview, check_nested_mode, unfolded, whole_budget
from vedette.sentinel.deployments.places import KIND, check_location, check_name, deployment_id, scope_of
from vedette.sentinel.deployments.records import (
    begin_anew,
    is_active,
    kept_principal,
    put_deployment,
    put_run,
    standing,
    trim,
)
from vedette.sentinel.deployments.request import Request, read_request
from vedette.sentinel.deployments.spellings import with_places
from vedette.sentinel.rule_query import MEANING
from vedette.state.documents import Document
from vedette.state.store import Transaction

Json = dict[str, Any]
_NO_POLICY: Final = "PolicyDefinitionNotFound"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A deployment that can begin. `location` is None in a resource group, `properties` are what its document shows."""

    id: str
    name: str
    scope: str
    request: Request
    evaluated: Evaluated
    location: str | None
    began: datetime
    correlation: str
    properties: Json
    previews: tuple[Preview, ...]
    secrets: frozenset[str]
    """Texts that secure parameters hold."""

    @property
    def resources(self) -> list[Preview]:
        """What is to be deployed, those of nested templates too and not the deployments themselves."""
        return [each for each in self.previews if not each.resource.is_deployment]

    def values(self, *, secure: bool) -> Json:
        """The values of its parameters: those that are secure, or those that are not."""
        return {each.name: each.value for each in self.evaluated.parameters if each.secure == secure}

    def unkept(self) -> Json:
        """What is written nowhere: the values of secure parameters, and what its template was asked for with."""
        query = self.request.linked.query
        return self.values(secure=True) | ({QUERY: query} if query else {})


def prepare(
    context: Context,
    call: Call,
    made_by: Inside | None = None,
    known: Mapping[str, Any] | None = None,
    runtime: Runtime | None = None,
) -> Prepared:
    """Read, evaluate and check a deployment. `known` are values of parameters from when it began for the first time;
    with a `runtime` what is asked of resources that are there is looked up.

    Raises InvalidInput (InvalidTemplate, InvalidTemplateDeployment …), Forbidden, NotFound, Conflict.
    """
    name, scope = call.path.name, scope_of(call.path)
    check_name(name)
    id = deployment_id(scope, name)
    request = read_request(context, call, scope, made_by.linked if made_by else None)
    if made_by is not None:
        check_nested_mode(name, request.mode)
    location = check_location(scope, name, request.location, context.state.get(id))
    began = context.clock.now()
    parameters = request.parameters | {each: {"value": value} for each, value in (known or {}).items()}
    shown = shown_to_itself(request.linked.template, request.parameters)
    deployment = itself(name, location, request.linked, shown, request.mode)
    facts = facts_of(context, call.principal, scope, deployment, call.base, began)
    place = Place(context, call.principal, call.base, began, runtime)
    evaluated = _evaluated(call, request, parameters, facts, place.budget)
    depth = made_by.depth if made_by else 0
    if made_by is not None:
        made_by.begun.add(sum(each.deployed for each in evaluated.resources))
    previews = tuple(unfolded(place, evaluated, request.linked, depth))
    if known is None:
        _check(context, call, name, previews)
    if request.on_error and made_by is None:
        check_rights(context, call.principal, call.base, id, request.on_error)
    correlation = made_by.correlation if made_by else _correlation(context)
    return Prepared(
        id,
        name,
        scope,
        request,
        evaluated,
        location,
        began,
        correlation,
        _described(request, evaluated, location, correlation),
        previews,
        frozenset(place.secrets),
    )


def _evaluated(call: Call, request: Request, parameters: Json, facts: Facts, budget: Budget) -> Evaluated:
    """The template, evaluated; an error tells where in the request what is wrong stands, for which it is met again."""
    try:
        return evaluate_template(with_places(request.linked.template), parameters, facts, budget=budget)
    except InvalidTemplate:
        if request.linked.link is not None or not call.text:
            raise
        places = places_within(call.text, "properties", "template")
        evaluate_template(with_places(request.linked.template), parameters, facts, places, budget=whole_budget())
        raise


def _check(context: Context, call: Call, name: str, previews: tuple[Preview, ...]) -> None:
    """Raises what speaks against a resource of the template, together where that are several."""
    problems: list[tuple[str, str, str, VedetteError]] = []
    for each in previews:
        resource = each.resource
        body = each.body if each.known and not resource.is_deployment else None
        try:
            management_of(context).check(call.principal, "PUT", addressed(resource.id, resource.api_version), body)
        except VedetteError as error:
            if len(previews) == 1 or not _may_be_brought(error):
                problems.append((resource.name, resource.type, resource.id, error))
    if problems:
        raise invalid_deployment(name, problems)


def _may_be_brought(error: VedetteError) -> bool:
    """Whether a query, an initiative or an assignment names what is not there, which another resource of the template
    may bring."""
    if error.code == _NO_POLICY:
        return True
    details = error.details.get("details") or ()
    return bool(details) and all(str(each.get("code", "")).startswith(MEANING) for each in details)


def begin(context: Context, call: Call) -> tuple[Document, str, bool]:
    """Begin a deployment: its document, the name of its operation, and whether there was none of its name before.

    Raises what `prepare` raises, and Conflict (DeploymentActive).
    """
    id = deployment_id(scope_of(call.path), call.path.name)
    refuse_active(context.state.get(id))
    prepared = prepare(context, call)
    with context.state.transaction() as transaction:
        existing = transaction.get(id)
        refuse_active(existing)
        secure = prepared.unkept()
        operation = context.operations.record(transaction, KIND, id, {}, unkept=secure)
        document = write(context, transaction, call, prepared, operation)
    context.operations.start(operation)
    return document, operation, existing is None


def write(
    context: Context, transaction: Transaction, call: Call, prepared: Prepared, run: str, made_by: Inside | None = None
) -> Document:
    """Keep a deployment that begins in the place of an earlier one of its name.

    Where it is made by one with secure parameters, whose template has its own in it, that is not kept: it holds values.
    """
    begin_anew(transaction, prepared.id)
    linked = prepared.request.linked
    put_run(
        transaction,
        prepared.id,
        {
            "operation": run,
            "parent": made_by.run if made_by is not None else "",
            "template": {} if holds_secrets(prepared, made_by) else linked.template,
            "link": linked.link,
            "given": list(shown_to_itself(linked.template, prepared.request.parameters)),
            "uri": linked.uri,
            "beside": dict(linked.beside),
            "path": linked.path,
            "parameters": prepared.values(secure=False),
            "secure": sorted(prepared.unkept()),
            "mode": prepared.request.mode,
            "onError": prepared.request.on_error,
            "principal": kept_principal(call.principal),
            "base": call.base,
            "correlation": prepared.correlation,
            "began": arm_time(prepared.began, "microseconds"),
        },
    )
    body: Json = {
        **({"location": prepared.location} if prepared.location else {}),
        **({"tags": prepared.request.tags} if prepared.request.tags else {}),
        "properties": prepared.properties | standing("Accepted", prepared.began, context.clock.now()),
    }
    document = put_deployment(transaction, prepared.id, prepared.name, body)
    trim(transaction, prepared.scope)
    return document


def holds_secrets(prepared: Prepared, made_by: Inside | None) -> bool:
    """Whether a nested deployment's template was evaluated by one that has secure parameters, or is in such a one."""
    return made_by is not None and made_by.secret and prepared.request.is_outer


def refuse_active(document: Document | None) -> None:
    """Raises Conflict (DeploymentActive) for a deployment that goes on."""
    if document is not None and is_active(document):
        properties = document.body["properties"]
        raise Conflict(
            "DeploymentActive",
            f"Unable to edit or replace deployment '{document.name}': previous deployment from "
            f"'{properties['timestamp']}' is still active, with the correlation id '{properties['correlationId']}'. "
            "Please see https://aka.ms/arm-deploy for usage details.",
        )


def _correlation(context: Context) -> str:
    act = current_act()
    return (act.correlation_id if act else "") or context.new_id()


def _described(request: Request, evaluated: Evaluated, location: str | None, correlation: str) -> Json:
    link, on_error = request.linked.link, request.on_error
    return {
        **({"templateLink": link} if link else {}),
        "templateHash": template_hash(request.linked.template),
        "parameters": evaluated.shown_parameters(),
        "mode": request.mode,
        **({"debugSetting": {"detailLevel": request.debug}} if request.debug else {}),
        "correlationId": correlation,
        "providers": _providers(evaluated, location),
        "dependencies": _dependencies(evaluated),
        **({"onErrorDeployment": on_error} if on_error else {}),
    }


def _providers(evaluated: Evaluated, location: str | None) -> list[Json]:
    found: dict[str, dict[str, set[str | None]]] = {}
    for resource in evaluated.resources:
        if resource.deployed:
            namespace, _, type = resource.type.partition("/")
            places = found.setdefault(namespace, {}).setdefault(type, set())
            sent = cast("Json", resource.raw).get("location")
            places.add(sent if isinstance(sent, str) and not sent.startswith("[") else location)
    return [
        {
            "namespace": namespace,
            "resourceTypes": [
                {"resourceType": type, "locations": sorted(places, key=str)} for type, places in types.items()
            ],
        }
        for namespace, types in found.items()
    ]


def _dependencies(evaluated: Evaluated) -> list[Json]:
    by_id = {each.id.lower(): each for each in evaluated.resources}
    return [
        {
            "dependsOn": [_named(by_id[id.lower()]) for id in resource.depends_on if id.lower() in by_id],
            **_named(resource),
        }
        for resource in evaluated.resources
        if resource.depends_on
    ]


def _named(resource: Any) -> Json:
    return {"id": resource.id, "resourceType": resource.type, "resourceName": resource.name}
