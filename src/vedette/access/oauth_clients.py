"""Programs that ask for tokens: which they are, whether they keep a secret, and where answers to them may be sent."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from vedette.access.directory import Directory
from vedette.access.directory_objects import DirectoryObject
from vedette.access.directory_schema import LOOPBACK
from vedette.access.well_known import CONSOLE, PUBLIC_CLIENTS

CONSOLE_PATH = "/console/"
"""Where the web console is, at every address of the server."""

_ANY_PORT = ("http://localhost", "http://127.0.0.1", "http://[::1]")


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """A program by its client id. `holders` are the objects whose secrets and certificates are its own: the
    application and its service principal, in this order, and none for a well-known one.

    One that `is_public` keeps no secret, wherever it runs; another that people reach at `public_redirects` has none
    there.
    """

    id: str
    name: str
    holders: tuple[DirectoryObject, ...]
    is_public: bool
    public_redirects: tuple[str, ...]
    secret_redirects: tuple[str, ...]

    def may_redirect(self, uri: str) -> bool:
        """Whether an answer may be sent there."""
        return self.is_public_redirect(uri) or self.may_redirect_with_secret(uri)

    def is_public_redirect(self, uri: str) -> bool:
        """Whether what is sent there may be redeemed without a secret."""
        return any(_same(uri, each) for each in self.public_redirects)

    def may_redirect_with_secret(self, uri: str) -> bool:
        """Whether what is sent there is redeemed with a secret."""
        return any(_same(uri, each) for each in self.secret_redirects)


def find_client(directory: Directory, client_id: str, own_addresses: frozenset[str]) -> OAuthClient | None:
    """The program of a client id, among the well-known ones and the tenant's own."""
    known = PUBLIC_CLIENTS.get(client_id.lower())
    if known is not None:
        redirects = _of_console(own_addresses) if client_id.lower() == CONSOLE else _ANY_PORT
        return OAuthClient(client_id.lower(), known, (), True, redirects, ())
    application = directory.application(client_id)
    principal = directory.service_principal_of(client_id)
    if application is None or principal is None:
        return None
    public = (*_redirects(application, "publicClient"), *_redirects(application, "spa"))
    return OAuthClient(
        str(application.application_id),
        application.name,
        (application, principal),
        application.shown.get("isFallbackPublicClient") is True,
        public,
        _redirects(application, "web"),
    )


def _of_console(own_addresses: frozenset[str]) -> tuple[str, ...]:
    return tuple(f"{base}{CONSOLE_PATH}{page}" for base in own_addresses for page in ("", "signed-in"))


def _redirects(application: DirectoryObject, kind: str) -> tuple[str, ...]:
    return tuple((application.shown.get(kind) or {}).get("redirectUris") or ())


def _same(uri: str, registered: str) -> bool:
    """Whether the two are one; of a loopback address the port does not matter (RFC 8252 §7.3)."""
    if uri == registered:
        return True
    try:
        asked, kept = urlsplit(uri), urlsplit(registered)
        loopback = asked.scheme == kept.scheme == "http" and asked.hostname == kept.hostname in LOOPBACK
        well_formed = asked.port is not None or asked.netloc == kept.netloc
    except ValueError:
        return False
    same_path = (asked.path or "/").rstrip("/") == (kept.path or "/").rstrip("/")
    plain = not asked.query and not asked.fragment and asked.username is None
    return loopback and well_formed and same_path and plain
