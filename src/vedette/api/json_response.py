"""JSON on the wire, written by orjson."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.responses import Response

NOT_CACHED: Final = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}
"""The headers of an answer that is for the one who asked alone."""


class JsonResponse(Response):
    """A JSON body with the content type that Azure sends."""

    media_type = "application/json; charset=utf-8"

    def __init__(self, content: Any, status_code: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(content, status_code, headers)

    def render(self, content: Any) -> bytes:
        """The content as compact JSON."""
        return orjson.dumps(content)
