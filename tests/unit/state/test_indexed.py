"""An index changes no list, and the pages behind documents are the whole list."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select
from tests.postgresql import Cluster

from vedette.arm.odata import parse_filter, parse_order
from vedette.core.clock import VirtualClock
from vedette.core.errors import InvalidInput
from vedette.core.ids import new_id
from vedette.state.databases import database_of
from vedette.state.indexed import dialect_of, entered_by, position_of
from vedette.state.json_access import order_clauses
from vedette.state.store import StateStore
from vedette.state.tables import documents

SCOPE = "/workspaces/w"
INCIDENTS, OTHERS = "Microsoft.SecurityInsights/incidents", "Test/incidents"
NOW = datetime(2024, 1, 1, tzinfo=UTC)


def filled(url: str) -> StateStore:
    state, chance = StateStore(url, VirtualClock(NOW), new_id), Random(5)
    bodies = [
        {
            "properties": {
                "status": chance.choice(["New", "Active", "Closed"]),
                "severity": chance.choice(["High", "Low"]),
                "incidentNumber": number,
                "createdTimeUtc": (NOW + timedelta(hours=chance.randrange(9))).isoformat().replace("+00:00", "Z"),
                "lastModifiedTimeUtc": f"2024-02-0{chance.randrange(1, 5)}T00:00:00.1234567Z",
            }
        }
        for number in range(40)
    ]
    with state.transaction() as transaction:
        for type in (INCIDENTS, OTHERS):
            ids = [f"{SCOPE}/{type}/n{number}" for number in range(40)]
            transaction.create_all(type=type, scope=SCOPE, ids=ids, bodies=bodies)
    return state


@pytest.mark.parametrize(
    ("condition", "order"),
    [
        ("properties/status eq 'New'", "properties/createdTimeUtc desc"),
        ("properties/status ne 'New' and properties/severity eq 'Low'", "properties/lastModifiedTimeUtc"),
        ("properties/incidentNumber ge 7", "properties/incidentNumber desc"),
        ("properties/createdTimeUtc ge 2024-01-01T04:00:00Z", "properties/createdTimeUtc,name desc"),
        ("properties/createdTimeUtc lt 2024-01-01T04:00:00Z", "properties/status,properties/incidentNumber desc"),
        ("properties/status in ('New','Active') or not (properties/severity eq 'High')", "properties/severity desc"),
        ("properties/status gt 'B' and contains(properties/severity,'ig')", "created desc"),
        ("properties/lastModifiedTimeUtc eq null", "name"),
    ],
)
def test_an_index_changes_no_list(each_state_url: str, condition: str, order: str) -> None:
    state = filled(each_state_url)
    where, orders = parse_filter(condition), parse_order(order)
    indexed, plain = (state.list(type, SCOPE, where=where, order=orders) for type in (INCIDENTS, OTHERS))
    assert [each.name for each in indexed] == [each.name for each in plain]
    assert state.count(INCIDENTS, SCOPE, where=where) == len(plain)
    state.close()


@pytest.mark.parametrize(
    "order", ["", "properties/createdTimeUtc desc", "properties/lastModifiedTimeUtc,name desc", "modified desc"]
)
def test_pages_behind_documents_are_the_whole_list(each_state_url: str, order: str) -> None:
    state = filled(each_state_url)
    orders = parse_order(order) if order else ()
    whole = [each.name for each in state.list(INCIDENTS, SCOPE, order=orders)]
    seen: list[str] = []
    page = state.list(INCIDENTS, SCOPE, order=orders, limit=7)
    while page:
        seen += [each.name for each in page]
        after = position_of(INCIDENTS.lower(), orders, page[-1])
        page = state.list(INCIDENTS, SCOPE, order=orders, limit=7, after=after)
    assert seen == whole
    state.close()


def test_positions_of_other_orders_are_refused(each_state_url: str) -> None:
    state = filled(each_state_url)
    first = state.list(INCIDENTS, SCOPE, limit=1)[0]
    assert position_of(INCIDENTS.lower(), parse_order("properties/title"), first) is None
    order = parse_order("properties/createdTimeUtc")
    for position in ([1], ["a", 1, "k"], [2**63, 1, "k"], [1, 1, 1]):
        with pytest.raises(InvalidInput, match="another order"):
            state.list(INCIDENTS, SCOPE, order=order, after=position)
    state.close()


def test_a_change_is_found_where_it_is_now(each_state_url: str) -> None:
    state = filled(each_state_url)
    first = state.list(INCIDENTS, SCOPE, limit=1)[0]
    with state.transaction() as transaction:
        body = {"properties": first.body["properties"] | {"status": "Gone"}}
        transaction.put(id=first.id, type=INCIDENTS, scope=SCOPE, name=first.name, body=body)
    found = state.list(INCIDENTS, SCOPE, where=parse_filter("properties/status eq 'Gone'"))
    assert [each.name for each in found] == [first.name]
    state.close()


@pytest.mark.parametrize(
    ("order", "index"),
    [
        ("properties/createdTimeUtc desc", "documents_by_instant_a"),
        ("properties/incidentNumber", "documents_by_number_a"),
    ],
)
def test_postgresql_sorts_by_an_index(postgresql: Cluster, order: str, index: str) -> None:
    url = postgresql.schema_url()
    filled(url).close()
    database = database_of(url)
    dialect = dialect_of(INCIDENTS.lower(), database.json)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("SET enable_seqscan = off")
        connection.exec_driver_sql("SET enable_bitmapscan = off")
        connection.exec_driver_sql("ANALYZE documents")
        (by,) = parse_order(order)
        query = (
            select(documents.c.key)
            .where(documents.c.type_key == INCIDENTS.lower(), documents.c.scope == SCOPE)
            .where(*entered_by(INCIDENTS.lower(), [by]))
            .order_by(*order_clauses(by, dialect), documents.c.created, documents.c.key)
            .limit(3)
        )
        text = query.compile(database.engine, compile_kwargs={"literal_binds": True})
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {text}").scalars())
    database.close()
    assert index in plan
    assert "Presorted Key" in plan or "Sort" not in plan, plan


def test_many_values_and_conditions_are_asked_at_once(each_state_url: str) -> None:
    state = filled(each_state_url)
    values = ",".join(["'New'", "null", "true", "1.5", *(str(number) for number in range(10, 1500))])
    for type in (INCIDENTS, OTHERS):
        found = state.list(type, SCOPE, where=parse_filter(f"properties/incidentNumber in ({values})"))
        assert len(found) == 30
        assert len(state.list(type, SCOPE, where=parse_filter(f"properties/none in ({values})"))) == 40
        many = " or ".join(f"not (properties/x eq {number})" for number in range(200))
        assert len(state.list(type, SCOPE, where=parse_filter(many))) == 40
    state.close()
