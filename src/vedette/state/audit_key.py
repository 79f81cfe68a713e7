"""The key that seals the audit's records, in a file that only its owner reads."""

import secrets
from pathlib import Path
from typing import Final

from vedette.core.errors import Unavailable
from vedette.core.whole_files import write_whole

KEY_FILE: Final = "audit.key"
_BYTES: Final = 32


def ensure_audit_key(path: Path) -> bytes:
    """The key of the file, made if it is absent. Raises Unavailable (AuditKeyDamaged)."""
    if not path.exists():
        write_whole(path, secrets.token_bytes(_BYTES).hex().encode())
    return read_audit_key(path)


def read_audit_key(path: Path) -> bytes:
    """The key of the file. Raises Unavailable (AuditKeyDamaged) where there is none."""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise Unavailable("AuditKeyDamaged", f"The key of the audit, '{path}', cannot be read: {error}.") from error
    if len(key) != _BYTES:
        raise Unavailable("AuditKeyDamaged", f"The key of the audit, '{path}', does not have {_BYTES} bytes.")
    return key
