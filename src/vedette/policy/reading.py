"""The conditions of a rule, read from JSON.

https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule
"""

from typing import Any, cast

from vedette.policy.conditions import AllOf, AnyOf, Condition, CountOf, FieldOf, Left, Not, SourceOf, Test, ValueOf
from vedette.policy.errors import invalid_rule
from vedette.policy.limits import DEEPEST, MOST_CONDITIONS, MOST_COUNTS
from vedette.policy.operators import BY_FOLDED
from vedette.policy.target import Alias, read_field
from vedette.policy.values import Constant, Json, Value, read_value

_LEFT = frozenset({"field", "value", "source", "count"})
_LOGICAL = frozenset({"allof", "anyof", "not"})
_SOURCES = {"action": "action"}


def read_condition(value: Any) -> Condition:
    """The tree of a condition. Raises InvalidInput (InvalidPolicyRule)."""
    return _Reader().condition(value, 0)


class _Reader:
    """Counts what it reads; `counts` is how many counts the place is inside."""

    def __init__(self) -> None:
        self.left = MOST_CONDITIONS
        self.counts = 0

    def condition(self, value: Any, depth: int) -> Condition:
        if depth > DEEPEST:
            raise invalid_rule(f"conditions are nested deeper than {DEEPEST} levels")
        self.left -= 1
        if self.left < 0:
            raise invalid_rule(f"there are more than {MOST_CONDITIONS} conditions")
        if not isinstance(value, dict):
            raise invalid_rule("a condition is an object")
        held = {name.lower(): each for name, each in cast("Json", value).items()}
        logical = held.keys() & _LOGICAL
        if logical:
            if len(held) > 1:
                raise invalid_rule(f"beside '{min(logical)}' a condition has nothing else, but {_names(held)}")
            return self._logical(min(logical), held, depth)
        return self._test(held, depth)

    def _logical(self, name: str, held: Json, depth: int) -> Condition:
        inside: Any = held[name]
        if name == "not":
            return Not(self.condition(inside, depth + 1))
        if not isinstance(inside, list):
            raise invalid_rule(f"'{name}' is an array of conditions")
        read = tuple(self.condition(each, depth + 1) for each in cast("list[Any]", inside))
        return AllOf(read) if name == "allof" else AnyOf(read)

    def _test(self, held: Json, depth: int) -> Test:
        lefts, operators = held.keys() & _LEFT, held.keys() & BY_FOLDED.keys()
        unknown = held.keys() - _LEFT - BY_FOLDED.keys()
        if unknown:
            raise invalid_rule(f"'{min(unknown)[:60]}' is no operator of a condition")
        if len(lefts) != 1:
            raise invalid_rule("a condition has one of 'field', 'value', 'count', 'source', 'not', 'allOf' and 'anyOf'")
        if len(operators) != 1:
            raise invalid_rule(f"the condition on '{min(lefts)}' has one operator, not {len(operators)}")
        operator = BY_FOLDED[min(operators)]
        expected = read_value(held[operator.lower()])
        _check_expected(operator, expected)
        return Test(self._left(min(lefts), held, depth), operator, expected)

    def _left(self, name: str, held: Json, depth: int) -> Left:
        given: Any = held[name]
        if name == "field":
            return FieldOf(_field(given))
        if name == "value":
            return ValueOf(read_value(given))
        if name == "source":
            if str(given).lower() not in _SOURCES:
                raise invalid_rule("'source' is 'action'")
            return SourceOf(_SOURCES[str(given).lower()])
        return self._count(given, depth)

    def _count(self, given: Any, depth: int) -> CountOf:
        if not isinstance(given, dict):
            raise invalid_rule("'count' is an object with 'field' or 'value'")
        held = {name.lower(): each for name, each in cast("Json", given).items()}
        unknown = held.keys() - {"field", "value", "name", "where"}
        if unknown or ("field" in held) == ("value" in held):
            raise invalid_rule("'count' has 'field' or 'value', perhaps 'where', and with 'value' perhaps 'name'")
        if "name" in held and "field" in held:
            raise invalid_rule("a 'count' of a field has no 'name'")
        self.counts += 1
        if self.counts > MOST_COUNTS:
            raise invalid_rule(f"counts are nested deeper than {MOST_COUNTS} levels")
        where = self.condition(held["where"], depth + 1) if "where" in held else None
        self.counts -= 1
        if "value" in held:
            return CountOf(None, read_value(held["value"]), str(held.get("name", "")), where)
        counted = _field(held["field"])
        if isinstance(counted, Constant):
            named = read_field(str(counted.value))
            if not isinstance(named, Alias) or not named.is_array:
                raise invalid_rule(
                    f"the field '{counted.value}' that is counted is no alias of an array: it needs '[*]'"
                )
        return CountOf(counted, None, "", where)


def _field(given: Any) -> Value:
    if not isinstance(given, str) or not given.strip():
        raise invalid_rule("'field' is the name of a field")
    read = read_value(given)
    if isinstance(read, Constant) and read_field(given) is None:
        raise invalid_rule(f"the field '{given[:200]}' is none: it is name, fullName, kind, type, location, id, tags, "
                           "identity.type, a tag or the alias of a property")  # fmt: skip
    return read


def _check_expected(operator: str, expected: Value) -> None:
    if not isinstance(expected, Constant):
        return
    value: Any = expected.value
    if operator in ("in", "notIn") and not isinstance(value, list):
        raise invalid_rule(f"'{operator}' expects an array")
    if operator in ("like", "notLike") and isinstance(value, str) and value.count("*") > 1:
        raise invalid_rule(f"the value of '{operator}' has at most one wildcard '*': '{value[:100]}'")
    if operator == "exists" and str(cast("Any", value)).lower() not in ("true", "false"):
        raise invalid_rule("'exists' expects true or false")


def _names(held: Json) -> str:
    return ", ".join(f"'{each}'" for each in sorted(held.keys() - _LOGICAL))
