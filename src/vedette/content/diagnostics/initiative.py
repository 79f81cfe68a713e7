"""The initiative over the definitions of one sink, which is assigned once, with one identity.

https://learn.microsoft.com/azure/governance/policy/concepts/initiative-definition-structure
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

from vedette.content.diagnostics.definition import Json, Made, stable_name
from vedette.content.diagnostics.sinks import Sink
from vedette.core.errors import InvalidInput

_LONGEST_TITLE: Final = 127
_LONGEST_REFERENCE: Final = 128


def make_initiative(made: Sequence[Made], sink: Sink, title: str, definition_id: Callable[[str], str]) -> Made:
    """The initiative of these definitions; `definition_id` gives the id of one by its name.

    Raises InvalidInput (InvalidInitiative) for a title of no or of more than 127 characters, and where two definitions
    have different parameters of one name.
    """
    title = title or f"Stream logs to {sink.noun}"
    if len(title) > _LONGEST_TITLE:
        raise InvalidInput("InvalidInitiative", f"An initiative's title has at most {_LONGEST_TITLE} characters.")
    parameters, called = _parameters(made)
    folders = Counter(each.folder.lower() for each in made)
    properties: dict[str, Any] = {
        "displayName": title,
        "description": f"Has {len(made)} types of resources send their logs to {sink.noun}.",
        "metadata": {"category": "Monitoring"},
        "parameters": parameters,
        "policyDefinitions": [
            {
                "policyDefinitionReferenceId": (each.folder if folders[each.folder.lower()] == 1 else each.name)[
                    :_LONGEST_REFERENCE
                ],
                "policyDefinitionId": definition_id(each.name),
                "parameters": {
                    name: {"value": f"[parameters('{called[name.lower()]}')]"}
                    for name in each.properties.get("parameters", {})
                },
            }
            for each in made
        ],
    }
    return Made(stable_name("initiative", sink.name, title), "", properties)


def _parameters(made: Sequence[Made]) -> tuple[Json, dict[str, str]]:
    """The parameters of all definitions, of any letter case, and what each is called."""
    parameters: Json = {}
    called: dict[str, str] = {}
    for each in made:
        for name, schema in each.properties.get("parameters", {}).items():
            held = parameters.setdefault(called.setdefault(name.lower(), name), schema)
            if held.get("type", "").lower() != schema.get("type", "").lower():
                raise InvalidInput("InvalidInitiative", f"Two definitions have parameters '{name}' of different types.")
    return parameters, called
