"""The public Azure host names that this server stands in for: in its certificate and behind its proxy.

Names: https://learn.microsoft.com/azure/azure-portal/azure-portal-safelist-urls and the services' own API pages.
"""

EXACT = (
    "login.microsoftonline.com",
    "login.microsoft.com",
    "login.windows.net",
    "sts.windows.net",
    "management.azure.com",
    "management.core.windows.net",
    "api.loganalytics.io",
    "api.loganalytics.azure.com",
    "graph.microsoft.com",
    "graph.windows.net",
    "monitor.azure.com",
    "api.ti.sentinel.azure.com",
)

SUFFIXES = (
    "ods.opinsights.azure.com",
    "ingest.monitor.azure.com",
    "kusto.windows.net",
    "azure-api.net",
)


def is_public_name(host: str) -> bool:
    """Whether `host` (no port, any casing, perhaps a final dot) is one of the names, or under one of the suffixes."""
    name = host.lower().removesuffix(".")
    return name in EXACT or any(name.endswith(f".{suffix}") for suffix in SUFFIXES)
