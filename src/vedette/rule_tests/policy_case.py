"""A case of a policy: a resource, what is there beside it, and what must come of it, as a test file says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from vedette.policy.target import Target
from vedette.rule_tests.node import Node

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PolicyExpectation:
    """What must come of a case; None says nothing. `changed` are values by their paths after the request, `resource` is
    a part of the resource then; `deploys` are parts of the resources that are deployed, `deployment` a part of the
    deployment: `{scope, location, parameters}`."""

    node: Node
    state: str | None = None
    effect: str | None = None
    denied: bool | str | None = None
    changed: Mapping[str, Any] | None = None
    resource: Json | None = None
    deploys: Sequence[Json] | bool | None = None
    deployment: Json | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyCase:
    """One test. `parameters` are those of the assignment by name, `definitions` files of those that an initiative
    names, `existing` the resources that are there; `reference` chooses one definition of an initiative."""

    name: str
    policy: Path
    node: Node
    clock: datetime
    targets: Sequence[Target]
    expect: PolicyExpectation
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    definitions: Sequence[Path] = ()
    existing: Sequence[Target] = ()
    groups: Mapping[str, Json] = field(default_factory=dict[str, Json])
    subscription_tags: Json = field(default_factory=dict[str, Any])
    request: Json = field(default_factory=dict[str, Any])
    reference: str = ""
    tags: Sequence[str] = ()
    skip: str = ""
    xfail: str = ""
