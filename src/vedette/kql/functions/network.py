"""Functions on IP addresses, alone and in texts."""

import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import Any, cast

from vedette.kql.functions.conversions import as_text
from vedette.kql.functions.entry import NOT_CONSTANT, Function, SqlCall, quote
from vedette.kql.types import ScalarType

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_BEFORE = r"(?:^|[^0-9A-Za-z.])"
_AFTER = r"(?:$|[^0-9A-Za-z.]|\.(?:$|[^0-9A-Za-z]))"


def _constant_texts(call: SqlCall, start: int) -> list[str] | None:
    """The texts given from an argument on, singly or as arrays; None if one of them is not a constant."""
    texts: list[str] = []
    for value in call.constants[start:]:
        if value is NOT_CONSTANT:
            return None
        items: Iterable[Any] = cast(list[Any], value) if isinstance(value, list) else (value,)
        texts.extend(item for item in items if isinstance(item, str))
    return texts


def _text_lists(call: SqlCall, start: int) -> str:
    lists: list[str] = []
    for position in range(start, len(call.arguments)):
        argument = call.arguments[position]
        if call.types[position] is ScalarType.dynamic:
            lists.append(f"TRY_CAST(coalesce(kql_array({argument}), [{argument}]) AS VARCHAR[])")
        else:
            lists.append(f"[{as_text(call, position)}]")
    return lists[0] if len(lists) == 1 else f"list_concat({', '.join(lists)})"


# --- ranges --------------------------------------------------------------------------------------------------------


def _in_any_range(call: SqlCall) -> str:
    address, networks = as_text(call, 0), _constant_texts(call, 1)
    if networks is None:
        return f"kql_ipv4_is_in_any({address}, {_text_lists(call, 1)})"
    bounds = [bound for network in networks if (bound := _bounds(network)) is not None]
    tests = [f"kql_ipv4_bits({address}) BETWEEN {low} AND {high}" for low, high in bounds] or ["FALSE"]
    inside = " OR ".join(tests)
    listed = ", ".join(quote(network) for network in networks)
    return (
        f"CASE kql_ipv4_prefix({address}) WHEN 32 THEN {inside} ELSE "
        f"kql_ipv4_is_in_any({address}, CAST([{listed}] AS VARCHAR[])) END"
    )


def _bounds(network: str) -> tuple[int, int] | None:
    try:
        parsed = ipaddress.IPv4Network(network.strip(), strict=False)
    except ValueError:
        return None
    return int(parsed.network_address), int(parsed.broadcast_address)


def _ipv6_in_any_range(call: SqlCall) -> str:
    address = as_text(call, 0)
    test = f"py_ipv6_compare({address}, network, 128) = 0"
    return (
        f"CASE WHEN py_ipv6_text({address}, 128) IS NOT NULL "
        f"THEN len(list_filter({_text_lists(call, 1)}, lambda network: {test})) > 0 END"
    )


def _ipv4_masked(call: SqlCall) -> str:
    """The bits of an address (a text or a number) above the shorter of its own prefix and the given one."""
    value, prefix = call.arguments[0], call.arguments[1]
    if call.types[0] is ScalarType.string:
        return f"kql_ipv4_masked(kql_ipv4_bits({value}), {_shorter(value, prefix)})"
    return f"kql_ipv4_masked(CAST({value} AS BIGINT), {prefix})"


def _shorter(value: str, prefix: str) -> str:
    return f"CASE WHEN {prefix} BETWEEN 0 AND 32 THEN least(kql_ipv4_prefix({value}), {prefix}) END"


def _format_ipv4(call: SqlCall) -> str:
    return f"kql_ipv4_text({_ipv4_masked(call)})"


def _format_ipv4_mask(call: SqlCall) -> str:
    value, prefix = call.arguments[0], call.arguments[1]
    length = _shorter(value, prefix) if call.types[0] is ScalarType.string else prefix
    text = f"kql_ipv4_text({_ipv4_masked(call)})"
    return f"CASE WHEN {text} = '' THEN '' ELSE {text} || '/' || CAST({length} AS VARCHAR) END"


# --- addresses in texts --------------------------------------------------------------------------------------------


