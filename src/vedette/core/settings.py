"""What `vedette up` was told."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """The server's settings; `port` 0 lets the system pick a free one. `ip_database` is a file in MaxMind's format that
    says where IP addresses are."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8443
    demo: bool = False
    virtual_clock: bool = False
    ready_file: Path | None = None
    ip_database: Path | None = None
