"""Reads Windows events from XML: as Windows writes them, rendered or not, one or many in a document.

https://learn.microsoft.com/windows/win32/wes/eventschema-eventtype-complextype
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from xml.parsers import expat

from vedette.core.errors import InvalidInput
from vedette.formats.event_times import read_time
from vedette.formats.windows_event import WindowsEvent, number, small, unsigned

DEPTH: Final = 32
_DECLARATION = re.compile(rb"<\?xml[^>]{0,200}\?>")


@dataclass(slots=True)
class _Element:
    name: str
    attributes: dict[str, str]
    text: list[str] = field(default_factory=list[str])
    children: list["_Element"] = field(default_factory=list["_Element"])

    def child(self, name: str) -> "_Element":
        """The first child of that name; an empty element where there is none."""
        return next((child for child in self.children if child.name == name), _Element(name, {}))

    def whole(self) -> str:
        """Its text, without the blanks around it."""
        return "".join(self.text).strip()

    def exact(self) -> str:
        """Its text as it is, but for nothing but blanks, which readers of event logs write in empty elements."""
        text = "".join(self.text)
        return text if text.strip() else ""


def parse_windows_xml(data: bytes, received: datetime) -> list[WindowsEvent]:
    """The events of a document, or of several one after another. A document type and entities are refused.

    Raises InvalidInput (InvalidDataFormat) for what is not XML, and for an event without System, EventID or Channel.
    """
    wrapped = b"<Events>" + _DECLARATION.sub(b"", data.removeprefix(b"\xef\xbb\xbf")) + b"</Events>"
    return [_event(element, received) for element in _events(_tree(wrapped))]


def _events(element: _Element) -> Iterator[_Element]:
    if element.whole():
        raise _refused("It holds text where an Event is meant.")
    for child in element.children:
        if child.name == "Event":
            yield child
        elif child.name == "Events":
            yield from _events(child)
        else:
            raise _refused(f"It holds an element '{child.name[:40]}' where an Event is meant.")


def _tree(data: bytes) -> _Element:
    parser = expat.ParserCreate("utf-8")
    root = _Element("", {})
    stack = [root]

    def begin(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > DEPTH:
            raise _refused(f"Elements lie deeper than {DEPTH}.")
        element = _Element(name.rpartition(":")[2], attributes)
        stack[-1].children.append(element)
        stack.append(element)

    def end(_name: str) -> None:
        stack.pop()

    def text(value: str) -> None:
        stack[-1].text.append(value)

    def doctype(*_arguments: Any) -> None:
        raise _refused("A document type is not read here.")

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    parser.buffer_text = True
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise _refused(f"It is not XML: {error}.") from error
    return root.children[0]


def _event(element: _Element, received: datetime) -> WindowsEvent:
    system, rendering = element.child("System"), element.child("RenderingInfo")
    provider = system.child("Provider").attributes
    event_id, channel = small(number(system.child("EventID").whole())), system.child("Channel").whole()
    if event_id is None or not channel:
        raise _refused("An Event has no EventID or no Channel.")
    execution = system.child("Execution").attributes
    return WindowsEvent(
        provider=provider.get("EventSourceName") or provider.get("Name", ""),
        event_id=event_id,
        channel=channel,
        computer=system.child("Computer").whole(),
        time=read_time(system.child("TimeCreated").attributes.get("SystemTime", ""), received),
        data=tuple(_data(element)),
        message=rendering.child("Message").whole(),
        version=small(number(system.child("Version").whole())),
        level=small(number(system.child("Level").whole())),
        task=small(number(system.child("Task").whole())),
        opcode=small(number(system.child("Opcode").whole())),
        keywords=unsigned(number(system.child("Keywords").whole())),
        record_id=system.child("EventRecordID").whole(),
        activity_id=system.child("Correlation").attributes.get("ActivityID", ""),
        process_id=small(number(execution.get("ProcessID"))),
        thread_id=small(number(execution.get("ThreadID"))),
        user_id=system.child("Security").attributes.get("UserID", ""),
    )


def _data(element: _Element) -> Iterator[tuple[str, str]]:
    """The values of EventData by name, and of UserData the text of each element that has no others in it."""
    for child in element.children:
        if child.name == "EventData":
            for value in child.children:
                yield value.attributes.get("Name", "" if value.name == "Data" else value.name), value.exact()
        elif child.name == "UserData":
            yield from _leaves(child)


def _leaves(element: _Element) -> Iterator[tuple[str, str]]:
    for child in element.children:
        if child.children:
            yield from _leaves(child)
        else:
            yield child.name, child.exact()


def _refused(reason: str) -> InvalidInput:
    return InvalidInput("InvalidDataFormat", f"The events cannot be read. {reason}")
