"""The functions that every workspace has without anybody saving them."""

from collections.abc import Mapping
from functools import cache

from vedette.kql.catalog import StoredFunction
from vedette.logs.asim import asim_functions

_LAST_ITEMS = """
| where _DTItemType == 'watchlist-item'
| summarize arg_max(_DTTimestamp, _DTItemStatus, LastUpdatedTimeUTC, SearchKey, WatchlistItem) by _DTItemId
| where _DTItemStatus != 'Delete'
| project-away _DTTimestamp, _DTItemStatus
| evaluate bag_unpack(WatchlistItem, columnsConflict='keep_source')"""

_FUNCTIONS = (
    # https://learn.microsoft.com/azure/sentinel/watchlists-queries. A watchlist is read whole, however short the time
    # of the request; the columns are those of its items.
    StoredFunction(
        "_GetWatchlist",
        "watchlistAlias:string, keys:dynamic=dynamic([])",
        "Watchlist | where WatchlistAlias =~ watchlistAlias "
        f"| where array_length(keys) == 0 or SearchKey in (keys) {_LAST_ITEMS}",
        ignores_timespan=True,
        gives_texts=True,
    ),
    StoredFunction(
        "_GetWatchlistAlias",
        "",
        "Watchlist | where _DTItemType == 'watchlist' "
        "| summarize arg_max(_DTTimestamp, _DTItemStatus, WatchlistAlias) by _DTItemId "
        "| where _DTItemStatus != 'Delete' | distinct WatchlistAlias",
        ignores_timespan=True,
    ),
    # https://learn.microsoft.com/azure/azure-monitor/logs/monitor-workspace#_logoperation-function
    StoredFunction(
        "_LogOperation",
        "",
        "Operation | project TimeGenerated, Category=OperationCategory, Operation=OperationKey, "
        "Level=case(OperationStatus in~ ('Error', 'Failed', 'Failure'), 'Error', "
        "OperationStatus =~ 'Warning', 'Warning', 'Info'), Detail, _ResourceId, Computer, CorrelationId",
    ),
    # https://learn.microsoft.com/defender-xdr/advanced-hunting-fileprofile-function: nothing is known of any file here,
    # and the function's own word for that is Missing.
    StoredFunction(
        "FileProfile",
        "T:(*), x:string='', y:int=100",
        "T | extend GlobalPrevalence=long(null), GlobalFirstSeen=datetime(null), GlobalLastSeen=datetime(null), "
        "Signer='', Issuer='', SignerHash='', IsCertificateValid=bool(null), IsRootSignerMicrosoft=bool(null), "
        "SignatureState='', IsExecutable=bool(null), ThreatName='', Publisher='', SoftwareName='', "
        "ProfileAvailability='Missing'",
        takes_columns=True,
    ),
)


@cache
def workspace_functions() -> Mapping[str, StoredFunction]:
    """The functions by name. A function that a user saves under one of these names takes its place."""
    return {**asim_functions(), **{function.name: function for function in _FUNCTIONS}}
