"""Functions that take structured texts apart: URLs, paths, CSV, command lines, versions."""

from vedette.kql.functions.entry import Function, quote

_URL = (
    r"^(?:([^:/?#]+)://(?:([^:@/?#]*)(?::([^@/?#]*))?@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?)?"
    r"([^?#]*)(?:\?([^#]*))?(?:#(.*))?$"
)
_URL_PARTS = ("Scheme", "Username", "Password", "Host", "Port", "Path", "Query Parameters", "Fragment")
_URL_MATCH = f"regexp_extract({{text}}, {quote(_URL)}, [{', '.join(quote(part) for part in _URL_PARTS)}])"


def _url_field(part: str) -> str:
    value = f"struct_extract(parts, {quote(part)})"
    if part == "Query Parameters":
        value = f"kql_bag_of(kql_query_parameters({value}))"
    return f'"{part}" := {value}'


_PARSE_URL = (
    f"CASE WHEN {{text}} <> '' THEN list_transform([{_URL_MATCH}], lambda parts: "
    f"CAST(struct_pack({', '.join(_url_field(part) for part in _URL_PARTS)}) AS VARIANT))[1] END"
)

_PATH = r"^(?:([A-Za-z][A-Za-z0-9+.\-]*)://)?([A-Za-z]:[\\/])?((?s:.*)[\\/])?([^\\/:]*)(?::([^\\/]*))?$"
_PATH_PARTS = ("scheme", "root", "directory", "file", "stream")
_PATH_MATCH = f"regexp_extract({{text}}, {quote(_PATH)}, [{', '.join(quote(part) for part in _PATH_PARTS)}])"
_DIRECTORY = r"regexp_replace(parts.root || parts.directory, '[\\/]$', '')"
_PARSE_PATH = (
    f"list_transform([{_PATH_MATCH}], lambda parts: CAST(struct_pack("
    '"Scheme" := parts.scheme, "RootPath" := parts.root, '
    f'"DirectoryPath" := {_DIRECTORY}, '
    rf'"DirectoryName" := regexp_extract({_DIRECTORY}, '
    r"'([^\\/:]+)$', 1), "
    '"Filename" := parts.file, '
    r'"Extension" := regexp_extract(parts.file, '
    r"'\.([^.]*)$', 1), "
    '"AlternateDataStreamName" := parts.stream) AS VARIANT))[1]'
)

_CSV_FIELD = quote(r'("(?:[^"]|"")*"|[^,\n]*)(?:,|\r?\n|$)')
_PARSE_CSV = (
    f"CAST(list_transform(regexp_extract_all(regexp_replace({{text}}, '\\r?\\n$', '') || ',', {_CSV_FIELD}, 1)"
    """[:-2], lambda field: CASE WHEN starts_with(field, '"') """
    """THEN replace(substring(field, 2, length(field) - 2), '""', '"') ELSE field END) AS VARIANT)"""
)

_ARGUMENT = quote(r'(?:\\"|[^\s"]|"(?:\\"|[^"])*(?:"|$))+')
_PARSE_COMMAND_LINE = (
    f"CASE WHEN {{text}} <> '' THEN CAST(list_transform(regexp_extract_all({{text}}, {_ARGUMENT}), lambda argument: "
    """replace(replace(replace(argument, '\\"', chr(1)), '"', ''), chr(1), '"')) AS VARIANT) END"""
)

_VERSION = (
    "list_reduce(list_transform([1, 2, 3, 4], lambda place: "
    "TRY_CAST(coalesce(string_split({text}, '.')[place], '0') AS DECIMAL(38, 0))), "
    "lambda total, part: CAST(total * 100000000 + part AS DECIMAL(38, 0)))"
)
_PARSE_VERSION = rf"CASE WHEN regexp_full_match({{text}}, '\d{{1,8}}(\.\d{{1,8}}){{0,3}}') THEN {_VERSION} END"

