"""Subscriptions to changes of alerts and incidents: what is kept of one, and what is checked when one is made.

https://learn.microsoft.com/graph/api/resources/subscription
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast
from urllib.parse import SplitResult, unquote, urlsplit

from vedette.arm.odata import parse_filter
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time, instant_of
from vedette.state.conditions import Condition
from vedette.state.documents import Document
from vedette.state.store import Transaction

SUBSCRIPTION: Final = "Vedette.Graph/subscriptions"
SCOPE: Final = "/graph"
SHORTEST: Final = timedelta(minutes=45)
LONGEST: Final = timedelta(minutes=43_200)
"""https://learn.microsoft.com/graph/change-notifications-overview#subscription-lifetime"""

MOST: Final = 100
LONGEST_STATE: Final = 128
_LONGEST_URL: Final = 2048
_KINDS: Final = ("created", "updated", "deleted")
_NOUNS: Final = ("alerts", "alerts_v2", "incidents")
_RESOURCE: Final = re.compile(r"/?(?:(?:v1\.0|beta)/)?security/(\w+)(?:/([^/?]{1,200}))?/?(?:\?(.*))?", re.IGNORECASE)
_CHANGEABLE: Final = frozenset({"expirationDateTime", "notificationUrl"})
_IGNORED: Final = frozenset({"@odata.type", "@odata.context", "id", "latestSupportedTlsVersion"})


