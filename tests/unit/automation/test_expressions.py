"""The expression language: what each function gives, what errors say, and what holds for any text."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.automation.expressions.evaluate import evaluate
from vedette.automation.expressions.syntax import Joined, read_template
from vedette.automation.workflows.data_actions import select, table
from vedette.automation.workflows.environment import Place
from vedette.automation.workflows.records import Record
from vedette.automation.workflows.run_facts import RunFacts, Variable
from vedette.core.clock import VirtualClock
from vedette.expressions.errors import ExpressionError
from vedette.expressions.functions import Function, function
from vedette.expressions.syntax import Literal


class Here:
    functions: dict[str, Function] = {}  # noqa: RUF012  (the protocol's is no class variable)

    def now(self) -> datetime:
        return datetime(2024, 5, 1, 12, 30, tzinfo=UTC)

    def new_id(self) -> str:
        return "c2ecc88d-88c8-4096-912c-d6f2e2b138ce"


def value(text: Any) -> Any:
    return evaluate(text, Here())


VALUES: list[tuple[str, Any]] = [
    ("@concat('a', 1, null, true)", "a1True"),
    ("@endsWith('hello world', 'WORLD')", True),
    ("@startsWith('hello', 'x')", False),
    ("@formatNumber(1234567890, '0,0.00', 'en-US')", "1,234,567,890.00"),
    ("@formatNumber(17.35, 'C2', 'de-de')", "17,35 €"),
    ("@formatNumber(17.35, 'C2')", "$17.35"),
    ("@formatNumber(0.256, 'P1')", "25.6%"),
    ("@formatNumber(42, 'D5')", "00042"),
    ("@formatNumber(255, 'x4')", "00ff"),
    ("@guid('P')", "(c2ecc88d-88c8-4096-912c-d6f2e2b138ce)"),
    ("@indexOf('hello world', 'World')", 6),
    ("@lastIndexOf('hello hello', 'hello')", 6),
    ("@nthIndexOf('123456789123465789', '1', 2)", 9),
    ("@nthIndexOf('aaa', 'a', -1)", 2),
    ("@replace('the old string', 'old', 'new')", "the new string"),
    ("@slice('Hello World', 2, -3)", "llo Wo"),
    ("@slice('Hello World', -4)", "orld"),
    ("@split('a;b;c', ';')", ["a", "b", "c"]),
    ("@substring('hello world', 6, 5)", "world"),
    ("@substring('hello', 2)", "llo"),
    ("@toUpper(toLower('Ab'))", "AB"),
    ("@trim(' x ')", "x"),
    ("@chunk('abcdef', 4)", ["abcd", "ef"]),
    ("@chunk(createArray(1, 2, 3), 2)", [[1, 2], [3]]),
    ("@contains('hello', 'ell')", True),
    ("@contains(createArray(1, 2), 2)", True),
    ("@contains(json('{\"a\": 1}'), 'a')", True),
    ("@empty('')", True),
    ("@empty(null)", True),
    ("@first('hello')", "h"),
    ("@last(createArray(0, 1, 2))", 2),
    ("@intersection(createArray(1, 2, 3), createArray(101, 2, 1), createArray(2, 1))", [1, 2]),
    ("@join(createArray('a', 1), '.')", "a.1"),
    ("@length('hello')", 5),
    ("@reverse(createArray(0, 1))", [1, 0]),
    ("@skip(createArray(0, 1, 2), 1)", [1, 2]),
    ("@take('hello', 2)", "he"),
    ("@sort(createArray(2, 1, 4))", [1, 2, 4]),
    ("@sort(json('[{\"n\": 2}, {\"n\": 1}]'), 'n')", [{"n": 1}, {"n": 2}]),
    ("@union(createArray(1, 2), createArray(2, 3))", [1, 2, 3]),
    ("@union(json('{\"a\": {\"x\": 1}}'), json('{\"a\": {\"y\": 2}}'))", {"a": {"x": 1, "y": 2}}),
    ("@equals(1, 1.0)", True),
    ("@equals('a', 'A')", False),
    ("@equals(null, '')", False),
    ("@greater('banana', 'apple')", True),
    ("@lessOrEquals(10, 10)", True),
    ("@if(equals(1, 1), 'yes', 'no')", "yes"),
    ("@or(false, and(true, not(false)))", True),
    ("@array('a')", ["a"]),
    ("@base64('hello')", "aGVsbG8="),
    ("@base64ToString('aGVsbG8=')", "hello"),
    ("@base64ToBinary('aGVsbG8=')", {"$content-type": "application/octet-stream", "$content": "aGVsbG8="}),
    ("@bool('TRUE')", True),
    ("@bool(0)", False),
    ("@dataUri('hello')", "data:text/plain;charset=utf-8;base64,aGVsbG8="),
    ("@dataUriToString('data:text/plain;charset=utf-8;base64,aGVsbG8=')", "hello"),
    ("@encodeUriComponent('https://contoso.com')", "https%3A%2F%2Fcontoso.com"),
    ("@decodeUriComponent('https%3A%2F%2Fcontoso.com')", "https://contoso.com"),
    ("@float('10,000.333')", 10000.333),
    ("@int('-10')", -10),
    ("@isInt('10')", True),
    ("@isFloat('10.0')", True),
    ("@json('[1,2,3]')", [1, 2, 3]),
    ("@json(xml('<root><person id=\"1\"><name>Sophia</name></person></root>'))",
     {"root": {"person": {"@id": "1", "name": "Sophia"}}}),
    ("@string(createArray(1, 'a'))", '[1,"a"]'),
    ("@string(xml(json('{\"name\": \"Sophia\"}')))", "<name>Sophia</name>"),
    ("@xpath(xml('<p><i><n>Gala</n></i><i><n>Honey</n></i></p>'), '/p/i/n/text()')", ["Gala", "Honey"]),
    ("@xpath(xml('<p><i><n>Gala</n><c>20</c></i><i><c>10</c></i></p>'), 'sum(/p/i/c)')", 30),
    ("@xpath(xml('<p xmlns=\"u\"><n>x</n></p>'), 'string(/*[local-name()=''p'']/*[local-name()=''n''])')", "x"),
    ("@add(1, 1.5)", 2.5),
    ("@div(11, 5)", 2),
    ("@div(-11, 5)", -2),
    ("@div(11, 5.0)", 2.2),
    ("@max(createArray(1, 3, 2))", 3),
    ("@min(3, 2)", 2),
    ("@mod(-3, 2)", -1),
    ("@mul(2, 3)", 6),
    ("@range(1, 4)", [1, 2, 3, 4]),
    ("@sub(10.3, 0.3)", 10.0),
    ("@addDays('2018-03-15T00:00:00Z', 10, 'D')", "Sunday, March 25, 2018"),
    ("@addHours('2018-03-15T00:00:00Z', -5)", "2018-03-14T19:00:00.0000000Z"),
    ("@addMinutes('2018-03-15T00:20:00+02:00', 10)", "2018-03-14T22:30:00.0000000Z"),
    ("@addToTime('2018-01-31T00:00:00Z', 1, 'Month')", "2018-02-28T00:00:00.0000000Z"),
    ("@subtractFromTime('2018-01-02T00:00:00Z', 1, 'Day')", "2018-01-01T00:00:00.0000000Z"),
    ("@convertFromUtc('2018-02-02T02:00:00.000Z', 'Pacific Standard Time', 'MM-dd-yyyy')", "02-01-2018"),
    ("@convertTimeZone('2018-01-01T08:00:00.0000000Z', 'UTC', 'Pacific Standard Time')", "2018-01-01T00:00:00.0000000"),
    ("@convertToUtc('01/01/2018 00:00:00', 'Pacific Standard Time')", "2018-01-01T08:00:00.0000000Z"),
    ("@dateDifference('2015-02-08', '2018-07-30')", "1268.00:00:00"),
    ("@dayOfMonth('2018-03-15T13:27:36Z')", 15),
    ("@dayOfWeek('2018-03-15T13:27:36Z')", 4),
    ("@dayOfYear('2018-03-15T13:27:36Z')", 74),
    ("@formatDateTime('03/15/2018 12:00:00', 'yyyy-MM-ddTHH:mm:ss')", "2018-03-15T12:00:00"),
    ("@formatDateTime('2018-03-15T13:01:02.345Z', 'hh:mm:ss.fff tt')", "01:01:02.345 PM"),
    ("@formatDateTime('2018-03-05T00:00:00Z', '%d')", "5"),
    ("@getFutureTime(2, 'Week', 'D')", "Wednesday, May 15, 2024"),
    ("@getPastTime(5, 'Day')", "2024-04-26T12:30:00.0000000Z"),
    ("@parseDateTime('20/10/2014 15:05', 'fr-fr', 'dd/MM/yyyy HH:mm')", "2014-10-20T15:05:00.0000000"),
    ("@startOfDay('2018-03-15T13:30:30Z')", "2018-03-15T00:00:00.0000000Z"),
    ("@startOfHour('2018-03-15T13:30:30Z')", "2018-03-15T13:00:00.0000000Z"),
    ("@startOfMonth('2018-03-15T13:30:30Z', 'yyyy-MM-dd')", "2018-03-01"),
    ("@ticks('2018-03-15')", 636566688000000000),
    ("@utcNow('D')", "Wednesday, May 1, 2024"),
    ("@uriHost('https://www.localhost.com:8080')", "www.localhost.com"),
    ("@uriPathAndQuery('https://www.contoso.com/catalog/shownew.htm?date=today')", "/catalog/shownew.htm?date=today"),
    ("@uriPort('https://www.localhost:8080')", 8080),
    ("@uriQuery('https://www.contoso.com/a?date=today')", "?date=today"),
    ("@uriScheme('https://www.contoso.com/')", "https"),
    ("@addProperty(json('{\"a\": 1}'), 'b', 2)", {"a": 1, "b": 2}),
    ("@removeProperty(json('{\"a\": 1}'), 'a')", {}),
    ("@setProperty(json('{\"a\": 1}'), 'a', 2)", {"a": 2}),
    ("@coalesce(null, 'hello', 'world')", "hello"),
    ("@json('{\"a\": [{\"b\": 7}]}')?['a']?[0]?['b']", 7),
    ("@json('{\"a\": 1}')?.c?.d?[3]", None),
    ("@createArray(1)?[5]", None),
    ("@'it''s'", "it's"),
    ("@@plain", "@plain"),
    ("a @@{b}", "a @{b}"),
    ("me@example.com", "me@example.com"),
    ("@{1}-@{null}-@{json('{\"a\":true}')}", '1--{"a":true}'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), VALUES, ids=[text for text, _ in VALUES])
def test_values(text: str, expected: Any) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


ERRORS = [
    ("@nosuch(1)", "The template function 'nosuch' is not defined or not valid."),
    ("@replace(null, 'a', 'b')",
     ("The template language function 'replace' expects its first parameter 'string' to be a string. The provided "
      "value is of type 'Null'. Please see https://aka.ms/logicexpressions#replace for usage details.")),
    ("@json('{\"a\": 1}').b",
     ("The template language expression 'json('{\"a\": 1}').b' cannot be evaluated because property 'b' doesn't exist, "
      "available properties are 'a'. Please see https://aka.ms/logicexpressions for usage details.")),
    ("@string(1).b", "Property selection is not supported on values of type 'String'"),
    ("@createArray()[0]", "array index '0' cannot be selected from empty array"),
    ("@createArray(1)[3]", "array index '3' is outside bounds (0, 0) of array"),
    ("@int('x')", "The value cannot be converted to the target type."),
    ("@div(1, 0)", "cannot divide by zero"),
    ("@add(9223372036854775807, 1)", "too large"),
    ("@substring('abc', 2, 5)", "the length of the string"),
    ("@length(1)", "to be an array or a string"),
    ("@length()", "expects 1 parameter(s)"),
    ("@concat('a'", "')' is expected at position '11', where the text ends"),
    ("@{concat('a')", "'}' is expected"),
    ("@concat('a' 'b')", "is expected at position"),
    ("@foo", "is no function call"),
    ("@concat('a", "does not end"),
    ("@range(1, 10000000)", "0 to 100000"),
    ("@addDays('not a date', 1)", "must match ISO 8601 format"),
    ("@convertTimeZone('2018-01-01', 'Nowhere', 'UTC')", "time zone 'Nowhere'"),
    ("@convertTimeZone('2018-01-01', '../../etc/passwd', 'UTC')", "time zone"),
    ("@xml('<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>')", "DTD is prohibited"),
    ("@xpath(xml('<a/>'), 'document(\"x\")')", "not known here"),
    ("@rand(5, 5)", "less than its second"),
    ("@" + "not(" * 150 + "true" + ")" * 150, "nested deeper"),
    ("@replace('" + "a" * 4000 + "', 'a', '" + "b" * 4000 + "')", "more than 10000000 characters"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), ERRORS, ids=[text[:60] for text, _ in ERRORS])
def test_errors(text: str, told: str) -> None:
    with pytest.raises(ExpressionError) as error:
        value(text)
    assert told in error.value.message


PLAIN = st.text(max_size=60)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@given(PLAIN)
def test_any_text_is_read_or_refused(text: str) -> None:
    for given_text in (text, f"@{text}", f"@{{{text}}}", f"@concat({text})"):
        with suppress(ExpressionError):
            evaluate(given_text, Here())


@given(PLAIN)
def test_a_quoted_string_is_itself(text: str) -> None:
    assert read_template(f"@{quoted(text)}") == Literal(text)
    assert value(f"x@{{{quoted(text)}}}y") == f"x{text}y"


@given(JSON)
def test_json_comes_back(data: Any) -> None:
    assert value(f"@json({quoted(json.dumps(data))})") == data


@given(st.text(alphabet="ab{}'\" .", max_size=40))
def test_text_without_an_at_sign_is_itself(text: str) -> None:
    assert value(text) == text


@given(st.lists(st.text(alphabet="xyz@", max_size=5), max_size=5))
def test_parts_are_joined(parts: list[str]) -> None:
    text = "".join(f"<@{{{quoted(part)}}}>" for part in parts)
    template = read_template(text)
    assert isinstance(template, Joined) == bool(parts)
    assert value(text) == "".join(f"<{part}>" for part in parts)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), st.integers(-5000, 5000))
def test_days_that_are_added_are_taken_away(instant: datetime, days: int) -> None:
    text = instant.isoformat() + "Z"
    assert value(f"@equals(ticks(addDays(addDays('{text}', {days}), {-days})), ticks('{text}'))")


BIG = "a" * 5_000_000
LARGE = [
    "@concat(" + ", ".join(["variables('x')"] * 200) + ")",
    "@join(createArray(" + ", ".join(["variables('x')"] * 200) + "), ',')",
    "@string(createArray(" + ", ".join(["variables('x')"] * 200) + "))",
    "@split(variables('x'), 'a')",
    "@chunk(variables('x'), 1)",
    "@dataUriToString(concat('data:', replace(variables('x'), 'a', '='), 'x'))",
    "@decimal(variables('x'))",
    "@parseDateTime(variables('x'), 'en-US', 'dddd dddd dddd')",
]


@pytest.mark.parametrize("text", LARGE)
def test_what_would_take_much_memory_or_time_is_refused(text: str) -> None:
    class Large(Here):
        functions = {"variables": function("variables", "name: string", lambda _name: BIG)}  # noqa: RUF012

    with pytest.raises(ExpressionError):
        evaluate(text, Large())


@pytest.mark.parametrize(
    "template",
    [
        ["@{variables('x')}-"] * 1000,
        {"a": ["@concat(variables('x'), 'b')"] * 1000},
        "@length(createArray(" + ", ".join(["concat(variables('x'), 'b')"] * 1000) + "))",
    ],
)
def test_a_value_of_many_large_texts_is_given_up_on_the_way(template: Any) -> None:
    asked = 0

    def large(_name: str) -> str:
        nonlocal asked
        asked += 1
        return "a" * 1_000_000

    class Large(Here):
        functions = {"variables": function("variables", "name: string", large)}  # noqa: RUF012

    with pytest.raises(ExpressionError, match="more than"):
        evaluate(template, Large())
    assert asked <= 201


@pytest.mark.parametrize(
    ("work", "inputs"),
    [
        (select, {"select": {"a": "@{variables('x')}@{guid()}"}}),
        (table, {"columns": [{"header": "a", "value": "@{variables('x')}@{guid()}"}]}),
    ],
)
def test_an_action_on_many_items_is_given_up_on_the_way(work: Any, inputs: Any) -> None:
    asked: list[str] = []

    def new_id() -> str:
        asked.append("")
        return "11111111-1111-1111-1111-111111111111"

    now = datetime(2026, 1, 1, tzinfo=UTC)
    facts = RunFacts({}, {}, {}, False, {}, "", VirtualClock(now), new_id)
    facts.variables["x"] = Variable("x", "string", "a" * 1_000_000)
    record = Record("a", (), 1, "select", now, "", inputs={"from": [1] * 1000, "format": "CSV"})
    with pytest.raises(ExpressionError, match="more than 10000000"):
        work(record, {"inputs": inputs}, Place(facts, ()))
    assert len(asked) <= 10
