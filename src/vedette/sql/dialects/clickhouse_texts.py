"""ClickHouse's templates of the functions on texts, with patterns and without, and on what texts hold."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from vedette.kql.functions.entry import NOT_CONSTANT, SqlCall, SqlTemplate
from vedette.kql.functions.regexes import group_names, unicode_pattern
from vedette.sql.dialects.clickhouse_types import NAME, as_text, matches_nothing, of_text, pattern, quote
from vedette.sql.dialects.gap import DialectGap

_MOST_REPETITIONS = 1024
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_BEFORE = r"(?:^|[^0-9A-Za-z.])"
_AFTER = r"(?:$|[^0-9A-Za-z.]|\.(?:$|[^0-9A-Za-z]))"


def _strcat(call: SqlCall) -> str:
    texts = [as_text(call, position) for position in range(len(call.arguments))]
    return f"concat({', '.join(texts)})" if len(texts) > 1 else texts[0]


def _strcat_delim(call: SqlCall) -> str:
    texts = [as_text(call, position) for position in range(len(call.arguments))]
    return f"concatWithSeparator({', '.join(texts)})"


def _strcmp(call: SqlCall) -> str:
    left, right = as_text(call, 0), as_text(call, 1)
    return f"toInt64(multiIf({left} < {right}, -1, {left} > {right}, 1, 0))"


def _substring(call: SqlCall) -> str:
    """Counted from 0, or from the end; a start before the text gives nothing."""
    text, start = as_text(call, 0), call.arguments[1]
    length = f"toInt64(lengthUTF8({text}))"
    count = call.arguments[2] if len(call.arguments) > 2 else length
    known, known_count = call.constants[1], call.constants[-1]
    if isinstance(known, int) and known >= 0:
        if len(call.arguments) == 2:
            return f"substringUTF8({text}, {known + 1})"
        if isinstance(known_count, int):
            return f"substringUTF8({text}, {known + 1}, {known_count})" if known_count > 0 else "''"
    from_start = f"if({start} >= 0, {start}, {length} + {start}) + 1"
    part = f"substringUTF8({text}, {from_start}, greatest({count}, 0))"
    return f"ifNull(if({count} <= 0 OR {length} + {start} < 0, '', {part}), '')"


def _split(call: SqlCall) -> str:
    text, delimiter = as_text(call, 0), call.constants[1]
    if not isinstance(delimiter, str):
        raise DialectGap(NAME, "split", "its delimiter has to be a constant there")
    parts = f"splitByString({quote(delimiter)}, {text})" if delimiter else f"[{text}]"
    if len(call.arguments) == 2:
        return f"toJSONString({parts})"
    index = call.arguments[2]
    part = f"toJSONString([arrayElement({parts}, {index} + 1)])"
    return f"if({index} >= 0 AND {index} < toInt64(length({parts})), {part}, NULL)"


def _indexof(call: SqlCall) -> str:
    text, needle = as_text(call, 0), as_text(call, 1)
    if len(call.arguments) == 2:
        return f"if({needle} = '', NULL, toInt64(positionUTF8({text}, {needle})) - 1)"
    first, count, nth = call.arguments[2:]
    length = f"toInt64(lengthUTF8({text}))"
    start = f"if({first} < 0, greatest({length} + {first}, 0), {first})"
    is_there = f"substringUTF8({text}, searched_place + 1, toInt64(lengthUTF8({needle}))) = {needle}"
    inside = f"searched_place >= {start} AND ({count} < 0 OR searched_place < {start} + {count})"
    places = f"arrayMap(counted_place -> toInt64(counted_place), range(toUInt64({length})))"
    found = f"arrayFilter(searched_place -> {is_there} AND {inside}, {places})"
    return f"multiIf({needle} = '', NULL, {nth} < 1 OR length({found}) < {nth}, -1, arrayElement({found}, {nth}))"


def _strrep(call: SqlCall) -> str:
    count = f"least(greatest({call.arguments[1]}, 0), {_MOST_REPETITIONS})"
    if len(call.arguments) < 3:
        return f"ifNull(repeat({as_text(call, 0)}, {count}), '')"
    delimiter = call.constants[2]
    if not isinstance(delimiter, str):
        raise DialectGap(NAME, "strrep", "its delimiter has to be a constant there")
    texts = f"arrayWithConstant(toUInt64(ifNull({count}, 0)), {as_text(call, 0)})"
    return f"arrayStringConcat({texts}, {quote(delimiter)})"


def _decoded(call: SqlCall) -> str:
    text = call.arguments[0]
    return f"tryBase64Decode(rightPad({text}, toUInt64(ceil(length({text}) / 4) * 4), '='))"


def _base64_decode(call: SqlCall) -> str:
    return f"if(isValidUTF8({_decoded(call)}), {_decoded(call)}, '')"


def _base64_bytes(call: SqlCall) -> str:
    """Undone and done again it must be the same text, for what is not valid is given as nothing."""
    bytes, text = _decoded(call), call.arguments[0]
    numbers = (
        f"arrayMap(byte_place -> toString(ascii(substring({bytes}, byte_place, 1))), range(1, length({bytes}) + 1))"
    )
    return f"if({bytes} = '' AND {text} <> '', NULL, kql_array_of({numbers}))"


_CSV_FIELD = quote(r'("(?:[^"]|"")*"|[^,\n]*)(?:,|\r?\n)')


def _parse_csv(call: SqlCall) -> str:
    record = f"concat(replaceRegexpOne({call.arguments[0]}, '\\r?\\n$', ''), ',')"
    unquoted = "replaceAll(substring(csv_field, 2, length(csv_field) - 2), '\"\"', '\"')"
    field = f"if(startsWith(csv_field, '\"'), {unquoted}, csv_field)"
    return f"toJSONString(arrayMap(csv_field -> {field}, extractAll({record}, {_CSV_FIELD})))"


def _countof(call: SqlCall) -> str:
    text, needle = call.arguments[:2]
    kind = call.constants[2] if len(call.arguments) > 2 else "normal"
    if kind == "regex":
        return f"toInt64(countMatches({text}, {pattern(call, 1, 'countof')}))"
    constant = call.constants[1]
    if not isinstance(constant, str):
        raise DialectGap(NAME, "countof", "what it looks for has to be a constant there")
    if not constant:
        return "CAST(0 AS Int64)"
    if any(constant.startswith(constant[start:]) for start in range(1, len(constant))):
        places = f"range(1, toUInt64(greatest(toInt64(lengthUTF8({text})) - {len(constant) - 2}, 1)))"
        found = f"searched_place -> substringUTF8({text}, searched_place, {len(constant)}) = {needle}"
        return f"toInt64(arrayCount({found}, {places}))"
    return f"toInt64(countSubstrings({text}, {needle}))"


def _replace_string(call: SqlCall) -> str:
    text, lookup, rewrite = call.arguments
    if call.constants[1] == "":
        return text
    if call.constants[1] is NOT_CONSTANT:
        return f"if({lookup} = '', {text}, replaceAll({text}, {lookup}, {rewrite}))"
    return f"replaceAll({text}, {lookup}, {rewrite})"


# --- patterns ------------------------------------------------------------------------------------------------------


def _extract(call: SqlCall) -> str:
    sql, group = pattern(call, 0, "extract"), call.constants[1]
    if not isinstance(group, int) or not 0 <= group <= len(group_names(str(call.constants[0]))):
        return "''"
    return f"regexpExtract({call.arguments[2]}, {sql}, {group})"


def _extract_all(call: SqlCall) -> str:
    text, sql, names = call.arguments[-1], pattern(call, 0, "extract_all"), group_names(str(call.constants[0]))
    groups = list(range(1, len(names) + 1))
    if len(call.arguments) == 3:
        chosen = [names.index(each) + 1 if each in names else each for each in call.constants[1] or ()]
        groups = [each for each in chosen if isinstance(each, int) and 0 < each <= len(names)]
        if not groups:
            return "CAST(NULL AS Nullable(String))"
    if not names:
        found = f"extractAll({text}, {sql})"
    elif len(groups) == 1:
        found = f"arrayMap(found_groups -> found_groups[{groups[0]}], extractAllGroupsVertical({text}, {sql}))"
    else:
        parts = ", ".join(f"found_groups[{group}]" for group in groups)
        found = f"arrayMap(found_groups -> [{parts}], extractAllGroupsVertical({text}, {sql}))"
    return f"if(match({text}, {sql}), toJSONString({found}), NULL)"


def _replaced(call: SqlCall, text: int, searched: int, rewrite: int) -> str:
    if call.constants[searched] == "":
        return call.arguments[text]
    sql = pattern(call, searched, "replace_regex")
    if matches_nothing(call, searched):
        raise DialectGap(NAME, "replace_regex", "a pattern that matches the empty text is replaced otherwise there")
    return f"replaceRegexpAll({call.arguments[text]}, {sql}, {call.arguments[rewrite]})"


def _replace(call: SqlCall) -> str:
    return _replaced(call, 2, 0, 1)


def _replace_regex(call: SqlCall) -> str:
    return _replaced(call, 0, 1, 2)


def _anchored(call: SqlCall, text: str, function: str, *, at_start: bool) -> str:
    constant = call.constants[0]
    if constant == "":
        return text
    if not isinstance(constant, str):
        raise DialectGap(NAME, function, "its pattern has to be a constant there")
    inner = f"(?:{unicode_pattern(constant)})"
    whole = f"(?-s)^{inner}" if at_start else f"(?-s){inner}$"
    return f"replaceRegexpOne({text}, {quote(whole)}, '')"


def _trim(call: SqlCall) -> str:
    return _anchored(call, _anchored(call, call.arguments[1], "trim", at_start=True), "trim", at_start=False)


def _trim_start(call: SqlCall) -> str:
    return _anchored(call, call.arguments[1], "trim_start", at_start=True)


def _trim_end(call: SqlCall) -> str:
    return _anchored(call, call.arguments[1], "trim_end", at_start=False)


# --- addresses in texts --------------------------------------------------------------------------------------------


def _address_pattern(text: str, *, is_prefix: bool) -> str | None:
    if re.fullmatch(rf"{_OCTET}(?:\.{_OCTET}){{3}}", text):
        return text.replace(".", r"\.")
    if not is_prefix or re.fullmatch(rf"(?:{_OCTET}\.){{1,3}}", text) is None:
        return None
    return text.replace(".", r"\.") + r"\.".join([_OCTET] * (4 - text.count(".")))


def _has_address(call: SqlCall, name: str, *, is_prefix: bool) -> str:
    needles: list[str] = []
    for value in call.constants[1:]:
        if value is NOT_CONSTANT:
            raise DialectGap(NAME, name, "what it looks for has to be a constant there")
        items: Iterable[Any] = cast(list[Any], value) if isinstance(value, list) else (value,)
        needles.extend(item for item in items if isinstance(item, str))
    found = [each for needle in needles if (each := _address_pattern(needle, is_prefix=is_prefix)) is not None]
    if not found:
        return "false"
    whole = f"{_BEFORE}(?:{'|'.join(found)}){_AFTER}"
    return f"match({call.arguments[0]}, {quote(whole)})"


def _has_ipv4(call: SqlCall) -> str:
    return _has_address(call, "has_ipv4", is_prefix=False)


def _has_ipv4_prefix(call: SqlCall) -> str:
    return _has_address(call, "has_ipv4_prefix", is_prefix=True)


# --- parts of a URL ------------------------------------------------------------------------------------------------

_URL = (
    r"^(?:([^:/?#]+)://(?:([^:@/?#]*)(?::([^@/?#]*))?@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?)?"
    r"([^?#]*)(?:\?([^#]*))?(?:#(.*))?$"
)
_URL_PARTS = ("Scheme", "Username", "Password", "Host", "Port", "Path", "Query Parameters", "Fragment")


def _query_parameters(text: str) -> str:
    """The last of a name's values counts, so the list is turned round."""
    pairs = f"arrayReverse(arrayFilter(given_part -> given_part <> '', splitByChar('&', {text})))"
    key = "splitByChar('=', given_part)[1]"
    value = "toJSONString(if(position(given_part, '=') = 0, '', substring(given_part, position(given_part, '=') + 1)))"
    return f"kql_bag_of(arrayMap(given_part -> ({key}, {value}), {pairs}))"


