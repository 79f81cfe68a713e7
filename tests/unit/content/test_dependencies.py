import pytest

from vedette.content.dependencies import stages
from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE, AUTOMATION_RULE, PARSER, WATCHLIST
from vedette.core.errors import InvalidInput


def function(alias: str, query: str) -> Item:
    return Item(PARSER, alias.lower(), {"properties": {"functionAlias": alias, "query": query}})


def test_kinds_have_their_order_and_functions_come_after_those_that_they_call() -> None:
    rule, automation, watchlist = (
        Item(kind, "x", {"properties": {}}) for kind in (ALERT_RULE, AUTOMATION_RULE, WATCHLIST)
    )
    a, b, c = function("A", "B | union C"), function("B", "C"), function("C", "print 'A' // B")
    found = [[each.name for each in group] for group in stages([rule, automation, a, b, c, watchlist])]
    assert found == [["x"], ["c"], ["b"], ["a"], ["x"], ["x"]]


def test_functions_that_call_each_other_are_named() -> None:
    with pytest.raises(InvalidInput, match=r"in a circle: .* → "):
        stages([function("A", "B"), function("B", "A")])


def test_a_function_that_calls_itself_is_the_services_to_judge() -> None:
    assert len(stages([function("A", "A | take 1")])) == 1
