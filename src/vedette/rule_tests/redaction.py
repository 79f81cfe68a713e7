"""Takes names, addresses and ids out of recorded rows: the same value is the same pseudonym everywhere.

Texts that the query itself names stay as they are, or the rule would find something else.
"""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from vedette.core.ids import derived_id

_GUID = re.compile(r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_MAIL = re.compile(r"\b[\w.+'-]+@[\w-]+(?:\.[\w-]+)+\b")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
_IPV6 = re.compile(r"(?<![\w:.])(?=[0-9a-fA-F]*:[0-9a-fA-F:]*:)[0-9a-fA-F:]{3,39}(?![\w:])")
_NAMING = re.compile(
    r"(?i)(user|account|upn|identity|owner|actor|initiatedby|requester|mailbox|displayname|subjectname)"
)
_HOSTING = re.compile(r"(?i)(computer|host(?!ed)|device_?name|machine|workstation)")
_NOT_NAMES = re.compile(r"(?i)(type|kind|status|result|agent|domain$|operation|category|risk|id$)")
_OWN: Final = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"))
)
"""Networks that KQL's ipv4_is_private() takes for private, and those of IPv6 like them."""

_DOCUMENTATION: Final = ("203.0.113.", "198.51.100.", "192.0.2.")


@dataclass(slots=True)
class Redaction:
    """Pseudonyms for the values of one recording. `kept` is the text of the query."""

    kept: str
    _known: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    def row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row with pseudonyms."""
        return {name: self._value(name, value) for name, value in row.items()}

    def rows(self, events: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
        """All rows with pseudonyms; what one column names is replaced in the texts of all others."""
        first = {table: [self.row(row) for row in rows] for table, rows in events.items()}
        names = sorted(
            ((real, made) for (kind, real), made in self._known.items() if kind in ("user", "host") and len(real) > 3),
            key=lambda each: -len(each[0]),
        )
        return {
            table: [{name: _without(value, names) for name, value in row.items()} for row in rows]
            for table, rows in first.items()
        }

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._value(str(key), each) for key, each in cast("dict[str, Any]", value).items()}
        if isinstance(value, list):
            return [self._value(name, each) for each in cast("list[Any]", value)]
        if not isinstance(value, str) or not value or self._is_kept(value):
            return value
        text = _MAIL.sub(lambda match: self._mail(match[0]), value)
        text = _GUID.sub(lambda match: self._pseudonym("id", match[0]), text)
        text = _IPV4.sub(lambda match: self._address(match[0]), text)
        text = _IPV6.sub(lambda match: self._address(match[0]), text)
        if text != value or _NOT_NAMES.search(name):
            return text
        if _HOSTING.search(name):
            return self._host(value)
        return self._pseudonym("user", value) if _NAMING.search(name) else text

    def _is_kept(self, value: str) -> bool:
        return value in self.kept

    def _mail(self, mail: str) -> str:
        if self._is_kept(mail):
            return mail
        name, _, domain = mail.partition("@")
        return f"{self._pseudonym('user', name)}@{self._domain(domain)}"

    def _domain(self, domain: str) -> str:
        return domain if self._is_kept(domain) else self._pseudonym("domain", domain.lower())

    def _host(self, host: str) -> str:
        name, dot, domain = host.partition(".")
        return self._pseudonym("host", name) + (f".{self._domain(domain)}" if dot else "")

    def _address(self, address: str) -> str:
        try:
            told = ipaddress.ip_address(address)
        except ValueError:
            return address
        if self._is_kept(address) or told.is_loopback or told.is_unspecified:
            return address
        is_own = any(told.version == each.version and told in each for each in _OWN)
        return self._pseudonym("private" if is_own else f"public{told.version}", str(told))

    def _pseudonym(self, kind: str, real: str) -> str:
        known = self._known.get((kind, real))
        if known is None:
            number = 1 + sum(each == kind for each, _ in self._known)
            known = self._known[kind, real] = _made(kind, number, real)
        return known


def _made(kind: str, number: int, real: str) -> str:
    match kind:
        case "user":
            return f"user{number}"
        case "host":
            return f"host{number}"
        case "domain":
            return "example.com" if number == 1 else f"example{number}.com"
        case "private":
            if ":" in real:
                return f"fd00::{number:x}"
            return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        case "public6":
            return f"2001:db8::{number:x}"
        case "public4":
            block, last = divmod(number - 1, 254)
            if block < len(_DOCUMENTATION):
                return f"{_DOCUMENTATION[block]}{last + 1}"
            return f"198.{18 + (block >> 8 & 1)}.{block & 255}.{last + 1}"
        case _:
            return derived_id("redacted", str(number))


def _without(value: Any, names: Sequence[tuple[str, str]]) -> Any:
    if isinstance(value, dict):
        return {key: _without(each, names) for key, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_without(each, names) for each in cast("list[Any]", value)]
    if not isinstance(value, str):
        return value
    for real, made in names:
        value = re.sub(rf"(?i)(?<![\w]){re.escape(real)}(?![\w])", made, value)
    return value
