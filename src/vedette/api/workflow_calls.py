"""The addresses at which workflows are called, signed in place of a token. Workflows do not run yet."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.api.services import Services
from vedette.core.errors import Unsupported
from vedette.sentinel.not_served import NOT_RUN
from vedette.sentinel.workflow_keys import check_signature


def routes(services: Services) -> list[BaseRoute]:
    """Open: the signature in the address says what it is good for."""

    async def call(request: Request) -> Response:
        place = "".join(
            f"/{kind}/{request.path_params[name]}"
            for kind, name in (("versions", "version"), ("triggers", "trigger"))
            if name in request.path_params
        )
        await run_in_threadpool(
            check_signature,
            services.state,
            services.clock.now(),
            request.path_params["workflow"],
            place,
            dict(request.query_params),
        )
        raise Unsupported("OperationNotSupported", f"The workflow is not started: {NOT_RUN}.")

    paths = (
        "/workflows/{workflow}/triggers/{trigger}/paths/invoke",
        "/workflows/{workflow}/versions/{version}/triggers/{trigger}/paths/invoke",
    )
    return [Route(path, call, methods=["GET", "POST"]) for path in paths]
