"""Tokens of other tenants: verified with the keys that their issuer publishes, and taken for the same object's id here.

An issuer is trusted by its address, such as `https://login.microsoftonline.com/<tenant>/v2.0`; its keys are fetched
when a token of its is first seen. https://openid.net/specs/openid-connect-discovery-1_0.html
"""

import json
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast
from urllib.parse import urlsplit

import structlog
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from vedette.access.directory import Directory
from vedette.access.principals import Principal, PrincipalKind
from vedette.access.signing_keys import ALGORITHM
from vedette.core.errors import InvalidInput, Unauthenticated
from vedette.core.ids import GUID
from vedette.state.conditions import In
from vedette.state.store import StateStore

EXTERNAL: Final = "Vedette.Directory/externalPrincipals"

_GROUP: Final = "Vedette.Directory/externalGroups"
_MOST_GROUPS: Final = 200  # https://learn.microsoft.com/entra/identity-platform/optional-claims (groups overage)
_SECONDS: Final = 5.0  # for each of the two requests
_LARGEST: Final = 1_000_000
_FRESH: Final = 24 * 3600.0  # seconds that keys are used without asking again
_BETWEEN: Final = 60.0  # seconds between two attempts to get an issuer's keys
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Issuer:
    """A trusted issuer and its keys by id; `fetched` and `tried` are seconds of the monotonic clock."""

    address: str
    tenant_id: str
    keys: dict[str, RSAKey] = field(default_factory=dict)
    fetched: float = float("-inf")
    tried: float = float("-inf")
    lock: threading.Lock = field(default_factory=threading.Lock)


class ExternalIssuers:
    """The issuers that the server was told to trust. `claims` may take seconds: call it in a thread."""

    def __init__(self, addresses: tuple[str, ...], state: StateStore, directory: Directory) -> None:
        """Raises InvalidInput for an address that is none of an issuer."""
        self._issuers = {issuer.address: issuer for issuer in map(_issuer, addresses)}
        self._state = state
        self._directory = directory

    def issued(self, text: str) -> bool:
        """Whether a token says that it is from one of the issuers; whether it is, `claims` finds out."""
        issuer = _unverified(text).get("iss") if self._issuers else None
        return isinstance(issuer, str) and issuer in self._issuers

    def claims(self, text: str) -> Mapping[str, Any]:
        """The claims of a token whose signature verifies. Raises Unauthenticated."""
        issuer = self._issuers[str(_unverified(text)["iss"])]
        header = jws.extract_compact(text.encode("ascii")).headers()
        if header.get("alg") != ALGORITHM:
            raise _refused(f"The access token's algorithm must be {ALGORITHM}.")
        key = self._key(issuer, str(header.get("kid")))
        try:
            claims = jwt.decode(text, key, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError, TypeError) as error:  # TypeError: of a header whose 'crit' is no list
            raise _refused("The access token's signature does not verify.") from error
        if str(claims.get("tid", issuer.tenant_id)).lower() != issuer.tenant_id:
            raise _refused("The access token's 'tid' is another tenant than its issuer's.")
        return claims

    def principal(self, claims: Mapping[str, Any]) -> Principal:
        """The caller of verified claims. Raises Unauthenticated for an id that is another's here.

        The first tenant that an id is seen from keeps it: role assignments name an id alone, and nobody else may come
        under it, neither a second issuer nor an object of this directory.
        """
        object_id, tenant_id = str(claims.get("oid", "")).lower(), self._issuers[str(claims["iss"])].tenant_id
        if not GUID.fullmatch(object_id):
            raise _refused("The access token has no 'oid' claim that is an object's id.")
        is_user = claims.get("idtyp") == "user" or ("scp" in claims and claims.get("idtyp") != "app")
        application_id = claims.get("appid") or claims.get("azp")
        user_name = str(claims.get("upn") or claims.get("preferred_username") or "") or None if is_user else None
        name = str(claims.get("name") or claims.get("app_displayname") or user_name or application_id or object_id)
        self._claim(object_id, tenant_id, name)
        return Principal(
            object_id,
            str(application_id) if application_id else None,
            name,
            tenant_id,
            PrincipalKind.USER if is_user else PrincipalKind.SERVICE_PRINCIPAL,
            self._groups(claims.get("groups"), tenant_id),
            user_name,
            frozenset(str(claims.get("scp", "")).split()),
        )

    def _groups(self, claimed: Any, tenant_id: str) -> frozenset[str]:
        """The groups of a token that are the tenant's own: a group of this directory, or one that another tenant was
        seen with first, is nobody's to name, for roles are given to groups by their ids alone."""
        listed = cast("list[Any]", claimed)[:_MOST_GROUPS] if isinstance(claimed, list) else []
        ids = {str(each).lower() for each in listed if GUID.fullmatch(str(each))}
        if not ids:
            return frozenset()
        known = self._state.list(_GROUP, where=In(("name",), tuple(sorted(ids))))
        owners = {each.name: str(each.body["tenantId"]) for each in known}
        # also of a group that is known: this directory may have come to have an object of its id since
        own = [id for id in sorted(ids) if owners.get(id, tenant_id) == tenant_id]
        foreign = [id for id in own if self._directory.get(id) is None]
        if not owners.keys() >= set(foreign):
            owners |= self._claim_groups(foreign, tenant_id)
        return frozenset(id for id in foreign if owners[id] == tenant_id)

    def _claim_groups(self, ids: Sequence[str], tenant_id: str) -> dict[str, str]:
        """Who the groups belong to now: the tenant, where they belonged to nobody."""
        owners: dict[str, str] = {}
        scope = f"/tenants/{self._directory.tenant_id}/externalGroups"
        with self._state.transaction() as transaction:
            for id in ids:
                known = transaction.get(f"{scope}/{id}")
                if known is None:
                    body = {"tenantId": tenant_id}
                    known, _ = transaction.put(id=f"{scope}/{id}", type=_GROUP, scope=scope, name=id, body=body)
                owners[id] = str(known.body["tenantId"])
        return owners

    def _claim(self, object_id: str, tenant_id: str, name: str) -> None:
        if self._directory.get(object_id) is not None:
            raise _refused(f"The id '{object_id}' is that of an object of this server's own tenant.")
        scope = f"/tenants/{self._directory.tenant_id}/externalPrincipals"
        known = self._state.get(f"{scope}/{object_id}")
        if known is None:
            shown = {"id": object_id, "displayName": name, "externalTenantId": tenant_id}
            with self._state.transaction() as transaction:
                known = transaction.get(f"{scope}/{object_id}")
                if known is None:
                    known, _ = transaction.put(
                        id=f"{scope}/{object_id}", type=EXTERNAL, scope=scope, name=object_id, body={"object": shown}
                    )
        if known.body["object"]["externalTenantId"] != tenant_id:
            raise _refused(f"The id '{object_id}' belongs to another tenant.")

    def _key(self, issuer: _Issuer, id: str) -> RSAKey:
        known = issuer.keys.get(id)
        if known is not None and time.monotonic() - issuer.fetched <= _FRESH:
            return known  # whoever comes with a key that is not known holds up nobody else
        with issuer.lock:
            now = time.monotonic()
            if (id not in issuer.keys or now - issuer.fetched > _FRESH) and now - issuer.tried > _BETWEEN:
                issuer.tried = now
                try:
                    issuer.keys = _fetched_keys(issuer.address)
                    issuer.fetched = now
                except (OSError, ValueError, KeyError, TypeError, JoseError, Unauthenticated) as error:
                    _log.warning("the keys of a trusted issuer cannot be had", issuer=issuer.address, reason=str(error))
            found = issuer.keys.get(id)
        if found is None:
            raise _refused(f"The issuer '{issuer.address}' has no key '{id[:80]}', or its keys cannot be had now.")
        return found


