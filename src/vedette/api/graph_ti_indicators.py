"""`/beta/security/tiIndicators` of Microsoft Graph: an application's own indicators.

https://learn.microsoft.com/graph/api/resources/tiindicator. What is wrong with the JSON or a type in it is a 400 for
the whole request; what is wrong with single indicators of several is told beside those that are right, with a 206:
https://learn.microsoft.com/graph/api/resources/security-error-codes
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Any, Final, cast

from starlette.responses import PlainTextResponse, Response

from vedette.api.graph_call import GraphCall
from vedette.api.graph_objects import next_link, page
from vedette.api.graph_permissions import check
from vedette.api.graph_ti_query import refuse_unknown, ti_query, ti_select, ti_shown
from vedette.api.json_response import JsonResponse
from vedette.core.errors import InvalidInput, NotFound
from vedette.intelligence.graph_documents import INDICATOR, TI_INDICATOR, Keeper, Owner, by_external_id
from vedette.intelligence.graph_indicators import changed, checked, typed
from vedette.sentinel.user_info import user_info
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

PERMISSIONS: Final = frozenset({"ThreatIndicators.ReadWrite.OwnedBy"})
MOST: Final = 100
"""Indicators of a request: https://learn.microsoft.com/graph/api/tiindicator-submittiindicators"""

_WHAT: Final = "security/tiIndicators"
_VENDOR: Final = "Microsoft/Azure Sentinel"
_LONGEST_ID: Final = 1000


def ti_indicators(call: GraphCall) -> Response:
    """Answer a call. Raises Forbidden, InvalidInput, NotFound, and Unsupported."""
    if call.version != "beta":
        raise InvalidInput("BadRequest", "Resource not found for the segment 'tiIndicators'.")
    check(call.services, call.principal, PERMISSIONS)
    match call.method, call.segments[2:]:
        case "GET", ():
            return _list(call)
        case "POST", ():
            return _create(call)
        case "GET", (count,) if count.lower() == "$count":
            return PlainTextResponse(
                str(call.services.state.count(TI_INDICATOR, _owner(call).scope, where=ti_query(call.query).where))
            )
        case "POST", (action,) if _short(action) in _ACTIONS:
            return _ACTIONS[_short(action)](call)
        case "GET", (id,):
            refuse_unknown(call.query)
            return JsonResponse(_one(_found(call, call.services.state, id).body[INDICATOR], ti_select(call.query)))
        case "PATCH", (id,):
            return _update(call, id)
        case "DELETE", (id,):
            return _delete(call, id)
        case _:
            raise call.not_served()


def _short(action: str) -> str:
    return action.lower().removeprefix("microsoft.graph.")


def _list(call: GraphCall) -> Response:
    asked, scope = ti_query(call.query), _owner(call).scope
    found = call.services.state.list(
        TI_INDICATOR, scope, where=asked.where, order=asked.order, limit=asked.top + 1, offset=asked.offset
    )
    query = {name: value for name, value in call.query.items() if name != "$skip"}
    following = next_link(call.address, query, asked.offset + asked.top) if len(found) > asked.top else ""
    count = call.services.state.count(TI_INDICATOR, scope, where=asked.where) if asked.count else None
    values = [ti_shown(each.body[INDICATOR], asked.select) for each in found[: asked.top]]
    return JsonResponse(page(values, call.version, _WHAT, count=count, following=following))


def _create(call: GraphCall) -> Response:
    indicator = checked(typed(call.body))
    with call.services.state.transaction() as transaction:
        (kept,) = _keeper(call).submit(transaction, _owner(call), [indicator], _now(call))
    return JsonResponse(_one(kept, None), 201)


def _submit(call: GraphCall) -> Response:
    return _each(call, lambda _transaction, found: checked(found), Keeper.submit)


def _update_many(call: GraphCall) -> Response:
    def one(transaction: Transaction, found: Mapping[str, Any]) -> dict[str, Any]:
        return changed(_found(call, transaction, str(found.get("id", ""))).body[INDICATOR], found)

    return _each(call, one, Keeper.change)


_Keep = Callable[[Keeper, Transaction, Owner, Sequence[dict[str, Any]], datetime], list[dict[str, Any]]]


def _each(call: GraphCall, check: Callable[[Transaction, Mapping[str, Any]], dict[str, Any]], keep: _Keep) -> Response:
    """Do with each what can be done, and tell what could not be done with the others."""
    began = monotonic()
    sent = [typed(each) for each in _values(call)]
    failures: dict[int, InvalidInput | NotFound] = {}
    right: dict[int, dict[str, Any]] = {}
    with call.services.state.transaction() as transaction:
        for at, each in enumerate(sent):
            try:
                right[at] = check(transaction, each)
            except (InvalidInput, NotFound) as error:
                failures[at] = error
        kept = keep(_keeper(call), transaction, _owner(call), list(right.values()), _now(call))
    told = dict(zip(right, kept, strict=True))
    values = [
        ti_shown(told[at], None) if at in told else {**each, "Error": _info(failures[at])}
        for at, each in enumerate(sent)
    ]
    return _partial(call, page(values, call.version, "Collection(tiIndicator)"), list(failures.values()), began)


