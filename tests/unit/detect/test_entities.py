from collections.abc import Callable
from typing import Any

import pytest

from vedette.detect.entities import Entity, entities_json, entity_name, entity_properties, map_entities
from vedette.detect.entity_types import ENTITY_TYPES
from vedette.detect.results import Results
from vedette.detect.stored_rule import StoredRule
from vedette.kql.types import ScalarType

Make = Callable[..., StoredRule]


def mapping(kind: str, **fields: str) -> dict[str, Any]:
    return {
        "entityType": kind,
        "fieldMappings": [{"identifier": name, "columnName": column} for name, column in fields.items()],
    }


def results(*rows: list[Any], **columns: str) -> Results:
    return Results({name: ScalarType[type] for name, type in columns.items()}, rows)


@pytest.mark.parametrize(
    ("kind", "text", "fields"),
    [
        ("Account", "ana@contoso.example", {"Name": "ana", "UPNSuffix": "contoso.example"}),
        ("Account", "CONTOSO\\ana", {"Name": "ana", "NTDomain": "CONTOSO"}),
        ("Account", "ana", {"Name": "ana"}),
        ("Account", "@odd", {"Name": "@odd"}),
        ("Account", "CONTOSO\\", {"Name": "CONTOSO"}),
        ("Host", "web01.contoso.example", {"HostName": "web01", "DnsDomain": "contoso.example"}),
        ("Host", "CONTOSO\\web01", {"HostName": "web01", "NTDomain": "CONTOSO"}),
        ("Host", "web01", {"HostName": "web01"}),
        ("Host", "10.0.0.1", {"HostName": "10.0.0.1"}),
        ("Host", "fe80::1", {"HostName": "fe80::1"}),
    ],
)
def test_full_names_are_taken_apart(make_rule: Make, kind: str, text: str, fields: dict[str, str]) -> None:
    rule = make_rule(entityMappings=[mapping(kind, FullName="c")]).properties
    assert map_entities(rule, results([text], c="string")).entities == (Entity(kind, fields),)


def test_empty_values_and_absent_columns_identify_nothing(make_rule: Make) -> None:
    rule = make_rule(
        entityMappings=[
            mapping("IP", Address="a"),
            mapping("Account", Name="n", Sid="absent"),
            mapping("URL", Url="gone"),
        ]
    ).properties
    rows = results(["", None], [None, " "], ["10.0.0.1", "ana"], a="string", n="string")
    assert map_entities(rule, rows).entities == (
        Entity("IP", {"Address": "10.0.0.1"}),
        Entity("Account", {"Name": "ana"}),
    )


def test_each_entity_once_letter_case_apart(make_rule: Make) -> None:
    rule = make_rule(entityMappings=[mapping("Host", HostName="h")]).properties
    assert len(map_entities(rule, results(["WEB01"], ["web01"], ["db01"], h="string")).entities) == 2


def test_values_of_other_types_become_text(make_rule: Make) -> None:
    rule = make_rule(entityMappings=[mapping("process", processid="p", CommandLine="c")]).properties
    entities = map_entities(rule, results([4711, "cmd"], p="long", c="dynamic")).entities
    assert entities == (Entity("Process", {"ProcessId": "4711", "CommandLine": "cmd"}),)


def test_arrays_and_objects_are_dropped_and_counted(make_rule: Make) -> None:
    rule = make_rule(entityMappings=[mapping("IP", Address="a")]).properties
    mapped = map_entities(rule, results([["10.0.0.1"]], [{"x": 1}], ["10.0.0.2"], a="dynamic"))
    assert mapped.entities == (Entity("IP", {"Address": "10.0.0.2"}),)
    assert mapped.dropped == 2


def test_at_most_500(make_rule: Make) -> None:
    rule = make_rule(entityMappings=[mapping("IP", Address="a")]).properties
    rows = [[f"10.0.{number // 256}.{number % 256}"] for number in range(510)]
    mapped = map_entities(rule, results(*rows, *rows[:5], a="string"))
    assert (len(mapped.entities), mapped.dropped) == (500, 10)


def test_a_column_of_entities_is_taken_as_it_is(make_rule: Make) -> None:
    rule = make_rule(sentinelEntitiesMappings=[{"columnName": "Entities"}]).properties
    text = '[{"$id":"3","Address":"10.0.0.1","Type":"ip"},{"Type":"unheard-of"}]'
    mapped = map_entities(rule, results([text], [[{"HostName": "web01", "Type": "Host"}]], [""], Entities="dynamic"))
    assert mapped.entities == (Entity("IP", {"Address": "10.0.0.1"}), Entity("Host", {"HostName": "web01"}))
    assert mapped.dropped == 1


def test_the_json_numbers_every_object() -> None:
    entities = [
        Entity("DNS", {"DomainName": "a.example", "IpAddresses": [{"Address": "10.0.0.1", "Type": "ip"}]}),
        Entity("Account", {"Name": "ana"}),
    ]
    assert entities_json(entities) == [
        {
            "$id": "1",
            "DomainName": "a.example",
            "IpAddresses": [{"$id": "2", "Address": "10.0.0.1", "Type": "ip"}],
            "Type": "dns",
        },
        {"$id": "3", "Name": "ana", "Type": "account"},
    ]


def test_the_arm_properties_have_a_friendly_name() -> None:
    account = Entity("Account", {"Name": "ana", "UPNSuffix": "contoso.example"})
    assert entity_properties(account) == {
        "accountName": "ana",
        "upnSuffix": "contoso.example",
        "friendlyName": "ana",
    }
    assert entity_properties(Entity("DNS", {"IpAddresses": []}))["friendlyName"] == "DNS"


def test_the_same_entity_has_the_same_name_in_a_workspace() -> None:
    one, other = Entity("Host", {"HostName": "web01"}), Entity("Host", {"HostName": "WEB01"})
    assert entity_name(one, "/a") == entity_name(other, "/A") != entity_name(one, "/b")


@pytest.mark.parametrize("kind", ENTITY_TYPES)
def test_every_kind_is_named_to_people_by_a_property_that_it_has(kind: str) -> None:
    known = ENTITY_TYPES[kind]
    assert set(known.friendly) <= set(known.identifiers.values())
