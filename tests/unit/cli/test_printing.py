"""What others wrote cannot steer the terminal that it is printed on."""

import sys
from pathlib import Path
from typing import NoReturn

import click
import pytest

from vedette.cli import main
from vedette.cli.plan_text import change_lines, plan_lines
from vedette.content.differences import Difference
from vedette.content.drifting import Drift, drift_lines
from vedette.content.item import Item, Source
from vedette.content.kinds import ALERT_RULE
from vedette.content.managed import Record
from vedette.content.planning import Action, Change, Plan
from vedette.content.remote import Found
from vedette.content.workspace import Workspace
from vedette.core.errors import InvalidInput

EVIL = "a\x1b]0;evil\x07\x1b[2J\rb\x9b1m"
WORKSPACE = Workspace("", "s", "g", "law", label=EVIL)
ITEM = Item(ALERT_RULE, EVIL, {"properties": {"displayName": f"title {EVIL}"}}, EVIL, Source(Path(f"{EVIL}.yaml"), 3))
UPDATE = Change(Action.UPDATE, ITEM, differences=(Difference(EVIL, EVIL, f"{EVIL}\n{EVIL}"), Difference(EVIL, 1, EVIL)))


def _is_plain(line: str) -> bool:
    return "evil" in line and click.unstyle(line).isprintable()


def test_plans_spell_control_characters_out() -> None:
    lines = list(plan_lines(Plan(WORKSPACE, Record("files", {}, {}), (UPDATE, Change(Action.DELETE, ITEM)))))
    assert [line for line in lines if not click.unstyle(line).isprintable()] == []
    assert _is_plain(lines[0])
    assert r"\x1b]0;evil\x07" in lines[0]


def test_drift_spells_control_characters_out() -> None:
    place = (ALERT_RULE.type, EVIL, EVIL)
    drift = Drift(WORKSPACE, Record("files", {}, {}), (UPDATE,), (place,), (Found(ITEM),))
    lines = list(drift_lines(drift, change_lines))
    assert [line for line in lines if not click.unstyle(line).isprintable()] == []
    assert _is_plain(lines[-2])


def test_errors_spell_control_characters_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> NoReturn:
        raise InvalidInput("Evil", f"one {EVIL}\ntwo")

    def leave(code: object) -> NoReturn:
        sys.exit(int(str(code)))

    monkeypatch.setattr(main, "vedette", fails)
    monkeypatch.setattr(main, "_leave", leave)
    with pytest.raises(SystemExit):
        main.main()
    assert capsys.readouterr().err == "vedette: one a\\x1b]0;evil\\x07\\x1b[2J\\rb\\x9b1m\ntwo\n"
