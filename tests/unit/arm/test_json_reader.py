import pytest

from vedette.arm.json_reader import DEEPEST, read_json, read_object
from vedette.core.errors import InvalidInput, TooLarge


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2.5, -3, "x", true, false, null]}', {"a": [1, 2.5, -3, "x", True, False, None]}),
        (
            "{'kind': 'Scheduled', 'on': True, 'off': False, 'n': None, 's': 'false'}",
            {"kind": "Scheduled", "on": True, "off": False, "n": None, "s": "false"},
        ),
        (
            '{"properties": {"mode": "Incremental", template:{ // a file\n "$schema": "x", /* y\n */ "n": [1,2,], }}}',
            {"properties": {"mode": "Incremental", "template": {"$schema": "x", "n": [1, 2]}}},
        ),
        (r"{'it\'s': 'a\\b\n\x41\u00e9\U0001F6E1 \"q\"'}", {"it's": 'a\\b\nAé\U0001f6e1 "q"'}),
        (r"{'pair': '\ud83d\udee1'}", {"pair": "\U0001f6e1"}),
        ('{"text": "two\nlines\tand a tab"}', {"text": "two\nlines\tand a tab"}),
        (
            "{a:+1, b:.5, c:1., d:-2e3, e: 18446744073709551616}",
            {"a": 1, "b": 0.5, "c": 1.0, "d": -2000.0, "e": 2.0**64},
        ),
        ("{'a': 1, 'a': 2}", {"a": 2}),
        ("{}//", {}),
        ("[]", []),
        ("  'x' ", "x"),
        ("{$top: 1, a-b.c: 2}", {"$top": 1, "a-b.c": 2}),
    ],
)
def test_what_clients_send(text: str, value: object) -> None:
    assert read_json(text.encode()) == value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(encoding: str) -> None:
    assert read_json('{"ключ": "значение"}'.encode(encoding)) == {"ключ": "значение"}


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{"a": 1,\n "b" 2}', 2, 6),
        ('{"a": 1\n "b": 2}', 2, 2),
        ('{"a": "x', 1, 7),
        ("{'a': nope}", 1, 7),
        ("{'a': NaN}", 1, 7),
        ("{'a': Infinity}", 1, 7),
        ("{'a': 1e999}", 1, 7),
        ("{'a': 12ab}", 1, 7),
        ("{} {}", 1, 4),
        ("", 1, 1),
        ("{", 1, 2),
        ("[1, 2", 1, 6),
        ("[,]", 1, 2),
        (r"'\ud800'", 1, 1),
        (r"'\q'", 1, 2),
        (r"'\x4'", 1, 2),
        (r"'\UFFFFFFFF'", 1, 2),
        ("/* no end", 1, 1),
        ("<a/>", 1, 1),
        ("{1: 2}", 1, 2),
    ],
)
def test_errors_have_a_place(text: str, line: int, column: int) -> None:
    with pytest.raises(InvalidInput, match=f"line {line}, column {column},") as refused:
        read_json(text.encode())
    assert refused.value.code == "InvalidRequestContent"


def test_wrong_bytes() -> None:
    with pytest.raises(InvalidInput, match="byte 7"):
        read_json(b'{"a": "\xff"}')


@pytest.mark.parametrize("quote", ['"', "'"])
def test_depth_is_limited(quote: str) -> None:
    def nested(depth: int) -> bytes:
        return (f"{{{quote}a{quote}: [" * (depth // 2) + "]}" * (depth // 2)).encode()

    read_json(nested(DEEPEST))
    with pytest.raises(InvalidInput, match="deeper than"):
        read_json(nested(DEEPEST + 2))
    with pytest.raises(InvalidInput):
        read_json(b"[" * 100_000)


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert len(read_json(b"[" + b",".join([b"[]"] * 1000) + b"]")) == 1000


def test_size_is_limited() -> None:
    with pytest.raises(TooLarge, match="larger than 10 bytes"):
        read_json(b'"0123456789"', largest=10)


@pytest.mark.parametrize("text", ["[]", "1", "null", "'x'"])
def test_an_object_is_needed(text: str) -> None:
    with pytest.raises(InvalidInput, match="must be a JSON object"):
        read_object(text.encode())
