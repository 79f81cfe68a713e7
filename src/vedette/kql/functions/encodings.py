"""Functions that encode and decode: base64, URLs, gzip, zlib, Punycode."""

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
        doc="The text with everything but unreserved characters in percent notation, a space as +.",
        sql="replace(url_encode({text}), '%20', '+')",
        examples=[("url_encode('https://a/ b+c')", "https%3A%2F%2Fa%2F+b%2Bc")],
    ),
    Function(
        "url_encode_component",
        params="text: string",
        returns="string",
        doc="The text with everything but unreserved characters in percent notation, a space too.",
        sql="url_encode({text})",
        examples=[("url_encode_component('https://a/ b')", "https%3A%2F%2Fa%2F%20b")],
    ),
    Function(
        "url_decode",
        params="text: string",
        returns="string",
        doc="The text with percent notation undone.",
        sql="kql_url_decode({text})",
        examples=[("url_decode('https%3a%2f%2fwww.bing.com%2f')", "https://www.bing.com/")],
    ),
    Function(
        "base64_decode_toguid",
        params="text: string",
        returns="guid",
        doc="The guid whose sixteen bytes are given in base64; null where it is not valid.",
        sql="kql_bytes_to_guid(kql_from_base64({text}))",
        examples=[
            ("base64_decode_toguid('JpbpECu8dUy7Pv5gbeJXAA==')", "10e99626-bc2b-4c75-bb3e-fe606de25700"),
            ("base64_decode_toguid('abcd1231')", None),
            ("base64_decode_toguid('!')", None),
        ],
    ),
    Function(
        "base64_encode_fromguid",
        params="value: guid",
        returns="string",
        doc="The sixteen bytes of a guid in base64; '' for null.",
        sql="coalesce(to_base64(unhex(kql_guid_bytes({value}))), '')",
        examples=[
            ("base64_encode_fromguid(toguid('ae3133f2-6e22-49ae-b06a-16e6a9b212eb'))", "8jMxriJurkmwahbmqbIS6w=="),
            ("base64_encode_fromguid(guid(null))", ""),
        ],
    ),
    *(
        Function(name, "text: string", "string", doc, f"coalesce({function}({{text}}), '')", examples)
        for name, function, doc, examples in (
            (
                "gzip_compress_to_base64_string",
                "py_compression_gzip",
                "The text compressed by gzip, in base64.",
                [
                    (
                        "gzip_compress_to_base64_string('1234567890qwertyuiop')",
                        "H4sIAAAAAAAA/wEUAOv/MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A6m7f2FAAAAA==",
                    )
                ],
            ),
            (
                "gzip_decompress_from_base64_string",
                "py_compression_gunzip",
                "The text that was compressed by gzip; '' where it is not valid.",
                [
                    (
                        "strlen(gzip_decompress_from_base64_string(gzip_compress_to_base64_string(strrep('x', 500))))",
                        500,
                    ),
                    ("gzip_decompress_from_base64_string('x0x0x0')", ""),
                ],
            ),
            (
                "zlib_compress_to_base64_string",
                "py_compression_zlib",
                "The text compressed by zlib, in base64.",
                [
                    (
                        "zlib_compress_to_base64_string('1234567890qwertyuiop')",
                        "eAEBFADr/zEyMzQ1Njc4OTBxd2VydHl1aW9wOAkGdw==",
                    )
                ],
            ),
            (
                "zlib_decompress_from_base64_string",
                "py_compression_unzlib",
                "The text that was compressed by zlib; '' where it is not valid.",
                [
                    ("zlib_decompress_from_base64_string('eJwLSS0uUSguKcrMS1cwNDIGACxqBQ4=')", "Test string 123"),
                    ("zlib_decompress_from_base64_string('x0x0x0')", ""),
                ],
            ),
            (
                "punycode_from_string",
                "py_punycode_encoded",
                "The text in Punycode.",
                [("punycode_from_string('académie-française')", "acadmie-franaise-npb1a")],
            ),
            (
                "punycode_to_string",
                "py_punycode_decoded",
                "The text that was put in Punycode; '' where it is not valid.",
                [("punycode_to_string('acadmie-franaise-npb1a')", "académie-française")],
            ),
            (
                "punycode_domain_to_string",
                "py_punycode_domain_encoded",
                "A domain name with its labels in Punycode where they need it.",
                [
                    (
                        "punycode_domain_to_string('Riðill｡Skáldskaparmál｡org')",
                        "xn--Riill-jta.xn--Skldskaparml-dbbj.org",
                    ),
                    ('punycode_domain_to_string("Kaledvoulc\'h.Artorījos.edu")', "Kaledvoulc'h.xn--Artorjos-ejb.edu"),
                ],
            ),
            (
                "punycode_domain_from_string",
                "py_punycode_domain_decoded",
                "A domain name with its labels no more in Punycode; '' where it is not valid.",
                [
                    (
                        "punycode_domain_from_string('xn--Ry-lja8c.xn--Jng-uta63a.xn--Bng-9ka.com')",
                        "Rúyì.Jīngū.Bàng.com",
                    )
                ],
            ),
        )
    ),
)
"""Base64, URLs, compression, Punycode."""
