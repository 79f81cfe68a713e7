"""Files on the web that a query reads: what the compiler knows of them; who runs the query fetches them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class External:
    """The files of one `externaldata` and how their records become columns.

    Whoever runs the plan makes a table named `name` of them, with a text column for each of `columns`, named as they
    are: a cell holds what the record has there, JSON text for what is no JSON text, number or bool, or is asked as
    dynamic (`is_dynamic`), and '' for nothing. `paths` are JSON paths, or numbers of fields from 0, where the query
    maps columns; else a field is found by name in JSON, by position in other formats.

    Of the format `RESPONSE` is one record: the answer's headers as JSON, and its content.
    """

    name: str
    uris: tuple[str, ...]
    format: str | None
    columns: tuple[str, ...]
    is_dynamic: tuple[bool, ...]
    paths: tuple[str | int | None, ...]
    skips_first: bool = False
    skips_last: bool = False
    zip_pattern: str | None = None
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None


RESPONSE = "response"
JSON_FORMATS = frozenset({"json", "multijson", "singlejson"})
DELIMITERS = {"csv": ",", "tsv": "\t", "psv": "|", "scsv": ";", "ssv": ";", "sohsv": "\x01"}
FORMATS = frozenset({*JSON_FORMATS, *DELIMITERS, "txt", "raw"})
"""The formats that are read. A file's format may also be told by the ending of its address."""
