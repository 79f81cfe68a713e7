"""The page that says of each published management operation whether it is served, and why not where it is refused."""

from collections import Counter
from collections.abc import Iterator

from vedette.arm.published_shapes import Operation, shapes_of
from vedette.arm.resource import ResourceTypes
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import InvalidInput

PUBLISHED = (
    ("Microsoft.SecurityInsights", "2024-03-01"),
    ("Microsoft.SecurityInsights", "2024-01-01-preview"),
    ("Microsoft.OperationalInsights", "2023-09-01"),
    ("Microsoft.OperationalInsights", "2022-10-01"),
    ("Microsoft.OperationalInsights", "2020-08-01"),
    ("Microsoft.OperationalInsights", "2019-09-01"),
)
SERVED, MISSING = "served", "not served"
_COLLECTION = {"GET": "LIST", "HEAD": "LIST", "PUT": "CREATE", "POST": "ASK"}


def page(types: ResourceTypes) -> str:
    """The page as Markdown."""
    sections = [_section(types, provider, version) for provider, version in PUBLISHED]
    return (
        "# Management operations\n\nEach operation that the documents of a version publish. `served` is answered; one "
        "that is refused answers 501 with the reason that stands here. Where a version is not here, see "
        "[api-versions](../decisions/0040-api-versions.md).\n\n" + "\n".join(sections)
    )


def answer_to(types: ResourceTypes, operation: Operation) -> str:
    """`served`, `not served`, or the reason why an operation is refused."""
    if operation.method == "POST":
        acted = _action(types, operation)
        if acted is not None:
            return acted
    resource = types.get(operation.type)
    if resource is None:
        return MISSING
    is_item = _is_item(operation.path)
    method = operation.method if is_item else _COLLECTION.get(operation.method, operation.method)
    method = "GET" if method == "HEAD" else method
    refused = resource.refusal(method)
    if refused is not None:
        return refused
    return SERVED if method in resource.methods else MISSING


def _action(types: ResourceTypes, operation: Operation) -> str | None:
    """What a POST on a resource, or on all of a collection, is answered; None where it is neither."""
    owner, _, name = operation.type.rpartition("/")
    resource = types.get(owner)
    if resource is None:
        return None
    known = {each.lower() for each in (*resource.actions, *resource.collection_actions)}
    if name.lower() in known:
        return SERVED
    return None if types.get(operation.type) else resource.refusal(name)


def _is_item(template: str) -> bool:
    try:
        return parse_id(template).is_item
    except InvalidInput:
        return template.endswith("}")


def _section(types: ResourceTypes, provider: str, version: str) -> str:
    operations = [each for each in shapes_of(provider, version).operations if each.type]
    answers = {each.id: answer_to(types, each) for each in operations}
    counts = Counter("refused" if each not in (SERVED, MISSING) else each for each in answers.values())
    told = ", ".join(f"{counts[kind]} {kind}" for kind in (SERVED, "refused", MISSING) if counts[kind])
    rows = "\n".join(_rows(provider, operations, answers))
    return (
        f"## {provider} {version}\n\n{len(operations)} operations: {told}.\n\n"
        f"| operation | request | |\n|---|---|---|\n{rows}\n"
    )


def _rows(provider: str, operations: list[Operation], answers: dict[str, str]) -> Iterator[str]:
    for each in sorted(operations, key=lambda operation: operation.id):
        short = each.path.lower().rpartition(f"/providers/{provider.lower()}/")[2]
        path = each.path[-len(short) :] if short else each.path
        answer = answers[each.id]
        yield f"| {each.id} | `{each.method} {path}` | {answer if answer in (SERVED, MISSING) else f'501: {answer}'} |"
