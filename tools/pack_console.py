"""What `make console` does after Vite: the licences of what is inside, and a compressed copy beside each file.

The server sends the copies as they are; the wheel has nothing else. The same files give the same copies.
"""

import gzip
import json
from pathlib import Path

CONSOLE = Path(__file__).parent.parent / "console"
BUILT = CONSOLE / "dist"
LICENCES = "THIRD_PARTY.txt"


def main() -> None:
    """Write the licences and the copies."""
    (BUILT / LICENCES).write_text(licences(CONSOLE))
    for path in sorted(BUILT.rglob("*")):
        if path.is_file() and path.suffix != ".gz":
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


def licences(console: Path) -> str:
    """Every package that may be inside what was built, by the lock file, with the text of its licence file."""
    packages = json.loads((console / "package-lock.json").read_text())["packages"]
    parts: list[str] = []
    for place, package in sorted(packages.items()):
        folder = console / place
        if not place or package.get("dev") or not folder.is_dir():
            continue
        name = place.rpartition("node_modules/")[2]
        files = sorted(
            each for each in folder.iterdir() if each.name.lower().startswith(("licen", "notice", "copying"))
        )
        texts = [each.read_text(errors="replace").strip() for each in files if each.is_file()]
        parts.append("\n\n".join((f"{name} {package['version']} ({package.get('license', 'see its text')})", *texts)))
    return ("\n\n" + "-" * 80 + "\n\n").join(parts) + "\n"


if __name__ == "__main__":
    main()
