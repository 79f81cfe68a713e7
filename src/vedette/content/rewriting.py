"""Writes a changed item back into the file that it came from: only what has changed is touched, byte for byte.

Comments, order, block styles, quotes, line ends and what the file says of itself stay as they are.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from vedette.content.document import Document
from vedette.content.forms import function, resource, rule, search, watchlist
from vedette.content.item import Item
from vedette.content.plain_values import list_of, mapping_of
from vedette.content.reading import read_document, read_text
from vedette.content.yaml_text import entry_text, scalar_text
from vedette.core.errors import InvalidInput

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FORMS: Mapping[str, Callable[[Item], Mapping[str, Any] | None]] = {
    rule.FORM: rule.form_of,
    search.FORM: search.form_of,
    function.FORM: function.form_of,
    watchlist.FORM: watchlist.form_of,
    resource.FORM: resource.form_of,
}


@dataclass(frozen=True, slots=True)
class _Edit:
    """The characters from `start` to `end` become `text`."""

    start: int
    end: int
    text: str


def rewrite(document: Document, item: Item) -> str:
    """The text of a YAML file in which the item, which it has by kind and name, is as given.

    Raises InvalidInput (CannotRewrite) where that cannot be said in the form that the file has it in.
    """
    old = next((each for each in read_document(document).items if each.key == item.key), None)
    if old is None or old.source is None:
        raise InvalidInput("CannotRewrite", f"{document.path} has no {item.kind.name} '{item.name}'.")
    if old == item:
        return document.text
    form_of = _FORMS.get(old.source.form)
    before, after = (form_of(old), form_of(item)) if form_of else (None, None)
    if before is None or after is None or not document.is_yaml:
        raise InvalidInput(
            "CannotRewrite", f"The {item.kind.name} '{item.title}' cannot be changed in {document.path}."
        )
    text = _edited(document.text, list(_of_mapping(document.text, _node(document, old), before, after)))
    kept = [item if each.key == item.key else each for each in read_document(document).items]
    if list(read_text(document.path, text).items) != kept:
        raise InvalidInput(
            "CannotRewrite", f"The {item.kind.name} '{item.title}' cannot be changed in {document.path}."
        )
    return text


def _node(document: Document, item: Item) -> Any:
    """The node of the item's mapping."""
    assert item.source is not None
    number, *steps = item.source.at
    node: Any = list(yaml.compose_all(document.text, Loader=_LOADER))[int(number)]
    for step in steps:
        if isinstance(node, yaml.SequenceNode):
            node = node.value[int(step)]
        else:
            node = next(value for key, value in node.value if key.value == step)
    return node


def _of_mapping(text: str, node: Any, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[_Edit]:
    pairs = {key.value: (key, value) for key, value in node.value}
    indent = " " * node.value[0][0].start_mark.column
    for name in before.keys() - after.keys():
        if name in pairs:
            key, value = pairs[name]
            yield _Edit(_line_start(text, key.start_mark.index), _line_end(text, _end(text, value)), "")
    last: str | None = None
    for name, told in after.items():
        if name in pairs:
            last = name
        if name in before and before[name] == told:
            continue
        if name in pairs:
            yield from _of_value(text, pairs[name], name, before.get(name), told, indent)
        else:
            at = _line_end(text, _end(text, pairs[last][1])) if last else _line_start(text, node.start_mark.index)
            opened = "" if at == 0 or text[at - 1] == "\n" else "\n"
            yield _Edit(at, at, f"{opened}{indent}{entry_text(name, told, indent)}\n")


def _of_value(text: str, pair: Any, name: str, before: Any, after: Any, indent: str) -> Iterator[_Edit]:
    key, value = pair
    if _is_block(value, yaml.MappingNode) and isinstance(before, Mapping) and isinstance(after, Mapping) and after:
        yield from _of_mapping(text, value, mapping_of(before), mapping_of(after))
        return
    if _is_block(value, yaml.SequenceNode) and _elements_fit(value, before, after):
        for node, was, told in zip(value.value, list_of(before), list_of(after), strict=True):
            if was != told and isinstance(node, yaml.ScalarNode):
                yield _Edit(node.start_mark.index, _end(text, node), scalar_text(told))
            elif was != told:
                yield from _of_mapping(text, node, mapping_of(was), mapping_of(told))
        return
    if _is_small(value) and not isinstance(after, Mapping | list) and "\n" not in scalar_text(after):
        yield _Edit(value.start_mark.index, value.end_mark.index, scalar_text(after))
        return
    yield _Edit(key.start_mark.index, _end(text, value), entry_text(name, after, indent))


def _is_block(node: Any, kind: type) -> bool:
    return isinstance(node, kind) and not node.flow_style and bool(node.value)


def _is_small(node: Any) -> bool:
    """A scalar of one line that is there."""
    one_line = node.start_mark.line == node.end_mark.line and node.end_mark.index > node.start_mark.index
    return isinstance(node, yaml.ScalarNode) and one_line


def _elements_fit(node: Any, before: Any, after: Any) -> bool:
    """Whether elements can be changed one by one: as many as there were, each a small scalar or a mapping as before."""
    was, told = list_of(before), list_of(after)
    if not len(node.value) == len(was) == len(told):
        return False
    for each, old, new in zip(node.value, was, told, strict=True):
        small = _is_small(each) and not isinstance(new, Mapping | list) and "\n" not in scalar_text(new)
        block = _is_block(each, yaml.MappingNode) and isinstance(old, Mapping) and bool(mapping_of(new))
        if old != new and not small and not block:
            return False
    return True


def _end(text: str, node: Any) -> int:
    """Where the last character of a value ends; blank lines and comments behind it are not part of it."""
    if isinstance(node, yaml.ScalarNode):
        start, end = node.start_mark.index, node.end_mark.index
        return start + len(text[start:end].rstrip()) if node.style in ("|", ">") else end
    if node.flow_style or not node.value:
        return node.end_mark.index
    last = node.value[-1]
    return _end(text, last[1] if isinstance(node, yaml.MappingNode) else last)


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    """Behind the line break of the line, or of the text where there is none."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _edited(text: str, edits: list[_Edit]) -> str:
    line_end = "\r\n" if "\r\n" in text else "\n"
    for _, each in sorted(enumerate(edits), key=lambda pair: (pair[1].start, pair[0]), reverse=True):
        text = text[: each.start] + each.text.replace("\n", line_end) + text[each.end :]
    return text
