"""Base64 of addresses and tokens: with `-` and `_`, and without the `=` at its end (RFC 4648 §5)."""

import base64


def base64url(content: bytes) -> str:
    """The content as such text."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The content of such text. Raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
