"""Which Azure API a path belongs to: they share one port, and each has its own envelope for errors."""

import re
from enum import Enum


class Plane(Enum):
    """The APIs of this server, as far as their error bodies differ."""

    ARM = "arm"
    QUERY = "query"
    KUSTO = "kusto"
    COLLECTOR = "collector"
    INGESTION = "ingestion"
    LOGIN = "login"
    GRAPH = "graph"
    INTELLIGENCE = "intelligence"
    CONSOLE = "console"


_WORKSPACE = r"/subscriptions/[^/]+/resourcegroups/[^/]+/providers/microsoft\.operationalinsights/workspaces/[^/]+"

_PATHS = (
    (Plane.CONSOLE, re.compile(r"/console(/.*)?", re.IGNORECASE | re.DOTALL)),
    (Plane.COLLECTOR, re.compile(r"/api/logs/?", re.IGNORECASE)),
    (Plane.INGESTION, re.compile(r"/dataCollectionRules(/.*)?", re.IGNORECASE | re.DOTALL)),
    (Plane.KUSTO, re.compile(rf"({_WORKSPACE})?/v[12]/rest/.*", re.IGNORECASE | re.DOTALL)),
    (
        Plane.QUERY,
        re.compile(
            rf"{_WORKSPACE}/(query|metadata|search|api/query)|/subscriptions/.+/providers/microsoft\.insights/logs",
            re.IGNORECASE | re.DOTALL,
        ),
    ),
    (Plane.QUERY, re.compile(r"/(v1|beta/workspaces|vedette/workspaces)(/.*)?", re.IGNORECASE | re.DOTALL)),
    (Plane.GRAPH, re.compile(r"/(v1\.0|beta)(/.*)?|/oidc/userinfo", re.IGNORECASE | re.DOTALL)),
    (
        Plane.INTELLIGENCE,
        re.compile(
            r"/(workspaces/)?[^/]+/(threatintelligence:upload-indicators|threatintelligenceindicators:upload"
            r"|threat-intelligence-stix-objects:upload)/?",
            re.IGNORECASE,
        ),
    ),
    (
        Plane.LOGIN,
        re.compile(
            r"/common/discovery/instance|/common/userrealm/.*"
            r"|/[^/]+(/v2\.0)?/\.well-known/.*"
            r"|/[^/]+/oauth2/.*"
            r"|/[^/]+/discovery/(v2\.0/)?keys",
            re.IGNORECASE | re.DOTALL,
        ),
    ),
)


def plane_of(path: str) -> Plane:
    """The API that answers at `path`; everything that is not one of the others is Azure Resource Manager's."""
    return next((plane for plane, pattern in _PATHS if pattern.fullmatch(path)), Plane.ARM)