def _address_pattern(text: str) -> str | None:
    if re.fullmatch(rf"{_OCTET}(?:\.{_OCTET}){{3}}", text) is None:
        return None
    return text.replace(".", r"\.")


def _prefix_pattern(text: str) -> str | None:
    if _address_pattern(text) is not None:
        return _address_pattern(text)
    if re.fullmatch(rf"(?:{_OCTET}\.){{1,3}}", text) is None:
        return None
    missing = 4 - text.count(".")
    return text.replace(".", r"\.") + r"\.".join([_OCTET] * missing)


def _row_pattern(text: str, *, is_prefix: bool) -> str:
    """SQL of the pattern for an address or prefix that is only known per row; null for what is none."""
    whole = quote(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
    tail = quote(rf"{_OCTET}(?:\.{_OCTET})*")
    address = f"WHEN regexp_full_match({text}, {whole}) THEN replace({text}, '.', '\\.') "
    part = quote(rf"(?:{_OCTET}\.){{1,3}}")
    prefix = f"WHEN regexp_full_match({text}, {part}) THEN replace({text}, '.', '\\.') || {tail} " if is_prefix else ""
    return f"{quote(_BEFORE)} || CASE {address}{prefix}END || {quote(_AFTER)}"


def _has(*, is_prefix: bool) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        text, needles = call.arguments[0], _constant_texts(call, 1)
        if needles is None:
            pattern = _row_pattern("needle", is_prefix=is_prefix)
            test = f"coalesce(regexp_matches({text}, {pattern}), FALSE)"
            return f"len(list_filter({_text_lists(call, 1)}, lambda needle: {test})) > 0"
        form = _prefix_pattern if is_prefix else _address_pattern
        patterns = [pattern for needle in needles if (pattern := form(needle)) is not None]
        if not patterns:
            return "FALSE"
        pattern = f"{_BEFORE}(?:{'|'.join(patterns)}){_AFTER}"
        return f"regexp_matches({text}, {quote(pattern)})"

    return template


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "ipv4_is_private",
        params="address: string",
        returns="bool",
        doc="Whether an IPv4 address is private by RFC 1918; null for what is no address.",
        sql="kql_ipv4_is_private({address})",
        examples=[
            ("ipv4_is_private('192.168.1.1/24')", True),
            ("ipv4_is_private('172.32.0.1')", False),
            ("ipv4_is_private('not an ip')", None),
        ],
    ),
    Function(
        "ipv4_compare",
        params="left: string, right: string, prefix: long = 32",
        returns="long",
        doc="-1, 0 or 1 as one IPv4 address is below, equal to or above another, in the bits of the shortest prefix.",
        sql="kql_ipv4_compare({left}, {right}, {prefix})",
        examples=[
            ("ipv4_compare('192.168.1.1/24', '192.168.1.255', 31)", 0),
            ("ipv4_compare('127.0.0.1', '127.0.0.2')", -1),
            ("ipv4_compare('x', '127.0.0.2')", None),
        ],
    ),
    Function(
        "ipv4_is_match",
        params="left: string, right: string, prefix: long = 32",
        returns="bool",
        doc="Whether two IPv4 addresses are equal in the bits of the shortest prefix.",
        sql="kql_ipv4_compare({left}, {right}, {prefix}) = 0",
        examples=[
            ("ipv4_is_match('192.168.1.1', '192.168.1.255', 24)", True),
            ("ipv4_is_match('1.1.1.1', '1.1.1.2')", False),
        ],
    ),
    Function(
        "ipv4_is_in_range",
        params="address: string, network: string",
        returns="bool",
        doc="Whether an IPv4 address is in a network.",
        sql="kql_ipv4_is_in_range({address}, {network})",
        examples=[
            ("ipv4_is_in_range('192.168.1.6', '192.168.1.1/24')", True),
            ("ipv4_is_in_range('x', '10.0.0.0/8')", None),
        ],
    ),
    Function(
        "ipv4_is_in_any_range",
        params="address: any, *networks: any",
        returns="bool",
        doc="Whether an IPv4 address is in any of some networks, given singly or as an array.",
        sql=_in_any_range,
        examples=[
            ("ipv4_is_in_any_range('192.168.1.6', '192.168.1.1/24', '10.0.0.1/8')", True),
            ("ipv4_is_in_any_range('1.1.1.1', dynamic(['192.168.1.1/16', '10.0.0.1/8']))", False),
            ("ipv4_is_in_any_range('x', '10.0.0.1/8')", None),
        ],
    ),
    Function(
        "ipv4_netmask_suffix",
        params="address: string",
        returns="long",
        doc="The length of the prefix that an IPv4 text carries, 32 if none.",
        sql="kql_ipv4_prefix({address})",
        examples=[("ipv4_netmask_suffix('192.168.1.1/24')", 24), ("ipv4_netmask_suffix('10.1.2.3')", 32)],
    ),
    Function(
        "parse_ipv4",
        params="address: string",
        returns="long",
        doc="An IPv4 address as a number, its host bits cut off where it has a prefix; null for what is none.",
        sql="kql_parse_ipv4({address})",
        examples=[
            ("parse_ipv4('127.0.0.1')", 2130706433),
            ("parse_ipv4('192.1.168.1/24')", 3221334016),
            ("parse_ipv4('x')", None),
        ],
    ),
    Function(
        "parse_ipv4_mask",
        params="address: string, prefix: long",
        returns="long",
        doc="An IPv4 address as a number, with the bits of a prefix only.",
        sql=_ipv4_masked,
        examples=[("parse_ipv4_mask('127.0.0.1', 24)", 2130706432)],
    ),
    *(
        Function(
            name,
            params=f"address: {type}, prefix: long{default}",
            returns="string",
            doc=doc,
            sql=template,
            examples=examples,
        )
        for name, default, doc, template, by_type in (
            (
                "format_ipv4",
                " = 32",
                "An IPv4 address (a text or a number) with the bits of a prefix only; '' for what is none.",
                _format_ipv4,
                {
                    "string": [
                        ("format_ipv4('192.168.1.1', 24)", "192.168.1.0"),
                        ("format_ipv4('192.168.1.1/24', 32)", "192.168.1.0"),
                        ("format_ipv4('192.168.1.1', -1)", ""),
                    ],
                    "long": [("format_ipv4(3232236031, 24)", "192.168.1.0")],
                },
            ),
            (
                "format_ipv4_mask",
                " = 32",
                "The same followed by the prefix.",
                _format_ipv4_mask,
                {
                    "string": [("format_ipv4_mask('192.168.1.1', 24)", "192.168.1.0/24")],
                    "long": [("format_ipv4_mask(3232236031, 24)", "192.168.1.0/24")],
                },
            ),
        )
        for type, examples in by_type.items()
    ),
    Function(
        "geo_info_from_ip_address",
        params="address: string",
        returns="dynamic",
        doc="Country, state, city and coordinates of an IP address, by the database that the server is told of.",
        sql="CAST(CAST(py_locations_of({address}, kql_ip_database()) AS JSON) AS VARIANT)",
        examples=[
            ("geo_info_from_ip_address('20.53.203.50')", {}),
            ("geo_info_from_ip_address('no address')", None),
        ],
    ),
    Function(
        "ipv4_range_to_cidr_list",
        params="first: string, last: string",
        returns="dynamic",
        doc="The networks in CIDR notation that cover the addresses from one to another; null where one is no address.",
        sql="CAST(CAST(py_ipv4_networks({first}, {last}) AS JSON) AS VARIANT)",
        examples=[
            (
                "ipv4_range_to_cidr_list('1.1.128.0', '1.1.140.255')",
                ["1.1.128.0/21", "1.1.136.0/22", "1.1.140.0/24"],
            ),
            ("ipv4_range_to_cidr_list('1.1.1.2', '1.1.1.1')", None),
        ],
    ),
    Function(
        "ipv6_compare",
        params="left: string, right: string, prefix: long = 128",
        returns="long",
        doc="-1, 0 or 1 as one IPv6 (or IPv4) address is below, equal to or above another, up to the shortest prefix.",
        sql="py_ipv6_compare({left}, {right}, {prefix})",
        examples=[
            ("ipv6_compare('fe80::85d:e82c:9446:7994/120', 'fe80::85d:e82c:9446:7998')", 0),
            ("ipv6_compare('192.168.1.1/24', '192.168.1.255')", 0),
            ("ipv6_compare('fe80::1', 'x')", None),
        ],
    ),
    Function(
        "ipv6_is_match",
        params="left: string, right: string, prefix: long = 128",
        returns="bool",
        doc="Whether two IPv6 (or IPv4) addresses are equal in the bits of the shortest prefix.",
        sql="py_ipv6_compare({left}, {right}, {prefix}) = 0",
        examples=[("ipv6_is_match('fe80::85d:e82c:9446:7994/127', 'fe80::85d:e82c:9446:7998', 120)", True)],
    ),
    Function(
        "ipv6_is_in_range",
        params="address: string, network: string",
        returns="bool",
        doc="Whether an IPv6 address is in a network.",
        sql="py_ipv6_compare({address}, {network}, 128) = 0",
        examples=[("ipv6_is_in_range('a5e:f127::abcd', 'a5e:f127::/32')", True)],
    ),
    Function(
        "ipv6_is_in_any_range",
        params="address: any, *networks: any",
        returns="bool",
        doc="Whether an IPv6 address is in any of some networks, given singly or as an array.",
        sql=_ipv6_in_any_range,
        examples=[
            (
                "ipv6_is_in_any_range('a5e:f127::c756:abd1', dynamic(['a5e:f127::c755:f6cd/112']))",
                False,
            )
        ],
    ),
    Function(
        "parse_ipv6",
        params="address: string",
        returns="string",
        doc="An IPv6 (or IPv4) address in its longest form, its host bits cut off by its prefix; '' for what is none.",
        sql="coalesce(py_ipv6_text({address}, 128), '')",
        examples=[
            ("parse_ipv6('192.168.255.255/24')", "0000:0000:0000:0000:0000:ffff:c0a8:ff00"),
            ("parse_ipv6('fe80::85d:e82c:9446:7994')", "fe80:0000:0000:0000:085d:e82c:9446:7994"),
            ("parse_ipv6('x')", ""),
        ],
    ),
    Function(
        "parse_ipv6_mask",
        params="address: string, prefix: long",
        returns="string",
        doc="An IPv6 (or IPv4) address in its longest form, with the bits of a prefix only.",
        sql="coalesce(py_ipv6_text({address}, {prefix}), '')",
        examples=[("parse_ipv6_mask('fe80::85d:e82c:9446:7994/120', 124)", "fe80:0000:0000:0000:085d:e82c:9446:7900")],
    ),
    *(
        Function(name, "text: string, *addresses: any", "bool", doc, _has(is_prefix=is_prefix), examples)
        for name, is_prefix, doc, examples in (
            (
                "has_ipv4",
                False,
                "Whether an IPv4 address stands in the text, with no letter or digit beside it.",
                [
                    ("has_ipv4('05:04:54 127.0.0.1 GET /favicon.ico 404', '127.0.0.1')", True),
                    ("has_ipv4('05:04:54127.0.0.1 GET', '127.0.0.1')", False),
                    ("has_ipv4('05:04:54 127.0.0.256 GET', '127.0.0.256')", False),
                ],
            ),
            (
                "has_any_ipv4",
                False,
                "Whether any of some IPv4 addresses stands in the text.",
                [("has_any_ipv4('05:04:54 127.0.0.1 GET', dynamic(['127.0.0.1', '127.0.0.2']))", True)],
            ),
            (
                "has_ipv4_prefix",
                True,
                "Whether an IPv4 address that begins so stands in the text; the prefix must end with a point.",
                [
                    ("has_ipv4_prefix('05:04:54 127.0.0.1 GET', '127.0.')", True),
                    ("has_ipv4_prefix('05:04:54 127.0.0.1 GET', '127.0')", False),
                ],
            ),
            (
                "has_any_ipv4_prefix",
                True,
                "Whether an IPv4 address that begins with any of some prefixes stands in the text.",
                [("has_any_ipv4_prefix('05:04:54 127.0.0.1 GET', '127.0.', '192.168.')", True)],
            ),
        )
    ),
)
"""IPv4, IPv6, and addresses in texts."""
