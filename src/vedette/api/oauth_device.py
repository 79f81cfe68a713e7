"""Signing in on another device: a program shows a code, a person types it into this page and signs in there.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code and RFC 8628.
"""

from collections.abc import Mapping

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from vedette.access.grants import DEVICE_LIFETIME, POLL_SECONDS, Device
from vedette.api.browser_sessions import form_token, is_own_form, signed_in, with_form_token, with_session
from vedette.api.json_response import NOT_CACHED, JsonResponse
from vedette.api.oauth_clients import client_of
from vedette.api.oauth_errors import Aadsts, OAuthError
from vedette.api.oauth_request import V1, form_of, require_tls, required, tenant_of
from vedette.api.oauth_scopes import scope_begun
from vedette.api.oauth_token import user_of_password
from vedette.api.request_addresses import address_of, base_of
from vedette.api.services import Services
from vedette.api.sign_in_pages import approval_page, device_page, message_page, sign_in_page

_NO_SUCH_CODE = "No program waits under this code. It may be mistyped, or have run out."


async def device_code(request: Request, services: Services, version: str) -> Response:
    """Begin a sign-in: the code for the program, the one for the person, and where to type it. Raises OAuthError."""
    tenant = tenant_of(request, services)
    form = await form_of(request)
    client = client_of(services, required(form, "client_id"))
    if not client.is_public:
        raise OAuthError(Aadsts.NOT_A_PUBLIC_CLIENT, client.id)
    scope = scope_begun(form, version, services.tokens)
    begun = services.sign_ins.grants.begin_device(client.id, scope, address_of(request), services.wall_clock.now())
    if begun is None:
        raise OAuthError(Aadsts.TOO_MANY_DEVICES)
    code, device = begun
    page = f"{base_of(request, services)}/{tenant}/oauth2/deviceauth"
    lifetime = int(DEVICE_LIFETIME.total_seconds())
    address = "verification_url" if version == V1 else "verification_uri"
    return JsonResponse(
        {
            "user_code": device.user_code,
            "device_code": code,
            address: page,
            "expires_in": str(lifetime) if version == V1 else lifetime,
            "interval": str(POLL_SECONDS) if version == V1 else POLL_SECONDS,
            "message": f"To sign in, use a web browser to open the page {page} and enter the code {device.user_code} "
            "to authenticate.",
        },
        headers=NOT_CACHED,
    )


async def device_auth(request: Request, services: Services) -> Response:
    """The page on which the code is typed, and then the name and password. Raises OAuthError."""
    tenant_of(request, services)
    require_tls(request)
    if request.method != "POST":
        return _asking_for_code(request)
    form = await form_of(request)
    address, now = address_of(request), services.wall_clock.now()
    if not is_own_form(request, services, form):
        return _asking_for_code(request, error="The page was open for too long. Please try again.")
    failures = services.sign_ins.failures
    if failures.is_locked("device code", address, now):
        return _asking_for_code(request, error=Aadsts.LOCKED.value.sentence)
    device = services.sign_ins.grants.waiting(form.get("user_code", ""), now)
    if device is None:
        failures.failed("device code", address, now)
        return _asking_for_code(request, error=_NO_SUCH_CODE)
    if form.get("decline"):
        services.sign_ins.grants.settle(device.user_code, "", now, approved=False)
        return message_page("Declined", "The program was turned away. You can close this page.")
    return await _approving(request, services, device, form)


async def _approving(request: Request, services: Services, device: Device, form: Mapping[str, str]) -> Response:
    now = services.wall_clock.now()
    current = await run_sync(signed_in, request, services)
    if current is not None and form.get("approve"):
        session, user = current
        services.sign_ins.grants.settle(device.user_code, user.id, now, approved=True, signed_in=session.signed_in)
        return _done()
    token, program = form_token(request), client_of(services, device.client_id).name
    fields = {"user_code": device.user_code}
    if current is not None:
        page = approval_page(program=program, user=current[1].shown["userPrincipalName"], token=token, fields=fields)
        return with_form_token(page, token)
    name, error = form.get("username", ""), ""
    if name:
        try:
            user = await user_of_password(request, services, name, form.get("password", ""))
        except OAuthError as refused:
            error = refused.kind.value.sentence
        else:
            services.sign_ins.grants.settle(device.user_code, user.id, now, approved=True)
            return await run_sync(with_session, _done(), services, user)
    page = sign_in_page(program=program, token=token, error=error, name=name[:256], fields=fields, target="")
    return with_form_token(page, token)


def _asking_for_code(request: Request, *, error: str = "") -> Response:
    token = form_token(request)
    return with_form_token(device_page(token=token, error=error), token)


def _done() -> Response:
    return message_page("Signed in", "The program goes on by itself. You can close this page.")
