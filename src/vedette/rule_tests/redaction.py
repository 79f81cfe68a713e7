"""Takes names, addresses and ids out of recorded rows: the same value is the same pseudonym everywhere.

Texts that stand in the query as a whole stay as they are, or the rule would find something else.
"""

import ipaddress
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, cast

from vedette.core.ids import derived_id
from vedette.kql.diagnostics import KqlError
from vedette.kql.parser import parse_query
from vedette.kql.syntax import Literal
from vedette.kql.walk import walk

_GUID = re.compile(r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_MAIL = re.compile(r"\b[\w.+'-]+@[\w-]+(?:\.[\w-]+)+\b")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
_IPV6 = re.compile(r"(?<![\w:.])(?=[0-9a-fA-F]*:[0-9a-fA-F:]*:)[0-9a-fA-F:]{3,39}(?![\w:])")
_NAMING = re.compile(
    r"(?i)(user|account|upn|identity|owner|actor|initiatedby|requester|mailbox|displayname|subjectname|caller|"
    r"givenname|surname|firstname|lastname|fullname|manager|principalname|sender|recipient)"
)
_HOSTING = re.compile(r"(?i)(computer|host(?!ed)|device_?name|machine|workstation)")
_GROUPING = re.compile(r"(?i)^_?resource_?group")
_ARM_ID = re.compile(r"(?i)/subscriptions/[^/\s\"']+(?:/[^/\s\"',;?]+)+")
_SPREAD: Final = frozenset({"user", "host", "group", "resource"})
"""Names that texts of other columns may have in them."""

_NOT_NAMES = re.compile(r"(?i)(type|kind|status|result|agent|domain$|operation|category|risk|id$)")
_OWN: Final = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"))
)
"""Networks that KQL's ipv4_is_private() takes for private, and those of IPv6 like them."""

_DOCUMENTATION: Final = ("203.0.113.", "198.51.100.", "192.0.2.")


class Redaction:
    """Pseudonyms for the values of one recording; the texts that its queries name as a whole stay. `left` are the
    columns in which texts were left as they are."""

    def __init__(self, *queries: str) -> None:
        literals = {each for query in queries for each in _literals(query)}
        self._kept = {each.casefold() for each in literals}
        self._kept_domains = {each.rpartition("@")[2].lstrip(".").casefold() for each in literals}
        self._known: dict[tuple[str, str], str] = {}
        self._numbers: Counter[str] = Counter()
        self._real: frozenset[str] = frozenset()
        self.left: set[str] = set()

    def row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row with pseudonyms."""
        return {name: self._value(name, value) for name, value in row.items()}

    def rows(self, events: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
        """All rows with pseudonyms, none of which is a real name; what one column names is replaced in the texts of all
        others, where it stands as a word."""
        for row in (row for rows in events.values() for row in rows):
            self.row(row)
        self._real = frozenset(real for _, real in self._known)
        self._known.clear()
        self._numbers.clear()
        first = {table: [self.row(row) for row in rows] for table, rows in events.items()}
        names = {real: made for (kind, real), made in self._known.items() if kind in _SPREAD and len(real) > 1}
        done = {
            table: [{name: self._without(value, names) for name, value in row.items()} for row in rows]
            for table, rows in first.items()
        }
        for table, rows in events.items():
            for before, after in zip(rows, done[table], strict=True):
                self.left |= {f"{table}.{name}" for name in before if self._is_left(before[name], after[name])}
        return done

    def _is_left(self, before: Any, after: Any) -> bool:
        """Whether a text in a value, which no query names, is as it was."""
        if isinstance(before, dict) and isinstance(after, dict):
            told = cast("dict[str, Any]", after)
            return any(self._is_left(each, told[name]) for name, each in cast("dict[str, Any]", before).items())
        if isinstance(before, list) and isinstance(after, list):
            pairs = zip(cast("list[Any]", before), cast("list[Any]", after), strict=True)
            return any(self._is_left(left, right) for left, right in pairs)
        return isinstance(before, str) and bool(before) and before == after and not self._is_kept(before)

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._value(str(key), each) for key, each in cast("dict[str, Any]", value).items()}
        if isinstance(value, list):
            return [self._value(name, each) for each in cast("list[Any]", value)]
        if not isinstance(value, str) or not value or self._is_kept(value):
            return value
        text = _ARM_ID.sub(lambda match: self._arm_id(match[0]), value)
        text = _MAIL.sub(lambda match: self._mail(match[0]), text)
        text = _GUID.sub(lambda match: self._guid(match[0]), text)
        text = _IPV4.sub(lambda match: self._address(match[0]), text)
        text = _IPV6.sub(lambda match: self._address(match[0]), text)
        if text != value or _NOT_NAMES.search(name):
            return text
        if _GROUPING.search(name):
            return self._pseudonym("group", value)
        if _HOSTING.search(name):
            return self._host(value)
        return self._pseudonym("user", value) if _NAMING.search(name) else text

    def _is_kept(self, value: str) -> bool:
        return value.casefold() in self._kept

    def _arm_id(self, id: str) -> str:
        """The names in the id of an Azure resource: of its group, and behind its provider each second part."""
        parts = id.split("/")
        provider = next((at for at, each in enumerate(parts) if each.lower() == "providers"), len(parts))
        for at in range(1, len(parts)):
            if self._is_kept(parts[at]) or _GUID.fullmatch(parts[at]):
                continue
            if at < provider and parts[at - 1].lower() == "resourcegroups":
                parts[at] = self._pseudonym("group", parts[at])
            elif at > provider + 2 and (at - provider) % 2 == 1:
                parts[at] = self._pseudonym("resource", parts[at])
        return "/".join(parts)

    def _mail(self, mail: str) -> str:
        if self._is_kept(mail):
            return mail
        name, _, domain = mail.partition("@")
        return f"{self._pseudonym('user', name)}@{self._domain(domain)}"

    def _guid(self, guid: str) -> str:
        return guid if self._is_kept(guid) else self._pseudonym("id", guid)

    def _domain(self, domain: str) -> str:
        return domain if domain.casefold() in self._kept_domains else self._pseudonym("domain", domain)

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
        """The same for the same name in any letter case."""
        key = (kind, real.casefold())
        while key not in self._known:
            self._numbers[kind] += 1
            made = _made(kind, self._numbers[kind], real)
            if made not in self._real:
                self._known[key] = made
        return self._known[key]

    def _without(self, value: Any, names: Mapping[str, str]) -> Any:
        if isinstance(value, dict):
            return {key: self._without(each, names) for key, each in cast("dict[str, Any]", value).items()}
        if isinstance(value, list):
            return [self._without(each, names) for each in cast("list[Any]", value)]
        if not isinstance(value, str) or not names or self._is_kept(value):
            return value
        longest_first = sorted(names, key=lambda each: -len(each))
        pattern = _words(tuple(longest_first))
        return pattern.sub(lambda match: names.get(match[0].casefold(), match[0]), value)


@lru_cache(maxsize=4)
def _words(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?i)(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")


def _literals(query: str) -> Iterator[str]:
    """The texts that a query holds values against."""
    try:
        parsed = parse_query(query)
    except KqlError:
        return
    for part in walk(parsed):
        if isinstance(part, Literal):
            yield from _texts(part.value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        held = cast("dict[str, Any] | list[Any]", value)
        for each in held.values() if isinstance(held, dict) else held:
            yield from _texts(each)


def _made(kind: str, number: int, real: str) -> str:
    match kind:
        case "user":
            return f"user{number}"
        case "host" | "group" | "resource":
            return f"{kind}{number}"
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
