"""The tenant's directory: service principals, whose secrets are kept only as hashes."""

import base64
import hashlib
import hmac
import secrets

from vedette.access.principals import Principal
from vedette.core.clock import Clock
from vedette.state.documents import Document
from vedette.state.store import StateStore

SERVICE_PRINCIPAL = "Vedette.Directory/servicePrincipals"

_COST = {"n": 2**14, "r": 8, "p": 1}  # about 16 MB and 30 ms; https://www.rfc-editor.org/rfc/rfc7914


class Directory:
    """The service principals of one tenant, kept as state documents named by their application id."""

    def __init__(self, state: StateStore, tenant_id: str, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self.tenant_id = tenant_id

    def ensure_service_principal(self, *, application_id: str, object_id: str, name: str, secret: str) -> Principal:
        """The service principal of this application, made with `secret` if it does not exist yet."""
        principal = self.service_principal(application_id)
        if principal is not None:
            return principal
        body = {
            "properties": {
                "appId": application_id,
                "objectId": object_id,
                "displayName": name,
                "secrets": [{"hash": hash_secret(secret), "created": self._clock.now().isoformat()}],
            }
        }
        with self._state.transaction() as transaction:
            transaction.put(
                id=self._id(application_id),
                type=SERVICE_PRINCIPAL,
                scope=f"/tenants/{self.tenant_id}",
                name=application_id,
                body=body,
            )
        return Principal(object_id, application_id, name, self.tenant_id)

    def service_principal(self, application_id: str) -> Principal | None:
        """The service principal of this application."""
        document = self._state.get(self._id(application_id))
        return None if document is None else self._principal(document)

    def has_secret(self, application_id: str, secret: str) -> bool:
        """Whether `secret` is one of this application's. Takes tens of milliseconds on purpose; call it in a thread."""
        document = self._state.get(self._id(application_id))
        kept = [] if document is None else document.body["properties"]["secrets"]
        return any(matches_secret(entry["hash"], secret) for entry in kept)

    def _id(self, application_id: str) -> str:
        return f"/tenants/{self.tenant_id}/servicePrincipals/{application_id.lower()}"

    def _principal(self, document: Document) -> Principal:
        properties = document.body["properties"]
        return Principal(properties["objectId"], properties["appId"], properties["displayName"], self.tenant_id)


def hash_secret(secret: str) -> str:
    """A salted scrypt hash as text: `scrypt$n$r$p$salt$key`."""
    salt = secrets.token_bytes(16)
    key = hashlib.scrypt(secret.encode(), salt=salt, **_COST)
    numbers = "$".join(str(_COST[name]) for name in ("n", "r", "p"))
    return f"scrypt${numbers}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"


def matches_secret(hashed: str, secret: str) -> bool:
    """Whether `hashed` is a hash of `secret`; compared in constant time."""
    _, n, r, p, salt, key = hashed.split("$")
    found = hashlib.scrypt(secret.encode(), salt=base64.b64decode(salt), n=int(n), r=int(r), p=int(p))
    return hmac.compare_digest(found, base64.b64decode(key))
