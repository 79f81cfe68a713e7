"""The queries that match a table's rows with indicators, as sets: what the rows hold once each, against the table
ThreatIntelIndicators, so that the work does not grow with the number of rows times that of indicators.

Values are made alike on both sides: letter case, a final dot of a name, scheme and final slash of a URL, the spelling
of an IPv6 address. A name is matched by indicators of the names above it too, an address by those of networks around
it, and a URL by those of its host.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from vedette.intelligence.matched_columns import MatchedTable

_TABLE: Final = "ThreatIntelIndicators"
_PARAMETERS: Final = "declare query_parameters(start:datetime, end:datetime, since:datetime);"
_SPAN: Final = {
    "arrived": "_TimeReceived >= start and _TimeReceived < end",
    "before": "_TimeReceived < start and TimeGenerated >= since",
    "all": "_TimeReceived < end and TimeGenerated >= since",
}
"""Which rows of a table are looked at: those that arrived in a window, those of some time before it, or both."""

_MOST_NAMED: Final = 10  # hosts, accounts and addresses of an alert
_LEVELS: Final = 8  # names above a name that are looked for
_OBSERVED: Final = {
    "ip": (
        "'ipv4-addr:value', 'ipv6-addr:value', 'network-traffic:src_ref.value', 'network-traffic:dst_ref.value', "
        "'domain-name:resolves_to_refs.value', 'email-message:received_lines'"
    ),
    "domain": "'domain-name:value', 'x-email-message:source_domain'",
    "url": "'url:value'",
    "email": "'email-addr:value', 'email-message:from_ref.value', 'email-message:sender_ref.value'",
}
_HASHES: Final = "file:hashes."
_HOST: Final = (
    "extend Key = Value | where Key != ''"
    " | extend Key = iff(Key startswith_cs 'https://', substring(Key, 8), "
    "iff(Key startswith_cs 'http://', substring(Key, 7), Key))"
    " | extend Key = iff(Key contains_cs '/', substring(Key, 0, indexof(Key, '/')), Key)"
    " | extend Key = iff(Key matches regex @'^[0-9a-z._-]*$', Key, "
    "extract(@'^(?:[a-z][a-z0-9+.-]*://)?(?:[^/@?#]*@)?(\\[[0-9a-f:.]+\\]|[^/:?#]+)', 1, "
    "iff(Key endswith_cs ':', Value, Key)))"
)
"""Makes `Key` the host of a URL, whose scheme may be missing."""

_ADDRESS: Final = r"(?:^|[^0-9A-Za-z.])((?:\d{1,3}\.){3}\d{1,3})(?:$|[^0-9A-Za-z.]|\.(?:$|\s))"
_URL: Final = r"((?:https?|ftp)://[^\s\x22'<>]+)"
_NAME: Final = r"(?:^|[^0-9A-Za-z.@_-])((?:[0-9A-Za-z_-]{1,63}\.)+[A-Za-z][0-9A-Za-z-]{1,62})(?:$|[^0-9A-Za-z_-])"
_HASH: Final = r"(?:^|[^0-9A-Za-z])([0-9A-Fa-f]{64}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{32})(?:$|[^0-9A-Za-z])"
_IN_TEXT: Final = {"ip": _ADDRESS, "domain": _NAME, "url": _URL, "hash": _HASH}
_TOLD: Final = "Kind, Column, Value, Count, Blocked, First, Last, Id, ObservableKey, ObservableValue"


def new_indicators(*, first: bool) -> str:
    """The indicators that are new in a window: active, and not active by any row before; with `first`, all."""
    active = f"{_TABLE} | where IsActive and ObservableValue != '' and _TimeReceived < end"
    told = "distinct Id, ObservableKey, ObservableValue"
    if first:
        return f"{active} | {told}"
    earlier = f"{_TABLE} | where IsActive and _TimeReceived < start | distinct Id, ObservableValue"
    return f"{active} and _TimeReceived >= start | {told} | join kind=leftanti ({earlier}) on Id, ObservableValue"


def arrived_query(tables: Sequence[str]) -> str:
    """The names of those of some tables that rows arrived in."""
    one = "where {span} | take 1 | project Name = '{table}'"
    found = ", ".join(f"({table} | {one.format(span=_SPAN['arrived'], table=table)})" for table in tables)
    return f"{_PARAMETERS}\nunion {found}"


def any_new_query() -> str:
    """Whether there is an indicator that is new in a window."""
    return f"{_PARAMETERS}\n{new_indicators(first=False)} | take 1"


def match_query(table: MatchedTable, span: str) -> str:
    """What of a table's rows indicators are about: a row for each value of a column and indicator.

    `span` is `arrived`, for all indicators; `before`, for new ones; or `all`, for all that are there.
    """
    indicators = (
        new_indicators(first=False)
        if span == "before"
        else f"{_TABLE} | where IsActive and ObservableValue != '' and _TimeReceived < end"
    )
    only = f" and {table.only}" if table.only else ""
    statements = [
        _PARAMETERS,
        f"let Events = {table.name} | where {_SPAN[span]}{only};",
        f"let Indicators = {indicators};",
        *_seen(table),
    ]
    return "\n".join([*statements, _union([*_matches(table)]) + f" | distinct {_TOLD}"])


def state_query() -> str:
    """The indicators of `Matched` (Id) that count, a row for each of their observables: as the newest rows have them at
    the end of a window."""
    return (
        f"{_PARAMETERS}\nlet Rows = {_TABLE} | where _TimeReceived < end and Id in ((Matched | project Id));\n"
        "Rows | summarize Newest = max(TimeGenerated) by Id | join kind=inner (Rows) on Id"
        " | where TimeGenerated == Newest and IsActive and not(IsDeleted)"
        " | where (isnull(ValidUntil) or ValidUntil > end) and (isnull(ValidFrom) or ValidFrom <= end)"
        " | extend Types = coalesce(tostring(Data.indicator_types[0]), tostring(Data.labels[0]))"
        " | project Id, ObservableKey, ObservableValue, Confidence, ValidUntil, SourceSystem, tostring(Data.name),"
        " tostring(Data.id), Types"
    )


def details_query(table: MatchedTable, span: str) -> str:
    """Who the events are about that hold the values of `Matched` (Column, Value): some hosts, accounts, addresses."""
    only = f" and {table.only}" if table.only else ""
    sums = ", ".join(
        f"{role} = {_some(columns)}"
        for role, columns in (("Hosts", table.hosts), ("Accounts", table.accounts), ("Addresses", table.addresses))
    )
    found = ", ".join(
        f"({part} | where Value in ((Matched | where Column == '{column}' | project Value)))"
        for _, column, part in _parts(table, sums)
    )
    return (
        f"{_PARAMETERS}\nlet Events = {table.name} | where {_SPAN[span]}{only};\n"
        f"union {found} | project Column, Value, Hosts, Accounts, Addresses"
    )


def _some(columns: Sequence[str]) -> str:
    if not columns:
        return "take_any(dynamic([]))"
    return f"make_set_if({columns[0]}, {columns[0]} != '', {_MOST_NAMED})"


def _seen(table: MatchedTable) -> Iterator[str]:
    """For each kind that the table has, `Seen_kind`: each value of each column once, with the `Key` to match it by."""
    blocked = f"countif({table.blocked})" if table.blocked else "tolong(0)"
    sums = f"Count = count(), Blocked = {blocked}, First = min(TimeGenerated), Last = max(TimeGenerated)"
    parts = [*_parts(table, sums)]
    for kind in ("url", "hash", "email", "domain", "ip"):
        found = [f"({part} | extend Key = {_KEYS[kind]('Value')})" for each, _, part in parts if each == kind]
        if kind in ("domain", "ip") and _has(table, "url"):
            found.append("(Hosts)")
        if found:
            yield f"let Seen_{kind} = materialize(union {', '.join(found)});"
        if found and kind == "url":
            yield f"let Hosts = materialize(Seen_url | {_HOST});"
    if _has(table, "domain") or _has(table, "url"):
        yield from _with_parents()


def _has(table: MatchedTable, kind: str) -> bool:
    return bool(table.texts and kind in _IN_TEXT) or kind in table.single or kind in table.lists


def _parts(table: MatchedTable, sums: str) -> Iterator[tuple[str, str, str]]:
    """For each kind and column what it holds, once each, and `sums` of the rows that do."""
    for kind, columns in table.single.items():
        for column in columns:
            yield kind, column, _once(f"Events | summarize {sums} by Value = tolower({column})", column)
    for kind, columns in table.lists.items():
        for column in columns:
            each = f"Events | where {column} != '' | extend Item = split(tolower({column}), ',')"
            yield kind, column, _once(f"{_expanded(each)} | summarize {sums} by Value = trim(' ', Item)", column)
    for column in table.texts:
        for kind, pattern in _IN_TEXT.items():
            each = f'Events | extend Item = extract_all(@"{pattern}", {column}) | where array_length(Item) > 0'
            yield kind, column, _once(f"{_expanded(each)} | summarize {sums} by Value = tolower(Item)", column)


def _expanded(query: str) -> str:
    return f"{query} | mv-expand Item to typeof(string)"


def _once(query: str, column: str) -> str:
    return f"{query} | where Value != '' | extend Column = '{column}'"


def _matches(table: MatchedTable) -> Iterator[str]:
    """For each kind what is seen, joined with the indicators of the kind."""
    for kind in ("url", "hash", "email"):
        if _has(table, kind):
            yield _joined(kind, f"Seen_{kind}", _KEYS[kind]("tolower(ObservableValue)"))
    if _has(table, "domain") or _has(table, "url"):
        names = "union " + ", ".join(f"(Names_{level})" for level in range(_LEVELS))
        yield _joined("domain", names, _domain_key("tolower(ObservableValue)"))
    if _has(table, "ip") or _has(table, "url"):
        yield from _address_matches("Seen_ip")


def _joined(kind: str, seen: str, key: str) -> str:
    return f"{seen} | extend Kind = '{kind}' | join kind=inner ({_of_kind(kind)} | extend Key = {key}) on Key"


def _of_kind(kind: str) -> str:
    if kind == "hash":
        return f"Indicators | where ObservableKey startswith_cs '{_HASHES}'"
    return f"Indicators | where ObservableKey in ({_OBSERVED[kind]})"


def _address_matches(addresses: str) -> Iterator[str]:
    """Addresses by themselves, then by the networks that indicators name; `Key` holds one. What is no address matches
    none. Only a value with a colon can be one of version 6, whose spellings are many."""
    indicators = _of_kind("ip")
    alone = f"{indicators} | where not(ObservableValue contains_cs '/')"
    network = f"{indicators} | where ObservableValue contains_cs '/'"
    bits = "toint(extract(@'/([0-9]{1,3})$', 1, ObservableValue))"
    four = f"{addresses} | where Key matches regex @'^[0-9]{{1,3}}(?:[.][0-9]{{1,3}}){{3}}$' | extend Kind = 'ip'"
    yield f"{four} | join kind=inner ({alone} | extend Key = ObservableValue) on Key"
    networks = (
        f"{network} and not(ObservableValue contains_cs ':') | extend Bits = {bits} | where Bits between (0 .. 32)"
    )
    lengths = f"{networks} | distinct Bits | extend Mask = 4294967296 - tolong(exp2(32 - Bits)), All = 1"
    yield (
        f"{four} | extend Number = parse_ipv4(Key), All = 1 | join kind=inner ({lengths}) on All"
        " | extend Net = binary_and(Number, Mask)"
        f" | join kind=inner ({networks} | extend Net = parse_ipv4_mask(ObservableValue, Bits)) on Net, Bits"
    )
    six = f"{addresses} | where Key contains_cs ':' | extend Kind = 'ip', Key = parse_ipv6(trim(@'[\\[\\]]', Key))"
    spelled = f"{alone} and ObservableValue contains_cs ':' | extend Key = parse_ipv6(ObservableValue)"
    yield f"{six} | where isnotempty(Key) | join kind=inner ({spelled}) on Key"
    networks = f"{network} and ObservableValue contains_cs ':' | extend Bits = {bits} | where Bits between (0 .. 128)"
    lengths = f"{networks} | distinct Bits | extend All = 1"
    yield (
        f"{six} | where isnotempty(Key) | extend All = 1 | join kind=inner ({lengths}) on All"
        " | extend Net = parse_ipv6_mask(Key, Bits)"
        f" | join kind=inner ({networks} | extend Net = parse_ipv6_mask(ObservableValue, Bits)) on Net, Bits"
    )


def _with_parents() -> Iterator[str]:
    """Names by themselves, then by the names above them, which have at least one dot: `Names_0`, `Names_1` …"""
    yield "let Names_0 = Seen_domain | where Key contains_cs '.';"
    above = "extend Key = substring(Key, indexof(Key, '.') + 1) | where Key contains_cs '.'"
    for level in range(1, _LEVELS):
        yield f"let Names_{level} = materialize(Names_{level - 1} | {above});"


def _domain_key(value: str) -> str:
    return f"iff({value} endswith_cs '.', substring({value}, 0, strlen({value}) - 1), {value})"


def _url_key(value: str) -> str:
    bare = (
        f"iff({value} startswith_cs 'https://', substring({value}, 8), "
        f"iff({value} startswith_cs 'http://', substring({value}, 7), {value}))"
    )
    return f"iff({value} endswith_cs '/', substring({bare}, 0, strlen({bare}) - 1), {bare})"


def _same(value: str) -> str:
    return value


_KEYS: Final[Mapping[str, Callable[[str], str]]] = {
    "ip": _same,
    "domain": _domain_key,
    "url": _url_key,
    "hash": _same,
    "email": _same,
}


def _union(queries: list[str]) -> str:
    if len(queries) == 1:
        return queries[0]
    return "union " + ", ".join(f"({each} | project {_TOLD})" for each in queries)
