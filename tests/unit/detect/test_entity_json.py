"""Entities read from what other products' alerts say: any JSON is read, and what is written is read again."""

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.detect.entities import merged
from vedette.detect.entity import Entity, entity_properties
from vedette.detect.entity_identity import is_generic
from vedette.detect.entity_json import entities_json, read_entities
from vedette.detect.entity_types import ENTITY_TYPES

_TYPES = [text for known in ENTITY_TYPES.values() for text in (known.type, known.type.upper(), *known.also)]
_NAMES = sorted({name for known in ENTITY_TYPES.values() for name in (*known.identifiers, *known.nested)})
_SOME = ("Name", "Host", "Address", "Url", "Sid", "NTDomain", "FileHashes", "Key", "InstanceName")
_SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5) | st.just("10.0.0.1")
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*_NAMES[:20], "Type", "$id", "$ref"]), inner, max_size=4)
    ),
    max_leaves=5,
)
_ENTITIES = st.fixed_dictionaries(
    {"Type": st.sampled_from(_TYPES)},
    optional={"$id": st.sampled_from(["1", "2"]), **dict.fromkeys(_SOME, _VALUES)},
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_ENTITIES | _VALUES, max_size=3))
def test_any_json_is_read(value: list[Any]) -> None:
    found = list(read_entities(orjson.dumps(value).decode()))
    entities = [each for each in found if each is not None]
    for entity in entities:
        assert entity.identities
        assert isinstance(entity_properties(entity)["friendlyName"], str)
        is_generic(entity.kind, entity.fields)
    kept = merged(entities)
    assert len(kept) <= len(entities)
    written = orjson.dumps(entities_json(kept)).decode()
    again = [each for each in read_entities(written) if each is not None]
    assert [each.kind for each in again] == [each.kind for each in kept]


@given(st.text(max_size=20))
def test_any_text_is_read(text: str) -> None:
    list(read_entities(text))


def test_every_type_is_read_by_each_of_its_names() -> None:
    for kind, known in ENTITY_TYPES.items():
        name = next(iter(known.identifiers))
        for type in (known.type, known.type.upper(), *known.also):
            assert list(read_entities([{"Type": type, name: "x"}])) == [Entity(kind, {name: "x"})]
