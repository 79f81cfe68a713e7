"""JSON without its secrets, told by the names of properties or known: what may be written down about a change."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, cast

REDACTED = "***"
SECURE_TYPES = frozenset({"securestring", "secureobject"})
"""The types of templates' and of workflows' parameters whose values nobody may see, in lower case."""

SECRETS_OF_SIGNING_IN = frozenset({"value", "pfx"})
"""Of the `authentication` of a workflow's action, beside what is a secret by its name, in lower case.

https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#authentication-types-triggers-actions
"""

_SECRET = re.compile(
    r"password|passwd|passphrase|pwd|secret|credential|sharedkey|primarykey|secondarykey|accesskey|accountkey|apikey"
    r"|privatekey|signingkey|encryptionkey|functionkey|hostkey|masterkey|connectionstring|accesstoken|refreshtoken"
    r"|sastoken|bearertoken|sharedaccesssignature|authorizationcode|cookie"
    r"|^(keys|auth|authorization|pat|sas|signature|keydata|value64)$|key$|token$"
)
_NOT_SECRET = re.compile(
    r"(uri|url|endpoint|id|ids|identifier|prefix|name|type|kind|method|date|time|enabled|length|expiry|scope)$"
    r"|(public|partition|object|search|sort|item|type|operation|details|observable|registry|hide|managed|group|row"
    r"|foreign|cache|field|column|lookup|has|mon)key$"
)
_SIGNED_LINK = re.compile(r"sas(uri|url)$")
_PARTS = frozenset({"auth", "authentication"})  # of settings, of which only some are secret
_SECURE_VALUES = frozenset({"value", "defaultvalue"})
_SEPARATORS = re.compile(r"[\s_.-]")
_SIGNATURE = re.compile(
    r"((?:(?:(?<![a-z0-9_])|(?<=%26)|(?<=%3F))sig|[?&;](?:sv|se|code|token|key|api_?key|access_token))(?:=|%3D))"
    r"[^&;\s\"']+",
    re.IGNORECASE,
)
_SHORTEST_PART: Final = 4
_LONG_NUMBER: Final = 1000
_IN_TEXT = re.compile(r"((?:SharedAccessKey|AccountKey|Password|Pwd)\s*=)[^;\s\"]+", re.IGNORECASE)
_BEARER = re.compile(r"(\bBearer\s+)[\w.~+/=-]{16,}", re.IGNORECASE)


def redacted(value: Any, secret: frozenset[str] = frozenset()) -> Any:
    """The value with every secret in it replaced, whatever its casing; `secret` are further names in lower case.

    Under a secret name all that is text or a number is one, and so are the value and the default value of a parameter
    of a secure type, and what an `authentication` signs in with. In other texts the signatures of links, the keys of
    connection strings and bearer tokens are.
    """
    match value:
        case dict():
            fields = cast("dict[str, Any]", value)
            hidden = secret | _SECURE_VALUES if _is_secure(fields) else secret
            return {
                name: _hidden(each) if _holds_secret(name, each, hidden) else redacted(each, _below(name, secret))
                for name, each in fields.items()
            }
        case list():
            return [redacted(each, secret) for each in cast("list[Any]", value)]
        case str():
            for pattern in (_SIGNATURE, _IN_TEXT, _BEARER):
                value = pattern.sub(rf"\1{REDACTED}", value)
            return value
        case _:
            return value


def is_secret(name: str, secret: frozenset[str] = frozenset()) -> bool:
    """Whether a property of this name holds a secret."""
    plain = _SEPARATORS.sub("", name).lower()
    if plain in secret or _SIGNED_LINK.search(plain):
        return True
    return _SECRET.search(plain) is not None and _NOT_SECRET.search(plain) is None


def _below(name: str, secret: frozenset[str]) -> frozenset[str]:
    """What is secret in the value of that name."""
    return secret | SECRETS_OF_SIGNING_IN if name.lower() == "authentication" else secret


def traces(value: Any) -> Iterator[str]:
    """What a value is known by where it turns up: every text in it that is not empty, and every long number."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str | int) and not isinstance(each, bool):
            if each and (isinstance(each, str) or abs(each) >= _LONG_NUMBER):
                yield str(each)
        elif isinstance(each, dict):
            waiting.extend(cast("dict[str, Any]", each).values())
        elif isinstance(each, list):
            waiting.extend(cast("list[Any]", each))


def without_texts(value: Any, secrets: Iterable[str], mask: str = REDACTED) -> Any:
    """The value with these texts in it replaced, the longest first, for one may hold another; numbers too that read
    like one. A text shorter than four characters is only replaced where it is the whole of one."""
    ordered = sorted(filter(None, secrets), key=len, reverse=True)
    return _without(value, ordered, mask) if ordered else value


def _without(value: Any, secrets: Sequence[str], mask: str) -> Any:
    match value:
        case dict():
            return {name: _without(each, secrets, mask) for name, each in cast("dict[str, Any]", value).items()}
        case list():
            return [_without(each, secrets, mask) for each in cast("list[Any]", value)]
        case str():
            for each in secrets:
                if value == each or len(each) >= _SHORTEST_PART:
                    value = value.replace(each, mask)
            return value
        case None | bool():
            return value
        case _:
            return mask if str(value) in secrets else value


def _holds_secret(name: str, value: Any, secret: frozenset[str]) -> bool:
    return is_secret(name, secret) and not (isinstance(value, dict) and name.lower() in _PARTS - secret)


def _is_secure(fields: dict[str, Any]) -> bool:
    """Whether this is a parameter of the type `securestring` or `secureobject`."""
    return any(name.lower() == "type" and str(each).lower().startswith("secure") for name, each in fields.items())


def _hidden(value: Any) -> Any:
    match value:
        case dict():
            return {name: _hidden(each) for name, each in cast("dict[str, Any]", value).items()}
        case list():
            return [_hidden(each) for each in cast("list[Any]", value)]
        case None | bool():
            return value
        case _:
            return REDACTED
