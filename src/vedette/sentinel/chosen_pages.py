"""Pages of lists whose documents are chosen here, one by one: each goes on behind the last one's end, so that none is
left out where some are deleted meanwhile, and costs no more than itself."""

from collections.abc import Callable, Iterator

from vedette.arm.call import Call
from vedette.arm.paging import Page, next_link
from vedette.state.documents import Document
from vedette.state.indexed import Position, position_of
from vedette.state.store import StateStore

_BATCH = 200


def chosen_page(
    state: StateStore,
    call: Call,
    page: Page,
    type: str,
    is_chosen: Callable[[Document], bool],
    *,
    below: str | None = None,
) -> tuple[list[Document], str | None]:
    """The documents of a page, oldest first, and the address of the next one, None on the last.

    Raises InvalidInput (InvalidSkipToken).
    """
    found: list[Document] = []
    skipped = 0
    for document in documents_behind(state, type, below, page.after):
        if not is_chosen(document):
            continue
        if skipped < page.offset:
            skipped += 1
        elif len(found) < page.size:
            found.append(document)
        else:
            last = position_of(type.lower(), (), found[-1])
            return found, next_link(call.base, call.path.id, call.query, page, tuple(last or ()))
    return found, None


def documents_behind(state: StateStore, type: str, below: str | None, after: Position | None) -> Iterator[Document]:
    """The documents of a type below an id, or all of them, behind a position; oldest first, read in batches."""
    while batch := state.list(type, below, limit=_BATCH, below=below is not None, after=after):
        yield from batch
        if len(batch) < _BATCH:
            return
        after = position_of(type.lower(), (), batch[-1])
