"""Whether content that has changed since a commit has a higher version."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from vedette.content.document import Document
from vedette.content.item import Item
from vedette.content.lint.finding import Finding
from vedette.content.lint.subject import Subject
from vedette.content.plain_values import mapping_of
from vedette.content.reading import read_text
from vedette.core.errors import InvalidInput

_VERSION = re.compile(r"\d+(?:\.\d+)*")
_SECONDS = 20


def check_versions(document: Document, items: Iterable[Item], since: str) -> Iterator[Finding]:
    """Findings about items of a file that have a `version`. Raises InvalidInput where git cannot tell what was."""
    before = _text_at(document.path, since)
    if before is None or before == document.text:
        return
    old = read_text(document.path, before)
    held = {item.key: item for item in old.items}
    for item in items:
        was = held.get(item.key)
        if was is None or was.body == item.body:
            continue
        version, earlier = _version(document, item), _version(old.documents[document.path], was)
        if version is not None and earlier is not None and _numbers(version) <= _numbers(earlier):
            subject = Subject(item, document)
            message = f"it has changed since {since}, and its version is {version} as it was; raise it"
            yield subject.finding("VED501", message, "properties.version")


def _version(document: Document, item: Item) -> str | None:
    if item.source is None:
        return None
    value: Any = list(document.values)
    for step in item.source.at:
        value = value[step]
    told = mapping_of(value).get("version")
    raw = document.raw((*item.source.at, "version")) or str(told)
    return raw if told is not None and _VERSION.fullmatch(raw) else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in version.split("."))


def _text_at(path: Path, since: str) -> str | None:
    """The file as it was at a commit; None where it was not there."""
    if since.startswith("-"):
        raise InvalidInput("InvalidReference", f"'{since}' names no commit.")
    folder = path.resolve().parent
    _git(folder, since, "rev-parse", "--verify", "--quiet", f"{since}^{{commit}}")
    command = ["git", "-C", str(folder), "show", f"{since}:./{path.name}"]
    shown = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    return shown.stdout.decode("utf-8-sig", "replace") if shown.returncode == 0 else None


def _git(folder: Path, since: str, *arguments: str) -> None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, timeout=_SECONDS, check=False
        )
    except FileNotFoundError as error:
        raise InvalidInput("NoGit", "--since asks git, which is not installed.") from error
    if done.returncode != 0:
        raise InvalidInput("InvalidReference", f"git knows no commit '{since}' in {folder}.")
