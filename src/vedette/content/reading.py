"""Reads content from files, folders and patterns; what cannot be read is told with its place, and the rest is read."""

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from vedette.content.document import Document, document_of, open_document
from vedette.content.forms import azsentinel, function, resource, rule, search, sigma, template, watchlist
from vedette.content.forms.place import Place
from vedette.content.item import Item
from vedette.content.problem import UNREAD, Problem, Unreadable, WrongContent
from vedette.content.target import NOWHERE, Target
from vedette.content.unread import NOT_CONTENT, told_of

_TITLED = frozenset({"AlertRule", "HuntingQuery", "Parser", "AutomationRule", "Watchlist"})
"""Kinds whose items people tell apart by their titles."""

SUFFIXES = frozenset({".yaml", ".yml", ".json"})
TESTS = (".test.yaml", ".test.yml")
"""How the names of files end that hold tests of detections, and no content."""

_FOLDERS_LEFT_OUT = frozenset({"node_modules", "__pycache__"})

Found = Iterator[Item | Problem]


def _one(read_one: Callable[[Place, Mapping[str, Any]], Item]) -> Callable[[Place, Mapping[str, Any]], Found]:
    def reading(place: Place, value: Mapping[str, Any]) -> Found:
        yield read_one(place, value)

    return reading


_FORMS: tuple[tuple[Callable[[Mapping[str, Any]], bool], Callable[[Place, Mapping[str, Any]], Found]], ...] = (
    (function.is_function, _one(function.read)),
    (resource.is_resource, _one(resource.read)),
    (sigma.is_sigma, sigma.read),
    (template.is_template, template.read),
    (watchlist.is_watchlist, _one(watchlist.read)),
    (azsentinel.is_settings, azsentinel.read_settings),
    (azsentinel.is_rule, azsentinel.read_rule),
    (rule.is_rule, _one(rule.read)),
    (search.is_search, _one(search.read)),
)


@dataclass(frozen=True, slots=True)
class ReadResult:
    """`documents` has every file that could be read, by its path."""

    items: tuple[Item, ...]
    problems: tuple[Problem, ...]
    documents: Mapping[Path, Document]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that are no warnings."""
        return tuple(each for each in self.problems if not each.is_warning)


def read(paths: Iterable[str | Path], target: Target = NOWHERE) -> ReadResult:
    """The content of files; of all YAML and JSON files below folders; of all that patterns such as `rules/*.yaml` name.

    Templates are read for the target. Nothing is raised for what is wrong: each problem has file, line and column, and
    says what to do.
    """
    items: list[Item] = []
    problems: list[Problem] = []
    documents: dict[Path, Document] = {}
    for each in _files(paths):
        if isinstance(each, Problem):
            problems.append(each)
            continue
        path, is_asked_for = each
        if path in documents:
            continue
        try:
            documents[path] = document = open_document(path)
        except Unreadable as error:
            problems.append(error.problem)
            continue
        read_here = read_document(document, target)
        items += read_here.items
        problems += read_here.problems if is_asked_for else _of_a_folder(read_here)
    return ReadResult(tuple(items), (*problems, *_duplicates(items, documents)), documents)


def read_text(path: Path, text: str, target: Target = NOWHERE) -> ReadResult:
    """The content of a text that is, or would be, in the file of this path."""
    try:
        document = document_of(path, text.encode("utf-8"))
    except Unreadable as error:
        return ReadResult((), (error.problem,), {})
    return read_document(document, target)


def read_document(document: Document, target: Target = NOWHERE) -> ReadResult:
    """The items of one file."""
    items: list[Item] = []
    problems: list[Problem] = []
    if not document.values:
        problems.append(document.problem((), "the file is empty", is_warning=True))
    for number, value in enumerate(document.values):
        for found in _items(Place(document, (number,), target), value):
            (items if isinstance(found, Item) else problems).append(found)  # type: ignore[arg-type]
    return ReadResult(tuple(items), tuple(problems), {document.path: document})


def _items(place: Place, value: Any) -> Iterator[Item | Problem]:
    if value is None and len(place.document.values) > 1:  # an empty document between two separators
        return
    if isinstance(value, list):
        for index, each in enumerate(cast("list[Any]", value)):
            yield from _items(place.child(index), each)
        return
    if not isinstance(value, Mapping):
        yield place.document.problem(place.at, "content is an object, or a list of objects")
        return
    told = cast("Mapping[str, Any]", value)
    if isinstance(told.get("value"), list) and "properties" not in told:  # the answer to a list
        yield from _items(place.child("value"), told["value"])
        return
    read_form = next((form for recognises, form in _FORMS if recognises(told)), None)
    if read_form is None:
        yield replace(place.document.problem(place.at, told_of(told)), topic=UNREAD)
        return
    try:
        yield from read_form(place, told)
    except WrongContent as error:
        yield place.document.problem((*place.at, *error.at), error.message)


def _of_a_folder(result: ReadResult) -> Iterator[Problem]:
    """Below a folder there may be files that are something else; they are told, and no error."""
    for problem in result.problems:
        yield replace(problem, is_warning=True) if problem.message == NOT_CONTENT else problem


def _files(paths: Iterable[str | Path]) -> Iterator[tuple[Path, bool] | Problem]:
    """Each file, and whether it was asked for by name."""
    for each in paths:
        path = Path(each)
        if path.is_dir():
            yield from ((found, False) for found in _below(path))
        elif path.exists():
            yield path, True
        elif glob.has_magic(str(each)):
            found = sorted(Path(name) for name in glob.glob(str(each), recursive=True))  # noqa: PTH207
            if not found:
                yield Problem(path, 1, 1, "no file has a name of this pattern")
            for name in found:
                yield from ((below, False) for below in _below(name)) if name.is_dir() else ((name, True),)
        else:
            yield Problem(path, 1, 1, "there is no such file or folder")


def _below(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if each[0] != "." and each not in _FOLDERS_LEFT_OUT)
        for name in sorted(names):
            is_test = name.lower().endswith(TESTS)
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith(".") and not is_test:
                yield Path(root) / name


def _duplicates(items: Iterable[Item], documents: Mapping[Path, Document]) -> Iterator[Problem]:
    first: dict[tuple[str, str, str], Item] = {}
    titled: dict[tuple[str, str], Item] = {}
    for item in items:
        held = first.setdefault(item.key, item)
        if held is not item:
            yield _again(item, held, documents, f"the {item.kind.name} '{item.name}' is already in", is_warning=False)
            continue
        if item.kind.name in _TITLED:
            held = titled.setdefault((item.kind.name, item.title.casefold()), item)
            if held is not item:
                told = f"a {item.kind.name} with the title '{item.title}' is already in"
                yield _again(item, held, documents, told, is_warning=True)


def _again(item: Item, held: Item, documents: Mapping[Path, Document], told: str, *, is_warning: bool) -> Problem:
    assert item.source is not None
    document = documents[item.source.path]
    line, column = document.place(item.source.at)
    topic = "title" if is_warning else "name"
    return Problem(item.source.path, line, column, f"{told} {held.source}", is_warning, topic)
