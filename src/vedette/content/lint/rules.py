"""The rules of `vedette lint`, from `rules.toml`: what each looks for and why, as `--explain` says it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path


class Level(Enum):
    """How bad a finding is; only errors fail a run, unless it is told to be stricter."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its id, a name for machines, its level, one line, and why it matters and what to do."""

    code: str
    name: str
    level: Level
    summary: str
    why: str


@cache
def rules() -> Mapping[str, Rule]:
    """All rules by their ids."""
    facts = tomllib.loads(Path(__file__).with_name("rules.toml").read_text(encoding="utf-8"))
    return {
        code: Rule(code, each["name"], Level(each["level"]), each["summary"], each["why"])
        for code, each in facts.items()
    }
