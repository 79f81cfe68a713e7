"""`$filter` and `$orderby` of OData 4, as far as management lists use them, read into conditions and orders.

The language: https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html
"""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn, cast

from vedette.core.errors import InvalidInput
from vedette.state.conditions import (
    And,
    AnyElement,
    Comparator,
    Compare,
    Condition,
    In,
    Match,
    Matcher,
    Not,
    Or,
    Order,
    Path,
    Scalar,
)

_LONGEST = 8_000
_DEEPEST = 50
_MOST_CONDITIONS = 200
_MOST_ORDERS = 16
_LONGEST_NUMBER = 400
_COMPARATORS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
_FUNCTIONS = frozenset({"contains", "startswith", "endswith"})
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None}
_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')"
    r"|(?P<datetime>\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?(?![\w-]))"
    r"|(?P<guid>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![\w-]))"
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\w))"
    r"|(?P<name>[A-Za-z_@][\w.]*(?:/[A-Za-z_@][\w.]*)*)"
    r"|(?P<mark>[(),:/]))"
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def parse_filter(text: str) -> Condition:
    """`properties/status eq 'New' and contains(properties/title,'x')` as a condition.

    Raises InvalidInput (InvalidFilter) with the position of what could not be read.
    """
    return _Parser("$filter", "InvalidFilter", text).filter()


def parse_order(text: str) -> tuple[Order, ...]:
    """`properties/createdTimeUtc desc, name` as orders. Raises InvalidInput (InvalidOrderBy) with a position."""
    return _Parser("$orderby", "InvalidOrderBy", text).orders()


