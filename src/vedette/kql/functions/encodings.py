"""Functions that encode and decode: base64, URLs."""

from vedette.kql.functions.entry import Function

FUNCTIONS: tuple[Function, ...] = (
    Function(
        "base64_encode_tostring",
        params="text: string",
        returns="string",
        doc="The UTF-8 bytes of the text in base64.",
        sql="to_base64(encode({text}))",
        examples=[("base64_encode_tostring('Kusto')", "S3VzdG8=")],
        deprecated_aliases=("base64_encodestring",),
    ),
    Function(
        "base64_decode_tostring",
        params="text: string",
        returns="string",
        doc="The text whose UTF-8 bytes are given in base64; '' where it is not valid.",
        sql="kql_base64_decode({text})",
        examples=[("base64_decode_tostring('S3VzdG8=')", "Kusto"), ("base64_decode_tostring('not valid!')", "")],
        deprecated_aliases=("base64_decodestring",),
    ),
    Function(
        "base64_decode_toarray",
        params="text: string",
        returns="dynamic",
        doc="The bytes that are given in base64, as numbers; null where it is not valid.",
        sql="CAST(kql_bytes(kql_from_base64({text})) AS VARIANT)",
        examples=[
            ("base64_decode_toarray('S3VzdG8=')", [75, 117, 115, 116, 111]),
            ("base64_decode_toarray('!')", None),
        ],
    ),
    Function(
        "base64_encode_fromarray",
        params="bytes: dynamic",
        returns="string",
        doc="An array of byte values in base64; '' where it is none.",
        sql="coalesce(list_transform([list_transform(kql_array({bytes}), "
        "lambda byte: printf('%02x', kql_dynamic_to_long(byte)))], "
        "lambda digits: TRY(to_base64(unhex(array_to_string(digits, '')))))[1], '')",
        examples=[("base64_encode_fromarray(dynamic([75, 117, 115, 116, 111]))", "S3VzdG8=")],
    ),
    Function(
        "url_encode",
        params="text: string",
        returns="string",
        doc="The text with everything but unreserved characters in percent notation.",
        sql="url_encode({text})",
        examples=[("url_encode('https://a/ b')", "https%3A%2F%2Fa%2F%20b")],
        aliases=("url_encode_component",),
    ),
    Function(
        "url_decode",
        params="text: string",
        returns="string",
        doc="The text with percent notation undone.",
        sql="kql_url_decode({text})",
        examples=[("url_decode('https%3a%2f%2fwww.bing.com%2f')", "https://www.bing.com/")],
    ),
)
"""Base64 and URLs."""
