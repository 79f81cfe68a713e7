"""The strings of a workflow's definition: literal and evaluated parts.

https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-schema#expressions
"""

from dataclasses import dataclass

from vedette.expressions.syntax import Expression, Reader


@dataclass(frozen=True, slots=True)
class Joined:
    """A text with expressions in it: literal parts and expressions in turn."""

    parts: tuple[str | Expression, ...]


Template = str | Expression | Joined
"""A text without expressions, one that is an expression as a whole, or one with expressions in it."""


def read_template(text: str) -> Template:
    """What a string of a definition means. Raises ExpressionError.

    `@…` is an expression, `@{…}` one inside a text; `@@` stands for an at sign where it would begin one.
    """
    if text.startswith("@@") and "@{" not in text:
        return text[1:]
    if text.startswith("@") and not text.startswith(("@{", "@@")) and len(text) > 1:
        reader = Reader(text, 1)
        found = reader.expression(0)
        reader.end()
        return found
    return _joined(text) if "@{" in text else text


def _joined(text: str) -> Template:
    parts: list[str | Expression] = []
    literal, at = "", 0
    while True:
        place = text.find("@{", at)
        if place < 0:
            literal += text[at:]
            break
        if place and text[place - 1] == "@":
            literal += text[at : place - 1] + "@{"
            at = place + 2
            continue
        literal += text[at:place]
        if literal:
            parts.append(literal)
            literal = ""
        reader = Reader(text, place + 2)
        parts.append(reader.expression(0))
        reader.expect("}")
        at = reader.at
    if literal:
        parts.append(literal)
    return Joined(tuple(parts)) if any(not isinstance(part, str) for part in parts) else literal
