"""What an endpoint said no to."""

from collections.abc import Mapping
from typing import Any

from vedette.core.errors import VedetteError


class Refused(VedetteError):
    """The endpoint's answer was an error: `status`, its code and message, and the error object as sent."""

    def __init__(self, status: int, code: str, message: str, body: Mapping[str, Any]) -> None:
        super().__init__(code, message)
        self.status = status
        self.body = body
