"""Reads a test file of policies: `*.test.yaml` that names a policy, or has one beside it, and its `tests`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from vedette.arm.json_reader import read_json
from vedette.content.boundary import boundary_of
from vedette.content.reading import TESTS
from vedette.core.errors import InvalidInput
from vedette.policy.alone import is_policy, written_target
from vedette.policy.target import Target
from vedette.rule_tests.node import Node, WrongTestFile, plain_text, read_node
from vedette.rule_tests.policy_case import PolicyCase, PolicyExpectation
from vedette.rule_tests.test_file import clock_of, combinations, filled, named_paths, reason

SHARED: Final = (
    "policy",
    "definitions",
    "parameters",
    "clock",
    "existing",
    "resourceGroups",
    "subscription",
    "request",
    "reference",
    "tags",
)
FILE_KEYS: Final = (*SHARED, "description", "tests")
CASE_KEYS: Final = ("name", "description", *SHARED, "resource", "resources", "matrix", "expect", "skip", "xfail")
EXPECT_KEYS: Final = ("state", "effect", "denied", "changed", "resource", "deploys", "deployment", "error")
STATES: Final = {each.lower(): each for each in ("Compliant", "NonCompliant", "NotApplicable", "Error")}
_WORDS: Final[Mapping[str, dict[str, Any]]] = {
    **{folded: {"state": name} for folded, name in STATES.items()},
    "denied": {"denied": True},
    "allowed": {"denied": False},
    "unchanged": {"denied": False, "changed": {}},
    "deployed": {"deploys": True},
    "nothing": {"denied": False, "changed": {}, "deploys": False},
}
_MOST_BYTES: Final = 5_000_000
Json = dict[str, Any]


def read_policy(path: Path) -> Any:
    """What a file of a policy holds: JSON in UTF-8 or UTF-16, with comments perhaps. Raises InvalidInput."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput("UnreadableFile", f"'{path}' cannot be read: {error}.") from error
    if len(content) > _MOST_BYTES:
        raise InvalidInput("FileTooLarge", f"'{path}' is larger than {_MOST_BYTES:,} bytes.")
    try:
        return read_json(content)
    except InvalidInput as error:
        raise InvalidInput(error.code, f"'{path}': {error.message}") from error


def is_policy_test(path: Path) -> bool:
    """Whether a test file is about a policy: it says so, or the file beside it is one."""
    try:
        value = read_node(path).value
    except WrongTestFile:
        return False
    if not isinstance(value, dict):
        return False
    told = cast("Json", value)
    if "policy" in told or "rule" in told:
        return "policy" in told
    tests: Any = told.get("tests")
    listed = cast("list[Any]", tests) if isinstance(tests, list) else []
    if any(isinstance(each, dict) and "policy" in each for each in listed):
        return True
    beside = _beside(path)
    try:
        return beside is not None and is_policy(read_policy(beside))
    except InvalidInput:
        return False


def _beside(path: Path) -> Path | None:
    stem = next(path.name[: -len(end)] for end in TESTS if path.name.lower().endswith(end))
    found = (path.parent / f"{stem}{suffix}" for suffix in (".json", ".jsonc"))
    return next((each for each in found if each.is_file()), None)


def read_policy_tests(path: Path, *, allow_outside: bool = False) -> list[PolicyCase]:
    """The cases of a file, in order. Raises WrongTestFile."""
    node = read_node(path, None if allow_outside else boundary_of(path.parent) or path.parent)
    node.mapping(FILE_KEYS)
    tests = node.get("tests")
    if tests is None or not isinstance(tests.value, list) or not tests.value:
        raise node.wrong("it has no 'tests', a list of cases.")
    cases: list[PolicyCase] = []
    for each in tests.items():
        each.mapping(CASE_KEYS)
        for parameters in combinations(each):
            cases.append(_case(node, filled(each, parameters), parameters))
    seen: set[str] = set()
    for case in cases:
        if case.name in seen:
            raise case.node.wrong(f"there is another test with the name '{case.name}'.")
        seen.add(case.name)
    return cases


