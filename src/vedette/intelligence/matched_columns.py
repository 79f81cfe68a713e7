"""Which columns of which tables carry what indicators are about: the data in matched_columns.toml, read when asked."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

KINDS: Final = ("ip", "domain", "url", "hash", "email")
"""What is matched."""


@dataclass(frozen=True, slots=True)
class MatchedTable:
    """A table: for each kind its columns with one value, and those with several between commas; its columns of free
    text; the columns that name the hosts, accounts and addresses its events are about. `only` and `blocked` are
    conditions in KQL."""

    name: str
    single: Mapping[str, tuple[str, ...]]
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    texts: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    only: str = ""
    blocked: str = ""


@cache
def matched_tables() -> Mapping[str, MatchedTable]:
    """The tables by their names."""
    read = tomllib.loads(Path(__file__).with_name("matched_columns.toml").read_text(encoding="utf-8"))
    return MappingProxyType({name: _table(name, each) for name, each in read.items()})


def _table(name: str, read: Mapping[str, Any]) -> MatchedTable:
    return MatchedTable(
        name,
        {kind: tuple(read[kind]) for kind in KINDS if kind in read},
        {kind: tuple(columns) for kind, columns in read.get("lists", {}).items()},
        tuple(read.get("texts", ())),
        tuple(read.get("hosts", ())),
        tuple(read.get("accounts", ())),
        tuple(read.get("addresses", ())),
        read.get("only", ""),
        read.get("blocked", ""),
    )