def _issuer(address: str) -> _Issuer:
    parts = urlsplit(address)
    found = GUID.search(parts.path.lower())
    if parts.scheme != "https" or not parts.hostname or found is None or parts.query or parts.fragment:
        raise InvalidInput(
            "InvalidIssuer",
            f"'{address}' is no issuer. Give its https address with the tenant's id in it, as tokens have it in 'iss', "
            "such as https://login.microsoftonline.com/11111111-1111-1111-1111-111111111111/v2.0.",
        )
    return _Issuer(address, found[0])


def _fetched_keys(issuer: str) -> dict[str, RSAKey]:
    """The RSA keys that an issuer publishes, by id."""
    described = _fetched(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if described["issuer"] != issuer:
        raise ValueError(f"it calls itself '{described['issuer']}'")
    address = str(described["jwks_uri"])
    if urlsplit(address).scheme != "https":
        raise ValueError(f"its keys are at '{address}', which is not https")
    keys = [key for key in _fetched(address)["keys"] if key.get("kty") == "RSA" and key.get("use", "sig") == "sig"]
    return {str(key["kid"]): RSAKey.import_key(key) for key in keys}


def _fetched(address: str) -> Mapping[str, Any]:
    """The JSON object at an address; no redirect is followed, and trust is that of the system or of SSL_CERT_FILE."""
    import httpx  # noqa: PLC0415 (loaded only where an issuer is trusted)

    deadline = time.monotonic() + _SECONDS
    try:
        with (
            httpx.Client(verify=ssl.create_default_context(), timeout=_SECONDS, follow_redirects=False) as client,
            client.stream("GET", address) as answer,
        ):
            answer.raise_for_status()
            content = bytearray()
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > _LARGEST or time.monotonic() > deadline:
                    raise ValueError(f"'{address}' answers with too much or too slowly")
    except httpx.HTTPError as error:
        raise OSError(f"'{address}' cannot be read: {error or type(error).__name__}") from error
    found = json.loads(bytes(content))
    if not isinstance(found, dict):
        raise ValueError(f"'{address}' is no JSON object")
    return found


def _unverified(text: str) -> Mapping[str, Any]:
    """What a token says of itself, which is not to be believed yet."""
    try:
        found = json.loads(jws.extract_compact(text.encode("ascii")).payload)
    except (JoseError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _refused(message: str) -> Unauthenticated:
    return Unauthenticated("InvalidAuthenticationToken", message)
