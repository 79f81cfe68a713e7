"""What `make console` does after Vite: a compressed copy beside each file.

The server sends the copies as they are; the wheel has nothing else. The same files give the same copies.
"""

import gzip
from pathlib import Path

BUILT = Path(__file__).parent.parent / "console" / "dist"


def main() -> None:
    """Write the copies."""
    for path in sorted(BUILT.rglob("*")):
        if path.is_file() and path.suffix != ".gz":
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


if __name__ == "__main__":
    main()
