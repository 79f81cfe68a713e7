from vedette.content.dependencies import stages
from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE, AUTOMATION_RULE, PARSER, WATCHLIST


def function(alias: str, query: str) -> Item:
    return Item(PARSER, alias.lower(), {"properties": {"functionAlias": alias, "query": query}})


def test_kinds_have_their_order_and_functions_come_after_those_that_they_call() -> None:
    rule, automation, watchlist = (
        Item(kind, "x", {"properties": {}}) for kind in (ALERT_RULE, AUTOMATION_RULE, WATCHLIST)
    )
    a, b, c = function("A", "B | union C"), function("B", "C"), function("C", "print 'A' // B")
    found = [[each.name for each in group] for group in stages([rule, automation, a, b, c, watchlist])]
    assert found == [["x"], ["c"], ["b"], ["a"], ["x"], ["x"]]


def test_a_column_that_is_called_as_a_function_makes_no_circle() -> None:
    a, b, c = function("A", "T | project x = B | where A > 1"), function("B", "C | union A"), function("C", "T")
    assert [[each.name for each in group] for group in stages([b, a, c])] == [["c"], ["b"], ["a"]]
    named = function("N", "let A = T; A | where Text has 'B' | extend o = dynamic({'B': 1})")
    assert len(stages([a, named])) == 1
    assert len(stages([function("A", "B("), function("B", "A")])) == 2


def test_a_function_that_calls_itself_is_the_services_to_judge() -> None:
    assert len(stages([function("A", "A | take 1")])) == 1
