"""What the console knows of rules by heart is what the server holds them against."""

import json
import re
from pathlib import Path

from vedette.detect.entity_types import ENTITY_TYPES, MAPPABLE
from vedette.detect.rule import AlertProperty, Tactic

_RULES = Path(__file__).parents[3] / "console" / "src" / "rules"


def test_the_console_has_the_mappable_entities_with_their_identifiers() -> None:
    known = json.loads((_RULES / "entity_types.json").read_text())
    assert known == {name: list(ENTITY_TYPES[name].identifiers) for name in MAPPABLE}


def test_the_console_has_the_tactics_and_the_alert_properties() -> None:
    text = (_RULES / "model.ts").read_text()
    assert set(_listed(text, "TACTICS")) == {each.value for each in Tactic}
    assert _listed(text, "ALERT_PROPERTIES") == [each.value for each in AlertProperty]


def _listed(text: str, name: str) -> list[str]:
    found = re.search(rf"export const {name} = \[(.*?)\] as const", text, re.DOTALL)
    assert found is not None
    return re.findall(r'"(\w+)"', found[1])
