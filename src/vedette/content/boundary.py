"""How far a file may lead: what a repository says of other files stays in the repository.

Whoever runs the tests of a pull request runs what strangers wrote. A `..`, an absolute path or a link must not let them
read the files of the machine that runs them.
"""

import os
from pathlib import Path


def repository_of(folder: Path) -> Path | None:
    """The nearest folder with a `.git`, from this one up; None where there is none. Links are not followed."""
    own = _absolute(folder)
    return next((each for each in (own, *own.parents) if (each / ".git").exists()), None)


def boundary_of(folder: Path) -> Path | None:
    """The folder that the files of a folder may not lead out of: its repository, else the current folder where that is
    around it; None where neither is. Links in the path are not followed: they may lead elsewhere."""
    own = _absolute(folder)
    found = repository_of(own)
    if found is not None:
        return found
    here = Path.cwd()
    return here if own.is_relative_to(here) else None


def is_within(path: Path, boundary: Path) -> bool:
    """Whether a path is of a file below a folder once all links are followed."""
    try:
        return path.resolve().is_relative_to(boundary.resolve())
    except (OSError, RuntimeError):  # links that lead to themselves
        return False


def leads_out(path: Path) -> bool:
    """Whether a path has a link that leads out of the repository that the path is in."""
    own = _absolute(path)
    try:
        if own.resolve() == own:
            return False
    except (OSError, RuntimeError):
        return True
    boundary = boundary_of(own.parent)
    return boundary is not None and not is_within(own, boundary)


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100  (it takes `..` out without following links)
