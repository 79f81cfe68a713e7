"""Where files with indicators are sent to, as the blob of a storage account would be: the signature in the address
stands in place of a token.

https://learn.microsoft.com/rest/api/storageservices/put-blob
"""

import anyio
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.api.arm_context import arm_context
from vedette.api.bodies import read_body
from vedette.api.services import Services
from vedette.core.errors import Unsupported
from vedette.intelligence.flat_files import LARGEST
from vedette.sentinel.file_imports import UPLOADS, check_upload, take_upload


def routes(services: Services) -> list[BaseRoute]:
    """`PUT` of a whole file, once. Open: the signature says what it is good for."""
    context, working = arm_context(services), anyio.CapacityLimiter(1)  # a file is read into memory

    async def upload(request: Request) -> Response:
        params = request.path_params
        sig = request.query_params.get("sig", "")
        document = await run_sync(check_upload, context, params["workspace_id"], params["name"], sig)
        if "comp" in request.query_params:
            raise Unsupported("NotImplemented", "A file is sent whole, with one PUT, and not in blocks.")
        async with working:
            content = await read_body(request, LARGEST)
            await run_sync(take_upload, context, document, content)
        return Response(status_code=201, headers={"x-ms-request-server-encrypted": "true"})

    return [Route(f"{UPLOADS}/{{workspace_id}}/{{name}}", upload, methods=["PUT"])]
