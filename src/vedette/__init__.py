"""Vedette: a self-hosted SIEM that speaks the public APIs of Microsoft Sentinel."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vedette.notebook.connection import connect as connect

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`vedette.connect`, loaded when somebody asks for it: nothing else here has a use for it."""
    if name == "connect":
        from vedette.notebook.connection import connect  # noqa: PLC0415

        return connect
    raise AttributeError(f"module 'vedette' has no attribute '{name}'")
