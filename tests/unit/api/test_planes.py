"""Which API a path belongs to."""

import pytest

from vedette.api.planes import Plane, plane_of

WORKSPACE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w"


@pytest.mark.parametrize(
    ("path", "plane"),
    [
        ("/api/logs", Plane.COLLECTOR),
        ("/console", Plane.CONSOLE),
        ("/console/a/b", Plane.CONSOLE),
        ("/consoles", Plane.ARM),
        ("/API/Logs", Plane.COLLECTOR),
        ("/api/logsx", Plane.ARM),
        ("/v1/workspaces/x/query", Plane.QUERY),
        ("/v1", Plane.QUERY),
        ("/v1/$batch", Plane.QUERY),
        ("/beta/workspaces/x/query", Plane.QUERY),
        ("/v1.0/security/alerts", Plane.GRAPH),
        ("/v1/rest/query", Plane.KUSTO),
        ("/V2/Rest/Query", Plane.KUSTO),
        (f"{WORKSPACE}/v1/rest/mgmt", Plane.KUSTO),
        (f"{WORKSPACE}/query", Plane.QUERY),
        (f"{WORKSPACE}/api/query", Plane.QUERY),
        (f"{WORKSPACE.upper()}/METADATA", Plane.QUERY),
        (f"{WORKSPACE}/tables", Plane.ARM),
        ("/subscriptions/s/providers/microsoft.insights/logs", Plane.QUERY),
        ("/tenant/oauth2/v2.0/token", Plane.LOGIN),
        ("/tenant/oauth2/token", Plane.LOGIN),
        ("/tenant/v2.0/.well-known/openid-configuration", Plane.LOGIN),
        ("/common/discovery/instance", Plane.LOGIN),
        ("/tenant/discovery/v2.0/keys", Plane.LOGIN),
        ("/subscriptions/s/resourceGroups/oauth2/token", Plane.ARM),
        ("/subscriptions", Plane.ARM),
        ("/vedette/clock", Plane.ARM),
        ("/", Plane.ARM),
    ],
)
def test_planes(path: str, plane: Plane) -> None:
    assert plane_of(path) is plane