def _parse_url(call: SqlCall) -> str:
    text = call.arguments[0]
    groups = f"extractGroups({text}, {quote(_URL)})"
    pieces: list[str] = []
    for position, part in enumerate(_URL_PARTS, 1):
        value = f"arrayElement({groups}, {position})"
        written = _query_parameters(value) if part == "Query Parameters" else f"toJSONString({value})"
        start = "," if pieces else "{"
        pieces.append(f"{quote(f'{start}{_quoted_name(part)}:')}, {written}")
    return f"if({text} = '', NULL, concat({', '.join(pieces)}, '}}'))"


def _parse_url_query(call: SqlCall) -> str:
    return f"concat('{{\"Query Parameters\":', {_query_parameters(call.arguments[0])}, '}}')"


def _quoted_name(name: str) -> str:
    """A property's name in JSON."""
    return f'"{name}"'


TEXTS: Mapping[str, SqlTemplate] = {
    "strcat": _strcat,
    "strcat_delim": _strcat_delim,
    "strcmp": _strcmp,
    "strlen": of_text("toInt64(lengthUTF8({x}))"),
    "string_size": of_text("toInt64(length({x}))"),
    "tolower": of_text("lowerUTF8({x})"),
    "toupper": of_text("upperUTF8({x})"),
    "reverse": of_text("reverseUTF8({x})"),
    "substring": _substring,
    "split": _split,
    "indexof": _indexof,
    "strrep": _strrep,
    "base64_decode_tostring": _base64_decode,
    "base64_decode_toarray": _base64_bytes,
    "parse_csv": _parse_csv,
    "url_decode": "decodeURLComponent({text})",
    "parse_urlquery": _parse_url_query,
    "countof": _countof,
    "replace_string": _replace_string,
    "extract": _extract,
    "extract_all": _extract_all,
    "replace": _replace,
    "replace_regex": _replace_regex,
    "trim": _trim,
    "trim_start": _trim_start,
    "trim_end": _trim_end,
    "has_ipv4": _has_ipv4,
    "has_any_ipv4": _has_ipv4,
    "has_ipv4_prefix": _has_ipv4_prefix,
    "has_any_ipv4_prefix": _has_ipv4_prefix,
    "parse_url": _parse_url,
    "hash_sha256": of_text("lower(hex(SHA256({x})))"),
    "hash_sha1": of_text("lower(hex(SHA1({x})))"),
    "hash_md5": of_text("lower(hex(MD5({x})))"),
    "url_encode": "replaceAll(encodeURLComponent({text}), '%20', '+')",
    "url_encode_component": "encodeURLComponent({text})",
    "base64_encode_tostring": "base64Encode({text})",
}
"""By the entry's name."""
