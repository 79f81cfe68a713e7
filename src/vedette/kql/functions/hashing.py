"""Hash functions, and new guids."""

from collections.abc import Callable

from vedette.kql.functions.conversions import as_text
from vedette.kql.functions.entry import Function, SqlCall


def _hash(function: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        return f"{function}({as_text(call, 0)})"

    return template


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "hash_sha256",
        params="value: any",
        returns="string",
        doc="The SHA-256 of the value's text, in hex.",
        sql=_hash("sha256"),
        examples=[
            ("hash_sha256('World')", "78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524"),
            ("hash_sha256(datetime(2020-01-01))", "ba666752dc1a20eb750b0eb64e780cc4c968bc9fb8813461c1d7e750f302d71d"),
        ],
    ),
    Function(
        "hash_sha1",
        params="value: any",
        returns="string",
        doc="The SHA-1 of the value's text, in hex.",
        sql=_hash("sha1"),
        examples=[("hash_sha1('World')", "70c07ec18ef89c5309bbb0937f3a6342411e1fdd")],
    ),
    Function(
        "hash_md5",
        params="value: any",
        returns="string",
        doc="The MD5 of the value's text, in hex.",
        sql=_hash("md5"),
        examples=[("hash_md5('World')", "f5a7924e621e84c9280a9a27e1bcb7f6")],
    ),
    Function("new_guid", "", "guid", "A new random guid for each row.", "uuid()", []),
)
"""SHA-256, SHA-1, MD5."""
