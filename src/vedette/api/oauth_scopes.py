"""What a token is asked for: one resource, some of its scopes, and what the program wants to know of the person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vedette.access.tokens import Tokens
from vedette.api.oauth_errors import Aadsts, OAuthError
from vedette.api.oauth_request import V1

IDENTITY_SCOPES: Final = frozenset({"openid", "profile", "email", "offline_access"})
GRAPH_RESOURCE: Final = "https://graph.microsoft.com"
AS_THE_USER: Final = "Directory.AccessAsUser.All"
"""Microsoft Graph's scope that lets a program do all that the person may."""

_DEFAULT: Final = "/.default"
_MOST: Final = 50
_LONGEST: Final = 4000  # characters


@dataclass(frozen=True, slots=True)
class Asked:
    """The resource; `granted` are the scopes as its tokens name them, `told` as the client is told of them."""

    audience: str
    granted: frozenset[str]
    told: tuple[str, ...]
    identity: frozenset[str]


def client_audience(scope: str) -> str:
    """The resource of `<resource>/.default`, which is all that a program may ask for in its own name; a final slash of
    the resource stays. Raises OAuthError."""
    _check_length(scope)
    resources = [name for name in scope.split() if name not in IDENTITY_SCOPES]
    if len(resources) != 1 or not resources[0].endswith(_DEFAULT):
        raise OAuthError(Aadsts.BAD_SCOPE, scope)
    return resources[0].removesuffix(_DEFAULT)


def asked_in(form: Mapping[str, str], version: str, tokens: Tokens, before: str = "") -> Asked:
    """What a form asks for, or else what was asked for before, when the sign-in began. Raises OAuthError."""
    if version == V1 and form.get("resource"):
        return _resource_asked_for(form["resource"], tokens, form.get("scope", ""))
    return _asked_for(form.get("scope") or before, tokens)


def scope_begun(form: Mapping[str, str], version: str, tokens: Tokens) -> str:
    """The scope to keep until a sign-in that begins with this form ends; it says a resource too. Raises OAuthError."""
    asked = asked_in(form, version, tokens)
    if version == V1 and form.get("resource"):
        return f"{asked.audience}{_DEFAULT} {' '.join(sorted(asked.identity))}"
    return form.get("scope", "")


def _asked_for(scope: str, tokens: Tokens) -> Asked:
    """The scopes that a person lets a program have. Without a resource among them Microsoft Graph is meant.

    https://learn.microsoft.com/entra/identity-platform/scopes-oidc. Raises OAuthError for several resources at once.
    """
    _check_length(scope)
    names = scope.split()
    if len(names) > _MOST:
        raise OAuthError(Aadsts.BAD_SCOPES, scope[:200])
    pairs = [_split(name) for name in names if name not in IDENTITY_SCOPES]
    if len({audience.rstrip("/") for audience, _ in pairs}) > 1:
        raise OAuthError(Aadsts.BAD_SCOPES, scope[:200])
    audience = pairs[0][0] if pairs else GRAPH_RESOURCE
    if not tokens.accepts_audience(audience):
        raise OAuthError(Aadsts.UNKNOWN_RESOURCE, audience)
    identity = frozenset(names) & IDENTITY_SCOPES
    shorts = {short for _, short in pairs if short != _DEFAULT.strip("/")}
    if audience.rstrip("/") == GRAPH_RESOURCE:
        # of everything, which Microsoft's own programs ask for: all that the person may
        everything = {AS_THE_USER} if pairs and not shorts else {"User.Read"}
        granted = frozenset(shorts or everything) | (identity - {"offline_access"})
    else:
        granted = frozenset(shorts or {"user_impersonation"})
    told = (*(name for name in names if name not in IDENTITY_SCOPES), f"{audience}/user_impersonation")
    return Asked(audience, granted, told if pairs else (*sorted(identity), "User.Read"), identity)


def _resource_asked_for(resource: str, tokens: Tokens, scope: str) -> Asked:
    """The same for the first version of the endpoints, where a resource is named and all of it is meant."""
    _check_length(resource)
    _check_length(scope)
    if not tokens.accepts_audience(resource):
        raise OAuthError(Aadsts.UNKNOWN_RESOURCE, resource)
    identity = frozenset(scope.split()) & IDENTITY_SCOPES | {"openid", "offline_access"}
    return Asked(resource, frozenset({"user_impersonation"}), ("user_impersonation",), identity)


def _check_length(asked: str) -> None:
    if len(asked) > _LONGEST:
        raise OAuthError(Aadsts.BAD_SCOPES, asked[:200])


def _split(name: str) -> tuple[str, str]:
    """A scope as its resource and what of it: `https://x/Y.Read` is `https://x` and `Y.Read`."""
    if name.endswith(_DEFAULT):
        return name.removesuffix(_DEFAULT), _DEFAULT.strip("/")
    if "://" not in name:
        return GRAPH_RESOURCE, name
    resource, _, short = name.rpartition("/")
    return resource, short