class _Parser:
    def __init__(self, option: str, code: str, text: str) -> None:
        self.option = option
        self.code = code
        self.text = text
        self.variables: list[str] = []
        self.depth = 0
        self.conditions = 0
        self.next = 0
        if len(text) > _LONGEST:
            self.fail(f"is longer than {_LONGEST} characters", 0)
        self.tokens = self.split()

    def split(self) -> list[_Token]:
        tokens: list[_Token] = []
        at = 0
        while self.text[at:].strip():
            match = _TOKEN.match(self.text, at)
            if match is None or match.lastgroup is None:
                start = at + len(self.text[at:]) - len(self.text[at:].lstrip())
                reason = "has a string without an end" if self.text[start] == "'" else "cannot be read"
                self.fail(reason, start)
            tokens.append(_Token(match.lastgroup, match.group(match.lastgroup), match.start(match.lastgroup)))
            at = match.end()
        return [*tokens, _Token("end", "", len(self.text))]

    def filter(self) -> Condition:
        condition = self.either()
        self.end()
        return condition

    def orders(self) -> tuple[Order, ...]:
        orders = [self.order()]
        while self.take("mark", ","):
            if len(orders) == _MOST_ORDERS:
                self.fail(f"has more than {_MOST_ORDERS} keys")
            orders.append(self.order())
        self.end()
        return tuple(orders)

    def order(self) -> Order:
        path = self.path()
        descending = self.word("desc")
        if not descending:
            self.word("asc")
        return Order(path, descending)

    def either(self) -> Condition:
        conditions = [self.both()]
        while self.word("or"):
            conditions.append(self.both())
        return conditions[0] if len(conditions) == 1 else Or(tuple(conditions))

    def both(self) -> Condition:
        conditions = [self.unary()]
        while self.word("and"):
            conditions.append(self.unary())
        return conditions[0] if len(conditions) == 1 else And(tuple(conditions))

    def unary(self) -> Condition:
        self.depth += 1
        if self.depth > _DEEPEST:
            self.fail(f"is nested deeper than {_DEEPEST} levels")
        if self.word("not"):
            condition: Condition = Not(self.unary())
        elif self.take("mark", "("):
            condition = self.either()
            self.expect(")")
        else:
            condition = self.predicate()
        self.depth -= 1
        return condition

    def predicate(self) -> Condition:
        self.conditions += 1
        if self.conditions > _MOST_CONDITIONS:
            self.fail(f"has more than {_MOST_CONDITIONS} conditions")
        token, following = self.tokens[self.next], self.tokens[min(self.next + 1, len(self.tokens) - 1)]
        if token.kind == "name" and following.text == "(" and following.kind == "mark":
            function = token.text.lower()
            if function in _FUNCTIONS:
                return self.truth(self.match(cast("Matcher", function)))
            if function == "substringof":
                return self.truth(self.substring())
            if function.rpartition("/")[2] in ("any", "all") and "/" in function:
                return self.truth(self.lambda_())
            self.fail(f"calls '{token.text}', which is not served; contains, startswith, endswith, any and all are")
        return self.comparison()

    def match(self, function: Matcher) -> Condition:
        self.next += 2
        path = self.path()
        self.expect(",")
        text = self.text_value()
        self.expect(")")
        return Match(path, function, text)

    def substring(self) -> Condition:
        """`substringof('text',name)`, which says since OData 2 what `contains(name,'text')` says."""
        self.next += 2
        text = self.text_value()
        self.expect(",")
        path = self.path()
        self.expect(")")
        return Match(path, "contains", text)

    def text_value(self) -> str:
        token = self.tokens[self.next]
        text = self.value()
        if not isinstance(text, str):
            self.fail("needs a string in quotes here", token.at)
        return text

    def lambda_(self) -> Condition:
        token = self.tokens[self.next]
        *keys, function = token.text.split("/")
        path = self.resolved(keys, token)
        self.next += 2
        if function.lower() == "any" and self.take("mark", ")"):
            return AnyElement(path, None)
        variable = self.tokens[self.next]
        if variable.kind != "name" or "/" in variable.text:
            self.fail("needs the name of a variable here, as in any(l: l/labelName eq 'x')")
        self.next += 1
        self.expect(":")
        self.variables.append(variable.text)
        condition = self.either()
        self.variables.pop()
        self.expect(")")
        return AnyElement(path, condition) if function.lower() == "any" else Not(AnyElement(path, Not(condition)))

    def truth(self, condition: Condition) -> Condition:
        """`contains(…) eq true`, and `eq false`, which clients write though the call says it all."""
        if not self.word("eq"):
            return condition
        token = self.tokens[self.next]
        value = self.value()
        if not isinstance(value, bool):
            self.fail("can only compare this with true or false", token.at)
        return condition if value else Not(condition)

    def comparison(self) -> Condition:
        path = self.path()
        token = self.tokens[self.next]
        operator = token.text.lower()
        if token.kind == "name" and operator == "in":
            self.next += 1
            return In(path, self.values())
        if token.kind != "name" or operator not in _COMPARATORS:
            self.fail("needs one of eq, ne, gt, ge, lt, le, in here")
        self.next += 1
        return Compare(path, cast("Comparator", operator), self.value())

    def values(self) -> tuple[Scalar, ...]:
        self.expect("(")
        values = [self.value()]
        while self.take("mark", ","):
            values.append(self.value())
        self.expect(")")
        return tuple(values)

    def value(self) -> Scalar:
        token = self.tokens[self.next]
        self.next += 1
        match token.kind:
            case "string":
                text = token.text[1:-1].replace("''", "'")
                return _instant(text) if len(text) >= 19 and text[10] == "T" and _instant(text) else text
            case "guid":
                return token.text
            case "number":
                return self.number(token)
            case "datetime":
                return _instant(token.text) or self.fail(f"'{token.text}' is not a date", token.at)
            case "name" if token.text.lower() in _WORDS:
                return _WORDS[token.text.lower()]
            case _:
                return self.fail(
                    "needs a value here: a string in single quotes, a number, a date, true, false or null", token.at
                )

    def number(self, token: _Token) -> int | float:
        """A number that databases can hold."""
        if len(token.text) <= _LONGEST_NUMBER:
            number = float(token.text) if set(token.text) & set(".eE") else int(token.text)
            fits = math.isfinite(number) if isinstance(number, float) else -(2**63) <= number < 2**63
            if fits:
                return number
        return self.fail("has a number that is too large", token.at)

    def path(self) -> Path:
        token = self.tokens[self.next]
        if token.kind != "name":
            self.fail("needs the path of a property here, such as properties/status")
        self.next += 1
        return self.resolved(token.text.split("/"), token)

    def resolved(self, keys: list[str], token: _Token) -> Path:
        """Inside a lambda a path begins with its variable, and reaches only what the variable holds."""
        if not self.variables:
            return tuple(keys)
        if not keys or keys[0] != self.variables[-1]:
            self.fail(f"needs a path that begins with '{self.variables[-1]}' here", token.at)
        return tuple(keys[1:])

    def take(self, kind: str, text: str) -> bool:
        token = self.tokens[self.next]
        if token.kind != kind or token.text != text:
            return False
        self.next += 1
        return True

    def word(self, text: str) -> bool:
        token = self.tokens[self.next]
        if token.kind != "name" or token.text.lower() != text:
            return False
        self.next += 1
        return True

    def expect(self, mark: str) -> None:
        if not self.take("mark", mark):
            self.fail(f"needs '{mark}' here")

    def end(self) -> None:
        if self.tokens[self.next].kind != "end":
            self.fail("goes on where it should end")

    def fail(self, reason: str, at: int | None = None) -> NoReturn:
        position = (self.tokens[self.next].at if at is None else at) + 1
        raise InvalidInput(self.code, f"'{self.option}' {reason} (position {position} of '{self.text[:200]}').")


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
