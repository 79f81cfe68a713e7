from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.detect.entities import map_entities, merged
from vedette.detect.entity import Entity, entity_properties
from vedette.detect.entity_json import entities_json
from vedette.detect.entity_types import ENTITY_TYPES
from vedette.detect.mapped import MAX_BYTES, Drop
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


@pytest.mark.parametrize("kind", ENTITY_TYPES)
def test_every_kind_is_named_to_people_by_a_property_that_it_has(kind: str) -> None:
    known = ENTITY_TYPES[kind]
    assert set(known.friendly) <= set(known.shown.values())


def entity(kind: str, **fields: Any) -> Entity:
    return Entity(kind, fields)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (entity("Host", HostName="web01"), entity("Host", HostName="WEB01")),
        (entity("Account", Name="ana", UPNSuffix="a.example"), entity("Account", Name="ANA", UPNSuffix="a.example")),
        (entity("Account", AadUserId="1", Name="ana"), entity("Account", AadUserId="1", DisplayName="Ana")),
        (entity("Account", Sid="S-1-5-21-1-2-3-500"), entity("Account", Sid="s-1-5-21-1-2-3-500", Name="x")),
        (entity("Host", HostName="w", DnsDomain="d"), entity("Host", HostName="w", DnsDomain="d", OSFamily="Linux")),
        (entity("IP", Address="8.8.8.8"), entity("IP", Address="8.8.8.8", Location={"city": "x"})),
        (entity("IP", Address="2001:4860::8888"), entity("IP", Address="2001:4860:0:0:0:0:0:8888")),
        (
            entity("Account", Name="SYSTEM", NTDomain="NT AUTHORITY", Host={"HostName": "w", "Type": "host"}),
            entity(
                "Account", Name="system", NTDomain="nt authority", Host={"$id": "3", "HostName": "w", "Type": "host"}
            ),
        ),
    ],
)
def test_entities_with_a_strong_identifier_in_common_are_one(one: Entity, other: Entity) -> None:
    assert len(merged([one, other])) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (entity("Account", Name="ana"), entity("Account", Name="ana", UPNSuffix="a.example")),
        (entity("Account", Name="ana", UPNSuffix="a.example"), entity("Account", Name="ana", UPNSuffix="b.example")),
        (entity("Account", Sid="S-1-5-18", Name="a"), entity("Account", Sid="S-1-5-18", Name="b")),
        (
            entity("Account", Name="SYSTEM", NTDomain="NT AUTHORITY", Sid="1"),
            entity("Account", Name="SYSTEM", NTDomain="NT AUTHORITY"),
        ),
        (entity("IP", Address="10.0.0.1"), entity("IP", Address="10.0.0.1", AddressScope="lab")),
        (entity("URL", Url="/a"), entity("URL", Url="/b")),
        (entity("Host", HostName="ana"), entity("Account", Name="ana")),
    ],
)
def test_weak_identifiers_make_no_two_entities_one(one: Entity, other: Entity) -> None:
    assert len(merged([one, other])) == 2


def test_an_entity_that_links_two_makes_them_one_with_all_that_is_known() -> None:
    known = merged(
        [
            entity("Account", Name="ana", UPNSuffix="a.example"),
            entity("IP", Address="8.8.8.8"),
            entity("Account", AadUserId="1", DisplayName="Ana"),
            entity("Account", Name="ana", UPNSuffix="a.example", AadUserId="1"),
        ]
    )
    assert known == (
        entity("Account", Name="ana", UPNSuffix="a.example", AadUserId="1", DisplayName="Ana"),
        entity("IP", Address="8.8.8.8"),
    )


def test_each_mapping_has_its_share_of_the_500(make_rule: Make) -> None:
    rule = make_rule(entityMappings=[mapping("IP", Address="a"), mapping("Host", HostName="h")]).properties
    rows = [[f"10.0.{number // 256}.{number % 256}", f"web{number % 10}"] for number in range(300)]
    mapped = map_entities(rule, results(*rows, a="string", h="string"))
    assert [sum(each.kind == kind for each in mapped.entities) for kind in ("IP", "Host")] == [250, 10]
    assert mapped.drops == {Drop.TooMany: 50}


def test_at_most_64_kb(make_rule: Make) -> None:
    rule = make_rule(entityMappings=[mapping("URL", Url="u")]).properties
    rows = [[f"https://a.example/{number:04}{'x' * 1000}"] for number in range(100)]
    mapped = map_entities(rule, results(*rows, u="string"))
    size = len(orjson.dumps(entities_json(mapped.entities)))
    assert MAX_BYTES - 1100 < size <= MAX_BYTES
    assert mapped.drops == {Drop.TooLarge: 100 - len(mapped.entities)}


def test_a_name_that_every_system_has_is_no_account(make_rule: Make) -> None:
    rule = make_rule(entityMappings=[mapping("Account", FullName="u")]).properties
    mapped = map_entities(rule, results(["root"], ["Administrator"], ["admin@a.example"], ["ana"], u="string"))
    assert mapped.entities == (entity("Account", Name="admin", UPNSuffix="a.example"), entity("Account", Name="ana"))
    assert mapped.drops == {Drop.GenericAccount: 2}


def test_entities_that_name_one_another_are_read_whole(make_rule: Make) -> None:
    rule = make_rule(sentinelEntitiesMappings=[{"columnName": "e"}]).properties
    text = """[{"$id":"1","HostName":"web01","Type":"host"},
        {"$id":"2","Name":"ana","Host":{"$ref":"1"},"Loop":{"$ref":"2"},"Gone":{"$ref":"9"},"Type":"account"},
        {"$id":"3","NetworkMessageId":"m","Recipient":"r","Type":"mail-message"}]"""
    host, account, mail = map_entities(rule, results([text], e="string")).entities
    assert account.fields["Host"] == {"$id": "1", "HostName": "web01", "Type": "host"}
    assert mail.kind == "MailMessage"
    assert host.kind == "Host"
    again = orjson.dumps(entities_json([host, account, mail])).decode()
    assert again.count('"$id":"1"') == 1


_TEXTS = st.sampled_from(["ana", "ANA", "ben", "", "1", "2"])
_ACCOUNTS = st.fixed_dictionaries(
    {}, optional={name: _TEXTS.filter(bool) for name in ("Name", "UPNSuffix", "AadUserId", "PUID", "DisplayName")}
)


@given(st.lists(_ACCOUNTS.filter(bool), max_size=8))
def test_what_is_merged_shares_no_identifier(found: list[dict[str, str]]) -> None:
    given_ones = [Entity("Account", fields) for fields in found]
    kept = merged(given_ones)
    identities = [identity for each in kept for identity in each.identities]
    assert len(identities) == len(set(identities))
    assert len(kept) <= len(_components(given_ones))
    assert merged(kept) == kept


def _components(found: list[Entity]) -> list[set[str]]:
    parts: list[set[str]] = []
    for each in found:
        mine = set(each.identities)
        for part in [part for part in parts if part & mine]:
            parts.remove(part)
            mine |= part
        parts.append(mine)
    return parts
