"""The cloud's description of itself, which az, msticpy and Terraform read to learn where everything is.

Its shape differs by version: https://management.azure.com/metadata/endpoints?api-version=2022-09-01 is public.
"""

from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.access.public_names import is_public_name
from vedette.api.json_response import JsonResponse
from vedette.api.request_addresses import base_of
from vedette.api.services import Services
from vedette.core.errors import InvalidInput

CLOUD_NAME = "Vedette"


def routes(services: Services) -> list[BaseRoute]:
    """The one route, open, for clients read it before they know where to log in."""

    async def endpoints(request: Request) -> Response:
        version = request.query_params.get("api-version", "")
        if not version:
            raise InvalidInput(
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.",
            )
        return JsonResponse(described(base_of(request, services), version))

    return [Route("/metadata/endpoints", endpoints)]


def described(base: str, version: str) -> dict[str, Any] | list[dict[str, Any]]:
    """The cloud reached at `base`: the old object of 2015, the list of 2019, or the object of `latest` and later."""
    if version < "2018":
        return _cloud_2015(base)
    cloud = _cloud(base)
    return [cloud] if version < "2020" else cloud


def _cloud_2015(base: str) -> dict[str, Any]:
    return {
        "galleryEndpoint": f"{base}/",
        "graphEndpoint": "https://graph.windows.net/",
        "portalEndpoint": f"{base}/",
        "authentication": {"loginEndpoint": f"{base}/", "audiences": [f"{base}/", "https://management.azure.com/"]},
    }


def _cloud(base: str) -> dict[str, Any]:
    # Behind a public name each service has its own; a token for one of the others is none for Graph.
    graph = "https://graph.microsoft.com/" if is_public_name(urlsplit(base).hostname or "") else f"{base}/"
    return {
        "name": CLOUD_NAME,
        "portal": base,
        "resourceManager": f"{base}/",
        "authentication": {
            "loginEndpoint": f"{base}/",
            "audiences": [f"{base}/", "https://management.core.windows.net/", "https://management.azure.com/"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "graphAudience": f"{base}/",
        "graph": f"{base}/",
        "microsoftGraphResourceId": graph,  # az asks for tokens for it, and calls Graph there
        "logAnalyticsResourceId": "https://api.loganalytics.io",
        "suffixes": {"keyVaultDns": "vault.azure.net", "storage": "core.windows.net"},
    }
