"""A page of what Graph shows: narrowed by the state store, and what is left of the condition looked at one by one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from vedette.graph_security.conditions import holds, paths_of
from vedette.graph_security.narrowing import Fields, Narrowed, narrowed
from vedette.state.conditions import And, Condition, Order
from vedette.state.documents import Document
from vedette.state.indexed import Position, position_of
from vedette.state.store import StateStore

_BATCH = 500


def _nothing(_documents: Sequence[Document]) -> None:
    """What most collections prepare."""


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection of Graph over the documents of a type in some workspaces, by their ids: which of the documents, what
    of them the store knows, and how one is shown; `show` is given whether the whole of it is wanted, for which other
    documents are looked at. `of_others` are the properties that only the whole has. `prepare` is told which documents
    are going to be shown."""

    state: StateStore
    type: str
    scopes: Sequence[str]
    only: Condition | None
    fields: Fields
    show: Callable[[Document, bool], dict[str, Any]]
    of_others: frozenset[str]
    prepare: Callable[[Sequence[Document]], None] = _nothing


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a collection is asked for, in the order of the documents: `top` objects, without the first `skip` of
    those that the condition holds for, from behind the first `offset` documents or the document at `after`."""

    where: Condition | None
    order: Sequence[Order]
    top: int
    skip: int = 0
    offset: int = 0
    after: Position | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page's objects, and where the next page begins: behind a position, or behind so many documents."""

    values: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    after: Position | None = None
    offset: int | None = None


def listed(collection: Collection, asked: Asked) -> Listed:
    """The page that is asked for."""
    if _narrowed(collection, asked.where).exact:
        asked = replace(asked, skip=0, offset=asked.offset + asked.skip)
    values: list[dict[str, Any]] = []
    skip, last = asked.skip, None
    is_meant = _test(collection, asked.where)
    for document, offset in _candidates(collection, asked):
        if not is_meant(document):
            continue
        if skip:
            skip -= 1
            continue
        if len(values) == asked.top and last is not None:
            position = position_of(collection.type.lower(), asked.order, last[0])
            return Listed(values, after=position) if position else Listed(values, offset=last[1])
        values.append(collection.show(document, True))
        last = (document, offset)
    return Listed(values)


def number(collection: Collection, where: Condition | None) -> int:
    """How many there are on all pages."""
    asked = _narrowed(collection, where)
    if asked.exact:
        return collection.state.count(collection.type, collection.scopes, where=_only(collection, asked))
    is_meant = _test(collection, where)
    return sum(1 for document, _ in _candidates(collection, Asked(where, (), _BATCH)) if is_meant(document))


def _candidates(collection: Collection, asked: Asked) -> Iterator[tuple[Document, int]]:
    """The documents that may be meant, each with how many there are up to it; no more at a time than are needed."""
    known = _narrowed(collection, asked.where)
    where = _only(collection, known)
    size = asked.top + 1 if known.exact else _BATCH
    offset, after = asked.offset, asked.after
    while True:
        found = collection.state.list(
            collection.type,
            collection.scopes,
            where=where,
            order=asked.order,
            limit=size,
            offset=0 if after is not None else offset,
            after=after,
        )
        collection.prepare(found)
        for document in found:
            offset += 1
            yield document, offset
        if len(found) < size:
            return
        after = position_of(collection.type.lower(), asked.order, found[-1])


def _test(collection: Collection, where: Condition | None) -> Callable[[Document], bool]:
    """Whether a document is meant, of those that the store holds for possible."""
    if where is None or _narrowed(collection, where).exact:
        return lambda document: True
    others = {name.lower() for name in collection.of_others}
    whole = any(path and path[0].lower() in others for path in paths_of(where))
    return lambda document: holds(where, collection.show(document, whole))


def _narrowed(collection: Collection, where: Condition | None) -> Narrowed:
    return Narrowed(None, exact=True) if where is None else narrowed(where, collection.fields)


def _only(collection: Collection, asked: Narrowed) -> Condition | None:
    parts = tuple(each for each in (collection.only, asked.where) if each is not None)
    return And(parts) if parts else None
