"""Writes a Windows event log file of the simplest kind: one chunk, each event as XML without templates.

https://github.com/libyal/libevtx/blob/main/documentation/Windows%20XML%20Event%20Log%20(EVTX).asciidoc
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

FILETIME = 133_770_000_000_000_000
HEADER, CHUNK = 512, 65_536

Element = tuple[str, Mapping[str, str], Any]
"""A name, attributes, and a text or a list of elements."""


class Writer:
    """The binary XML of one event; `base` is where it begins in the chunk."""

    def __init__(self, base: int) -> None:
        self.base = base
        self.out = bytearray(b"\x0f\x01\x01\x00")

    def name(self, text: str) -> None:
        at = self.base + len(self.out) + 4
        units = text.encode("utf-16-le")
        code = 0
        for character in text:
            code = (code * 65599 + ord(character)) & 0xFFFFFFFF
        self.out += struct.pack("<IIHH", at, 0, code & 0xFFFF, len(text)) + units + b"\0\0"

    def value(self, text: str) -> None:
        self.out += struct.pack("<BBH", 0x05, 0x01, len(text)) + text.encode("utf-16-le")

    def element(self, name: str, attributes: Mapping[str, str], content: Any) -> None:
        self.out.append(0x41 if attributes else 0x01)
        size_at = len(self.out)
        self.out += b"\0\0\0\0"
        self.name(name)
        if attributes:
            list_at = len(self.out)
            self.out += b"\0\0\0\0"
            for index, (key, text) in enumerate(attributes.items()):
                self.out.append(0x46 if index < len(attributes) - 1 else 0x06)
                self.name(key)
                self.value(text)
            struct.pack_into("<I", self.out, list_at, len(self.out) - list_at - 4)
        self.out.append(0x02)
        if isinstance(content, str):
            if content:
                self.value(content)
        else:
            for child in content:
                self.element(*child)
        self.out.append(0x04)
        struct.pack_into("<I", self.out, size_at, len(self.out) - size_at - 4)


def evtx_file(events: Sequence[Element]) -> bytes:
    """The file of these events."""
    records = bytearray()
    last = HEADER
    for number, event in enumerate(events, 1):
        last = HEADER + len(records)
        writer = Writer(last + 24)
        writer.element(*event)
        writer.out.append(0x00)
        size = 24 + len(writer.out) + 4
        records += struct.pack("<IIQQ", 0x2A2A, size, number, FILETIME) + writer.out + struct.pack("<I", size)
    count = len(events)
    head = b"ElfChnk\0" + struct.pack(
        "<QQQQIIII", 1, count, 1, count, 128, last, HEADER + len(records), zlib.crc32(records)
    )
    head = head.ljust(120, b"\0")
    tables = bytes(HEADER - 128)
    chunk = (head + struct.pack("<II", 0, zlib.crc32(head + tables)) + tables + records).ljust(CHUNK, b"\0")
    top = b"ElfFile\0" + struct.pack("<QQQIHHHH", 0, 0, count + 1, 128, 1, 3, 4096, 1)
    top = top.ljust(120, b"\0")
    return (top + struct.pack("<II", 0, zlib.crc32(top))).ljust(4096, b"\0") + chunk
