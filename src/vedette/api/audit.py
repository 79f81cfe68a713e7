"""The audit over HTTP, for `vedette audit`: its records, and whether the chain is whole.

Records hold what was changed in every workspace and by whom, so that a Reader may not see them: it is an action.
"""

from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.api.authentication import authenticate, authorize
from vedette.api.json_response import JsonResponse
from vedette.api.services import Services
from vedette.core.errors import InvalidInput, NotFound
from vedette.core.instants import arm_time
from vedette.log_management.checkpoints import head_of_text
from vedette.state.audit_chain import AuditRecord, Verdict

READ: Final = "Microsoft.Authorization/vedetteAudit/action"

_PAGE: Final = 100
_LARGEST_PAGE: Final = 1_000


def routes(services: Services) -> list[BaseRoute]:
    """`GET /vedette/audit`, `/vedette/audit/records/{number}` and `/vedette/audit/verification`."""

    async def allow(request: Request) -> None:
        principal = await authenticate(request, services)
        authorize(services, principal, action=READ, scope=services.estate.subscription_resource_id)

    async def records(request: Request) -> Response:
        await allow(request)
        before, size = _number(request, "before", 0), _number(request, "top", _PAGE)
        found = await run_sync(
            lambda: services.state.audit_records(before=before or None, limit=min(max(size, 1), _LARGEST_PAGE))
        )
        return JsonResponse({"value": [shown(record) for record in found]})

    async def record(request: Request) -> Response:
        await allow(request)
        number = _as_number(request.path_params["number"], "number")
        found = await run_sync(lambda: services.state.audit_records(after=number - 1, oldest_first=True, limit=1))
        if not found or found[0].sequence != number:
            raise NotFound("NotFound", f"The audit has no record {number}.")
        return JsonResponse(shown(found[0]))

    async def verification(request: Request) -> Response:
        await allow(request)
        head = request.query_params.get("head")
        heads = [] if head is None else [head_of_text(head)]
        verdict = await run_sync(services.audit.verify, heads)
        return JsonResponse(told(verdict))

    return [
        Route("/vedette/audit", records),
        Route("/vedette/audit/records/{number}", record),
        Route("/vedette/audit/verification", verification),
    ]


def shown(record: AuditRecord) -> dict[str, Any]:
    """A record as it is told."""
    return {
        "sequence": record.sequence,
        **record.content,
        "at": arm_time(record.at, "microseconds"),
        "previous": record.previous,
        "seal": record.seal,
    }


def told(verdict: Verdict) -> dict[str, Any]:
    """What a look through the chain found."""
    return {
        "records": verdict.records,
        "head": str(verdict.head),
        "broken": verdict.broken,
        "problem": verdict.problem or None,
    }


def _number(request: Request, name: str, default: int) -> int:
    given = request.query_params.get(name)
    return default if given is None else _as_number(given, name)


def _as_number(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise InvalidInput("InvalidQueryParameter", f"'{name}' is '{text[:40]}'; it is a whole number.")
    return int(text)