@dataclass(frozen=True, slots=True)
class Subject:
    """What a subscription is about: a collection, one object of it or those that a condition holds for."""

    noun: str
    id: str = ""
    where: Condition | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as it is kept. `reach` are the ids of the workspaces that its maker reached as a person; None for
    the whole tenant."""

    id: str
    change_types: tuple[str, ...]
    resource: str
    notification_url: str
    lifecycle_url: str
    expires: datetime
    made: datetime
    state: str | None
    application_id: str | None
    creator_id: str
    reach: tuple[str, ...] | None = None
    is_warned: bool = False

    @property
    def subject(self) -> Subject:
        """What it is about."""
        return read_resource(self.resource)


def read_new(
    body: Mapping[str, Any], now: datetime, *, id: str, application_id: str | None, creator_id: str
) -> Subscription:
    """The subscription that a body asks for. Raises InvalidInput.

    https://learn.microsoft.com/graph/api/subscription-post-subscriptions
    """
    if body.get("includeResourceData"):
        raise _wrong("includeResourceData", "notifications carry no resource data on this server")
    state = body.get("clientState")
    if state is not None and (not isinstance(state, str) or len(state) > LONGEST_STATE):
        raise _wrong("clientState", f"it is a text of at most {LONGEST_STATE} characters")
    resource = body.get("resource")
    if not isinstance(resource, str):
        raise _wrong("resource", "it is required")
    read_resource(resource)
    return Subscription(
        id=id,
        change_types=_change_types(body.get("changeType")),
        resource=resource,
        notification_url=_url("notificationUrl", body.get("notificationUrl")),
        lifecycle_url=_url("lifecycleNotificationUrl", body["lifecycleNotificationUrl"])
        if body.get("lifecycleNotificationUrl")
        else "",
        expires=read_expiry(body.get("expirationDateTime"), now),
        made=now,
        state=state,
        application_id=application_id,
        creator_id=creator_id,
    )


def read_change(body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """`expires` and `notification_url`, as far as a PATCH names them. Raises InvalidInput."""
    for name in body:
        if name not in _CHANGEABLE | _IGNORED:
            raise _wrong(name, "it cannot be changed")
    changed: dict[str, Any] = {}
    if "expirationDateTime" in body:
        changed |= {"expires": read_expiry(body["expirationDateTime"], now), "is_warned": False}
    if "notificationUrl" in body:
        changed["notification_url"] = _url("notificationUrl", body["notificationUrl"])
    return changed


def read_expiry(value: object, now: datetime) -> datetime:
    """When a subscription ends: not sooner than in 45 minutes, whatever is asked for. Raises InvalidInput."""
    try:
        expires = instant_of(value) if isinstance(value, str) else None
    except ValueError:
        expires = None
    if expires is None:
        raise _wrong("expirationDateTime", "it is required, as a time such as 2030-01-01T00:00:00Z")
    if expires <= now or expires > now + LONGEST:
        minutes = LONGEST // timedelta(minutes=1)
        raise _wrong("expirationDateTime", f"it is a time in the future, and at most {minutes} minutes away")
    return max(expires, now + SHORTEST)


def read_resource(resource: str) -> Subject:
    """What the path of a resource is about. Raises InvalidInput."""
    matched = _RESOURCE.fullmatch(resource[: 2 * _LONGEST_URL])
    noun = matched[1].lower() if matched else ""
    if matched is None or noun not in _NOUNS:
        raise _wrong("resource", f"changes are told of security/{', security/'.join(_NOUNS)}, and of no other resource")
    name, equals, text = unquote(matched[3] or "").partition("=")
    if name and (name.lower().lstrip("$") != "filter" or not equals):
        raise _wrong("resource", "of the query options it takes $filter")
    where = parse_filter(text.replace("+", " ")) if text.strip() else None
    return Subject(noun, unquote(matched[2] or ""), where)


def shown(subscription: Subscription, *, with_state: bool = False) -> dict[str, Any]:
    """The subscription as Graph shows it; what its maker proves notifications by only in the answer that made it."""
    return {
        "id": subscription.id,
        "resource": subscription.resource,
        "applicationId": subscription.application_id,
        "changeType": ",".join(subscription.change_types),
        "clientState": subscription.state if with_state else None,
        "notificationUrl": subscription.notification_url,
        "lifecycleNotificationUrl": subscription.lifecycle_url or None,
        "expirationDateTime": arm_time(subscription.expires),
        "creatorId": subscription.creator_id,
        "includeResourceData": None,
        "latestSupportedTlsVersion": "v1_2",
        "encryptionCertificate": None,
        "encryptionCertificateId": None,
        "notificationQueryOptions": None,
        "notificationUrlAppId": None,
    }


def put_subscription(transaction: Transaction, subscription: Subscription) -> None:
    """Keep a subscription, in place of what was kept of it."""
    held: dict[str, Any] = {
        "changeTypes": list(subscription.change_types),
        "resource": subscription.resource,
        "notificationUrl": subscription.notification_url,
        "lifecycleUrl": subscription.lifecycle_url,
        "expires": arm_time(subscription.expires),
        "made": arm_time(subscription.made),
        "clientState": subscription.state,
        "applicationId": subscription.application_id,
        "creatorId": subscription.creator_id,
        "reach": None if subscription.reach is None else list(subscription.reach),
        "isWarned": subscription.is_warned,
    }
    transaction.put(
        id=document_id(subscription.id),
        type=SUBSCRIPTION,
        scope=SCOPE,
        name=subscription.id,
        body={"properties": held},
    )


def read_subscription(document: Document) -> Subscription:
    """The subscription in a document."""
    held = document.body["properties"]
    return Subscription(
        id=document.name,
        change_types=tuple(held["changeTypes"]),
        resource=held["resource"],
        notification_url=held["notificationUrl"],
        lifecycle_url=held["lifecycleUrl"],
        expires=instant_of(held["expires"]),
        made=instant_of(held["made"]),
        state=held["clientState"],
        application_id=held["applicationId"],
        creator_id=held["creatorId"],
        reach=None if held["reach"] is None else tuple(held["reach"]),
        is_warned=held["isWarned"],
    )


def document_id(id: str) -> str:
    """Where a subscription is kept."""
    return f"{SCOPE}/subscriptions/{id}"


def _change_types(value: object) -> tuple[str, ...]:
    names: Sequence[str] = value.split(",") if isinstance(value, str) else cast("list[str]", [])
    kinds = tuple(dict.fromkeys(name.strip().lower() for name in names if name.strip()))
    if not kinds or not set(kinds) <= set(_KINDS):
        raise _wrong("changeType", f"it is one or more of {', '.join(_KINDS)}, with commas between them")
    return kinds


def _url(name: str, value: object) -> str:
    parts = _split(value)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise _wrong(name, f"it is an address, https://…, of at most {_LONGEST_URL} characters")
    return parts.geturl()


def _wrong(name: str, reason: str) -> InvalidInput:
    return InvalidInput("InvalidRequest", f"The property '{name[:60]}' of a subscription is not right: {reason}.")


def _split(value: object) -> SplitResult | None:
    try:
        return urlsplit(value) if isinstance(value, str) and len(value) <= _LONGEST_URL else None
    except ValueError:
        return None
