"""Cuts a syslog stream into messages: octet counting and newlines, each message as its sender frames it.

https://www.rfc-editor.org/rfc/rfc6587
"""

import re
from typing import Final

MESSAGE_BYTES: Final = 65_536
"""Longest message that is kept whole; what is longer is cut there, as rsyslog does at its own limit."""

_COUNT = re.compile(rb"([1-9]\d{0,8}) ")
_COUNT_BEGUN = re.compile(rb"[1-9]\d{0,8}")
_ENDS = b"\r\n\0 "


class Frames:
    """The messages of one connection, in order. Memory is bounded by MESSAGE_BYTES and a chunk."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0  # how much of the buffer has no newline
        self._counting = False  # the frame before was counted, so a number begins the next one too
        self._skip = 0  # bytes of a counted message beyond MESSAGE_BYTES that are still to come
        self._skip_line = False  # the rest of the line is beyond MESSAGE_BYTES
        self.cut = 0
        """How many messages were longer than MESSAGE_BYTES."""

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that these bytes complete."""
        self._buffer += data
        messages: list[bytes] = []
        at = 0
        while at < len(self._buffer):
            following = self._next(at, messages)
            if following is None:
                break
            at = following
            self._searched = 0
        del self._buffer[:at]
        return messages

    def finish(self) -> list[bytes]:
        """What was begun and not ended, at the end of the connection."""
        rest = bytes(self._buffer).strip(_ENDS)
        skipping = self._skip_line or self._skip > 0
        self._buffer.clear()
        return [] if skipping or not rest else [_without_count(rest)]

    def _next(self, at: int, messages: list[bytes]) -> int | None:
        """Take the frame at a place, and say where the next one begins; None when more bytes are needed."""
        if self._skip:
            taken = min(self._skip, len(self._buffer) - at)
            self._skip -= taken
            return at + taken
        if not self._skip_line:
            if self._buffer[at] in _ENDS:
                return at + 1
            count = _COUNT.match(self._buffer, at)
            if count is None and self._might_count(at):
                return None
            if count is not None:
                body = count.end()
                if len(self._buffer) == body and not self._counting:
                    return None
                if self._counting or self._buffer[body : body + 1] == b"<":
                    return self._counted(body, int(count[1]), messages)
        return self._line(at, messages)

    def _might_count(self, at: int) -> bool:
        begun = _COUNT_BEGUN.match(self._buffer, at)
        return begun is not None and begun.end() == len(self._buffer)

    def _counted(self, body: int, size: int, messages: list[bytes]) -> int | None:
        kept = min(size, MESSAGE_BYTES)
        if len(self._buffer) < body + kept:
            return None
        self._counting = True
        self._add(bytes(self._buffer[body : body + kept]), messages)
        self._skip = size - kept
        self.cut += size > kept
        return body + kept

    def _line(self, at: int, messages: list[bytes]) -> int | None:
        end = self._buffer.find(b"\n", at + self._searched)
        length = (len(self._buffer) if end < 0 else end) - at
        if self._skip_line:
            self._skip_line = end < 0
            return len(self._buffer) if end < 0 else end + 1
        if end < 0 and length <= MESSAGE_BYTES:
            self._searched = length
            return None
        self._counting = False
        self._add(bytes(self._buffer[at : at + min(length, MESSAGE_BYTES)]), messages)
        self.cut += length > MESSAGE_BYTES
        if end < 0:
            self._skip_line = True
            return at + length
        return end + 1

    def _add(self, message: bytes, messages: list[bytes]) -> None:
        stripped = message.strip(_ENDS)
        if stripped:
            messages.append(stripped)


def _without_count(rest: bytes) -> bytes:
    """A counted message that was cut off by the end of the connection, without its number."""
    count = _COUNT.match(rest)
    return rest[count.end() :] if count is not None and rest[count.end() : count.end() + 1] == b"<" else rest
