"""Requests that the server makes to its own management plane, for somebody: checked and recorded as theirs."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, unquote

from vedette.access.principals import Principal
from vedette.api.acts import recorded, who_of
from vedette.api.managed_identity_tokens import identity_token
from vedette.api.metadata import described
from vedette.api.services import Services
from vedette.api.setting_changes import report_change
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import answer, check, rehearse
from vedette.arm.management import Scripts
from vedette.arm.resource import ResourceTypes
from vedette.arm.resource_ids import parse_id
from vedette.core.acting import Act, acting, current_act
from vedette.core.errors import InvalidInput
from vedette.sentinel.resources import RESOURCE_TYPES

_METHODS = frozenset({"GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"})


class OwnManagement:
    """`arm.management.Management` over the services; `context` is set by who makes it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.context: Context | None = None

    @property
    def types(self) -> ResourceTypes:
        """The resource types that are served."""
        return RESOURCE_TYPES

    @property
    def scripts(self) -> Scripts | None:
        """See `Management`."""
        settings = self._services.settings
        if not settings.deployment_scripts:
            return None
        data = settings.data.resolve()
        return Scripts(self._services.addresses.https, data / "tls" / "ca.pem", (data,), self._token)

    def _token(self, object_id: str, resource: str) -> dict[str, Any]:
        """What an identity endpoint answers. Raises InvalidInput for an identity that is gone, or another audience."""
        identity = self.caller(object_id)
        if identity is None:
            raise InvalidInput("invalid_request", "Identity not found")
        return identity_token(self._services, identity, resource)

    def caller(self, object_id: str) -> Principal | None:
        """See `Management`."""
        return self._services.directory.caller(object_id)

    def call(self, principal: Principal, method: str, address: str, body: Any = None, *, base: str = "") -> Answer:
        """See `Management`."""
        parts, made = self._services, self._made(principal, method, address, body, base)
        around = current_act()
        act = Act(
            who_of(principal, ""),
            parts.clock.now(),
            method=method,
            uri=address,
            correlation_id=around.correlation_id if around else "",
        )
        work = partial(answer, self._context, RESOURCE_TYPES, made)
        with acting(act):
            reply = recorded(parts.audit, RESOURCE_TYPES, made, work)
        report_change(parts, made, reply.status)
        return reply

    def check(self, principal: Principal, method: str, address: str, body: Any = None) -> None:
        """See `Management`."""
        check(self._context, RESOURCE_TYPES, self._made(principal, method, address, body))

    def rehearse(self, principal: Principal, address: str, body: Any) -> dict[str, Any] | None:
        """See `Management`."""
        return rehearse(self._context, RESOURCE_TYPES, self._made(principal, "PUT", address, body))

    def environment(self, base: str) -> dict[str, Any]:
        """See `Management`."""
        cloud = described(base or self._services.addresses.base(None), "2022-09-01")
        assert isinstance(cloud, dict)
        return cloud

    @property
    def _context(self) -> Context:
        assert self.context is not None
        return self.context

    def _made(self, principal: Principal, method: str, address: str, body: Any, base: str = "") -> Call:
        if method not in _METHODS:
            raise InvalidInput("MethodNotAllowed", f"The management API does not take the method {method[:20]}.")
        path, _, query = address.partition("?")
        return Call(
            method,
            parse_id(unquote(path)),
            principal,
            {name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True)},
            base or self._services.addresses.base(None),
            body,
        )


def own_calls(context: Callable[[], Context]) -> Callable[..., Answer]:
    """`Management.call` of a context that is made later."""

    def call(principal: Principal, method: str, address: str, body: Any = None) -> Answer:
        management = context().management
        assert management is not None
        return management.call(principal, method, address, body)

    return call
