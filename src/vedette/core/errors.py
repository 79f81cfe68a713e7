"""The errors that cross layers; the HTTP edge gives each class its status and envelope."""

import math
from typing import Any


class VedetteError(Exception):
    """Something a caller can be told: a code from the wire's own vocabulary and a sentence that says what to do."""

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


class InvalidInput(VedetteError):
    """The request itself is wrong; sending it again unchanged cannot help."""


class Unauthenticated(VedetteError):
    """No credential, or one that does not verify."""


class Forbidden(VedetteError):
    """The caller is known and may not do this."""


class NotFound(VedetteError):
    """The thing that the request names does not exist."""


class Conflict(VedetteError):
    """The thing has changed, or exists already."""


class PreconditionFailed(VedetteError):
    """An If-Match or If-None-Match header does not hold."""


class TooLarge(VedetteError):
    """The body, a field or a result is over its limit."""


class TimedOut(VedetteError):
    """The work ran into its time limit and was stopped."""


class Unavailable(VedetteError):
    """The server cannot do this now; the same request may succeed later."""


class Passing(Unavailable):
    """What stands in the way passes without a restart; nothing was done."""


class Overtaken(Passing):
    """What the work rests on was changed while it began; done anew, it rests on what is there now."""


class StorageFull(Passing):
    """There is no room on the disk; nothing was written, and writing goes on once there is."""


class Throttled(VedetteError):
    """The caller asks too much at a time; the same request may succeed after `seconds`, which are whole."""

    def __init__(self, code: str, message: str, seconds: float = 30.0) -> None:
        super().__init__(code, message)
        self.seconds = max(1, math.ceil(seconds))


class Unsupported(VedetteError):
    """Known by name and not served here."""
