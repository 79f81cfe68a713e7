"""The server's directory over Microsoft Graph: objects found by the names that people type."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from vedette.cli.client import Client, connected
from vedette.cli.ready import find_server
from vedette.content.refused import Refused
from vedette.core.errors import Conflict, NotFound

Object = dict[str, Any]


class DirectoryClient:
    """Graph's calls that the commands make."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def all(self, path: str, **options: str) -> list[Object]:
        """Every object of a list, page by page; options are Graph's without the dollar sign."""
        query = "&".join(f"${name}={quote(value)}" for name, value in options.items())
        link, found = f"/v1.0/{path}" + (f"?{query}" if query else ""), list[Object]()
        while link:
            page = self._client.get(link)
            found += page["value"]
            following = urlsplit(page.get("@odata.nextLink", ""))
            link = f"{following.path}?{following.query}" if following.path else ""
        return found

    def get(self, path: str) -> Object:
        """One object."""
        return self._client.get(f"/v1.0/{path}")

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Object:
        """Send a change; gives what is answered, empty where nothing is."""
        return self._client.send(method, f"/v1.0/{path}", body)

    def user(self, name: str) -> Object:
        """The user of a user principal name or an id. Raises NotFound."""
        try:
            select = "id,displayName,userPrincipalName,accountEnabled,createdDateTime,department,jobTitle,mail"
            return self.get(f"users/{quote(name, safe='@')}?$select={select}")
        except Refused as refused:
            if refused.status != 404:
                raise
            raise NotFound("NotFound", f"There is no user '{name}'.") from refused

    def group(self, name: str) -> Object:
        """The group of a display name or an id. Raises NotFound, and Conflict where several have the name."""
        return self._named("groups", "group", name, ("id", "displayName"))

    def application(self, name: str) -> Object:
        """The application of a display name, a client id or an object id. Raises NotFound and Conflict."""
        return self._named("applications", "application", name, ("id", "appId", "displayName"))

    def service_principal(self, application: Object) -> Object:
        """The service principal of an application. Raises NotFound."""
        return self._named("servicePrincipals", "service principal", application["appId"], ("appId",))

    def member(self, name: str) -> Object:
        """What may be in a group: a user, a group or a service principal, by name or id. Raises NotFound, Conflict."""
        text = name.replace("'", "''")
        tried = (
            ("users", ("id", "userPrincipalName")),
            ("groups", ("id", "displayName")),
            ("servicePrincipals", ("id", "appId", "displayName")),
        )
        found = [each for path, names in tried for each in self.all(path, filter=_any_of(names, text))]
        return _only(found, "object", name)

    def _named(self, path: str, what: str, name: str, names: tuple[str, ...]) -> Object:
        return _only(self.all(path, filter=_any_of(names, name.replace("'", "''"))), what, name)


@contextmanager
def directory(server_data: Path | None) -> Iterator[DirectoryClient]:
    """The directory of the server that the option names. Raises Unavailable."""
    with connected(find_server(server_data)) as client:
        yield DirectoryClient(client)


def _any_of(names: tuple[str, ...], text: str) -> str:
    return " or ".join(f"{name} eq '{text}'" for name in names)


def _only(found: list[Object], what: str, name: str) -> Object:
    if not found:
        raise NotFound("NotFound", f"There is no {what} '{name}'.")
    if len(found) > 1:
        ids = ", ".join(each["id"] for each in found)
        raise Conflict("Ambiguous", f"There are {len(found)} of the name '{name}'. Give an id: {ids}.")
    return found[0]
