"""Where this server answers, and which names a request may have reached it by."""

from dataclasses import dataclass

from vedette.access.public_names import is_public_name

_USUAL = {"https": "443", "http": "80"}


@dataclass(frozen=True, slots=True)
class Addresses:
    """The bound addresses, e.g. `https://127.0.0.1:8443`; `hosts` are the names that mean this machine."""

    https: str
    http: str
    proxy: str
    hosts: tuple[str, ...]

    def base(self, host: str | None) -> str:
        """The https address by which a client that sent this Host header reached us, without a final slash.

        A host we do not answer for is never repeated back: such a client is given our own address.
        """
        if host is None:
            return self.https
        name, _, port = host.partition(":")
        if is_public_name(name) and port in ("", "443"):
            return f"https://{name.lower()}"
        address = f"https://{host.lower()}"
        return address if address in self.own() else self.https

    def is_ours(self, host: str) -> bool:
        """Whether a Host header names this machine or a public name, at whatever port. A web page that has its own name
        resolve to this machine sends that name."""
        name = host.lower()
        bare = name if name.endswith("]") else name.rpartition(":")[0] or name
        return bare in self.hosts or is_public_name(bare)

    def own(self) -> frozenset[str]:
        """Every address of ours, by each of its names, in lower case; at the scheme's usual port with it and without,
        as browsers leave it out."""
        return frozenset(
            f"{scheme}://{host}{ending}"
            for scheme, port in self._ports()
            for host in self.hosts
            for ending in (f":{port}", "" if port == _USUAL[scheme] else f":{port}")
        )

    def _ports(self) -> tuple[tuple[str, str], tuple[str, str]]:
        return ("https", self.https.rpartition(":")[2]), ("http", self.http.rpartition(":")[2])


def make_addresses(host: str, *, https_port: int, http_port: int, proxy_port: int) -> Addresses:
    """The addresses of a server that was told to bind `host`; a wildcard host is reached through loopback."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, _bracketed(host))
    names = dict.fromkeys((reached.lower(), "localhost", "127.0.0.1", "[::1]"))
    return Addresses(
        https=f"https://{reached}:{https_port}",
        http=f"http://127.0.0.1:{http_port}",
        proxy=f"http://127.0.0.1:{proxy_port}",
        hosts=tuple(names),
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
