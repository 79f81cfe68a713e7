"""Requests that the server makes to its own management plane, for somebody: checked and recorded as theirs."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, unquote

from vedette.access.principals import Principal
from vedette.api.acts import recorded, who_of
from vedette.api.arm import arm_context
from vedette.api.services import Services
from vedette.arm.call import Answer, Call
from vedette.arm.controller import answer
from vedette.arm.resource_ids import parse_id
from vedette.core.acting import Act, acting
from vedette.core.errors import InvalidInput
from vedette.sentinel.resources import RESOURCE_TYPES

_METHODS = frozenset({"GET", "PUT", "PATCH", "POST", "DELETE"})


def own_calls(services: Callable[[], Services]) -> Callable[..., Answer]:
    """What takes a principal, a method, an address without a host, and a body. Raises VedetteError."""

    def call(principal: Principal, method: str, address: str, body: Any = None) -> Answer:
        if method not in _METHODS:
            raise InvalidInput("MethodNotAllowed", f"The management API does not take the method {method[:20]}.")
        path, _, query = address.partition("?")
        parts = services()
        made = Call(
            method,
            parse_id(unquote(path)),
            principal,
            {name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True)},
            parts.addresses.base(None),
            body,
        )
        act = Act(who_of(principal, ""), parts.clock.now(), method=method, uri=address)
        with acting(act):
            return recorded(
                parts.audit, RESOURCE_TYPES, made, partial(answer, arm_context(parts), RESOURCE_TYPES, made)
            )

    return call
