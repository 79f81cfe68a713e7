"""Watchlists and their items as documents: their types, how they are found, and what a change of one leaves."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from vedette.core.instants import arm_time, instant_of
from vedette.state.documents import Document

WATCHLIST = "Microsoft.SecurityInsights/watchlists"
ITEM = f"{WATCHLIST}/watchlistItems"


def later(now: datetime, properties: Mapping[str, Any] | None) -> datetime:
    """`now`, or just after the last change where a clock stands still: the newest row of an item is the one that
    counts."""
    if properties is None:
        return now
    return max(now, instant_of(properties["updated"]) + timedelta(microseconds=1))


def changed(
    sent: Mapping[str, Any], existing: Document | None, now: datetime, by: Mapping[str, str], tenant_id: str
) -> dict[str, Any]:
    """The properties that watchlists and items have in common: who made it and who changed it last, and when."""
    before: Mapping[str, Any] | None = existing.body["properties"] if existing else None
    instant = arm_time(later(now, before))
    return {
        **sent,
        "tenantId": tenant_id,
        "isDeleted": False,
        "created": before["created"] if before else instant,
        "updated": instant,
        "createdBy": before["createdBy"] if before else dict(by),
        "updatedBy": dict(by),
    }


def item_properties(
    sent: Mapping[str, Any],
    name: str,
    existing: Document | None,
    now: datetime,
    by: Mapping[str, str],
    tenant_id: str,
) -> dict[str, Any]:
    """The properties of the item of this name after a change."""
    return changed(sent, existing, now, by, tenant_id) | {
        "watchlistItemType": "watchlist-item",
        "watchlistItemId": name,
        "entityMapping": sent.get("entityMapping") or {},
    }
