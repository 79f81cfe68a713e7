"""Where a request came to, and where from."""

from starlette.requests import Request

from vedette.api.services import Services


def base_of(request: Request, services: Services) -> str:
    """The address by which the client reached us, without a final slash."""
    return services.addresses.base(request.headers.get("host"))


def address_of(request: Request) -> str:
    """The IP address that the request came from; empty where the server was not told."""
    return request.client.host if request.client else ""
