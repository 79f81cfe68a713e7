"""Hash functions, and new guids."""

from collections.abc import Callable

from vedette.kql.functions.conversions import as_text
from vedette.kql.functions.entry import Function, SqlCall
from vedette.kql.types import ScalarType

_HASHED = ("string", "long", "real", "datetime", "timespan", "guid", "bool")


def _digest(function: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        return f"{function}({as_text(call, 0)})"

    return template


def hash_of(value: str, type: ScalarType) -> str:
    """The SQL of a value's xxHash64: texts by their UTF-8 bytes, what is stored in eight bytes by these (so that 1 is
    the same as int and as long), a guid by its sixteen, a bool by one."""
    match type:
        case ScalarType.string:
            return f"py_hashing_text({value})"
        case ScalarType.int | ScalarType.long | ScalarType.timespan:
            return f"py_hashing_long(CAST({value} AS BIGINT))"
        case ScalarType.datetime:
            return f"py_hashing_long(kql_datetime_to_long({value}))"
        case ScalarType.real:
            return f"py_hashing_real({value})"
        case ScalarType.guid:
            return f"py_hashing_bytes(kql_guid_bytes({value}))"
        case ScalarType.bool:
            return f"py_hashing_bytes(CASE WHEN {value} THEN '01' WHEN NOT {value} THEN '00' END)"
        case _:
            raise ValueError(f"a {type.value} has no hash")


def _xxhash(call: SqlCall) -> str:
    hashed = hash_of(call.arguments[0], call.types[0])
    return hashed if len(call.arguments) == 1 else f"kql_unsigned_modulo({hashed}, {call.arguments[1]})"


def _hashes() -> list[Function]:
    text = [
        ("hash('World')", 1846988464401551951),
        ("hash('World', 100)", 51),
        ("hash('')", -1205034819632174695),
        ("hash('é', 10)", 8),
        ("hash('a', 0)", None),
    ]
    number = [
        ("hash(5000)", 7755241107725382121),
        ("hash(toint(2000))", -1003235211361077779),
        ("hash(2000, 100)", 37),
        ("hash(long(null))", None),
    ]
    examples = {
        "string": text,
        "long": number,
        "datetime": [("hash(datetime('2015-01-01'))", 1380966698541616202)],
    }
    return [
        Function(
            "hash",
            params=f"value: {type}{modulo}",
            returns="long",
            doc="The xxHash64 of the value, or its remainder by a number that is greater than 0.",
            sql=_xxhash,
            examples=[] if modulo else examples.get(type, []),
            aliases=("hash_xxhash64",),
        )
        for type in _HASHED
        for modulo in ("", ", modulo: long")
    ]


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "hash_sha256",
        params="value: scalar",
        returns="string",
        doc="The SHA-256 of the value's text, in hex.",
        sql=_digest("sha256"),
        examples=[
            ("hash_sha256('World')", "78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524"),
            ("hash_sha256(datetime(2020-01-01))", "ba666752dc1a20eb750b0eb64e780cc4c968bc9fb8813461c1d7e750f302d71d"),
        ],
    ),
    Function(
        "hash_sha1",
        params="value: scalar",
        returns="string",
        doc="The SHA-1 of the value's text, in hex.",
        sql=_digest("sha1"),
        examples=[("hash_sha1('World')", "70c07ec18ef89c5309bbb0937f3a6342411e1fdd")],
    ),
    Function(
        "hash_md5",
        params="value: scalar",
        returns="string",
        doc="The MD5 of the value's text, in hex.",
        sql=_digest("md5"),
        examples=[("hash_md5('World')", "f5a7924e621e84c9280a9a27e1bcb7f6")],
    ),
    *_hashes(),
    Function("new_guid", "", "guid", "A new random guid for each row.", "uuid()", []),
)
"""xxHash64, SHA-256, SHA-1, MD5."""
