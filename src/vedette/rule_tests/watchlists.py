"""The rows that a watchlist of a test has in its table, as the server writes them."""

from datetime import datetime

from vedette.core.ids import derived_id
from vedette.core.instants import arm_time
from vedette.rule_tests.case import Watchlist
from vedette.rule_tests.node import plain_text
from vedette.rule_tests.stage import Stage, columns_of
from vedette.sentinel.watchlist_rows import TABLE, item_row, watchlist_row


def store_watchlist(stage: Stage, watchlist: Watchlist, now: datetime) -> None:
    """Let the workspace have the watchlist and its items."""
    made = {"createdBy": {}, "updatedBy": {}, "created": arm_time(now)}
    properties = {
        **made,
        "watchlistId": derived_id("watchlist", watchlist.alias),
        "watchlistAlias": watchlist.alias,
        "displayName": watchlist.alias,
        "itemsSearchKey": watchlist.key,
        "tenantId": "",
    }
    rows = [watchlist_row(properties, "Create", now, "")]
    for number, item in enumerate(watchlist.items):
        values = {name: "" if value is None else plain_text(value) for name, value in item.items()}
        told = {
            **made,
            "watchlistItemId": derived_id("item", watchlist.alias, str(number)),
            "itemsKeyValue": values,
        }
        rows.append(item_row(properties, told, "Create", now, ""))
    stage.append(TABLE, rows, columns_of(TABLE) or {}, now)
