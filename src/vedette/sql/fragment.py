"""SQL text with the one fact that keeps parentheses right: whether it can stand anywhere as it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fragment:
    """SQL of one expression. An atom (a name, a literal, a call, a parenthesised text) binds tighter than any
    operator. `depth` is how many templates that write an argument more than once stand inside each other in it: an
    engine sees the innermost argument exponentially often."""

    text: str
    is_atom: bool = False
    depth: int = 0

    def atom(self) -> str:
        """The text, in parentheses unless it is an atom."""
        return self.text if self.is_atom else f"({self.text})"


def quote_name(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
