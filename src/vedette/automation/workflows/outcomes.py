"""What comes of trying an action: it is done, or it goes on later."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """An action that ended, with a status, what it gave, and a code; of a failure also what went wrong."""

    outputs: Any = None
    status: str = "Succeeded"
    code: str = "OK"
    error: Json | None = None
    has_response: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """An action that goes on at an instant, None for when it is called; `state` is what it remembers until then.

    `failure` tells of a try that failed and is made again.
    """

    wake: datetime | None
    state: Json = field(default_factory=dict[str, Any])
    failure: Json | None = None


def failed(code: str, message: str, outputs: Any = None, status: str = "Failed") -> Done:
    """An action that failed."""
    return Done(outputs, status, code, {"code": code, "message": message})


class Stopped(Exception):
    """The run goes on no longer in this process: it was cancelled or removed, or the server stops."""