def _case(file: Node, node: Node, parameters: Mapping[str, Any]) -> PolicyCase:
    name = node.get("name")
    if name is None or not name.text().strip():
        raise node.wrong("a test needs a 'name'.")
    expect = node.get("expect")
    if expect is None:
        raise node.wrong(f"the test '{name.text()}' says nothing to 'expect'.")
    resources = node.get("resources") or node.get("resource")
    if resources is None:
        raise node.wrong(f"the test '{name.text()}' has no 'resource'.")
    reference = node.get("reference") or file.get("reference")
    label = name.text() if not parameters else f"{name.text()} [{'-'.join(map(plain_text, parameters.values()))}]"
    return PolicyCase(
        name=label,
        policy=_policy(file, node),
        node=node,
        clock=clock_of(node.get("clock") or file.get("clock")),
        targets=[_target(each, number) for number, each in enumerate(resources.items())],
        expect=_expectation(expect),
        parameters=_merged(file, node, "parameters"),
        definitions=(
            *named_paths(file, "definitions", folders=False),
            *named_paths(node, "definitions", folders=False),
        ),
        existing=[*_existing(file), *_existing(node)],
        groups={key.lower(): {"name": key, **each} for key, each in _merged(file, node, "resourceGroups").items()},
        subscription_tags=_merged(file, node, "subscription").get("tags") or {},
        request=_merged(file, node, "request"),
        reference=reference.text() if reference else "",
        tags=(*file.texts_under("tags"), *node.texts_under("tags")),
        skip=reason(node, "skip"),
        xfail=reason(node, "xfail"),
    )


def _policy(file: Node, node: Node) -> Path:
    told = node.get("policy") or file.get("policy")
    if told is None:
        beside = _beside(file.path)
        if beside is None:
            raise file.wrong("there is no policy beside it; name one with 'policy'.")
        return beside
    path = told.named_path(told.text())
    if not path.is_file():
        raise told.wrong(f"there is no policy file '{told.text()}'.")
    return path


def _existing(node: Node) -> Iterator[Target]:
    told = node.get("existing")
    for number, each in enumerate(told.items() if told else ()):
        yield _target(each, number + 100)


def _target(node: Node, number: int) -> Target:
    try:
        return written_target(node.mapping(), number)
    except InvalidInput as error:
        raise node.wrong(error.message) from error


def _merged(file: Node, node: Node, key: str) -> Json:
    parts = (file.get(key), node.get(key))
    return {name: value for part in parts if part is not None for name, value in part.mapping().items()}


def _expectation(node: Node) -> PolicyExpectation:
    if isinstance(node.value, str):
        told = _WORDS.get(node.value.lower().replace(" ", ""))
        if told is None:
            raise node.wrong(f"'expect' is a mapping, or one of {', '.join(_WORDS)}.")
        return PolicyExpectation(node, **told)
    held = node.mapping(EXPECT_KEYS)
    state = held.get("state")
    if state is not None and str(state).lower() not in STATES:
        raise node.child("state").wrong(f"'state' is one of {', '.join(STATES.values())}.")
    deploys: Any = held.get("deploys")
    if isinstance(deploys, str):
        if deploys.lower() != "none":
            raise node.child("deploys").wrong("'deploys' is none, true, or a list of resources.")
        deploys = False
    if isinstance(deploys, dict):
        deploys = [deploys]
    changed: Any = held.get("changed")
    return PolicyExpectation(
        node,
        state=None if state is None else STATES[str(state).lower()],
        effect=_text(node, "effect"),
        denied=held.get("denied"),
        changed={} if changed == "none" else node.child("changed").mapping() if changed is not None else None,
        resource=node.child("resource").mapping() if held.get("resource") is not None else None,
        deploys=deploys,
        deployment=node.child("deployment").mapping() if held.get("deployment") is not None else None,
        error=_text(node, "error"),
    )


def _text(node: Node, key: str) -> str | None:
    told = node.get(key)
    return None if told is None else told.text()
