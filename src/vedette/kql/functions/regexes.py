"""Functions with regular expressions. The engine speaks RE2, as Kusto does: https://github.com/google/re2/wiki/Syntax"""

import re
from collections.abc import Sequence
from typing import Any

from vedette.kql.functions.conversions import as_text
from vedette.kql.functions.entry import NOT_CONSTANT, Function, SqlCall, quote

_UNICODE_CLASSES = {"d": r"\p{Nd}", "w": r"\p{L}\p{M}\p{N}_", "s": r"\s\p{Z}\x{85}"}
_GROUP = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\((?!\?)|\(\?P?<(?P<name>[A-Za-z_]\w*)>", re.DOTALL)
_NAMED = re.compile(r"\(\?<(?=[A-Za-z_]\w*>)")


def unicode_pattern(pattern: str) -> str:
    r"""The pattern with `\d`, `\w` and `\s` (and their opposites outside of brackets) meaning Unicode's digits, letters
    and spaces, as they do in Kusto; RE2's own are ASCII's. Groups named `(?<name>…)` are written as older RE2 has
    them."""
    result: list[str] = []
    is_bracketed, position = False, 0
    while position < len(pattern):
        character = pattern[position]
        if character == "\\" and position + 1 < len(pattern):
            result.append(_escape(pattern[position : position + 2], is_bracketed=is_bracketed))
            position += 2
            continue
        if character == "[" and not is_bracketed:
            is_bracketed = True
            opening = re.match(r"\[\^?\]?", pattern[position:])
            text = opening.group() if opening else character
            result.append(text)
            position += len(text)
            continue
        if character == "[" and pattern.startswith("[:", position):
            end = pattern.find(":]", position)
            if end > 0:
                result.append(pattern[position : end + 2])
                position = end + 2
                continue
        if character == "]":
            is_bracketed = False
        if not is_bracketed and (named := _NAMED.match(pattern, position)):
            result.append("(?P<")
            position = named.end()
            continue
        result.append(character)
        position += 1
    return "".join(result)


def _escape(text: str, *, is_bracketed: bool) -> str:
    members = _UNICODE_CLASSES.get(text[1])
    if members is not None:
        return members if is_bracketed else f"[{members}]"
    opposite = _UNICODE_CLASSES.get(text[1].lower())
    if opposite is not None and text[1].isupper() and not is_bracketed:
        return f"[^{opposite}]"
    return text


def required_text(pattern: str) -> str:
    """The longest text that every match holds, as far as that is plain to see; '' where it is not.

    Only patterns without alternatives, groups of flags and classes of a group's quantifier are looked through: outside
    of groups and classes, a run of ordinary characters must occur as it is, less a last one that is optional.
    """
    if "|" in pattern or "(?" in pattern:
        return ""
    longest = run = ""
    depth = 0
    position = 0
    while position < len(pattern):
        character = pattern[position]
        ordinary = ""
        if character == "\\":
            following = pattern[position + 1 : position + 2]
            ordinary = following if following and not following.isalnum() else ""
            position += 1
        elif character == "[":
            position = _class_end(pattern, position)
        elif character not in ".^$*+?{}()":
            ordinary = character
        depth += (character == "(") - (character == ")")
        if ordinary and depth == 0 and pattern[position + 1 : position + 2] not in ("*", "?", "{"):
            run += ordinary
            longest = max(longest, run, key=len)
            if pattern[position + 1 : position + 2] == "+":
                run = ""
        else:
            run = ""
        position += 1
    return longest


def _class_end(pattern: str, start: int) -> int:
    """Where the character class that opens at `start` ends."""
    position = start + 1
    if pattern[position : position + 1] == "^":
        position += 1
    if pattern[position : position + 1] == "]":
        position += 1
    while position < len(pattern) and pattern[position] != "]":
        if pattern[position] == "\\":
            position += 1
        elif pattern.startswith("[:", position):
            position = max(pattern.find(":]", position), position) + 1
        position += 1
    return position


def begins_plainly(pattern: str) -> bool:
    """Whether every match begins with the same ordinary character. Such a pattern is soon tried at the start of a text:
    where it matches there, that is the first match, and RE2 finds it several times as fast as if it could be anywhere.
    """
    return "|" not in pattern and pattern[:1] not in "\\.^$*+?{}()[]" and pattern[1:2] not in ("", "*", "?", "{")


def group_names(pattern: str) -> list[str | None]:
    """The capture groups of a pattern in order, by name where they have one."""
    return [found.group("name") for found in _GROUP.finditer(pattern) if found.group().startswith("(")]


def _pattern(call: SqlCall, position: int) -> str:
    constant = call.constants[position]
    return quote(unicode_pattern(constant)) if isinstance(constant, str) else call.arguments[position]


def _extract(call: SqlCall) -> str:
    pattern, group = call.constants[0], call.constants[1]
    if isinstance(pattern, str) and isinstance(group, int) and not 0 <= group <= len(group_names(pattern)):
        return "''"
    text, number = call.arguments[2], f"CAST({call.arguments[1]} AS INTEGER)"
    found = f"regexp_extract({text}, {_pattern(call, 0)}, {number})"
    if not isinstance(pattern, str) or not begins_plainly(pattern):
        return found
    at_start = quote(rf"\A(?:{unicode_pattern(pattern)})")
    return f"coalesce(nullif(regexp_extract({text}, {at_start}, {number}), ''), {found})"


def _extract_all(text: str, pattern: str, groups: Sequence[int]) -> str:
    sql = quote(unicode_pattern(pattern))
    if len(groups) == 1:
        found = f"regexp_extract_all({text}, {sql}, {groups[0]})"
        items = f"list_transform({found}, lambda found: coalesce(found, ''))"
    else:
        names = [f"g{number}" for number in range(1, len(group_names(pattern)) + 1)]
        found = f"regexp_extract_all({text}, {sql}, [{', '.join(map(quote, names))}])"
        parts = ", ".join(f"coalesce(found.g{group}, '')" for group in groups)
        items = f"list_transform({found}, lambda found: [{parts}])"
    return f"CASE WHEN regexp_matches({text}, {sql}) THEN CAST({items} AS VARIANT) END"


def _lacks_groups(constants: Sequence[Any]) -> str | None:
    pattern = constants[0]
    return None if group_names(str(pattern)) else f"the pattern '{pattern}' has no capture group."


def _extract_every_group(call: SqlCall) -> str:
    pattern = str(call.constants[0])
    return _extract_all(call.arguments[1], pattern, range(1, max(len(group_names(pattern)), 1) + 1))


def _extract_by_computed_pattern(call: SqlCall) -> str:
    """A pattern that is a subquery's or a column's: each group is matched for itself."""
    pattern, _, text = call.arguments
    groups = [group for group in call.constants[1] or () if isinstance(group, int) and group > 0]
    if not groups or len(groups) < len(call.constants[1]):
        return "CAST(NULL AS VARIANT)"
    found = [f"regexp_extract_all({text}, {pattern}, {group})" for group in groups]
    parts = ", ".join(f"coalesce(each[{place}], '')" for place in range(1, len(groups) + 1))
    items = found[0] if len(groups) == 1 else f"list_transform(list_zip({', '.join(found)}), lambda each: [{parts}])"
    return f"CASE WHEN {pattern} <> '' AND regexp_matches({text}, {pattern}) THEN CAST({items} AS VARIANT) END"


def _extract_chosen_groups(call: SqlCall) -> str:
    pattern = str(call.constants[0])
    names = group_names(pattern)
    groups: list[int] = []
    for chosen in call.constants[1] or ():
        number = names.index(chosen) + 1 if chosen in names else chosen
        if isinstance(number, int) and 0 < number <= len(names):
            groups.append(number)
    if not groups:
        return "CAST(NULL AS VARIANT)"
    return _extract_all(call.arguments[2], pattern, groups)


def _replace_regex(call: SqlCall, text: str, pattern: int, rewrite: str) -> str:
    if call.constants[pattern] == "":
        return text
    return f"regexp_replace({text}, {_pattern(call, pattern)}, {rewrite}, 'g')"


def _replace(call: SqlCall) -> str:
    return _replace_regex(call, call.arguments[2], 0, call.arguments[1])


def _replace_regex_new(call: SqlCall) -> str:
    return _replace_regex(call, call.arguments[0], 1, call.arguments[2])


def _anchored(call: SqlCall, text: str, *, at_start: bool) -> str:
    constant = call.constants[0]
    if constant == "":
        return text
    if constant is NOT_CONSTANT:
        inner = f"'(?:' || {call.arguments[0]} || ')'"
        pattern = f"'^' || {inner}" if at_start else f"{inner} || '$'"
    else:
        inner = f"(?:{unicode_pattern(constant)})"
        pattern = quote(f"^{inner}" if at_start else f"{inner}$")
    return f"regexp_replace({text}, {pattern}, '')"


def _trim(call: SqlCall) -> str:
    return _anchored(call, _anchored(call, call.arguments[1], at_start=True), at_start=False)


def _trim_start(call: SqlCall) -> str:
    return _anchored(call, call.arguments[1], at_start=True)


def _trim_end(call: SqlCall) -> str:
    return _anchored(call, call.arguments[1], at_start=False)


def _countof_kind(call: SqlCall) -> str:
    text, needle = call.arguments[:2]
    if call.constants[2] == "regex":
        return f"len(regexp_extract_all({text}, {_pattern(call, 1)}))"
    return f"kql_countof({text}, {needle})"


def _indexof_regex(call: SqlCall) -> str:
    text, first, count, nth = as_text(call, 0), call.arguments[2], call.arguments[3], call.arguments[4]
    window = (
        f"CASE WHEN {count} < 0 THEN substring({text}, {first} + 1) ELSE substring({text}, {first} + 1, {count}) END"
    )
    found = f"regexp_extract_all({window}, {_pattern(call, 1)})"
    parts = f"regexp_split_to_array({window}, {_pattern(call, 1)})"
    before = f"length(array_to_string({parts}[:{nth}], '')) + length(array_to_string({found}[:{nth} - 1], ''))"
    place = f"CAST({first} + {before} AS BIGINT)"
    return f"CASE WHEN {first} < 0 THEN NULL WHEN len({found}) >= {nth} THEN {place} ELSE -1 END"


def _regex_quote(call: SqlCall) -> str:
    return rf"regexp_replace({as_text(call, 0)}, '[\\.+*?()|\[\]\{{\}}^$#\s-]', '\\\0', 'g')"


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "extract",
        params="pattern: string, group!: long, text: string",
        returns="string",
        doc="What a capture group of the pattern matches in the text (0 for the whole match); '' if nothing does.",
        sql=_extract,
        examples=[
            (r"extract(@'(\d+)-(\d+)', 2, '2020-12-31')", "12"),
            (r"extract(@'(\d+)', 0, 'no match')", ""),
            (r"extract(@'^(?<first>[(?<a>)]+)-', 1, '(?<a-b')", "(?<a"),
            (r"extract(@'key:.?(\w+)', 1, 'key:val')", "al"),
        ],
    ),
    Function(
        "extract_all",
        params="pattern!: string, text: string",
        returns="dynamic",
        doc="All matches: an array of texts for one capture group, of arrays for several; null if there is none.",
        sql=_extract_every_group,
        examples=[
            (r"extract_all(@'(\d+)', 'a1b22')", ["1", "22"]),
            (r"extract_all(@'([a-z])(\d)?', 'a1b')", [["a", "1"], ["b", ""]]),
            (r"extract_all(@'(\d)', 'none')", None),
        ],
        deprecated_aliases=("extractall",),
        refuses=_lacks_groups,
    ),
    Function(
        "extract_all",
        params="pattern!: string, groups!: dynamic, text: string",
        returns="dynamic",
        doc="All matches, of chosen capture groups by number or name.",
        sql=_extract_chosen_groups,
        examples=[
            (r"extract_all(@'(\w)(\w+)(\w)', dynamic([1, 3]), 'abcd efgh')", [["a", "d"], ["e", "h"]]),
            (r"extract_all(@'(?P<x>\w)(?P<y>\d)', dynamic(['y']), 'a1b2')", ["1", "2"]),
        ],
        deprecated_aliases=("extractall",),
        refuses=_lacks_groups,
    ),
    Function(
        "extract_all",
        params="pattern: string, groups!: dynamic, text: string",
        returns="dynamic",
        doc="All matches of a pattern that is computed, of chosen capture groups by number.",
        sql=_extract_by_computed_pattern,
        examples=[],
        deprecated_aliases=("extractall",),
    ),
    Function(
        "replace_regex",
        params="text: string, pattern: string, rewrite: string",
        returns="string",
        doc=r"The text with every match replaced; \1 to \9 in the rewrite are the capture groups, \0 the match.",
        sql=_replace_regex_new,
        examples=[
            (r"replace_regex('one two', @'(\w)(\w)', @'\2\1')", "noe wto"),
            ("replace_regex('abcABC', @'(?i)abc', '#')", "##"),
        ],
    ),
    Function(
        "replace",
        params="pattern: string, rewrite: string, text: string",
        returns="string",
        doc="The older form of replace_regex, with the text last.",
        sql=_replace,
        examples=[(r"replace(@'is (\d+)', @'was: \1', 'Number is 1')", "Number was: 1")],
    ),
    Function(
        "trim",
        params="pattern: string, text: string",
        returns="string",
        doc="The text without one match of the pattern at either end.",
        sql=_trim,
        examples=[("trim('x', 'xxabcxx')", "xabcx"), (r"trim(@'\s+', '  Hi!  ')", "Hi!"), ("trim('--', '--a--')", "a")],
    ),
    Function(
        "trim_start",
        params="pattern: string, text: string",
        returns="string",
        doc="The text without one match of the pattern at its start.",
        sql=_trim_start,
        examples=[(r"trim_start(@'[^\w]+', '- Te st1// $')", "Te st1// $"), ("trim_start('x', 'xxhello')", "xhello")],
    ),
    Function(
        "trim_end",
        params="pattern: string, text: string",
        returns="string",
        doc="The text without one match of the pattern at its end.",
        sql=_trim_end,
        examples=[("trim_end('_', '__world__')", "__world_")],
    ),
    Function(
        "countof",
        params="text: string, search: string, kind!: string",
        returns="long",
        doc="How often a text (kind normal) or a pattern (kind regex) occurs; matches of a pattern do not overlap.",
        sql=_countof_kind,
        examples=[("countof('hello world hello', 'l+', 'regex')", 3), ("countof('ababa', 'aba', 'normal')", 2)],
    ),
    Function(
        "indexof_regex",
        params="text: any, pattern!: string, start: long = 0, length: long = -1, occurrence: long = 1",
        returns="long",
        doc="Where the nth match of the pattern begins; -1 if there is none, null for a negative start.",
        sql=_indexof_regex,
        examples=[
            ("indexof_regex('abcabc', 'a.c')", 0),
            ("indexof_regex(12345, '4')", 3),
            ("indexof_regex('abcabcdefg', 'a.c', 0, 9, 2)", 3),
            ("indexof_regex('ababaa', 'a.a', 0, -1, 2)", -1),
        ],
    ),
    Function(
        "regex_quote",
        params="text: any",
        returns="string",
        doc="The text as a pattern that matches just it.",
        sql=_regex_quote,
        examples=[("regex_quote('(a.b)')", r"\(a\.b\)"), ("regex_quote(1.5)", r"1\.5")],
    ),
)
"""Extracting, replacing and trimming by pattern."""
