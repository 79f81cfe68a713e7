"""externaldata over a real HTTP server: formats, what is allowed, limits, and how it fails."""

import gzip
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from vedette.core.clock import VirtualClock
from vedette.core.errors import InvalidInput, TooLarge, Unavailable
from vedette.core.settings import ExternalDataSettings
from vedette.engine.duckdb import DuckDBEngine
from vedette.logs.store import LogStore

WORKSPACE = "11111111-1111-1111-1111-111111111111"


def zipped(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.csv", text)
    return packed.getvalue()


CSV = 'name,n,at,d\nann,1,2024-05-01,"{""k"": [1]}"\n"b, ""c""\nd",,,\nshort\n'
FILES: dict[str, bytes] = {
    "/a.csv": CSV.encode(),
    "/a.csv.gz": gzip.compress(CSV.encode()) + gzip.compress(b"last,9\n"),
    "/signed.csv": b"x\n",
    "/a.zip": zipped(one="1\n", two="2\n", other="3\n"),
    "/a.tsv": "ä\t2\n".encode("utf-8-sig"),
    "/lines.txt": b"# first\none, two\n\n",
    "/a.json": b'{"name": "ann", "n": 9007199254740993, "d": "x"}\n{"n": "7", "d": {"a": 1}, "other": true}\n',
    "/many.json": b'[{"name": "ann",\n "n": 1}, {"name": {"a": null}}]\n{"name": null, "n": 2.5}',
    "/broken.json": b'{"name": ',
    "/big.csv": b"0123456789\n" * 200_000,
    "/bomb.csv.gz": gzip.compress(b"0" * 5_000_000),
}
SCHEMA = "(name:string, n:long, at:datetime, d:dynamic)"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        hosts: set[str] = self.server.hosts  # pyright: ignore[reportAttributeAccessIssue]
        hosts.add(self.headers["Host"])
        if path == "/moved":
            self.send_response(302)
            self.send_header("Location", query)
            self.end_headers()
            return
        content = FILES.get(path)
        if content is None or (path == "/signed.csv" and query != "sig=a%2Fb"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        content = json.dumps({"sent": sent, "key": self.headers["X-Key"]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.hosts = set()  # pyright: ignore[reportAttributeAccessIssue]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def base(server: ThreadingHTTPServer) -> str:
    return f"http://localhost:{server.server_port}"


def store(settings: ExternalDataSettings) -> LogStore:
    logs = LogStore(DuckDBEngine(None), VirtualClock(datetime(2024, 5, 1, tzinfo=UTC)), None, external=settings)
    logs.create_workspace(WORKSPACE)
    return logs


def allowing(base: str, **given: Any) -> ExternalDataSettings:
    return ExternalDataSettings((base.removeprefix("http://"),), True, **given)


@pytest.fixture
def logs(base: str) -> Iterator[LogStore]:
    logs = store(allowing(base, bytes=1_000_000))
    yield logs
    logs.close()


def answer(logs: LogStore, text: str) -> list[list[Any]]:
    return logs.query(WORKSPACE, text).rows()


def test_csv_by_position_with_types(logs: LogStore, base: str) -> None:
    rows = answer(logs, f"externaldata{SCHEMA}[h@'{base}/a.csv'] with (format='csv', ignoreFirstRecord=true)")
    assert rows == [
        ["ann", 1, datetime(2024, 5, 1, tzinfo=UTC), {"k": [1]}],
        ['b, "c"\nd', None, None, None],
        ["short", None, None, None],
    ]


def test_what_is_packed_by_gzip_or_zip(logs: LogStore, base: str) -> None:
    assert answer(logs, f"externaldata{SCHEMA}['{base}/a.csv.gz'] | where name == 'last' | project n") == [[9]]
    query = f"externaldata(n:long)['{base}/a.zip'] with (zipPattern='*o*.csv', format=csv)"
    assert sorted(answer(logs, query)) == [[1], [2], [3]]
    assert answer(logs, f"externaldata(n:long)['{base}/a.zip'] with (zipPattern='tw*')") == [[2]]


def test_several_files_and_formats_by_their_endings(logs: LogStore, base: str) -> None:
    rows = answer(logs, f"external_data(s:string, n:long)['{base}/a.tsv', @'{base}/signed.csv?sig=a%2Fb']")
    assert rows == [["ä", 2], ["x", None]]


def test_lines_and_whole_files(logs: LogStore, base: str) -> None:
    assert answer(logs, f"externaldata(s:string)['{base}/lines.txt']") == [["# first"], ["one, two"], [""]]
    whole = answer(logs, f"externaldata(s:string)['{base}/lines.txt'] with (format='raw')")
    assert whole == [["# first\none, two\n\n"]]
    last = answer(logs, f"externaldata(s:string)['{base}/lines.txt'] with (format='txt', ignoreLastRecord=true)")
    assert last == [["# first"], ["one, two"]]


def test_json_by_names(logs: LogStore, base: str) -> None:
    rows = answer(logs, f"externaldata(name:string, n:long, d:dynamic, other:bool)['{base}/a.json']")
    assert rows == [["ann", 9007199254740993, "x", None], ["", 7, {"a": 1}, True]]
    rows = answer(logs, f"externaldata(name:string, n:real)['{base}/many.json'] with (format='multijson')")
    assert rows == [["ann", 1.0], ['{"a":null}', None], ["", 2.5]]


def test_columns_are_mapped_by_paths_and_positions(logs: LogStore, base: str) -> None:
    mapping = json.dumps([{"column": "whole", "path": "$"}, {"Column": "a", "Properties": {"Path": "$.d['a']"}}])
    query = f"externaldata(a:long, whole:dynamic)['{base}/a.json'] with (format='json', ingestionMapping=@'{{}}')"
    rows = answer(logs, query.replace("{}", mapping.replace("'", "''")) + " | project a, whole.n")
    assert rows == [[None, 9007199254740993], [1, "7"]]
    mapping = json.dumps([{"Column": "one", "Properties": {"Ordinal": "1"}}, {"Column": "two", "Ordinal": 0}])
    query = f"externaldata(one:string, two:string)['{base}/a.tsv'] with (ingestionMapping='{mapping}')"
    assert answer(logs, query) == [["2", "ä"]]


def test_a_file_is_one_table_wherever_it_is_read(logs: LogStore, base: str) -> None:
    query = f"""
        let T = externaldata(s:string)['{base}/lines.txt'];
        T | where s in (T | where s startswith '#') or s == toscalar(externaldata(t:string)['{base}/a.tsv'] | take 1)
        | join kind=inner (T) on s | count"""
    assert answer(logs, query) == [[1]]


def test_columns_that_depend_on_the_file(logs: LogStore, base: str) -> None:
    query = f"externaldata(d:dynamic)['{base}/a.json'] with (format='raw')"
    mapped = f'externaldata(d:dynamic)[\'{base}/a.json\'] with (ingestionMapping=\'[{{"column":"d","path":"$"}}]\')'
    assert len(answer(logs, query)) == 1
    assert [column.name for column in logs.query(WORKSPACE, f"{mapped} | evaluate bag_unpack(d)").columns] == [
        "d",
        "n",
        "name",
        "other",
    ]


def test_nothing_is_allowed_unless_it_is_named(base: str) -> None:
    logs = store(ExternalDataSettings())
    with pytest.raises(InvalidInput) as raised:
        answer(logs, f"externaldata(s:string)['{base}/a.tsv']")
    assert raised.value.code == "ExternalDataNotAllowed"
    assert "external_data.hosts" in raised.value.message
    assert base.removeprefix("http://") in raised.value.message
    assert logs.explain(WORKSPACE, f"externaldata(s:string)['{base}/a.tsv']", timespan=None, now=datetime.now(UTC)).sql
    logs.close()


def test_private_addresses_have_a_setting_of_their_own(base: str) -> None:
    logs = store(ExternalDataSettings((base.removeprefix("http://"),)))
    with pytest.raises(InvalidInput) as raised:
        answer(logs, f"externaldata(s:string)['{base}/a.tsv']")
    assert "private_addresses" in raised.value.message
    logs.close()


def test_a_redirect_goes_to_allowed_hosts_only(logs: LogStore, base: str) -> None:
    assert answer(logs, f"externaldata(s:string)['{base}/moved?/a.tsv'] with (format='tsv')") == [["ä"]]
    with pytest.raises(InvalidInput) as raised:
        answer(logs, f"externaldata(s:string)['{base}/moved?http://169.254.169.254/latest']")
    assert "'169.254.169.254'" in raised.value.message
    with pytest.raises(InvalidInput) as raised:
        answer(logs, f"externaldata(s:string)['{base}/moved?file:///etc/passwd']")
    assert "http:// and https:// only" in raised.value.message
    with pytest.raises(Unavailable) as unavailable:
        answer(logs, f"externaldata(s:string)['{base}/moved?{base}/moved?/moved']")
    assert unavailable.value.code == "ExternalDataUnavailable"


@pytest.mark.parametrize("path", ["/big.csv", "/bomb.csv.gz"])
def test_what_is_too_large_is_refused(logs: LogStore, base: str, path: str) -> None:
    with pytest.raises(TooLarge) as raised:
        answer(logs, f"externaldata(s:string)['{base}{path}']")
    assert raised.value.code == "ExternalDataTooLarge"


def test_what_cannot_be_read_says_so_and_keeps_secrets(logs: LogStore, base: str) -> None:
    with pytest.raises(Unavailable) as raised:
        answer(logs, f"externaldata(s:string)[h'{base}/none.csv?sig=secret']")
    assert raised.value.message == "externaldata: 'http://localhost/none.csv' answered 404."
    with pytest.raises(InvalidInput) as broken:
        answer(logs, f"externaldata(s:string)['{base}/broken.json'] with (format='multijson')")
    assert "not JSON" in broken.value.message


@pytest.mark.parametrize(
    "uri",
    [
        "https://[bad",
        "https://localhost:port/a.csv",
        "https://a..b.invalid/a.csv",
        f"https://{'a' * 70}.b.invalid/a.csv",
    ],
)
def test_what_is_no_address_is_refused(uri: str) -> None:
    logs = store(ExternalDataSettings(("*.invalid", "localhost"), private_addresses=True))
    with pytest.raises(InvalidInput) as raised:
        answer(logs, f"externaldata(s:string)['{uri}'] with (format='csv')")
    assert raised.value.code == "InvalidQueryValue"
    logs.close()


def test_the_host_is_the_one_that_was_asked_for(logs: LogStore, base: str, server: ThreadingHTTPServer) -> None:
    answer(logs, f"externaldata(s:string)['{base}/a.tsv']")
    assert base.removeprefix("http://") in server.hosts  # pyright: ignore[reportAttributeAccessIssue]


def test_requests_are_answered_under_the_same_setting(logs: LogStore, base: str) -> None:
    query = f"evaluate http_request('{base}/a.tsv') | project ResponseBody, ResponseHeaders['content-length']"
    assert answer(logs, query) == [["\u00e4\t2\n", "8"]]
    posted = f"evaluate http_request_post('{base}/x', dynamic({{'X-Key': 'k'}}), dynamic({{}}), 'hello') "
    assert answer(logs, f"{posted} | project ResponseBody.sent, tostring(ResponseBody.key)") == [["hello", "k"]]
    closed = store(ExternalDataSettings())
    with pytest.raises(InvalidInput) as raised:
        answer(closed, f"evaluate http_request('{base}/a.tsv')")
    assert "external_data.hosts" in raised.value.message
    closed.close()
