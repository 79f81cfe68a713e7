"""JSON without its secrets, told by the names of properties: what may be written down about a change."""

import re
from typing import Any, cast

REDACTED = "***"

_SECRET = re.compile(
    r"password|passwd|passphrase|pwd|secret|credential|sharedkey|primarykey|secondarykey|accesskey|accountkey|apikey"
    r"|privatekey|signingkey|encryptionkey|functionkey|hostkey|masterkey|connectionstring|accesstoken|refreshtoken"
    r"|sastoken|bearertoken|sharedaccesssignature|^(key|keys|token|authorization|pat|signature|keydata|value64)$"
    r"|token$"
)
_NOT_SECRET = re.compile(r"(uri|url|endpoint|id|ids|name|type|kind|method|date|time|enabled|length|expiry|scope)$")
_SEPARATORS = re.compile(r"[\s_.-]")
_SIGNATURE = re.compile(r"([?&](?:sig|sv|se|code|token|key)=)[^&\s\"]+", re.IGNORECASE)
_IN_TEXT = re.compile(r"((?:SharedAccessKey|AccountKey|Password|Pwd)\s*=)[^;\s\"]+", re.IGNORECASE)


def redacted(value: Any, secret: frozenset[str] = frozenset()) -> Any:
    """The value with every secret in it replaced, whatever its casing; `secret` are further names in lower case.

    Under a secret name all that is text or a number is one. In other texts the signatures of links and the keys of
    connection strings are.
    """
    match value:
        case dict():
            fields = cast("dict[str, Any]", value)
            return {
                name: _hidden(each) if is_secret(name, secret) else redacted(each, secret)
                for name, each in fields.items()
            }
        case list():
            return [redacted(each, secret) for each in cast("list[Any]", value)]
        case str() if "=" in value:
            return _IN_TEXT.sub(rf"\1{REDACTED}", _SIGNATURE.sub(rf"\1{REDACTED}", value))
        case _:
            return value


def is_secret(name: str, secret: frozenset[str] = frozenset()) -> bool:
    """Whether a property of this name holds a secret."""
    plain = _SEPARATORS.sub("", name).lower()
    return plain in secret or (_SECRET.search(plain) is not None and _NOT_SECRET.search(plain) is None)


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
