"""The page that describes the server's own APIs names each of its routes, and none that there is not."""

import re
from pathlib import Path

from starlette.routing import Route

from vedette.api.app import make_app
from vedette.api.services import Services

PAGE = Path(__file__).parents[3] / "docs" / "own-apis.md"
_WORD = re.compile(r"\{(\w+)(:\w+)?\}")


def _plain(path: str) -> str:
    """A path whose parameters have no names."""
    return _WORD.sub("{}", path)


def documented() -> set[tuple[str, str]]:
    """The methods and paths in the first column of the tables."""
    found: set[tuple[str, str]] = set()
    for line in PAGE.read_text().splitlines():
        cell = line.split("|")[1] if line.startswith("| `") else ""
        methods: list[str] = []
        base = ""
        for told in re.findall(r"`([^`]+)`", cell):
            method, _, path = told.partition(" ")
            methods.append(method)
            if path:
                path = path.partition("?")[0]
                base = base or path
                whole = base + path.removeprefix("…/elasticsearch") if path.startswith("…") else path
                found |= {(each, _plain(whole)) for each in methods}
                methods = []
    return found


def test_every_route_is_documented(services: Services) -> None:
    routes = {
        (method, _plain(route.path))
        for route in make_app(services).routes
        if isinstance(route, Route) and route.path.startswith("/vedette/")
        for method in (route.methods or {"GET"}) - {"HEAD"}
    }
    assert documented() == routes
