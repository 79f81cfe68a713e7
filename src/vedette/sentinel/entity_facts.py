"""What an entity's document says of it, under the names by which queries about entities ask for it: `Host_HostName`."""

from collections.abc import Iterable, Mapping, Sequence

from vedette.detect.entity_types import ENTITY_TYPES
from vedette.state.documents import Document

_MOST_PASSES = 200


def entity_type(document: Document) -> str:
    """The type of an entity as queries and rules name it: `IP` for a document of kind `Ip`."""
    kind = str(document.body.get("kind", ""))
    return next((name for name, known in ENTITY_TYPES.items() if kind in (known.arm_kind, name)), kind)


def entity_values(document: Document) -> dict[str, str]:
    """The values of an entity by name: its type, an underscore, and the identifier."""
    type = entity_type(document)
    known = ENTITY_TYPES.get(type)
    properties = document.body.get("properties", {})
    names = known.identifiers if known else {}
    values = {f"{type}_{name}": properties.get(shown or "") for name, shown in names.items()}
    return {name: str(value) for name, value in values.items() if value not in (None, "")}


def is_satisfied(required: Sequence[Sequence[str]], values: Mapping[str, str]) -> bool:
    """Whether one of the sets of fields that a query needs is there in full; letter case does not matter."""
    known = {name.lower() for name in values}
    return not required or any(all(name.lower() in known for name in names) for names in required)


def passes(filters: Mapping[str, Iterable[str]], values: Mapping[str, str]) -> bool:
    """Whether each field of a filter has one of its values."""
    known = {name.lower(): value.lower() for name, value in values.items()}
    return all(known.get(name.lower()) in {each.lower() for each in allowed} for name, allowed in filters.items())


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """A query with `{{Host_HostName}}` and its like replaced by values; what is not known becomes empty.

    A value stands within a string of the query, and cannot end it: marks that could are written as escapes.
    """
    known = {name.lower(): _within_string(value) for name, value in values.items()}
    parts = text.split("{{", _MOST_PASSES)
    filled = [parts[0]]
    for part in parts[1:]:
        name, closed, rest = part.partition("}}")
        filled.append(known.get(name.strip().lower(), "") + rest if closed else "{{" + part)
    return "".join(filled)


def _within_string(value: str) -> str:
    return "".join(f"\\u{ord(each):04x}" if each in "'\"\\`" or not each.isprintable() else each for each in value)
