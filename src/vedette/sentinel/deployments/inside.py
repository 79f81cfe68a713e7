"""Whether a deployment is being made by another one: known to the thread that carries out the other one's step."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from vedette.sentinel.deployments.links import Linked


@dataclass(frozen=True, slots=True)
class Inside:
    """The run that a deployment is made by. `linked` is the template of it, which relative links go by; `depth` counts
    the deployments around, and `check` raises where none of them is to go on."""

    run: str
    correlation: str
    linked: Linked
    depth: int
    check: Callable[[], None]
    secret: bool
    """Whether there are values of secure parameters in the templates that it has evaluated."""


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
