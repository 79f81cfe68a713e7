"""Whether a deployment is being made by another one: known to the thread that carries out the other one's step."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Lock

from vedette.arm.templates.context import MOST_TOGETHER
from vedette.arm.templates.errors import refused
from vedette.sentinel.deployments.links import Linked


@dataclass(frozen=True, slots=True)
class Inside:
    """The run that a deployment is made by. `linked` is the template of it, which relative links go by; `depth` counts
    the deployments around, `check` raises where none of them is to go on, and `begun` is shared by all of them."""

    run: str
    correlation: str
    linked: Linked
    depth: int
    check: Callable[[], None]
    secret: bool
    """Whether there are values of secure parameters in the templates that it has evaluated."""
    begun: "Begun"


class Begun:
    """How many resources a deployment and those inside it have begun, which is bounded. Safe in any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._count = 0

    def add(self, resources: int) -> None:
        """Count resources that are about to be deployed. Raises InvalidTemplate where they are too many."""
        with self._lock:
            self._count += resources
            if self._count > MOST_TOGETHER:
                raise refused(f"The deployment and those inside it have more than {MOST_TOGETHER} resources together.")


_INSIDE: ContextVar[Inside | None] = ContextVar("inside a deployment", default=None)


def around() -> Inside | None:
    """The deployment that this thread works for, if it does."""
    return _INSIDE.get()


@contextmanager
def inside(made_by: Inside | None) -> Generator[None]:
    """Do what the block does as a part of a deployment; None for whatever is no deployment itself."""
    token = _INSIDE.set(made_by)
    try:
        yield
    finally:
        _INSIDE.reset(token)
