"""`/security/secureScores` and `/security/secureScoreControlProfiles`: empty.

The scores are of what is set up in Microsoft's services, of which this server knows nothing; a number that it made up
would be taken for theirs. https://learn.microsoft.com/graph/api/resources/securescore
"""

from starlette.responses import Response

from vedette.api.graph_call import GraphCall
from vedette.api.graph_objects import page
from vedette.api.graph_security_access import tenant_of
from vedette.api.graph_security_answers import not_found
from vedette.api.json_response import JsonResponse


def secure_scores(call: GraphCall) -> Response:
    """An empty page of either. Raises Forbidden, NotFound, Unsupported."""
    name = call.segments[1]
    tenant_of(call, name.lower(), writing=call.method != "GET")
    match call.method, call.segments[2:]:
        case "GET", ():
            count = 0 if call.query.get("$count", "").lower() == "true" else None
            return JsonResponse(page([], call.version, f"security/{name}", count=count))
        case _, (id,):
            raise not_found(name, id)
        case _:
            raise call.not_served()
