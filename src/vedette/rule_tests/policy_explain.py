"""Why a resource of a file complies with a policy of a file or not, for `vedette policy explain`; no server."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from vedette.policy.alone import Estate, used, written_target
from vedette.policy.compliance import explained
from vedette.policy.target import Target
from vedette.policy.telling import explanation_json
from vedette.rule_tests.policy_file import read_policy

Json = dict[str, Any]


def explain_files(
    resource: Path,
    policy: Path,
    definitions: Sequence[Path],
    parameters: Mapping[str, Any],
    existing: Sequence[Path],
    now: datetime,
) -> Json:
    """`{resource, explanations}` as the server's API has them. Raises InvalidInput."""
    target = written_target(read_policy(resource))
    others = [each for number, path in enumerate(existing) for each in _targets(path, 100 * (number + 1))]
    named = {_name(path, content): content for path in definitions for content in [read_policy(path)]}
    uses = used(read_policy(policy), parameters, definitions=named)
    estate = Estate([*others, target], now)
    facts = estate.facts(target)
    found = [explained(each, target, facts, estate.related) for each in uses]
    return {"resource": target.id, "explanations": [explanation_json(each) for each in found]}


def _targets(path: Path, first: int) -> list[Target]:
    content = read_policy(path)
    listed = cast("list[Any]", content) if isinstance(content, list) else [content]
    return [written_target(each, first + number) for number, each in enumerate(listed)]


def _name(path: Path, content: Any) -> str:
    named: Any = cast("Json", content).get("name") if isinstance(content, dict) else None
    return str(named) if isinstance(named, str) else path.stem
