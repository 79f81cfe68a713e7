"""What a query over files may read of the outside: nothing, but the hosts it is told."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from vedette.cli.commands.query import query


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"10.0.0.1,scanner\n10.0.0.9,tor\n")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def host() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def logons(tmp_path: Path) -> str:
    path = tmp_path / "logons.csv"
    path.write_text("User,Ip\nann,10.0.0.1\nbob,10.0.0.2\n")
    return str(path)


def matching(host: str) -> str:
    listed = f"externaldata(Ip:string, Why:string)['http://{host}/x.csv']"
    return f"logons | join kind=inner ({listed}) on Ip | project User, Why"


def test_a_list_is_read_from_a_host_that_is_named(host: str, logons: str) -> None:
    options = ["--data", logons, "--external-data-host", host, "--external-data-private", "--format", "csv"]
    done = CliRunner().invoke(query, [matching(host), *options])
    assert done.stdout == "User,Why\nann,scanner\n"


def test_nothing_is_read_from_other_hosts(host: str, logons: str) -> None:
    done = CliRunner().invoke(query, [matching(host), "--data", logons])
    assert done.exit_code != 0
    assert "127.0.0.1" in str(done.exception)


def test_a_host_may_be_named_by_the_environment_but_not_lie_in_this_network(host: str, logons: str) -> None:
    done = CliRunner().invoke(query, [matching(host), "--data", logons], env={"VEDETTE_EXTERNAL_DATA_HOSTS": host})
    assert done.exit_code != 0
    assert "private" in str(done.exception)


def test_a_server_is_told_by_up_what_it_may_read() -> None:
    done = CliRunner().invoke(query, ["print 1", "--external-data-host", "x"])
    assert done.exit_code == 2
    assert "vedette up" in done.output
