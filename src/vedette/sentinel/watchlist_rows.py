"""The rows of the table Watchlist: one for each change of a watchlist and of an item, the newest of which counts.

https://learn.microsoft.com/azure/sentinel/watchlist-schemas and …/azure-monitor/reference/tables/watchlist
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import orjson

from vedette.core.durations import parse_duration
from vedette.core.errors import InvalidInput
from vedette.core.instants import instant_of

TABLE = "Watchlist"
Status = Literal["Create", "Update", "Delete"]


def watchlist_row(watchlist: Mapping[str, Any], status: Status, now: datetime, correlation: str) -> dict[str, Any]:
    """The row of a watchlist itself, of its properties."""
    return _common(watchlist, status, now, correlation) | {
        "_DTItemId": watchlist["watchlistId"],
        "_DTItemType": "watchlist",
        "CreatedBy": watchlist["createdBy"],
        "CreatedTimeUTC": instant_of(watchlist["created"]),
        "UpdatedBy": watchlist["updatedBy"],
    }


def item_row(
    watchlist: Mapping[str, Any], item: Mapping[str, Any], status: Status, now: datetime, correlation: str
) -> dict[str, Any]:
    """The row of an item, of its properties and its watchlist's."""
    values: Mapping[str, Any] = item["itemsKeyValue"]
    key = values.get(watchlist.get("itemsSearchKey") or "")
    return _common(watchlist, status, now, correlation) | {
        "_DTItemId": item["watchlistItemId"],
        "_DTItemType": "watchlist-item",
        "WatchlistItemId": item["watchlistItemId"],
        "WatchlistItem": values,
        "SearchKey": "" if key is None else key if isinstance(key, str) else orjson.dumps(key).decode(),
        "EntityMapping": item.get("entityMapping") or {},
        "CreatedBy": item["createdBy"],
        "CreatedTimeUTC": instant_of(item["created"]),
        "UpdatedBy": item["updatedBy"],
    }


def _common(watchlist: Mapping[str, Any], status: Status, now: datetime, correlation: str) -> dict[str, Any]:
    duration = watchlist.get("defaultDuration") or ""
    return {
        "TimeGenerated": now,
        "_DTItemStatus": status,
        "_DTTimestamp": now,
        "AzureTenantId": watchlist["tenantId"],
        "CorrelationId": correlation,
        "DefaultDuration": duration,
        "LastUpdatedTimeUTC": now,
        "Notes": watchlist.get("description") or "",
        "Provider": watchlist.get("provider") or "",
        "Source": watchlist.get("source") or "",
        "Tags": orjson.dumps(watchlist.get("labels") or []).decode(),
        "TimeToLive": _end(duration, now),
        "WatchlistAlias": watchlist["watchlistAlias"],
        "WatchlistCategory": watchlist.get("watchlistCategory") or "General",
        "WatchlistId": watchlist["watchlistId"],
        "WatchlistName": watchlist["displayName"],
        "SourceSystem": "Watchlist",
    }


def _end(duration: str, now: datetime) -> datetime | None:
    try:
        return now + parse_duration(duration) if duration else None
    except (InvalidInput, OverflowError):  # years and months have no fixed length
        return None
