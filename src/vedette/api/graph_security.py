"""What Microsoft Graph has under `/security`: a module for each of its nouns."""

from collections.abc import Callable, Mapping
from typing import Final

from starlette.responses import Response

from vedette.api.graph_alerts import alerts
from vedette.api.graph_call import GraphCall
from vedette.api.graph_incidents import incidents
from vedette.api.graph_legacy_alerts import legacy_alerts
from vedette.api.graph_secure_scores import secure_scores
from vedette.api.graph_ti_indicators import ti_indicators
from vedette.core.errors import Unsupported

_NOUNS: Final[Mapping[str, Callable[[GraphCall], Response]]] = {
    "alerts": legacy_alerts,
    "alerts_v2": alerts,
    "incidents": incidents,
    "securescores": secure_scores,
    "securescorecontrolprofiles": secure_scores,
    "tiindicators": ti_indicators,
}


def security(call: GraphCall) -> Response:
    """Answer a call to `/security/…`. Raises Unsupported for a noun that is not served, by name."""
    noun = call.segments[1] if len(call.segments) > 1 else ""
    handler = _NOUNS.get(noun.lower().removeprefix("microsoft.graph."))
    if handler is None:
        raise Unsupported("NotImplemented", f"Microsoft Graph's 'security/{noun[:100]}' is not served here.")
    return handler(call)
