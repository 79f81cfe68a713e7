"""Definitions as files, three of each as Create-AzDiagPolicy writes them; its own, in UTF-16, are read too."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

import orjson

from vedette.content.diagnostics.definition import Made, stable_name
from vedette.content.diagnostics.policy_template import definitions_of
from vedette.core.errors import InvalidInput

WHOLE: Final = "azurepolicy.json"
RULES: Final = "azurepolicy.rules.json"
PARAMETERS: Final = "azurepolicy.parameters.json"
_LARGEST: Final = 8 * 1024 * 1024
_MARKS: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


def file_texts(made: Made) -> Iterator[tuple[Path, str]]:
    """The files of a definition, each with its text, below the folder of all."""
    whole = {"name": made.name, "properties": made.properties}
    contents = {
        WHOLE: whole,
        RULES: made.properties["policyRule"],
        PARAMETERS: made.properties.get("parameters") or {},
    }
    for name, content in contents.items():
        yield Path(made.folder) / name, json_text(content)


def json_text(content: Any) -> str:
    """JSON as files have it."""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2).decode() + "\n"


def read_policies(place: Path) -> list[Made]:
    """The definitions in a file, an ARM template or one definition, or below a folder of files, in the order of their
    paths. A definition without a name has one that its title makes.

    Raises InvalidInput (InvalidPolicyFile) for a file that is none, and where there are none.
    """
    if place.is_file():
        found = list(_in_file(place))
    else:
        found = [each for path in sorted(place.rglob("*")) if _is_whole(path) for each in _in_file(path)]
    if not found:
        raise InvalidInput("InvalidPolicyFile", f"There is no policy definition in '{place}'.")
    names: dict[str, Made] = {}
    for each in found:
        if names.setdefault(each.name.lower(), each) is not each:
            raise InvalidInput("InvalidPolicyFile", f"There are two definitions '{each.name}' in '{place}'.")
    return found


def read_json(path: Path) -> Any:
    """The JSON of a file in UTF-8 or UTF-16. Raises InvalidInput (InvalidPolicyFile)."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= _LARGEST else b""
    except OSError as error:
        raise InvalidInput("InvalidPolicyFile", f"'{path}' cannot be read: {error.strerror}.") from error
    if size > _LARGEST:
        raise InvalidInput("InvalidPolicyFile", f"'{path}' is larger than {_LARGEST // 1024**2} MB.")
    encoding = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return orjson.loads(content.decode(encoding))
    except ValueError as error:
        raise InvalidInput("InvalidPolicyFile", f"'{path}' is no JSON in {encoding}: {error}.") from error


def _is_whole(path: Path) -> bool:
    """Whether a file may hold definitions whole: not one of the two parts of one, nor a plain file beside them."""
    name = path.name.lower()
    if not name.endswith(".json") or name in (RULES, PARAMETERS):
        return False
    return name == WHOLE or not (path.parent / WHOLE).exists()


def _in_file(path: Path) -> Iterator[Made]:
    content = read_json(path)
    if not isinstance(content, dict):
        raise InvalidInput("InvalidPolicyFile", f"'{path}' is no policy definition.")
    held = cast("dict[str, Any]", content)
    if "resources" in held:
        for name, properties in definitions_of(held):
            yield Made(name, _folder(str(properties.get("displayName") or name)), properties)
        return
    inside = held.get("properties", held)
    properties = cast("dict[str, Any]", inside) if isinstance(inside, dict) else {}
    if not isinstance(properties.get("policyRule"), dict):
        raise InvalidInput("InvalidPolicyFile", f"'{path}' is no policy definition: it has no 'policyRule'.")
    name = held.get("name") or stable_name("read", str(properties.get("displayName") or path.parent.name))
    folder = path.parent.name if path.name.lower() == WHOLE else _folder(path.stem)
    yield Made(str(name), folder, _sent(properties))


def _sent(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that are sent, in one order."""
    names = ("displayName", "description", "mode", "metadata", "parameters", "policyRule")
    return {name: properties[name] for name in names if name in properties}


def _folder(title: str) -> str:
    return "".join(each if each.isalnum() or each in "-_." else "-" for each in title)[:120].strip("-.") or "policy"
