"""Texts and domain names in Punycode (RFC 3492)."""

import re
from collections.abc import Mapping

from vedette.engine.python.function import PythonFunction

_PREFIX = "xn--"
_DOTS = re.compile("[.\u3002\uff0e\uff61]")


def encoded(text: str | None) -> str | None:
    """A text in Punycode: what is ASCII of it, a hyphen, and the rest in digits."""
    return None if text is None else text.encode("punycode").decode()


def decoded(text: str | None) -> str | None:
    """The way back; None for what is no Punycode."""
    if text is None:
        return None
    try:
        return text.encode("ascii").decode("punycode")
    except UnicodeError:
        return None


def domain_encoded(domain: str | None) -> str | None:
    """A domain name whose labels beyond ASCII are in Punycode after `xn--`; the four dots of IDNA all become points."""
    if domain is None:
        return None
    labels = (
        label if label.isascii() else _PREFIX + label.encode("punycode").decode() for label in _DOTS.split(domain)
    )
    return ".".join(labels)


def domain_decoded(domain: str | None) -> str | None:
    """The way back; None where a label is no Punycode."""
    if domain is None:
        return None
    labels = [
        decoded(label[len(_PREFIX) :]) if label.lower().startswith(_PREFIX) else label for label in domain.split(".")
    ]
    return None if None in labels else ".".join(label for label in labels if label is not None)


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_punycode_encoded": PythonFunction(encoded, ("VARCHAR",), "VARCHAR"),
    "py_punycode_decoded": PythonFunction(decoded, ("VARCHAR",), "VARCHAR"),
    "py_punycode_domain_encoded": PythonFunction(domain_encoded, ("VARCHAR",), "VARCHAR"),
    "py_punycode_domain_decoded": PythonFunction(domain_decoded, ("VARCHAR",), "VARCHAR"),
}
"""By the names that SQL calls them by."""
