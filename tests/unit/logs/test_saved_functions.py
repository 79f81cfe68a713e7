"""Saved functions: found by name with their parameters, by every workspace that may, and as they are now."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vedette.core.clock import VirtualClock
from vedette.core.ids import new_id
from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.diagnostics import KqlError
from vedette.kql.types import ScalarType
from vedette.logs.saved_functions import SAVED_SEARCH
from vedette.logs.scope import QueryScope
from vedette.logs.search_function import check_function, function_of
from vedette.logs.store import LogStore
from vedette.state.store import StateStore

ONE = "11111111-1111-1111-1111-111111111111"
TWO = "22222222-2222-2222-2222-222222222222"
GROUP = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces"


class Workspaces:
    """Two workspaces of one server."""

    def __init__(self, path: Path) -> None:
        clock = VirtualClock(datetime(2024, 5, 1, tzinfo=UTC))
        self.state = StateStore(f"sqlite:///{path / 'state.db'}", clock, new_id)
        self.engine = DuckDBEngine(None)
        self.logs = LogStore(self.engine, clock, self.state)
        for id, name in ((ONE, "one"), (TWO, "two")):
            self.logs.create_workspace(id, name, f"{GROUP}/{name}")
            row = [{"a_s": name}]
            self.logs.append(id, "T_CL", row, columns={"a_s": ScalarType.string}).result()

    def save(self, workspace: str, alias: str, query: str, parameters: str = "") -> None:
        scope = f"{GROUP}/{workspace}"
        properties = {"functionAlias": alias, "functionParameters": parameters, "query": query}
        with self.state.transaction() as transaction:
            id = f"{scope}/savedSearches/{alias}"
            transaction.put(id=id, type=SAVED_SEARCH, scope=scope, name=alias, body={"properties": properties})

    def rows(self, text: str) -> list[list[object]]:
        names = {"one": ONE, "two": TWO, ONE: ONE, TWO: TWO, f"{GROUP}/one": ONE, f"{GROUP}/two": TWO}
        return self.logs.query(QueryScope((ONE,), other=names.get), text).rows()

    def error(self, text: str) -> KqlError:
        with pytest.raises(KqlError) as caught:
            self.rows(text)
        return caught.value


@pytest.fixture
def workspaces(tmp_path: Path) -> Iterator[Workspaces]:
    made = Workspaces(tmp_path)
    yield made
    made.logs.close()
    made.engine.close()
    made.state.close()


def test_called_by_name_and_with_arguments(workspaces: Workspaces) -> None:
    workspaces.save("one", "Named", "T_CL | where a_s == name or name == '*'", "name:string='*'")
    assert workspaces.rows("Named | count") == [[1]]
    assert workspaces.rows("Named() | count") == [[1]]
    assert workspaces.rows("Named('other') | count") == [[0]]
    assert workspaces.rows("let T = Named(name='one'); union T, T | count") == [[2]]


def test_tabular_and_scalar_parameters(workspaces: Workspaces) -> None:
    parameters = "T:(*), x:string='*', y:dynamic=dynamic([])"
    workspaces.save("one", "Shaped", "T | extend x = x, n = array_length(y)", parameters)
    expected = [["one", "*", 0]]
    assert workspaces.rows("Shaped(T_CL) | project a_s, x, n") == expected
    assert workspaces.rows("T_CL | invoke Shaped() | project a_s, x, n") == expected
    workspaces.save("one", "Twice", "n * 2", "n:long")
    assert workspaces.rows("range i from 1 to 2 step 1 | extend d = Twice(i) | project d") == [[2], [4]]


def test_functions_call_each_other(workspaces: Workspaces) -> None:
    workspaces.save("one", "Inner", "let name = 'one'; T_CL | where a_s == name")
    workspaces.save("one", "Outer", "let f = (n:long) { Inner | take n }; f(n)", "n:long=5")
    assert workspaces.rows("Outer | project a_s") == [["one"]]


def test_a_change_is_noticed(workspaces: Workspaces) -> None:
    for text in ("one", "two"):
        workspaces.save("one", "Said", f"print said = '{text}'")
        assert workspaces.rows("Said") == [[text]]
    with workspaces.state.transaction() as transaction:
        transaction.delete(f"{GROUP}/one/savedSearches/Said")
    assert workspaces.error("Said").code == "SEM0100"


def test_errors_point_at_the_call_and_name_the_function(workspaces: Workspaces) -> None:
    workspaces.save("one", "Broken", "T_CL\n| where nosuch == 1")
    error = workspaces.error("Broken | take 1")
    assert (error.diagnostics[0].span.start, error.diagnostics[0].span.end) == (0, 6)
    assert error.diagnostics[0].message.startswith("In the function 'Broken', line 2: Failed to resolve")
    workspaces.save("one", "Unread", "T_CL | wher x")
    assert workspaces.error("T_CL | join Unread on a_s").code == "SEM0112"


def test_wrong_arguments(workspaces: Workspaces) -> None:
    workspaces.save("one", "Typed", "print n", "n:long, s:string='x'")
    assert workspaces.error("Typed").code == "SEM0108"
    assert workspaces.error("Typed(1, 'a', 2)").code == "SEM0108"
    assert workspaces.error("Typed(1, t='a')").code == "SEM0108"


def test_an_argument_of_another_type_is_converted(workspaces: Workspaces) -> None:
    workspaces.save("one", "Typed", "print n", "n:long")
    assert workspaces.rows("Typed('12')") == [[12]]
    assert workspaces.rows("Typed('a')") == [[None]]


def test_circles_are_refused(workspaces: Workspaces) -> None:
    workspaces.save("one", "A", "B | take 1")
    workspaces.save("one", "B", "A()")
    workspaces.save("one", "Self", "Self")
    error = workspaces.error("A")
    assert error.code == "SEM0113"
    assert "'A' → 'B' → 'A'" in error.message
    assert workspaces.error("toscalar(Self)").code == "SEM0113"


def test_other_workspaces(workspaces: Workspaces) -> None:
    workspaces.save("two", "Theirs", "T_CL | extend b = prefix", "prefix:string='p'")
    for name in ("two", TWO, f"{GROUP}/two"):
        assert workspaces.rows(f"workspace('{name}').T_CL | project a_s") == [["two"]]
    both = "union withsource=t workspace('one').T_CL, workspace('two').T_CL | project a_s | sort by a_s asc"
    assert workspaces.rows(both) == [["one"], ["two"]]
    assert workspaces.rows("workspace('two').Theirs('q') | project a_s, b") == [["two", "q"]]
    assert workspaces.rows("workspace('two').table('T_CL') | count") == [[1]]
    assert workspaces.rows("T_CL | where a_s !in ((workspace('two').T_CL | project a_s)) | count") == [[1]]
    assert workspaces.error("workspace('three').T_CL").code == "SEM0114"
    assert workspaces.error("workspace('two').Nowhere").code == "SEM0100"
    for refused in ("app('x').requests", "cluster('c').database('d').T", "database('d').T", "resource('r').T"):
        assert workspaces.error(refused).code == "SEM0299"


def test_what_may_not_be_read_is_not_there_even_when_another_made_the_plan(workspaces: Workspaces) -> None:
    query = "workspace('two').T_CL | count"
    assert workspaces.rows(query) == [[1]]
    with pytest.raises(KqlError, match="may read"):
        workspaces.logs.query(ONE, query)
    assert workspaces.logs.query(ONE, "workspace('one').T_CL | count").rows() == [[1]]


def test_a_saved_search_without_alias_is_no_function() -> None:
    assert function_of({"query": "T"}) is None
    check_function({"query": "no query at all |"})
    with pytest.raises(KqlError):
        check_function({"functionAlias": "F", "query": "T", "functionParameters": "x:nosuchtype"})
