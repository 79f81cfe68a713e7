"""The settings of a workspace that a caller may send: which they are, what they may be, and which mean nothing here.

https://learn.microsoft.com/rest/api/loganalytics/workspaces/create-or-update
"""

from collections.abc import Callable
from typing import Any, cast

from vedette.core.errors import InvalidInput

_SKUS = (
    "Free",
    "Standard",
    "Premium",
    "PerNode",
    "PerGB2018",
    "Standalone",
    "CapacityReservation",
    "LACluster",
)
_RESERVATIONS = (100, 200, 300, 400, 500, 1000, 2000, 5000, 10000, 25000, 50000)
_SHORTEST, _LONGEST = 30, 730  # days of retention; the free tier also has 7
_FREE = 7


def checked(properties: dict[str, Any]) -> dict[str, Any]:
    """The properties as they are kept: names and enumerations in their published casing, null for what is not sent.

    Raises InvalidInput (InvalidParameter) with the name of the property.
    """
    known = {name.lower(): (name, check) for name, check in _CHECKS.items()}
    kept: dict[str, Any] = {}
    for sent, value in properties.items():
        if sent.lower() not in known:
            raise InvalidInput("InvalidParameter", f"'properties.{sent[:60]}' is no property of a workspace.")
        name, check = known[sent.lower()]
        if value is not None:
            kept[name] = check(f"properties.{name}", value)
    return kept


def _sku(place: str, value: Any) -> dict[str, Any]:
    sku = _object(place, value)
    name = _one_of(f"{place}.name", sku.get("name"), _SKUS)
    level = sku.get("capacityReservationLevel")
    if level is None:
        return {"name": name}
    if name != "CapacityReservation" or level not in _RESERVATIONS:
        allowed = ", ".join(str(each) for each in _RESERVATIONS)
        raise _wrong(f"{place}.capacityReservationLevel", f"is one of {allowed}, for the sku CapacityReservation")
    return {"name": name, "capacityReservationLevel": level}


def _retention(place: str, value: Any) -> int:
    days = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    if not isinstance(days, int) or isinstance(days, bool) or not (_SHORTEST <= days <= _LONGEST or days == _FREE):
        raise _wrong(place, f"is a number of days from {_SHORTEST} to {_LONGEST}, or {_FREE}")
    return days


def _capping(place: str, value: Any) -> dict[str, Any]:
    quota = _object(place, value).get("dailyQuotaGb", -1)
    if not isinstance(quota, int | float) or isinstance(quota, bool) or (quota <= 0 and quota != -1):
        raise _wrong(f"{place}.dailyQuotaGb", "is a number of gigabytes above 0, or -1 for none")
    return {"dailyQuotaGb": float(quota)}


def _features(place: str, value: Any) -> dict[str, Any]:
    features = _object(place, value)
    for name, each in features.items():
        if name == "clusterResourceId" and each is not None:
            raise _wrong(f"{place}.{name}", "is not supported: a workspace here is in no dedicated cluster")
        if name == "disableLocalAuth" and each:
            raise _wrong(f"{place}.{name}", "is not supported: shared keys cannot be switched off")
    return features


def _network_access(place: str, value: Any) -> str:
    access = _one_of(place, value, ("Enabled", "Disabled", "SecuredByPerimeter"))
    if access != "Enabled":
        raise _wrong(place, f"cannot be {access}: this server does not tell public networks from private ones")
    return access


def _no_customer_storage(place: str, value: Any) -> bool:
    if value not in (False, "false"):
        raise _wrong(place, "is not supported: saved queries are kept by this server")
    return False


def _text(place: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(place, "is a string")
    return value


def _replication(place: str, value: Any) -> dict[str, Any]:
    replication = _object(place, value)
    if replication.get("enabled") or replication.get("location"):
        raise _wrong(place, "is not supported: this server has one region")
    return {"enabled": False}


def _one_of(place: str, value: Any, allowed: tuple[str, ...]) -> str:
    found = next((each for each in allowed if each.lower() == str(value).lower()), None)
    if found is None:
        raise _wrong(place, f"is one of {', '.join(allowed)}, not '{str(value)[:40]}'")
    return found


def _object(place: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(place, "is an object")
    return cast("dict[str, Any]", value)


def _wrong(place: str, rule: str) -> InvalidInput:
    return InvalidInput("InvalidParameter", f"'{place}' {rule}.", target=place)


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "sku": _sku,
    "retentionInDays": _retention,
    "workspaceCapping": _capping,
    "features": _features,
    "publicNetworkAccessForIngestion": _network_access,
    "publicNetworkAccessForQuery": _network_access,
    "forceCmkForQuery": _no_customer_storage,
    "defaultDataCollectionRuleResourceId": _text,
    "replication": _replication,
}
