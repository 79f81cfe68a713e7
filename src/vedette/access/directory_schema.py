"""What may be written to the directory's objects, and what of them can be asked for: names and types.

https://learn.microsoft.com/graph/api/resources/user and its siblings.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from vedette.access.directory_objects import Kind
from vedette.core.errors import InvalidInput, Unsupported

_LONGEST_TEXT: Final = 1024
_LONGEST_LIST: Final = 1000
_DEEPEST: Final = 20
_CALLED: Final = {bool: "boolean", dict: "object", list: "list", str: "text"}
_OF_OBJECTS: Final = frozenset({"appRoles", "keyCredentials", "passwordCredentials", "requiredResourceAccess"})

WRITABLE: Final[Mapping[Kind, Mapping[str, type]]] = {
    Kind.USER: {
        "accountEnabled": bool,
        "businessPhones": list,
        "department": str,
        "displayName": str,
        "givenName": str,
        "jobTitle": str,
        "mail": str,
        "mailNickname": str,
        "mobilePhone": str,
        "officeLocation": str,
        "passwordProfile": dict,
        "preferredLanguage": str,
        "surname": str,
        "usageLocation": str,
        "userPrincipalName": str,
        "userType": str,
    },
    Kind.GROUP: {
        "description": str,
        "displayName": str,
        "groupTypes": list,
        "isAssignableToRole": bool,
        "mailEnabled": bool,
        "mailNickname": str,
        "securityEnabled": bool,
        "visibility": str,
    },
    Kind.APPLICATION: {
        "api": dict,
        "appRoles": list,
        "description": str,
        "displayName": str,
        "groupMembershipClaims": str,
        "identifierUris": list,
        "info": dict,
        "isDeviceOnlyAuthSupported": bool,
        "isFallbackPublicClient": bool,
        "keyCredentials": list,
        "notes": str,
        "optionalClaims": dict,
        "passwordCredentials": list,
        "publicClient": dict,
        "requiredResourceAccess": list,
        "serviceManagementReference": str,
        "signInAudience": str,
        "spa": dict,
        "tags": list,
        "web": dict,
    },
    Kind.SERVICE_PRINCIPAL: {
        "accountEnabled": bool,
        "alternativeNames": list,
        "appId": str,
        "appRoleAssignmentRequired": bool,
        "description": str,
        "displayName": str,
        "homepage": str,
        "keyCredentials": list,
        "loginUrl": str,
        "notes": str,
        "passwordCredentials": list,
        "servicePrincipalNames": list,
        "tags": list,
    },
}

READ_ONLY: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.USER: frozenset({"id", "createdDateTime", "signInSessionsValidFromDateTime", "onPremisesImmutableId"}),
    Kind.GROUP: frozenset({"id", "createdDateTime"}),
    Kind.APPLICATION: frozenset({"id", "appId", "createdDateTime", "publisherDomain"}),
    Kind.SERVICE_PRINCIPAL: frozenset(
        {"id", "appRoles", "createdDateTime", "servicePrincipalType", "appOwnerOrganizationId"}
    ),
}

DEFAULT_OF_USERS: Final = (
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
)
"""What is shown of a user unless more is selected."""

_REDIRECTING: Final = ("web", "spa", "publicClient")
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""The hosts that an address without TLS may name."""

_NOT_IN_REDIRECTS: Final = "# \\"
_UNSAFE_SCHEMES: Final = ("javascript:", "data:", "vbscript:", "file:", "about:", "blob:")


@cache
def readable(kind: Kind) -> Mapping[str, str]:
    """The names of all properties of a kind but those that are never shown, in order, by their lower case."""
    names = set(WRITABLE[kind]) - {"passwordProfile"} | READ_ONLY[kind]
    return {name.lower(): name for name in sorted(names)}


def checked(kind: Kind, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that were sent, each of its type. Raises InvalidInput for others."""
    known = WRITABLE[kind]
    taken: dict[str, Any] = {}
    for name, value in sent.items():
        if name.startswith("@"):
            continue
        if value is None and known.get(name) is list:
            continue
        if name not in known:
            raise InvalidInput("Request_BadRequest", f"The property '{name}' of a {kind.singular} cannot be written.")
        taken[name] = _checked_value(kind, name, _as_bool(value) if known[name] is bool else value)
    _check_redirects(taken)
    return taken


def require(kind: Kind, sent: Mapping[str, Any], *names: str) -> None:
    """Raises InvalidInput for a property that a new object must have."""
    for name in names:
        if sent.get(name) in (None, ""):
            raise InvalidInput(
                "Request_BadRequest",
                f"A value is required for property '{name}' of resource '{kind.value}'.",
            )


def _checked_value(kind: Kind, name: str, value: Any) -> Any:
    wanted = WRITABLE[kind][name]
    if value is None or (isinstance(value, wanted) and _is_bounded(value) and _has_items(name, value)):
        return value
    raise InvalidInput(
        "Request_BadRequest", f"The property '{name}' of a {kind.singular} is no {_CALLED[wanted]}, or is too long."
    )


def _is_bounded(value: Any, depth: int = 0) -> bool:
    match value:
        case str():
            return len(value) <= _LONGEST_TEXT if depth == 0 else True
        case list():
            return len(value) <= _LONGEST_LIST and depth < _DEEPEST and all(_is_bounded(e, depth + 1) for e in value)
        case dict():
            return depth < _DEEPEST and all(_is_bounded(each, depth + 1) for each in value.values())
        case _:
            return True


def _has_items(name: str, value: Any) -> bool:
    """Whether a list holds what lists of this name hold: objects, or else texts."""
    return not isinstance(value, list) or all(isinstance(each, dict if name in _OF_OBJECTS else str) for each in value)


def _as_bool(value: Any) -> Any:
    """The az command sends booleans of service principals as text."""
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value


def _check_redirects(taken: Mapping[str, Any]) -> None:
    for kind in _REDIRECTING:
        uris = (taken.get(kind) or {}).get("redirectUris") or []
        if not isinstance(uris, list) or not all(_is_redirect(uri) for uri in uris):
            raise InvalidInput(
                "Request_BadRequest",
                f"'{kind}.redirectUris' takes https addresses, http ones of this machine, and schemes of programs.",
            )


def _is_redirect(uri: Any) -> bool:
    if (
        not isinstance(uri, str)
        or ":" not in uri
        or len(uri) > _LONGEST_TEXT
        or uri.lower().startswith(_UNSAFE_SCHEMES)
        or not (uri.isascii() and uri.isprintable())
        or any(character in _NOT_IN_REDIRECTS for character in uri)
    ):
        return False
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if any(character in ";,'\"" for character in parts.netloc):  # which would end a directive of the pages' policy
        return False
    if parts.scheme in ("http", "https"):
        named = bool(host) and parts.username is None and parts.password is None
        return named and (parts.scheme == "https" or host in LOOPBACK)
    return bool(parts.scheme)


def check_password(password: Any) -> str:
    """A password that may be set. Raises InvalidInput."""
    if not isinstance(password, str) or not 8 <= len(password) <= 256:
        raise InvalidInput("Request_BadRequest", "A password has 8 to 256 characters.")
    return password


def password_of(profile: Mapping[str, Any]) -> str:
    """The password of a `passwordProfile`. Raises InvalidInput, and Unsupported for what is not served."""
    if _as_bool(profile.get("forceChangePasswordNextSignIn")) is True:
        raise Unsupported(
            "NotImplemented", "'forceChangePasswordNextSignIn' is not served: there is no page to change a password on."
        )
    return check_password(profile.get("password"))
