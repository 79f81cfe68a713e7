"""The settings of a workspace that a caller may send: which they are, what they may be, and which mean nothing here.

https://learn.microsoft.com/rest/api/loganalytics/workspaces/create-or-update
"""

from typing import Any

from vedette.arm.shapes import (
    any_text,
    anything,
    fields,
    map_of,
    number,
    one_of,
    one_of_numbers,
    truth,
    whole,
    wrong,
)
from vedette.logs.daily_cap import LEAST_GIGABYTES

_RESERVED = "CapacityReservation"
_SKUS = ("Free", "Standard", "Premium", "PerNode", "PerGB2018", "Standalone", _RESERVED, "LACluster")
_RESERVATIONS = (100, 200, 300, 400, 500, 1000, 2000, 5000, 10000, 25000, 50000)
_SHORTEST, _LONGEST = 30, 730  # days of retention; the free tier also has 7
_FREE = 7

_sku_fields = fields(
    {
        "name": one_of(*_SKUS),
        "capacityReservationLevel": one_of_numbers(*_RESERVATIONS),
        "lastSkuUpdate": anything,
        "maxCapacityReservationLevel": anything,
    },
    required=("name",),
)
_capping_fields = fields({"dailyQuotaGb": number, "quotaNextResetTime": anything, "dataIngestionStatus": anything})


def _sku(place: str, value: Any) -> dict[str, Any]:
    sku = _sku_fields(place, value)
    if "capacityReservationLevel" in sku and sku["name"] != _RESERVED:
        raise wrong(f"{place}.capacityReservationLevel", f"is for the sku {_RESERVED}")
    return {name: sku[name] for name in ("name", "capacityReservationLevel") if name in sku}


def _retention(place: str, value: Any) -> int:
    days = whole(place, value)
    if not (_SHORTEST <= days <= _LONGEST or days == _FREE):
        raise wrong(place, f"is a number of days from {_SHORTEST} to {_LONGEST}, or {_FREE}")
    return days


def _capping(place: str, value: Any) -> dict[str, Any]:
    quota = _capping_fields(place, value).get("dailyQuotaGb", -1.0)
    if quota < LEAST_GIGABYTES and quota != -1:
        raise wrong(f"{place}.dailyQuotaGb", f"is a number of gigabytes from {LEAST_GIGABYTES}, or -1 for none")
    return {"dailyQuotaGb": quota}


def _features(place: str, value: Any) -> dict[str, Any]:
    features = map_of(anything)(place, value)
    if features.get("clusterResourceId"):
        raise wrong(f"{place}.clusterResourceId", "is not supported: a workspace here is in no dedicated cluster")
    if features.get("disableLocalAuth"):
        raise wrong(f"{place}.disableLocalAuth", "is not supported: shared keys cannot be switched off")
    return features


def _network_access(place: str, value: Any) -> str:
    access = one_of("Enabled", "Disabled", "SecuredByPerimeter")(place, value)
    if access != "Enabled":
        raise wrong(place, f"cannot be {access}: this server does not tell public networks from private ones")
    return access


def _no_customer_storage(place: str, value: Any) -> bool:
    if truth(place, value):
        raise wrong(place, "is not supported: saved queries are kept by this server")
    return False


def _no_replication(place: str, value: Any) -> dict[str, Any]:
    replication = map_of(anything)(place, value)
    if replication.get("enabled") or replication.get("location"):
        raise wrong(place, "is not supported: this server has one region")
    return {"enabled": False}


checked = fields(
    {
        "sku": _sku,
        "retentionInDays": _retention,
        "workspaceCapping": _capping,
        "features": _features,
        "publicNetworkAccessForIngestion": _network_access,
        "publicNetworkAccessForQuery": _network_access,
        "forceCmkForQuery": _no_customer_storage,
        "defaultDataCollectionRuleResourceId": any_text,
        "replication": _no_replication,
    }
)
"""The properties as they are kept. Raises InvalidInput (InvalidParameter) with the name of the property."""
