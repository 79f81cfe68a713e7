"""Enrichment: where an IP address is, from the database that the server was given; what is registered of a domain is
not looked up.

https://learn.microsoft.com/rest/api/securityinsights/ip-geodata
"""

from ipaddress import ip_address
from typing import Any, cast

import orjson

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.resource import Resource, Source, not_served
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import InvalidInput, NotFound, Unsupported
from vedette.sentinel.extension import PROVIDER
from vedette.state.documents import Document

_ENRICHMENT = f"{PROVIDER}/enrichment"
_NO_REGISTRIES = "nothing here asks the servers of registries, which know whose a domain is"
_NAMES = frozenset({"ip", "domain", "main"})


def _find(context: Context, path: ResourcePath) -> Document | None:
    if path.name.lower() not in _NAMES:
        return None
    now = context.clock.now()
    return Document(path.id, _ENRICHMENT, path.parent_id.lower(), path.name, "", {}, now, now)


def _geodata_of_query(context: Context, call: Call) -> Answer:
    return Answer(200, _geodata(context, call.query.get("ipaddress")))


def _geodata_of_body(context: Context, call: Call, _document: Document) -> Answer:
    body = cast("dict[str, Any]", call.body) if isinstance(call.body, dict) else {}
    return Answer(200, _geodata(context, body.get("ipAddress")))


def _geodata(context: Context, value: Any) -> dict[str, Any]:
    """What `geo_info_from_ip_address` says of an address, under the names of this API."""
    try:
        address = ip_address(str(value))
    except ValueError as error:
        raise InvalidInput("BadRequest", f"'ipAddress' is no IP address: '{str(value)[:60]}'.") from error
    if not context.logs.has_ip_database:
        raise Unsupported(
            "OperationNotSupported", "Nothing is known of where addresses are: start the server with --ip-database."
        )
    query = f"print tostring(geo_info_from_ip_address('{address}'))"
    text = context.logs.query(context.estate.workspace_id, query).rows()[0][0]
    told = cast("dict[str, Any]", orjson.loads(text)) if text else {}
    if not told:
        raise NotFound("NotFound", f"Nothing is known of where '{address}' is.")
    shown: dict[str, Any] = {"ipAddr": str(address)}
    for name in ("country", "state", "city"):
        shown[name] = str(told.get(name) or "").lower()
    for name in ("latitude", "longitude"):
        shown[name] = "" if told.get(name) is None else str(told[name])
    return shown


ENRICHMENT = Resource(
    _ENRICHMENT,
    methods=frozenset(),
    source=Source(find=_find, list=lambda _context, _path: []),
    actions={"listGeodataByIp": _geodata_of_body},
    refused={"listWhoisByDomain": _NO_REGISTRIES},
)
ENRICHMENT_GEODATA = Resource(
    f"{_ENRICHMENT}/geodata",
    parent=_ENRICHMENT,
    methods=frozenset({"LIST"}),
    handlers={"LIST": _geodata_of_query},
)
ENRICHMENT_WHOIS = not_served(f"{_ENRICHMENT}/whois", _NO_REGISTRIES, parent=_ENRICHMENT)