FUNCTIONS: tuple[Function, ...] = (
    Function(
        "parse_url",
        params="text: string",
        returns="dynamic",
        doc="The parts of an absolute URL as a bag; a text without a scheme is all path.",
        sql=_PARSE_URL,
        examples=[
            (
                "parse_url('scheme://username:password@host:1234/this/is/a/path?k1=v1&k2=v2#fragment')",
                {
                    "Scheme": "scheme",
                    "Host": "host",
                    "Port": "1234",
                    "Path": "/this/is/a/path",
                    "Username": "username",
                    "Password": "password",
                    "Query Parameters": {"k1": "v1", "k2": "v2"},
                    "Fragment": "fragment",
                },
            ),
            ("parse_url('https://a.b/')['Host']", "a.b"),
        ],
        deprecated_aliases=("parseurl",),
    ),
    Function(
        "parse_urlquery",
        params="text: string",
        returns="dynamic",
        doc="The parameters of a URL's query as a bag in a bag.",
        sql='CAST(struct_pack("Query Parameters" := kql_bag_of(kql_query_parameters({text}))) AS VARIANT)',
        examples=[("parse_urlquery('k1=v1&k2=v2')", {"Query Parameters": {"k1": "v1", "k2": "v2"}})],
        deprecated_aliases=("parseurlquery",),
    ),
    Function(
        "parse_path",
        params="text: string",
        returns="dynamic",
        doc="The parts of a Windows or Unix file path as a bag.",
        sql=_PARSE_PATH,
        examples=[
            (
                r"parse_path(@'C:\temp\file.txt')",
                {
                    "Scheme": "",
                    "RootPath": "C:\\",
                    "DirectoryPath": "C:\\temp",
                    "DirectoryName": "temp",
                    "Filename": "file.txt",
                    "Extension": "txt",
                    "AlternateDataStreamName": "",
                },
            ),
            (
                "parse_path('file://C:/temp/file.txt:some.exe')",
                {
                    "Scheme": "file",
                    "RootPath": "C:/",
                    "DirectoryPath": "C:/temp",
                    "DirectoryName": "temp",
                    "Filename": "file.txt",
                    "Extension": "txt",
                    "AlternateDataStreamName": "some.exe",
                },
            ),
            (r"parse_path(@'\\shared\users\temp\file.txt.gz').DirectoryPath", r"\\shared\users\temp"),
        ],
    ),
    Function(
        "parse_csv",
        params="text: string",
        returns="dynamic",
        doc="The values of one CSV record as an array of texts.",
        sql=_PARSE_CSV,
        examples=[
            (
                'parse_csv(\'aa,"b,b,b",cc,"Escaping quotes: ""Title"""\')',
                ["aa", "b,b,b", "cc", 'Escaping quotes: "Title"'],
            ),
            ("parse_csv('a,,b')", ["a", "", "b"]),
        ],
        naming="{}",
    ),
    Function(
        "parse_command_line",
        params="text: string, parser: string",
        returns="dynamic",
        doc="The arguments of a command line as an array of texts; null for an empty one.",
        sql=_PARSE_COMMAND_LINE,
        examples=[("parse_command_line('echo \"hello world!\" x', 'windows')", ["echo", "hello world!", "x"])],
    ),
    *(
        Function(
            "parse_user_agent",
            params=f"header: string{params}",
            returns="dynamic",
            doc="Browser, operating system and device by a User-Agent header, of which `look_for` names those wanted.",
            sql=f"CAST(CAST(py_useragents_parsed({{header}}, {wanted}) AS JSON) AS VARIANT)",
            examples=examples,
        )
        for params, wanted, examples in (
            (
                ", look_for: string",
                "CAST(to_json({look_for}) AS VARCHAR)",
                [
                    (
                        "parse_user_agent('Mozilla/5.0 (Windows; U; en-US) AdobeAIR/2.5.1', 'browser')",
                        {
                            "Browser": {
                                "Family": "AdobeAIR",
                                "MajorVersion": "2",
                                "MinorVersion": "5",
                                "Patch": "1",
                            }
                        },
                    ),
                    ("parse_user_agent('', 'device').Device.Family", "Other"),
                ],
            ),
            (
                ", look_for: dynamic",
                "CAST(CAST({look_for} AS JSON) AS VARCHAR)",
                [
                    (
                        "bag_keys(parse_user_agent('curl/7.1', dynamic(['browser', 'os', 'device'])))",
                        ["Browser", "Device", "OperatingSystem"],
                    )
                ],
            ),
            (
                "",
                """'["browser","os","device"]'""",
                [("parse_user_agent('curl/7.1').Browser.Family", "curl")],
            ),
        )
    ),
    Function(
        "parse_version",
        params="text: string",
        returns="decimal",
        doc="A version of up to four numbers as one that compares in their order; null for what is none.",
        sql=_PARSE_VERSION,
        examples=[("parse_version('0.0.3') > parse_version('0.0.2.9')", True), ("parse_version('x')", None)],
    ),
)
"""URLs, paths, CSV, command lines and versions."""