def _update(call: GraphCall, id: str) -> Response:
    found = typed(call.body)
    with call.services.state.transaction() as transaction:
        new = changed(_found(call, transaction, id).body[INDICATOR], found)
        (kept,) = _keeper(call).change(transaction, _owner(call), [new], _now(call))
    if "return=representation" in call.headers.get("prefer", "").lower():
        return JsonResponse(_one(kept, None), headers={"Preference-Applied": "return=representation"})
    return Response(status_code=204)


def _delete(call: GraphCall, id: str) -> Response:
    with call.services.state.transaction() as transaction:
        _keeper(call).remove(transaction, [_found(call, transaction, id)], _now(call))
    return Response(status_code=204)


def _delete_many(call: GraphCall) -> Response:
    owner = _owner(call)

    def find(transaction: Transaction, ids: Sequence[str]) -> dict[str, list[Document]]:
        found = {id: transaction.get(owner.id(id)) for id in ids}
        return {id: [] if each is None else [each] for id, each in found.items()}

    return _deleted(call, find)


def _delete_by_external_id(call: GraphCall) -> Response:
    owner = _owner(call)

    def find(transaction: Transaction, ids: Sequence[str]) -> dict[str, list[Document]]:
        found = by_external_id(transaction, owner, ids)
        return {id: [each for each in found if each.body[INDICATOR].get("externalId") == id] for id in ids}

    return _deleted(call, find)


def _deleted(
    call: GraphCall, find: Callable[[Transaction, Sequence[str]], Mapping[str, Sequence[Document]]]
) -> Response:
    began = monotonic()
    ids = _values(call)
    if not all(isinstance(each, str) and 0 < len(each) <= _LONGEST_ID for each in ids):
        raise InvalidInput("BadRequest", f"'value' is a collection of at most {MOST} ids.")
    with call.services.state.transaction() as transaction:
        found = find(transaction, ids)
        every = {each.id: each for documents in found.values() for each in documents}
        _keeper(call).remove(transaction, list(every.values()), _now(call))
    failures = [_no_indicator(id) for id in ids if not found[id]]
    results = [{"code": 0, "message": "", "subCode": 0} if found[id] else _info(_no_indicator(id)) for id in ids]
    return _partial(call, page(results, call.version, "Collection(resultInfo)"), failures, began)


def _partial(
    call: GraphCall, body: dict[str, Any], failures: Sequence[InvalidInput | NotFound], began: float
) -> Response:
    if not failures:
        return JsonResponse(body)
    took = int((monotonic() - began) * 1000)
    status = 404 if all(isinstance(each, NotFound) for each in failures) else 400
    return JsonResponse(body, 206, {"Warning": f'199 - "{_VENDOR}/{status}/{took}"'})


def _info(error: InvalidInput | NotFound) -> dict[str, Any]:
    """https://learn.microsoft.com/graph/api/resources/resultinfo"""
    return {"code": 404 if isinstance(error, NotFound) else 400, "message": error.message, "subCode": 0}


def _found(call: GraphCall, documents: StateStore | Transaction, id: str) -> Document:
    document = documents.get(_owner(call).id(id)) if 0 < len(id) <= _LONGEST_ID else None
    if document is None:
        raise _no_indicator(id)
    return document


def _no_indicator(id: str) -> NotFound:
    return NotFound("ResourceNotFound", f"There is no tiIndicator '{id[:100]}' of this application.")


def _values(call: GraphCall) -> list[Any]:
    values = call.sent().get("value")
    if not isinstance(values, list) or not 0 < len(cast("list[Any]", values)) <= MOST:
        raise InvalidInput("BadRequest", f"'value' is a collection of 1 to {MOST} items.")
    return cast("list[Any]", values)


def _one(indicator: Mapping[str, Any], select: tuple[str, ...] | None) -> dict[str, Any]:
    context = f"https://graph.microsoft.com/beta/$metadata#{_WHAT}/$entity"
    return {"@odata.context": context, **ti_shown(indicator, select)}


def _owner(call: GraphCall) -> Owner:
    """The application that asks, or that a person asks with."""
    principal = call.principal
    application_id = principal.application_id or principal.object_id
    found = call.services.directory.service_principal(application_id)
    return Owner(application_id, found.name if found is not None else principal.name, user_info(principal))


def _keeper(call: GraphCall) -> Keeper:
    return Keeper(call.services.estate.tenant_id, call.services.workspaces, call.services.new_id)


def _now(call: GraphCall) -> datetime:
    return call.services.clock.now()


_ACTIONS: Final[Mapping[str, Callable[[GraphCall], Response]]] = {
    "submittiindicators": _submit,
    "updatetiindicators": _update_many,
    "deletetiindicators": _delete_many,
    "deletetiindicatorsbyexternalid": _delete_by_external_id,
}
