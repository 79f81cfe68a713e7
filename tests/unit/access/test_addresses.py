"""Where the server answers, and what it repeats back."""

import pytest

from vedette.access.addresses import make_addresses

ADDRESSES = make_addresses("127.0.0.1", https_port=8443, http_port=8080, proxy_port=3128)


@pytest.mark.parametrize(
    ("host", "base"),
    [
        (None, "https://127.0.0.1:8443"),
        ("127.0.0.1:8443", "https://127.0.0.1:8443"),
        ("LocalHost:8443", "https://localhost:8443"),
        ("[::1]:8443", "https://[::1]:8443"),
        ("login.microsoftonline.com", "https://login.microsoftonline.com"),
        ("management.azure.com:443", "https://management.azure.com"),
        ("management.azure.com:444", "https://127.0.0.1:8443"),
        ("evil.example", "https://127.0.0.1:8443"),
        ("localhost:9999", "https://127.0.0.1:8443"),
        ("127.0.0.1:8080", "https://127.0.0.1:8443"),
        ("", "https://127.0.0.1:8443"),
    ],
)
def test_the_base_is_one_of_ours(host: str | None, base: str) -> None:
    assert ADDRESSES.base(host) == base


def test_own_addresses_have_every_name_and_both_ports() -> None:
    assert ADDRESSES.own() == {
        f"{scheme}:{port}"
        for scheme, port in (("https", 8443), ("http", 8080))
        for scheme in (f"{scheme}://127.0.0.1", f"{scheme}://localhost", f"{scheme}://[::1]")
    }


def test_browsers_leave_the_usual_port_out() -> None:
    usual = make_addresses("siem.example", https_port=443, http_port=80, proxy_port=3128)
    assert {"https://siem.example", "https://siem.example:443", "http://localhost"} <= usual.own()
    assert usual.base("siem.example") == "https://siem.example"
    assert (
        "https://siem.example" not in make_addresses("siem.example", https_port=80, http_port=443, proxy_port=1).own()
    )


@pytest.mark.parametrize(
    ("host", "https"),
    [
        ("0.0.0.0", "https://127.0.0.1:1"),
        ("::", "https://[::1]:1"),
        ("::1", "https://[::1]:1"),
        ("siem.example", "https://siem.example:1"),
    ],
)
def test_a_wildcard_is_reached_through_loopback(host: str, https: str) -> None:
    assert make_addresses(host, https_port=1, http_port=2, proxy_port=3).https == https
