"""The life of a request on one screen: the middleware in order, then the routes of each API."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from vedette.api import (
    activity_log,
    arm,
    arm_batch,
    audit,
    backup,
    clock,
    console,
    editor,
    explain,
    file_uploads,
    graph,
    hunting,
    identity,
    ingest,
    kusto,
    livestream,
    logs_ingestion,
    managed_identity_tokens,
    metadata,
    metrics,
    oauth,
    otlp,
    policy_explain,
    query,
    rule_backtest,
    rule_explain,
    rule_tests,
    status,
    stix_upload,
    table_rows,
    windows_events,
    workflow_calls,
)
from vedette.api.acts import Acts
from vedette.api.arm_headers import ArmHeaders
from vedette.api.authentication import BearerCheck
from vedette.api.errors import Errors
from vedette.api.observation import Observation
from vedette.api.own_names import OwnNames
from vedette.api.paths import Paths, any_case
from vedette.api.request_ids import RequestIds
from vedette.api.services import Services

_CLOSED = (
    oauth.closed_routes,
    otlp.routes,
    query.routes,
    kusto.routes,
    logs_ingestion.routes,
    explain.routes,
    hunting.routes,
    livestream.routes,
    editor.routes,
    clock.routes,
    status.routes,
    stix_upload.routes,
    backup.routes,
    graph.routes,
    audit.routes,
    activity_log.routes,
    identity.routes,
    metrics.routes,
    rule_backtest.routes,
    policy_explain.routes,
    rule_explain.routes,
    rule_tests.routes,
    arm_batch.routes,
    arm.routes,  # takes what is left
)


def make_app(services: Services) -> Starlette:
    """The application that every listener of the server runs."""
    open_routes = any_case(
        [
            *console.routes(services),
            *oauth.routes(services),
            *metadata.routes(services),
            *managed_identity_tokens.routes(services),
            *ingest.routes(services),
            *kusto.open_routes(services),
            *workflow_calls.routes(services),
            *file_uploads.routes(services),
        ]
    )
    key_routes = any_case([*table_rows.routes(services), *windows_events.routes(services)])
    closed_routes = any_case([route for api in _CLOSED for route in api(services)])
    app = Starlette(
        routes=[*open_routes, *key_routes, *closed_routes],
        middleware=[
            Middleware(RequestIds, new_id=services.new_id),
            Middleware(ArmHeaders, clock=services.wall_clock),
            Middleware(Observation, metrics=services.metrics),
            Middleware(Errors, addresses=services.addresses, tenant_id=services.estate.tenant_id),
            *([Middleware(OwnNames, addresses=services.addresses)] if services.sign_ins.anybody else []),
            Middleware(Paths),
            Middleware(BearerCheck, tokens=services.tokens, open_routes=open_routes, key_routes=key_routes),
            Middleware(Acts, clock=services.clock),
        ],
        exception_handlers={HTTPException: _raise},
    )
    app.router.redirect_slashes = False
    return app


async def _raise(_request: Request, error: Exception) -> Response:
    """Leave the answer to the Errors middleware, which knows the envelopes."""
    raise error
