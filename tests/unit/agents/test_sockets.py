"""Where syslog is listened for: what can be asked, and what is said when it cannot be had."""

import socket
from contextlib import ExitStack

import pytest

from vedette.agents.sockets import addresses_of, bind_syslog
from vedette.core.errors import InvalidInput, Unavailable
from vedette.core.settings import SyslogSettings


def test_a_free_port_is_the_same_for_tcp_and_udp() -> None:
    with ExitStack() as sockets:
        bound = bind_syslog(SyslogSettings("127.0.0.1:0", "127.0.0.1:0"), sockets)
        assert bound.tcp is not None
        assert bound.udp is not None
        assert bound.tcp.getsockname() == bound.udp.getsockname()
        told = addresses_of(bound)
        assert told["syslog"].startswith("127.0.0.1:")
        assert told["syslog_tls"] != told["syslog"]


def test_nothing_is_bound_unless_asked_for() -> None:
    with ExitStack() as sockets:
        assert addresses_of(bind_syslog(SyslogSettings(), sockets)) == {}


def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, ExitStack() as sockets:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Unavailable, match="Cannot listen for syslog on"):
            bind_syslog(SyslogSettings(address), sockets)


@pytest.mark.parametrize("address", ["514", "localhost", "127.0.0.1:99999", "127.0.0.1:x", "127.0.0.1:"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with ExitStack() as sockets, pytest.raises(InvalidInput, match="takes HOST:PORT"):
        bind_syslog(SyslogSettings(address), sockets)
