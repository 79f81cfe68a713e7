"""A value of a file that is being read into items."""

from dataclasses import dataclass, replace
from typing import Any

from vedette.content.document import Document
from vedette.content.item import Source
from vedette.content.problem import Pointer
from vedette.content.target import NOWHERE, Target


@dataclass(frozen=True, slots=True)
class Place:
    """`at` is where the value stands in its file; `target` is the workspace that it is read for."""

    document: Document
    at: Pointer
    target: Target = NOWHERE

    def child(self, *more: str | int) -> "Place":
        """A place inside this one."""
        return replace(self, at=(*self.at, *more))

    def raw(self, key: str, value: Any) -> str:
        """The text of a scalar as it is written, so that the version 1.10 is not the number 1.1."""
        raw = self.document.raw((*self.at, key))
        return str(value) if raw is None else raw

    def source(self, form: str) -> Source:
        """Where an item begins that is read here."""
        return Source(self.document.path, self.document.place(self.at)[0], self.at, form)
