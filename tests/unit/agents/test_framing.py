"""Streams cut into messages, however the network cuts the stream."""

from hypothesis import given
from hypothesis import strategies as st

from vedette.agents.framing import MESSAGE_BYTES, Frames


def fed(*chunks: bytes) -> list[bytes]:
    frames = Frames()
    return [message for chunk in chunks for message in frames.feed(chunk)] + frames.finish()


def counted(message: bytes) -> bytes:
    return b"%d %b" % (len(message), message)


def test_newlines() -> None:
    assert fed(b"<13>a\n<13>b\r\n\n<13>c") == [b"<13>a", b"<13>b", b"<13>c"]
    assert fed(b"2026 began with a number\n12 monkeys\n") == [b"2026 began with a number", b"12 monkeys"]


def test_counted() -> None:
    assert fed(counted(b"<13>two\nlines") + counted(b"<13>b") + b"\n" + counted(b"<13>c")) == [
        b"<13>two\nlines",
        b"<13>b",
        b"<13>c",
    ]
    assert fed(counted(b"<13>a") + counted(b"no priority")) == [b"<13>a", b"no priority"]
    assert fed(counted(b"<13>whole") + b"20 <13>cut o") == [b"<13>whole", b"<13>cut o"]


def test_one_connection_may_frame_each_message_its_own_way() -> None:
    assert fed(counted(b"<13>a") + b"<13>b\n" + counted(b"<13>c")) == [b"<13>a", b"<13>b", b"<13>c"]


def test_messages_beyond_the_limit_are_cut_and_the_next_is_whole() -> None:
    long = b"<13>" + b"x" * (3 * MESSAGE_BYTES)
    chunks = [long[at : at + 10_000] for at in range(0, len(long), 10_000)]
    for first in ([*chunks, b"\n"], [b"%d " % len(long), *chunks]):
        frames = Frames()
        messages = [message for chunk in [*first, b"<13>next\n"] for message in frames.feed(chunk)]
        assert messages == [long[:MESSAGE_BYTES], b"<13>next"]
        assert frames.cut == 1


MESSAGES = st.lists(st.binary(min_size=1, max_size=40).map(lambda data: b"<13>" + data.strip(b"\r\n\0 ")), max_size=6)


@given(MESSAGES, st.lists(st.integers(1, 60), max_size=30))
def test_counted_messages_come_out_whole_wherever_the_stream_is_cut(messages: list[bytes], sizes: list[int]) -> None:
    stream = b"".join(counted(message) for message in messages)
    chunks: list[bytes] = []
    for size in sizes:
        chunks.append(stream[:size])
        stream = stream[size:]
    assert fed(*chunks, stream) == messages


@given(st.lists(st.binary(max_size=60), max_size=12))
def test_any_stream_gives_the_same_messages_however_it_is_cut(chunks: list[bytes]) -> None:
    assert fed(*chunks) == fed(b"".join(chunks))
