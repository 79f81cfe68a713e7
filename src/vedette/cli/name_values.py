"""Options that are NAME=VALUE, and may be repeated."""

from collections.abc import Iterable

from vedette.core.errors import InvalidInput


def name_values(option: str, said: Iterable[str]) -> dict[str, str]:
    """The values by their names; the last counts. Raises InvalidInput, which names the option."""
    found: dict[str, str] = {}
    for each in said:
        name, equals, value = each.partition("=")
        if not name or not equals:
            raise InvalidInput("InvalidOption", f"'{option} {each}' is no NAME=VALUE.")
        found[name] = value
    return found
